/* SPDX-License-Identifier: Apache-2.0 */
/* stubs.c - making, sharing and removing mount points for protected places */
#include <config.h>

#include "stubs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "stub_ledger.h"

/*
 * A stub is made under a temporary name beside its place, marked, locked and
 * recorded, and only then renamed: whoever sees it under its own name can
 * know it for ours and take the lock too.  A run holds a shared lock on the
 * stub's inode for as long as its sandbox lives; who gets the exclusive one
 * may remove it.  The ledger's lock keeps the runs of one user out of each
 * other's way, the stub's own lock those of several users.
 */

/* The mark holds the inode's number, so that a copy that took it along is not ours. */
static const char xattr_mark[] = "user.cdxp.stub";
static const char temporary_prefix[] = ".cdxp-stub-";

enum {
	MARK_LEN	= 16,
	TRIES		= 2000,		/* of half a millisecond, while another run removes it */
	MAX_NESTING	= 64,		/* stubs in stubs, when one is told from a real directory */
};

enum mine { MINE, NOT_MINE, NO_XATTR };

struct stub {
	const char	*path;
	const char	*name;		/* last component, points into path */
	enum stub_kind	 kind;
	int		 parent;
	int		 fd;		/* holds the lock */
	uint64_t	 dev, ino;
};

struct stubs {
	struct stub	*v;
	size_t		 len;
	const char	*state_dir;
	struct arena	*arena;
};

static int
open_parent(struct arena *a, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	const char *dir = slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	*name = slash + 1;
	return (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how));
}

/* Always the same for one name, so that what a killed run left is found; never too long. */
static void
temporary_name(const char *name, char out[32])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	snprintf(out, 32, "%s%016" PRIx64, temporary_prefix, h);
}

static void
mark_of(const struct stat *st, char out[MARK_LEN + 1])
{
	snprintf(out, MARK_LEN + 1, "%016" PRIx64, (uint64_t)st->st_ino);
}

static enum mine
has_mark(int fd, const struct stat *st)
{
	char want[MARK_LEN + 1], got[MARK_LEN];
	ssize_t n = fgetxattr(fd, xattr_mark, got, sizeof(got));

	if (n < 0 && errno == ENOTSUP)
		return NO_XATTR;
	mark_of(st, want);
	return n == MARK_LEN && memcmp(got, want, MARK_LEN) == 0 ? MINE : NOT_MINE;
}

static int
open_stub(int dir, const char *name, struct stat *st)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* How much is in a directory or a file: nothing, nothing but stubs of ours, or more. */
enum content { EMPTY, HOLLOW, FILLED };

static enum content	content_of(int fd, const struct stat *, const struct ledger *, unsigned depth);

/*
 * What lies there is a stub of ours that nobody has filled.  Where there can
 * be no mark the ledger answers; it may be NULL.
 */
static bool
is_ours_at(int fd, const struct stat *st, const struct ledger *l, unsigned depth)
{
	switch (has_mark(fd, st)) {
	case NOT_MINE:
		return false;
	case NO_XATTR:
		if (l == NULL || !ledger_knows(l, st->st_dev, st->st_ino))
			return false;
		break;
	case MINE:
		break;
	}
	return content_of(fd, st, l, depth) != FILLED;
}

static bool
entry_is_ours(int dir, const char *name, const struct ledger *l, unsigned depth)
{
	struct stat st;

	if (strncmp(name, temporary_prefix, sizeof(temporary_prefix) - 1) == 0)
		return true;
	if (depth == 0)
		return false;
	int fd = open_stub(dir, name, &st);
	bool ours = fd >= 0 && is_ours_at(fd, &st, l, depth - 1);
	if (fd >= 0)
		close(fd);
	return ours;
}

static enum content
content_of(int fd, const struct stat *st, const struct ledger *l, unsigned depth)
{
	enum content content = EMPTY;

	if (!S_ISDIR(st->st_mode))
		return S_ISREG(st->st_mode) && st->st_size == 0 ? EMPTY : FILLED;
	/* Opened anew, as reading moves the position. */
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again >= 0 ? fdopendir(again) : NULL;
	if (d == NULL) {
		if (again >= 0)
			close(again);
		return FILLED;
	}
	errno = 0;
	for (const struct dirent *e; content != FILLED && (e = readdir(d)) != NULL; errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		content = entry_is_ours(fd, e->d_name, l, depth) ? HOLLOW : FILLED;
	}
	if (errno != 0)
		content = FILLED;
	closedir(d);
	return content;
}

static bool
is_ours(int fd, const struct stat *st, const struct ledger *l)
{
	return is_ours_at(fd, st, l, MAX_NESTING);
}

static bool
still_there(int dir, const char *name, const struct stat *st)
{
	struct stat now;

	return fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/*
 * Remove the stub that `fd' has open, unless another run holds it or it is no
 * longer empty.  The name is looked at under the exclusive lock; rmdir(2)
 * itself refuses a directory that has been filled.  Returns true where
 * nothing of ours is left under that name.
 */
static bool
remove_locked(int dir, const char *name, int fd, const struct ledger *l)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	if (fstat(fd, &st) != 0 || !still_there(dir, name, &st))
		return true;
	if ((S_ISDIR(st.st_mode) || st.st_size == 0) &&
	    unlinkat(dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == 0)
		return true;
	if (content_of(fd, &st, l, MAX_NESTING) == FILLED) {
		fremovexattr(fd, xattr_mark);	/* by somebody: theirs now */
		return true;
	}
	/* What is in it is still held, or we may not. */
	return false;
}

/* One name that a killed run may have left. */
static bool
sweep_name(int dir, const char *name, const struct ledger *l, bool temporary)
{
	struct stat st;
	int fd = open_stub(dir, name, &st);

	if (fd < 0)
		return true;
	bool gone = true;
	if (temporary ? content_of(fd, &st, l, 0) == EMPTY : is_ours(fd, &st, l))
		gone = remove_locked(dir, name, fd, l);
	close(fd);
	return gone;
}

static void
sweep_line(struct arena *a, struct ledger *l, struct ledger_line *line)
{
	const char *name;
	char tmp[32];
	int dir = open_parent(a, line->path, &name);

	if (dir < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			ledger_set(l, line, 0, 0);
		return;
	}
	temporary_name(name, tmp);
	bool gone = sweep_name(dir, name, l, false);
	if (sweep_name(dir, tmp, l, true) && gone)
		ledger_set(l, line, 0, 0);
	close(dir);
}

static int
deeper_first(const void *x, const void *y)
{
	const struct ledger_line *const *a = x, *const *b = y;
	size_t m = strlen((*a)->path), n = strlen((*b)->path);

	return (m < n) - (m > n);
}

/* Everything recorded that no live run holds.  What cannot be removed stays recorded. */
static void
sweep(struct arena *a, struct ledger *l)
{
	struct { struct ledger_line **v; size_t len, cap; } dirty = { NULL, 0, 0 };

	for (size_t i = 0; i < l->lines.len; i++)
		if (l->lines.v[i].dev != 0 || l->lines.v[i].ino != 0)
			VEC_PUSH(a, &dirty, &l->lines.v[i]);
	if (dirty.len > 1)
		qsort(dirty.v, dirty.len, sizeof(dirty.v[0]), deeper_first);
	for (size_t i = 0; i < dirty.len; i++)
		sweep_line(a, l, dirty.v[i]);
}

/* Share the stub that lies there.  1: it went away, try again; -1 with errno, EEXIST: not ours. */
static int
share(struct stub *s, const struct ledger *l)
{
	struct stat st;

	s->fd = open_stub(s->parent, s->name, &st);
	if (s->fd < 0) {
		if (errno == ENOENT)
			return 1;
		errno = EEXIST;
		return -1;
	}
	if (!is_ours(s->fd, &st, l) || S_ISDIR(st.st_mode) != (s->kind == STUB_DIR)) {
		if (still_there(s->parent, s->name, &st)) {
			errno = EEXIST;
			return -1;
		}
		return 1;
	}
	if (flock(s->fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK || errno == EINTR ? 1 : -1;
	if (!still_there(s->parent, s->name, &st))
		return 1;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

/*
 * Where the file system cannot rename without replacing, a file is linked,
 * and a directory can at worst replace one that is empty.
 */
static int
put_in_place(struct stub *s, const char *tmp)
{
	if (renameat2(s->parent, tmp, s->parent, s->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (s->kind == STUB_FILE)
		return linkat(s->parent, tmp, s->parent, s->name, 0) != 0 ? -1 :
		    unlinkat(s->parent, tmp, 0);
	return renameat(s->parent, tmp, s->parent, s->name);
}

static int
mark_and_record(struct stub *s, struct ledger *l, struct ledger_line *line)
{
	char mark[MARK_LEN + 1];
	struct stat st;

	if (fstat(s->fd, &st) != 0)
		return -1;
	mark_of(&st, mark);
	if (fsetxattr(s->fd, xattr_mark, mark, MARK_LEN, 0) != 0 && errno != ENOTSUP)
		return -1;
	if (flock(s->fd, LOCK_SH | LOCK_NB) != 0)
		return -1;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return ledger_set(l, line, s->dev, s->ino);
}

/* 1: somebody was faster, try again; -1 with errno. */
static int
make(struct stub *s, struct ledger *l, struct ledger_line *line)
{
	char tmp[32];
	int made, saved;

	temporary_name(s->name, tmp);
	if (ledger_set(l, line, LEDGER_PENDING, 0) != 0)
		return -1;
	if (s->kind == STUB_DIR) {
		made = mkdirat(s->parent, tmp, 0755);
		if (made == 0)
			s->fd = openat(s->parent, tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	} else {
		made = s->fd = openat(s->parent, tmp, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	}
	if (made < 0 && errno == EEXIST) {
		/* Another user's run is here, or died here. */
		sweep_name(s->parent, tmp, l, true);
		return 1;
	}
	if (made < 0)
		return -1;
	if (s->fd >= 0 && mark_and_record(s, l, line) == 0 && put_in_place(s, tmp) == 0)
		return 0;
	saved = errno;
	unlinkat(s->parent, tmp, s->kind == STUB_DIR ? AT_REMOVEDIR : 0);
	ledger_set(l, line, 0, 0);
	errno = saved;
	return saved == EEXIST || saved == ENOENT ? 1 : -1;
}

static int
get_stub(struct arena *a, struct stub *s, struct ledger *l, struct ledger_line *line)
{
	const struct timespec pause = { 0, 500000 };
	int rc = 1;

	s->parent = open_parent(a, s->path, &s->name);
	if (s->parent < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		rc = share(s, l);
		if (rc == 1 && s->fd < 0)
			rc = make(s, l, line);
		if (rc <= 0)
			return rc;
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}

static const char *
why_not(struct arena *a, const char *path)
{
	if (errno == EEXIST)
		return arena_printf(a, "%s has appeared since the policy was bound to this host; "
		    "try again", path);
	return arena_printf(a, "a mount point for the protected place %s cannot be made: %s",
	    path, strerror(errno));
}

static int
get_all(struct stubs *s, struct ledger *l, const char **why)
{
	struct arena *a = s->arena;
	const char **paths = arena_array(a, s->len, sizeof(*paths));

	for (size_t i = 0; i < s->len; i++)
		paths[i] = s->v[i].path;
	if (ledger_add(a, l, paths, s->len) != 0) {
		*why = arena_printf(a, "mount points cannot be recorded in %s: %s", s->state_dir,
		    strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < s->len; i++) {
		struct ledger_line *line = ledger_find(l, s->v[i].path);
		if (line == NULL)
			errno = EIO;
		if (line == NULL || get_stub(a, &s->v[i], l, line) != 0) {
			*why = why_not(a, s->v[i].path);
			return -1;
		}
	}
	return 0;
}

/* In reverse, as what is inside goes before its parent. */
static void
give_back(struct stubs *s, struct ledger *l)
{
	for (size_t i = s->len; i-- > 0;) {
		struct stub *stub = &s->v[i];
		if (stub->fd >= 0 && stub->ino != 0 &&
		    remove_locked(stub->parent, stub->name, stub->fd, l)) {
			struct ledger_line *line = ledger_find(l, stub->path);
			if (line != NULL && line->ino == stub->ino)
				ledger_set(l, line, 0, 0);
		}
		if (stub->fd >= 0)
			close(stub->fd);
		if (stub->parent >= 0)
			close(stub->parent);
		stub->fd = stub->parent = -1;
	}
}

struct stubs *
stubs_make(struct arena *a, struct stub_request *want, size_t n, const char *state_dir,
    const char **why)
{
	struct ledger l;
	struct stubs *s = arena_alloc(a, sizeof(*s));

	*s = (struct stubs){ arena_array(a, n, sizeof(*s->v)), n, state_dir, a };
	for (size_t i = 0; i < n; i++)
		s->v[i] = (struct stub){ .path = want[i].path, .kind = want[i].kind,
		    .parent = -1, .fd = -1 };
	switch (ledger_open(a, state_dir, n == 0, &l, why)) {
	case 1:
		return s;
	case -1:
		return NULL;
	}
	sweep(a, &l);
	if (get_all(s, &l, why) != 0) {
		give_back(s, &l);
		s = NULL;
	}
	ledger_close(&l);
	for (size_t i = 0; s != NULL && i < n; i++) {
		want[i].dev = s->v[i].dev;
		want[i].ino = s->v[i].ino;
	}
	return s;
}

void
stubs_remove(struct stubs *s)
{
	struct ledger l = { .fd = -1 };
	const char *why;

	if (s == NULL || s->len == 0)
		return;
	/* Without the ledger they still go; a stale line is swept by the next run. */
	ledger_open(s->arena, s->state_dir, true, &l, &why);
	give_back(s, &l);
	ledger_close(&l);
}

/* A file system without marks: the ledger has the last word. */
static bool
recorded(int fd, const struct stat *st, const char *state_dir)
{
	struct arena *a = arena_new();
	struct ledger l;
	const char *why;
	bool ours = false;

	if (ledger_open(a, state_dir, true, &l, &why) == 0) {
		ours = is_ours(fd, st, &l);
		ledger_close(&l);
	}
	arena_free(a);
	return ours;
}

bool
stub_is_ours(const char *path, const char *state_dir)
{
	char mark[MARK_LEN];
	struct stat st;
	int fd;

	/* One call answers for nearly every path that is not. */
	if (lgetxattr(path, xattr_mark, mark, sizeof(mark)) < 0 && errno != ENOTSUP)
		return false;
	fd = open_stub(AT_FDCWD, path, &st);
	if (fd < 0)
		return false;
	bool ours = is_ours(fd, &st, NULL);
	if (!ours && state_dir != NULL && has_mark(fd, &st) == NO_XATTR)
		ours = recorded(fd, &st, state_dir);
	close(fd);
	return ours;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* stub_place.c - marks and locks of stubs, and their removal */
#include <config.h>

#include "stub_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "arena.h"
#include "stub_ledger.h"

/* The mark holds the inode's number, so that a copy that took it along is not ours. */
static const char xattr_mark[] = "user.cdxp.stub";
static const char temporary_prefix[] = ".cdxp-stub-";

enum {
	MARK_LEN	= 16,
	MAX_NESTING	= 64,		/* stubs in stubs, when one is told from a real directory */
};

int
stub_parent(struct arena *a, const char *path, const char **name)
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

void
stub_temporary_name(const char *name, char out[STUB_NAME_MAX])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	snprintf(out, STUB_NAME_MAX, "%s%016" PRIx64, temporary_prefix, h);
}

int
stub_open(int dir, const char *name, struct stat *st)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool
stub_still_there(int dir, const char *name, const struct stat *st)
{
	struct stat now;

	return fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* ---- marks ---- */

enum mine { MINE, NOT_MINE, NO_XATTR };

static void
mark_of(const struct stat *st, char out[MARK_LEN + 1])
{
	snprintf(out, MARK_LEN + 1, "%016" PRIx64, (uint64_t)st->st_ino);
}

int
stub_mark(int fd, const struct stat *st)
{
	char mark[MARK_LEN + 1];

	mark_of(st, mark);
	return fsetxattr(fd, xattr_mark, mark, MARK_LEN, 0) != 0 && errno != ENOTSUP ? -1 : 0;
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

bool
stub_unmarked(const char *path)
{
	char mark[MARK_LEN];

	return lgetxattr(path, xattr_mark, mark, sizeof(mark)) < 0 && errno != ENOTSUP;
}

bool
stub_has_no_marks(int fd, const struct stat *st)
{
	return has_mark(fd, st) == NO_XATTR;
}

/* How much is in a directory or a file: nothing, nothing but stubs of ours, or more. */
enum content { EMPTY, HOLLOW, FILLED };

static enum content	content_of(int fd, const struct stat *, const struct ledger *, unsigned depth);

/* Made by us, whatever became of it.  Where there can be no mark the ledger answers. */
static bool
made_by_us(int fd, const struct stat *st, const struct ledger *l)
{
	switch (has_mark(fd, st)) {
	case MINE:
		return true;
	case NO_XATTR:
		return l != NULL && ledger_knows(l, st->st_dev, st->st_ino);
	case NOT_MINE:
		break;
	}
	return false;
}

static bool
entry_is_ours(int dir, const char *name, const struct ledger *l, unsigned depth)
{
	struct stat st;

	if (strncmp(name, temporary_prefix, sizeof(temporary_prefix) - 1) == 0)
		return true;
	if (depth == 0)
		return false;
	int fd = stub_open(dir, name, &st);
	bool ours = fd >= 0 && made_by_us(fd, &st, l) &&
	    content_of(fd, &st, l, depth - 1) != FILLED;
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

bool
stub_recognise(int fd, const struct stat *st, const struct ledger *l)
{
	return made_by_us(fd, st, l) && content_of(fd, st, l, MAX_NESTING) != FILLED;
}

/* ---- users ---- */

int
stub_say_live(int fd)
{
	struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &shared);
}

/* By another process than this one; *pid is 0 where it is in another namespace. */
static bool
has_live_user(int fd, pid_t *pid)
{
	struct flock q = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	*pid = 0;
	if (fcntl(fd, F_GETLK, &q) != 0 || q.l_type == F_UNLCK)
		return false;
	*pid = q.l_pid > 0 ? q.l_pid : 0;
	return true;
}

pid_t
stub_holder(int dir, const char *name)
{
	struct stat st;
	pid_t pid = 0;
	int fd = stub_open(dir, name, &st);

	if (fd < 0)
		return 0;
	has_live_user(fd, &pid);
	close(fd);
	return pid;
}

/* ---- removing ---- */

/* Somebody has put something into it: then it is theirs, and nothing of ours stays on it. */
static enum stub_fate
let_go(int fd, bool dry)
{
	if (!dry)
		fremovexattr(fd, xattr_mark);
	return STUB_TAKEN;
}

enum stub_fate
stub_remove(int dir, const char *name, int fd, const struct ledger *l, bool dry)
{
	struct stat st;
	pid_t pid;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return has_live_user(fd, &pid) ? STUB_HELD : STUB_DYING;
	if (fstat(fd, &st) != 0 || !stub_still_there(dir, name, &st))
		return STUB_NOTHING;
	enum content content = content_of(fd, &st, l, MAX_NESTING);
	if (content == FILLED)
		return let_go(fd, dry);
	if (dry)
		return STUB_REMOVED;
	if (unlinkat(dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == 0)
		return STUB_REMOVED;
	switch (errno) {
	case ENOENT:
		return STUB_NOTHING;
	case ENOTEMPTY:
	case EEXIST:
		/* What is in it is still held; or it was filled a moment ago, and the next one sees it. */
		return STUB_HELD;
	}
	return STUB_STUCK;
}

/* What there can be no mark on, and another boot's ledger speaks of: nobody can tell. */
static bool
is_unsure(int fd, const struct stat *st, const struct ledger *l)
{
	return has_mark(fd, st) == NO_XATTR && content_of(fd, st, l, 0) == EMPTY;
}

enum stub_fate
stub_sweep(int dir, const char *name, const struct ledger *l, bool temporary, bool dry)
{
	enum stub_fate fate = STUB_NOTHING;
	struct stat st;
	int fd = stub_open(dir, name, &st);

	if (fd < 0)
		/* A link, or what we may not open, is none of ours. */
		return errno == ENOENT ? STUB_NOTHING : STUB_TAKEN;
	if (temporary ? content_of(fd, &st, l, 0) == EMPTY : stub_recognise(fd, &st, l))
		fate = stub_remove(dir, name, fd, l, dry);
	else if (made_by_us(fd, &st, l))
		fate = let_go(fd, dry);
	else
		fate = is_unsure(fd, &st, l) ? STUB_UNSURE : STUB_TAKEN;
	int saved = errno;
	close(fd);
	errno = saved;
	return fate;
}

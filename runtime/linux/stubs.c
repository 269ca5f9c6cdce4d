/* SPDX-License-Identifier: Apache-2.0 */
/* stubs.c - making, sharing and removing mount points for protected places */
#include <config.h>

#include "stubs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "host_facts.h"
#include "ledger_sweep.h"
#include "stub_janitor.h"
#include "stub_ledger.h"
#include "stub_place.h"

enum {
	TRIES		= 2000,		/* of half a millisecond, while another run removes it */
	SPARE_FDS	= 64,		/* beside one for each stub */
};

struct stub {
	const char	*path;
	const char	*name;		/* last component, points into path */
	enum stub_kind	 kind;
	int		 parent;	/* while it is made */
	int		 fd;		/* holds the lock */
	uint64_t	 dev, ino;
};

struct stubs {
	struct stub	*v;
	size_t		 len;
	const char	*state_dir;
	struct arena	*arena;
	struct stub_janitor janitor;
	bool		 live_unsaid;	/* a living run cannot be told from a dying one */
};

/* ---- making ---- */

/* Share the stub that lies there.  1: it went away, try again; -1 with errno, EEXIST: not ours. */
static int
share(struct stub *s, const struct ledger *l)
{
	struct stat st;

	s->fd = stub_open(s->parent, s->name, &st);
	if (s->fd < 0) {
		if (errno == ENOENT)
			return 1;
		if (errno != EMFILE && errno != ENFILE && errno != ENOMEM)
			errno = EEXIST;
		return -1;
	}
	if (!stub_recognise(s->fd, &st, l) || S_ISDIR(st.st_mode) != (s->kind == STUB_DIR)) {
		if (stub_still_there(s->parent, s->name, &st)) {
			errno = EEXIST;
			return -1;
		}
		return 1;
	}
	if (flock(s->fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK || errno == EINTR ? 1 : -1;
	if (!stub_still_there(s->parent, s->name, &st))
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
	static const struct timespec dated[] = { { HOST_STUB_TIME, 0 }, { HOST_STUB_TIME, 0 } };
	struct stat st;

	/* Of a directory the time changes with the stubs in it. */
	if ((s->kind == STUB_FILE && futimens(s->fd, dated) != 0) || fstat(s->fd, &st) != 0 || stub_mark(s->fd, &st) != 0 ||
	    flock(s->fd, LOCK_SH | LOCK_NB) != 0)
		return -1;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return ledger_set(l, line, s->dev, s->ino);
}

/* 1: somebody was faster, try again; -1 with errno. */
static int
make(struct stub *s, struct ledger *l, struct ledger_line *line)
{
	char tmp[STUB_NAME_MAX];
	int made, saved;

	stub_temporary_name(s->name, tmp);
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
		stub_sweep(s->parent, tmp, l, true, false);
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
try_stub(struct stub *s, struct ledger *l, struct ledger_line *line)
{
	const struct timespec pause = { 0, 500000 };
	int rc = 1;

	for (int i = 0; i < TRIES; i++) {
		rc = share(s, l);
		if (rc == 1 && s->fd < 0)
			rc = make(s, l, line);
		if (rc <= 0)
			return rc;
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
		s->ino = 0;
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}

static int
get_stub(struct arena *a, struct stub *s, struct ledger *l, struct ledger_line *line)
{
	s->parent = stub_parent(a, s->path, &s->name);
	if (s->parent < 0)
		return -1;
	int rc = try_stub(s, l, line), saved = errno;
	close(s->parent);
	s->parent = -1;
	errno = saved;
	return rc;
}

static const char *
why_not(struct arena *a, const char *path)
{
	if (errno == EEXIST)
		return arena_printf(a, "%s has appeared since the policy was bound to this host; "
		    "try again", path);
	return arena_printf(a, "a mount point for the protected place %s cannot be made: %s%s",
	    path, strerror(errno),
	    errno == EMFILE ? " (each is held open: raise the limit of \"ulimit -n\")" : "");
}

static const int *
descriptors(const struct stubs *s)
{
	int *fds = arena_array(s->arena, s->len, sizeof(*fds));

	for (size_t i = 0; i < s->len; i++)
		fds[i] = s->v[i].fd;
	return fds;
}

/* Have the janitor hold what we hold, and others see that we live. */
static int
share_with_janitor(struct stubs *s)
{
	for (size_t i = 0; i < s->len; i++)
		s->live_unsaid |= stub_say_live(s->v[i].fd) != 0;
	return stub_janitor_hold(&s->janitor, descriptors(s), s->len, 0);
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
	if (s->len > 0 && stub_janitor_ready(&s->janitor) != 0) {
		*why = "the process that removes mount points has ended";
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
	if (s->len > 0 && share_with_janitor(s) != 0) {
		*why = arena_printf(a, "mount points cannot be handed to the process that removes "
		    "them: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* ---- giving back ---- */

/* Where it is now, whatever was renamed above it meanwhile. */
static const char *
present_path(const struct stub *s, char buf[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", s->fd);
	ssize_t n = readlink(link, buf, PATH_MAX - 1);
	if (n <= 0 || buf[0] != '/')
		return s->path;
	buf[n] = '\0';
	return buf;
}

static enum stub_fate
give_back_one(struct arena *a, struct stub *s, struct ledger *l)
{
	char buf[PATH_MAX];
	const char *name;
	struct stat st;

	if (s->fd < 0 || fstat(s->fd, &st) != 0 || s->ino == 0)
		return STUB_NOTHING;
	int dir = stub_parent(a, present_path(s, buf), &name);
	if (dir < 0)
		return STUB_NOTHING;
	enum stub_fate fate = stub_remove(dir, name, s->fd, l, false);
	close(dir);
	struct ledger_line *line = ledger_find(l, s->path);
	if ((fate == STUB_REMOVED || fate == STUB_NOTHING || fate == STUB_TAKEN) &&
	    line != NULL && line->ino == s->ino)
		ledger_set(l, line, 0, 0);
	return fate;
}

/*
 * In reverse, as what is inside goes before its parent.  Returns how many are
 * held by a run that is dying; those stay open, and so do those above them.
 */
static size_t
give_back(struct stubs *s, struct ledger *l)
{
	size_t dying = 0;

	for (size_t i = s->len; i-- > 0;) {
		struct stub *stub = &s->v[i];
		enum stub_fate fate = give_back_one(s->arena, stub, l);
		if (fate == STUB_DYING || (fate == STUB_HELD && dying > 0)) {
			dying++;
			continue;
		}
		if (stub->fd >= 0)
			close(stub->fd);
		stub->fd = -1;
	}
	return dying;
}

/* In the janitor, once the run and all of its sandbox have ended. */
static void
clean_up(void *arg, const int *fds)
{
	struct stubs *s = arg;
	struct ledger l = { .fd = -1 };
	struct stat st;
	const char *why;

	for (size_t i = 0; i < s->len; i++) {
		s->v[i].fd = fds[i];
		if (fds[i] >= 0 && fstat(fds[i], &st) == 0)
			s->v[i].ino = st.st_ino;
	}
	size_t dying = 1;
	/* What still mounts, and was not ours to end, has seconds at most: its filter does not come. */
	for (int i = 0; dying > 0 && i <= LEDGER_DYING_WAITS; i++) {
		if (i > 0)
			ledger_wait(i - 1);
		int rc = ledger_open(s->arena, s->state_dir, true, &l, &why);
		dying = give_back(s, &l);
		/* What the run had made and not handed over, when it was killed. */
		if (rc == 0)
			dying += ledger_sweep(s->arena, &l);
		ledger_close(&l);
	}
}

/* ---- the whole ---- */

/* One descriptor is held for each; where that is more than usual, up to what we may. */
static void
make_room(size_t n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= n + SPARE_FDS)
		return;
	r.rlim_cur = r.rlim_max < n + SPARE_FDS ? r.rlim_max : n + SPARE_FDS;
	setrlimit(RLIMIT_NOFILE, &r);
}

struct stubs *
stubs_make(struct arena *a, struct stub_request *want, size_t n, const char *state_dir,
    const char **why)
{
	struct ledger l;
	struct stubs *s = arena_alloc(a, sizeof(*s));

	*s = (struct stubs){ arena_array(a, n, sizeof(*s->v)), n, state_dir, a, { 0, -1 }, false };
	for (size_t i = 0; i < n; i++)
		s->v[i] = (struct stub){ .path = want[i].path, .kind = want[i].kind,
		    .parent = -1, .fd = -1 };
	make_room(n);
	/* First, so that there is no moment at which it could be missing. */
	if (n > 0 && stub_janitor_start(&s->janitor, clean_up, s, n) != 0) {
		*why = arena_printf(a, "a process that removes mount points cannot be started: %s",
		    strerror(errno));
		return NULL;
	}
	switch (ledger_open_swept(a, state_dir, n == 0, &l, why)) {
	case 1:
		return s;
	case -1:
		stub_janitor_end(&s->janitor, true);
		return NULL;
	}
	if (get_all(s, &l, why) != 0) {
		give_back(s, &l);
		stub_janitor_end(&s->janitor, true);
		s = NULL;
	}
	ledger_close(&l);
	for (size_t i = 0; s != NULL && i < n; i++) {
		want[i].dev = s->v[i].dev;
		want[i].ino = s->v[i].ino;
	}
	return s;
}

int
stubs_lend(const struct stubs *s, int socket)
{
	size_t n = s != NULL ? s->len : 0;
	int rc = stub_lend(socket, n > 0 ? descriptors(s) : NULL, n), error = errno;

	for (size_t i = 0; i < n; i++)
		stub_say_live(s->v[i].fd);
	errno = error;
	return rc;
}

int
stubs_watch(struct stubs *s, int pidfd)
{
	return s == NULL || s->janitor.fd < 0 ? 0 : stub_janitor_watch(&s->janitor, pidfd);
}

int
stubs_watch_status(struct stubs *s, int fd)
{
	return s == NULL || s->janitor.fd < 0 ? 0 : stub_janitor_status(&s->janitor, fd);
}

static void
give_all_back(struct stubs *s, bool wait)
{
	struct ledger l = { .fd = -1 };
	const char *why;
	size_t dying = 1;

	if (s == NULL || s->len == 0)
		return;
	for (int i = 0; dying > 0 && i <= (s->live_unsaid ? 0 : LEDGER_DYING_WAITS); i++) {
		if (i > 0)
			ledger_wait(i - 1);
		/* Without the ledger they still go; a stale line is swept by the next run. */
		ledger_open(s->arena, s->state_dir, true, &l, &why);
		dying = give_back(s, &l);
		ledger_close(&l);
	}
	stub_janitor_end(&s->janitor, wait);
}

void
stubs_remove(struct stubs *s)
{
	give_all_back(s, true);
}

void
stubs_leave(struct stubs *s)
{
	give_all_back(s, false);
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
		ours = stub_recognise(fd, st, &l);
		ledger_close(&l);
	}
	arena_free(a);
	return ours;
}

bool
stub_is_ours(const char *path, const char *state_dir)
{
	struct stat st;

	/* One call answers for nearly every path that is not. */
	if (stub_unmarked(path))
		return false;
	int fd = stub_open(AT_FDCWD, path, &st);
	if (fd < 0)
		return false;
	bool ours = stub_recognise(fd, &st, NULL);
	if (!ours && state_dir != NULL && stub_has_no_marks(fd, &st))
		ours = recorded(fd, &st, state_dir);
	close(fd);
	errno = 0;
	return ours;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_calls.c - system calls done for a command under Landlock by its supervisor */
#include <config.h>

#include "landlock_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "denial_watch.h"
#include "landlock_model.h"
#include "landlock_places.h"
#include "proc_file.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2	452
#endif

enum {
	MAX_XATTR_NAME	= 256,		/* XATTR_NAME_MAX and its NUL */
	MAX_XATTR_VALUE	= 65536,	/* XATTR_SIZE_MAX */
};

const struct landlock_call landlock_calls[] = {
#ifdef SYS_chmod		/* not on aarch64: these have a form with a directory only */
	{ SYS_chmod, CALL_ATTRIBUTE, 0 }, { SYS_chown, CALL_ATTRIBUTE, 0 },
	{ SYS_lchown, CALL_ATTRIBUTE, 0 }, { SYS_utime, CALL_ATTRIBUTE, 0 },
	{ SYS_utimes, CALL_ATTRIBUTE, 0 }, { SYS_futimesat, CALL_ATTRIBUTE, 0 },
	{ SYS_rename, CALL_MOVE, 0 }, { SYS_unlink, CALL_MOVE, 0 },
	{ SYS_rmdir, CALL_MOVE, 0 }, { SYS_link, CALL_MOVE, 0 },
#endif
	{ SYS_fchmod, CALL_ATTRIBUTE, 0 }, { SYS_fchmodat, CALL_ATTRIBUTE, 0 },
	{ SYS_fchmodat2, CALL_ATTRIBUTE, 0 }, { SYS_fchown, CALL_ATTRIBUTE, 0 },
	{ SYS_fchownat, CALL_ATTRIBUTE, 0 }, { SYS_utimensat, CALL_ATTRIBUTE, 0 },
	{ SYS_setxattr, CALL_ATTRIBUTE, 0 }, { SYS_lsetxattr, CALL_ATTRIBUTE, 0 },
	{ SYS_fsetxattr, CALL_ATTRIBUTE, 0 }, { SYS_removexattr, CALL_ATTRIBUTE, 0 },
	{ SYS_lremovexattr, CALL_ATTRIBUTE, 0 }, { SYS_fremovexattr, CALL_ATTRIBUTE, 0 },
	{ SYS_unlinkat, CALL_MOVE, 0 }, { SYS_linkat, CALL_MOVE, 0 },
	{ SYS_renameat, CALL_MOVE, 0 }, { SYS_renameat2, CALL_MOVE, 0 },
	{ SYS_inotify_add_watch, CALL_WATCH, 0 },
	{ SYS_prlimit64, CALL_PROCESS, 0 }, { SYS_setpriority, CALL_PROCESS, 1 },
	{ SYS_ioprio_set, CALL_PROCESS, 1 }, { SYS_sched_setaffinity, CALL_PROCESS, 0 },
	{ SYS_sched_setscheduler, CALL_PROCESS, 0 }, { SYS_sched_setparam, CALL_PROCESS, 0 },
	{ SYS_sched_setattr, CALL_PROCESS, 0 }, { SYS_migrate_pages, CALL_PROCESS, 0 },
	{ SYS_move_pages, CALL_PROCESS, 0 },
	{ -1, CALL_PROCESS, 0 },
};

struct asked {
	const struct landlock_supervisor *s;
	struct caller	 from;
	long		 nr;
	const __u64	*args;
};

static int
int_arg(const struct asked *q, unsigned i)
{
	return (int)(unsigned)q->args[i];
}

/* A file by the name that it has in our own /proc: calls that take no descriptor go through it. */
struct fd_name { char text[40]; };

static struct fd_name
name_of(int fd)
{
	struct fd_name n;

	snprintf(n.text, sizeof(n.text), "/proc/self/fd/%d", fd);
	return n;
}

static int
result(long rc)
{
	return rc < 0 ? -errno : (int)rc;
}

/* ---- mode, owner, times, attributes ---- */

/* What the call is about, opened; a negative errno. */
static int
open_target(const struct asked *q, int dirfd, unsigned path_arg, int flags)
{
	char path[PATH_MAX];
	int rc = caller_text(&q->from, q->args[path_arg], path, sizeof(path));

	if (rc != 0)
		return rc;
	if (*path == '\0' && (flags & AT_EMPTY_PATH) != 0)
		return dirfd == AT_FDCWD ? caller_open(&q->from, AT_FDCWD, ".", true) :
		    caller_fd(&q->from, dirfd);
	return caller_open(&q->from, dirfd, path, (flags & AT_SYMLINK_NOFOLLOW) == 0);
}

static int
target_of(const struct asked *q)
{
	switch (q->nr) {
#ifdef SYS_chmod
	case SYS_chmod:
	case SYS_chown:
	case SYS_utime:
	case SYS_utimes:
		return open_target(q, AT_FDCWD, 0, 0);
	case SYS_lchown:
		return open_target(q, AT_FDCWD, 0, AT_SYMLINK_NOFOLLOW);
	case SYS_futimesat:
		return q->args[1] == 0 ? caller_fd(&q->from, int_arg(q, 0)) :
		    open_target(q, int_arg(q, 0), 1, 0);
#endif
	case SYS_setxattr:
	case SYS_removexattr:
		return open_target(q, AT_FDCWD, 0, 0);
	case SYS_lsetxattr:
	case SYS_lremovexattr:
		return open_target(q, AT_FDCWD, 0, AT_SYMLINK_NOFOLLOW);
	case SYS_fchmodat:
		return open_target(q, int_arg(q, 0), 1, 0);
	case SYS_fchmodat2:
		return open_target(q, int_arg(q, 0), 1, int_arg(q, 3));
	case SYS_fchownat:
		return open_target(q, int_arg(q, 0), 1, int_arg(q, 4));
	case SYS_utimensat:
		/* Without a path it is the descriptor: futimens(3). */
		return q->args[1] == 0 ? caller_fd(&q->from, int_arg(q, 0)) :
		    open_target(q, int_arg(q, 0), 1, int_arg(q, 3));
	default:	/* fchmod, fchown, fsetxattr, fremovexattr */
		return caller_fd(&q->from, int_arg(q, 0));
	}
}

static int
change_mode(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		return -EOPNOTSUPP;
	return result(chmod(name_of(fd).text, mode));
}

static int
change_owner(int fd, uint64_t uid, uint64_t gid)
{
	return result(fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH));
}

static int
from_timeval(const struct timeval tv[2], struct timespec ts[2])
{
	for (int i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return -EINVAL;
		ts[i] = (struct timespec){ tv[i].tv_sec, 1000 * tv[i].tv_usec };
	}
	return 0;
}

/* The three forms in which times are given; none at all is now. */
static int
read_times(const struct asked *q, struct timespec ts[2])
{
	struct timeval tv[2];
	int rc;

#ifdef SYS_chmod
	if (q->nr == SYS_utime) {
		struct { long access, change; } old;
		rc = caller_bytes(&q->from, q->args[1], &old, sizeof(old));
		if (rc == 0) {
			ts[0] = (struct timespec){ old.access, 0 };
			ts[1] = (struct timespec){ old.change, 0 };
		}
		return rc;
	}
	if (q->nr == SYS_utimes || q->nr == SYS_futimesat) {
		rc = caller_bytes(&q->from, q->args[q->nr == SYS_utimes ? 1 : 2], tv, sizeof(tv));
		return rc != 0 ? rc : from_timeval(tv, ts);
	}
#endif
	return caller_bytes(&q->from, q->args[2], ts, 2 * sizeof(*ts));
}

static int
change_times(const struct asked *q, int fd, unsigned arg)
{
	struct timespec ts[2];
	struct stat st;
	bool now = q->args[arg] == 0;
	int rc = now ? 0 : read_times(q, ts);

	if (rc != 0)
		return rc;
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		return result(syscall(SYS_utimensat, fd, "", now ? NULL : ts, AT_EMPTY_PATH));
	return result(utimensat(AT_FDCWD, name_of(fd).text, now ? NULL : ts, 0));
}

static int
change_xattr(const struct asked *q, int fd, bool set)
{
	char name[MAX_XATTR_NAME];
	struct stat st;
	size_t size = set ? (size_t)q->args[3] : 0;
	int rc = caller_text(&q->from, q->args[1], name, sizeof(name));

	if (rc != 0)
		return rc == -ENAMETOOLONG ? -ERANGE : rc;
	/* A link of a file system for users has none. */
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode))
		return -EPERM;
	if (!set)
		return result(removexattr(name_of(fd).text, name));
	if (size > MAX_XATTR_VALUE)
		return -E2BIG;
	char *value = malloc(size + 1);
	if (value == NULL)
		return -ENOMEM;
	rc = caller_bytes(&q->from, q->args[2], value, size);
	if (rc == 0)
		rc = result(setxattr(name_of(fd).text, name, value, size, int_arg(q, 4)));
	free(value);
	return rc;
}

static int
change(const struct asked *q, int fd)
{
	switch (q->nr) {
#ifdef SYS_chmod
	case SYS_chmod:
		return change_mode(fd, (mode_t)q->args[1]);
	case SYS_chown:
	case SYS_lchown:
		return change_owner(fd, q->args[1], q->args[2]);
	case SYS_utime:
	case SYS_utimes:
		return change_times(q, fd, 1);
	case SYS_futimesat:
		return change_times(q, fd, 2);
#endif
	case SYS_fchmod:
		return change_mode(fd, (mode_t)q->args[1]);
	case SYS_fchmodat:
	case SYS_fchmodat2:
		return change_mode(fd, (mode_t)q->args[2]);
	case SYS_fchown:
		return change_owner(fd, q->args[1], q->args[2]);
	case SYS_fchownat:
		return change_owner(fd, q->args[2], q->args[3]);
	case SYS_utimensat:
		return change_times(q, fd, 2);
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_fsetxattr:
		return change_xattr(q, fd, true);
	case SYS_removexattr:
	case SYS_lremovexattr:
	case SYS_fremovexattr:
		return change_xattr(q, fd, false);
	default:
		return -ENOSYS;
	}
}

static int
do_attribute(const struct asked *q)
{
	int fd = target_of(q), rc = -EACCES;

	if (fd < 0)
		return fd;
	if (place_of_fd(q->s->model, fd) >= PLACE_WRITE)
		rc = caller_waits(&q->from) ? change(q, fd) : -EINTR;
	close(fd);
	return rc;
}

/* ---- moving and removing ---- */

/* May the name be taken away, or put there? */
static int
judge(const struct asked *q, const struct place *p)
{
	switch (place_of_name(q->s->model, p)) {
	case PLACE_WRITE:
		return caller_waits(&q->from) ? 0 : -EINTR;
	case PLACE_PINNED:
		return -EBUSY;
	default:
		return -EACCES;
	}
}

static int
place_at(const struct asked *q, int dirfd, unsigned path_arg, struct place *p)
{
	char path[PATH_MAX];
	int rc = caller_text(&q->from, q->args[path_arg], path, sizeof(path));

	if (rc == 0)
		rc = caller_place(&q->from, dirfd, path, p);
	if (rc != 0)
		return rc;
	rc = judge(q, p);
	if (rc != 0)
		close(p->dir);
	return rc;
}

static int
do_remove(const struct asked *q, int dirfd, unsigned path_arg, int flags)
{
	struct place p;
	int rc = place_at(q, dirfd, path_arg, &p);

	if (rc != 0)
		return rc;
	rc = result(unlinkat(p.dir, p.name, flags));
	close(p.dir);
	return rc;
}

static int
do_rename(const struct asked *q, int from_dir, unsigned from_arg, int to_dir, unsigned to_arg,
    unsigned flags)
{
	struct place from, to;
	int rc = place_at(q, from_dir, from_arg, &from);

	if (rc != 0)
		return rc;
	rc = place_at(q, to_dir, to_arg, &to);
	if (rc == 0) {
		rc = result(syscall(SYS_renameat2, from.dir, from.name, to.dir, to.name, flags));
		close(to.dir);
	}
	close(from.dir);
	return rc;
}

/* A link to an open file, by our own /proc: what is named there is what was looked at. */
static int
link_file(const struct asked *q, int file, const struct place *to)
{
	enum place_verdict v = place_of_fd(q->s->model, file);

	if (v != PLACE_WRITE)
		return v == PLACE_PINNED ? -EBUSY : -EACCES;
	return result(linkat(AT_FDCWD, name_of(file).text, to->dir, to->name, AT_SYMLINK_FOLLOW));
}

static int
do_link(const struct asked *q, int from_dir, unsigned from_arg, int to_dir, unsigned to_arg,
    int flags)
{
	struct place from, to;
	int rc = place_at(q, to_dir, to_arg, &to);

	if (rc != 0)
		return rc;
	if ((flags & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) {
		int file = open_target(q, from_dir, from_arg, flags);
		rc = file < 0 ? file : link_file(q, file, &to);
		if (file >= 0)
			close(file);
	} else if ((rc = place_at(q, from_dir, from_arg, &from)) == 0) {
		rc = result(linkat(from.dir, from.name, to.dir, to.name, 0));
		close(from.dir);
	}
	close(to.dir);
	return rc;
}

static int
do_move(const struct asked *q)
{
	switch (q->nr) {
#ifdef SYS_chmod
	case SYS_unlink:
		return do_remove(q, AT_FDCWD, 0, 0);
	case SYS_rmdir:
		return do_remove(q, AT_FDCWD, 0, AT_REMOVEDIR);
	case SYS_rename:
		return do_rename(q, AT_FDCWD, 0, AT_FDCWD, 1, 0);
	case SYS_link:
		return do_link(q, AT_FDCWD, 0, AT_FDCWD, 1, 0);
#endif
	case SYS_unlinkat:
		return do_remove(q, int_arg(q, 0), 1, int_arg(q, 2));
	case SYS_renameat:
		return do_rename(q, int_arg(q, 0), 1, int_arg(q, 2), 3, 0);
	case SYS_renameat2:
		return do_rename(q, int_arg(q, 0), 1, int_arg(q, 2), 3, (unsigned)q->args[4]);
	case SYS_linkat:
		return do_link(q, int_arg(q, 0), 1, int_arg(q, 2), 3, int_arg(q, 4));
	default:
		return -ENOSYS;
	}
}

/* ---- watching ---- */

/* A number of /proc/PID/status, or 0. */
static pid_t
status_number(pid_t pid, const char *key)
{
	char text[PROC_STATUS_BYTES];
	const char *at = proc_status(pid, text) ? proc_field(text, key) : NULL;

	return at == NULL ? 0 : (pid_t)strtol(at, NULL, 10);
}

/* Names that appear in a directory are its content. */
static int
do_watch(const struct asked *q)
{
	uint32_t mask = (uint32_t)q->args[2];
	int target = open_target(q, AT_FDCWD, 1, (mask & IN_DONT_FOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0);
	int rc = -EACCES;

	if (target < 0)
		return target;
	if (place_of_fd(q->s->model, target) >= PLACE_READ) {
		int pidfd = (int)syscall(SYS_pidfd_open, status_number(q->from.tid, "Tgid"), 0);
		int watch = pidfd < 0 ? -1 :
		    (int)syscall(SYS_pidfd_getfd, pidfd, int_arg(q, 0), 0);
		rc = watch < 0 ? -EBADF : !caller_waits(&q->from) ? -EINTR :
		    result(inotify_add_watch(watch, name_of(target).text,
		    mask & ~(uint32_t)IN_DONT_FOLLOW));
		if (watch >= 0)
			close(watch);
		if (pidfd >= 0)
			close(pidfd);
	}
	close(target);
	return rc;
}

/* ---- processes ---- */

/* Below us: orphans come to us, too. */
static bool
is_inside(const struct landlock_supervisor *s, pid_t pid)
{
	pid_t self = getpid();

	for (pid_t up = 0; pid > 1 && pid != self; pid = up) {
		up = status_number(pid, "PPid");
		if (up == self)
			return pid != s->janitor;
	}
	return false;
}

static bool
concerns_process(const struct asked *q)
{
	if (q->nr == SYS_setpriority)
		return int_arg(q, 0) == PRIO_PROCESS;
	return q->nr != SYS_ioprio_set || int_arg(q, 0) == IOPRIO_WHO_PROCESS;
}

static int
do_process(const struct asked *q, unsigned target, bool *go_on)
{
	pid_t pid = int_arg(q, target);

	/* Asking for somebody's limits is no more than what /proc tells. */
	if ((q->nr == SYS_prlimit64 && q->args[2] == 0) ||
	    (concerns_process(q) && (pid == 0 || is_inside(q->s, pid)))) {
		*go_on = true;
		return 0;
	}
	return -EPERM;
}

/* ---- serving ---- */

/* NULL: the filter hands it over for the log alone. */
static const struct landlock_call *
call_of(const struct asked *q)
{
	const struct landlock_call *c = landlock_calls;

	while (c->nr >= 0 && c->nr != q->nr)
		c++;
	return c->nr < 0 || (c->kind == CALL_MOVE && q->s->model->pinned.len == 0) ? NULL : c;
}

static int
answer(const struct asked *q, const struct landlock_call *c, bool *go_on)
{
	switch (c->kind) {
	case CALL_ATTRIBUTE:
		return do_attribute(q);
	case CALL_MOVE:
		return do_move(q);
	case CALL_WATCH:
		return do_watch(q);
	case CALL_PROCESS:
		return do_process(q, c->target, go_on);
	}
	return -ENOSYS;
}

/* What is only logged goes on as it is, but for sockets that the log's filter leaves to us to refuse. */
static int
answer_logged(const struct asked *q, const struct seccomp_notif *req, bool *go_on)
{
	int error;

	if (q->s->watch == NULL || !denial_watch_call(q->s->watch, q->s->listener, req, &error))
		return -ENOSYS;
	*go_on = error == 0;
	return -error;
}

void
landlock_serve(const struct landlock_supervisor *s)
{
	struct seccomp_notif req;
	struct seccomp_notif_resp resp;
	bool go_on = false;

	memset(&req, 0, sizeof(req));
	/* Whoever called may have been killed meanwhile. */
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &req) != 0)
		return;
	const struct asked q = { s, { (pid_t)req.pid, s->listener, req.id }, req.data.nr,
	    req.data.args };
	const struct landlock_call *c = call_of(&q);
	int rc = c != NULL ? answer(&q, c, &go_on) : answer_logged(&q, &req, &go_on);
	if (c != NULL && rc < 0 && s->watch != NULL)
		denial_watch_answered(s->watch, s->listener, &req, -rc);
	memset(&resp, 0, sizeof(resp));
	resp.id = req.id;
	if (go_on)
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (rc < 0)
		resp.error = rc;
	else
		resp.val = rc;
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

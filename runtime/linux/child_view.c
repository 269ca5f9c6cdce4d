/* SPDX-License-Identifier: Apache-2.0 */
/* child_view.c - descriptors, memory and paths of a process in the sandbox */
#include <config.h>

#include "child_view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proc_file.h"

enum {
	RETRIES = 16,		/* openat2(2): EAGAIN when something was renamed meanwhile */
	PIDFD_OF_THREAD = O_EXCL,	/* PIDFD_THREAD, Linux 6.9 */
};

/* The process that a thread belongs to, or -1. */
static pid_t
process_of(pid_t tid)
{
	char text[PROC_STATUS_BYTES];
	const char *tgid = proc_status(tid, text) ? proc_field(text, "Tgid") : NULL;

	return tgid != NULL ? (pid_t)strtol(tgid, NULL, 10) : -1;
}

int
child_view_open(struct child_view *v, pid_t tid)
{
	v->tid = tid;
	v->pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_OF_THREAD);
	/* Older kernels know processes alone; descriptors are nearly always shared by their threads. */
	if (v->pidfd < 0 && errno == EINVAL) {
		pid_t leader = process_of(tid);
		if (leader <= 0) {
			errno = ESRCH;
			return -1;
		}
		v->pidfd = (int)syscall(SYS_pidfd_open, leader, 0);
	}
	return v->pidfd < 0 ? -1 : 0;
}

void
child_view_close(struct child_view *v)
{
	if (v->pidfd >= 0)
		close(v->pidfd);
	v->pidfd = -1;
}

int
child_view_fd(const struct child_view *v, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, v->pidfd, fd, 0);
}

int
child_view_read(const struct child_view *v, uint64_t address, void *to, size_t n)
{
	const struct iovec local = { to, n };
	const struct iovec remote = { (void *)(uintptr_t)address, n };

	if (n == 0)
		return 0;
	ssize_t got = process_vm_readv(v->tid, &local, 1, &remote, 1, 0);
	if (got >= 0 && (size_t)got < n)
		errno = EFAULT;
	return got >= 0 && (size_t)got == n ? 0 : -1;
}

static int
open_at(int dir, const char *path, uint64_t resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, dir, *path != '\0' ? path : ".", &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

/* "root" or "cwd" of the process. */
static int
open_place(const struct child_view *v, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)v->tid, name);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int
in_root(const struct child_view *v, const char *path)
{
	int root = open_place(v, "root");
	int fd = root < 0 ? -1 : open_at(root, path + strspn(path, "/"), RESOLVE_IN_ROOT), saved = errno;

	if (root >= 0)
		close(root);
	errno = saved;
	return fd;
}

/* It leads out of the working directory, which is turned into text then. */
static int
below_cwd_by_name(const struct child_view *v, const char *path)
{
	char name[64], whole[2 * PATH_MAX];

	snprintf(name, sizeof(name), "/proc/%d/cwd", (int)v->tid);
	ssize_t n = readlink(name, whole, PATH_MAX);
	if (n <= 0)
		return -1;
	if (n == PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(whole + n, sizeof(whole) - (size_t)n, "/%s", path);
	return in_root(v, whole);
}

static int
below_cwd(const struct child_view *v, const char *path)
{
	int cwd = open_place(v, "cwd");
	int fd = cwd < 0 ? -1 : open_at(cwd, path, RESOLVE_BENEATH), saved = errno;

	if (cwd >= 0)
		close(cwd);
	errno = saved;
	return fd < 0 && saved == EXDEV ? below_cwd_by_name(v, path) : fd;
}

/*
 * "/proc/self/fd/7" and what is below: the common way around the length of
 * sun_path.  For us /proc/self would be another process.
 */
static int
own_descriptor(const char *path, const char **rest)
{
	static const char *const names[] = { "/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/" };

	for (size_t i = 0; i < NELEMS(names); i++) {
		size_t n = strlen(names[i]);
		if (strncmp(path, names[i], n) != 0 || path[n] < '0' || path[n] > '9')
			continue;
		char *end;
		long fd = strtol(path + n, &end, 10);
		if (fd > INT_MAX || (*end != '\0' && *end != '/'))
			return -1;
		*rest = end + strspn(end, "/");
		return (int)fd;
	}
	return -1;
}

static int
below_descriptor(const struct child_view *v, int number, const char *rest)
{
	int dir = child_view_fd(v, number);

	if (dir < 0) {
		errno = ENOENT;
		return -1;
	}
	if (*rest == '\0')
		return dir;
	int fd = open_at(dir, rest, RESOLVE_BENEATH), saved = errno;
	close(dir);
	errno = saved;
	return fd;
}

int
child_view_path(const struct child_view *v, const char *path)
{
	const char *rest;
	int number = own_descriptor(path, &rest);

	if (number >= 0)
		return below_descriptor(v, number, rest);
	return *path == '/' ? in_root(v, path) : below_cwd(v, path);
}

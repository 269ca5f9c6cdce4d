/* SPDX-License-Identifier: Apache-2.0 */
/* read_stream.c - files that standard streams read from, on mounts that cannot be written to */
#include <config.h>

#include "read_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mount_calls.h"

enum { MOST_DESCRIPTORS = 200 };	/* what an exit status can tell */

/* A regular file, for reading, that its user could write to or give another mode. */
static bool
is_needed(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;
	char path[32];

	if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || (flags & O_PATH) != 0 ||
	    fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return geteuid() == 0 || st.st_uid == geteuid() ||
	    faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

bool
read_streams_needed(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (is_needed(fd))
			return true;
	return false;
}

/* The same file by its path, or -1. */
static int
open_again(int fd)
{
	char name[32], path[PATH_MAX];
	struct stat was, is;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	if (n <= 0 || fstat(fd, &was) != 0)
		return -1;
	path[n] = '\0';
	int again = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (again >= 0 && fstat(again, &is) == 0 && is.st_dev == was.st_dev && is.st_ino == was.st_ino)
		return again;
	if (again >= 0)
		close(again);
	return -1;
}

/*
 * In namespaces of its own, with our descriptors: returns the new one, or -1.
 * The mount lives as long as the file is open.
 */
static int
on_own_mount(int fd)
{
	char name[32];
	int place = open_again(fd), tree = place < 0 ? -1 : mount_clone(place, false), file = -1;

	if (tree >= 0 && mount_restrict(tree, MOUNT_ATTR_RDONLY, false) == 0) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", tree);
		file = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC | (fcntl(fd, F_GETFL) & O_NONBLOCK));
	}
	if (place >= 0)
		close(place);
	if (tree >= 0)
		close(tree);
	if (file > MOST_DESCRIPTORS) {
		close(file);
		return -1;
	}
	return file;
}

static pid_t
fork_for_mounts(unsigned long more)
{
	unsigned long flags = CLONE_FILES | CLONE_NEWNS | SIGCHLD | more;

#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, flags, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
}

/* 0 for none: a standard descriptor it never is. */
static int
made_by_other(int fd)
{
	int status = 0;

	/* Ignored, it would make the wait fail; the default is what a child expects too. */
	signal(SIGCHLD, SIG_DFL);
	pid_t pid = geteuid() == 0 ? fork_for_mounts(0) : -1;
	if (pid < 0)
		pid = fork_for_mounts(CLONE_NEWUSER);
	if (pid == 0) {
		int file = mount_private() == 0 ? on_own_mount(fd) : -1;
		_exit(file > 0 ? file : 0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

void
read_streams_begin(struct read_streams *r)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		r->original[fd] = -1;
		int file = is_needed(fd) ? made_by_other(fd) : 0;
		if (file <= STDERR_FILENO)
			continue;
		int original = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		off_t at = lseek(fd, 0, SEEK_CUR);
		if (original >= 0 && at >= 0 && lseek(file, at, SEEK_SET) == at && dup2(file, fd) == fd)
			r->original[fd] = original;
		else if (original >= 0)
			close(original);
		close(file);
	}
}

void
read_streams_end(struct read_streams *r)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (r->original[fd] < 0)
			continue;
		/* Who shares the file with the command goes on where it has stopped. */
		off_t at = lseek(fd, 0, SEEK_CUR);
		if (at >= 0)
			lseek(r->original[fd], at, SEEK_SET);
		dup2(r->original[fd], fd);
		close(r->original[fd]);
		r->original[fd] = -1;
	}
}

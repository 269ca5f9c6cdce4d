/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_places.c - from a path in somebody's memory to an open file, and to what is granted there */
#include <config.h>

#include "landlock_places.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "landlock_model.h"
#include "path.h"

enum { PAGE = 4096 };		/* no page of any system is smaller: text is read up to its end */

bool
caller_waits(const struct caller *c)
{
	return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &c->id) == 0;
}

int
caller_bytes(const struct caller *c, uint64_t from, void *to, size_t len)
{
	struct iovec here = { to, len }, there = { (void *)(uintptr_t)from, len };
	ssize_t n = len == 0 ? 0 : process_vm_readv(c->tid, &here, 1, &there, 1, 0);

	if (n < 0)
		return errno == EPERM ? -EPERM : -EFAULT;
	return (size_t)n == len ? 0 : -EFAULT;
}

int
caller_text(const struct caller *c, uint64_t from, char *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t n = PAGE - (from + at) % PAGE;
		if (n > size - at)
			n = size - at;
		int rc = caller_bytes(c, from + at, to + at, n);
		if (rc != 0)
			return rc;
		if (memchr(to + at, '\0', n) != NULL)
			return 0;
		at += n;
	}
	return -ENAMETOOLONG;
}

int
caller_fd(const struct caller *c, int fd)
{
	char path[64];

	if (fd < 0)
		return -EBADF;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)c->tid, fd);
	int got = open(path, O_PATH | O_CLOEXEC);
	return got >= 0 ? got : errno == ENOENT ? -EBADF : -errno;
}

/* Where a relative path begins. */
static int
open_base(const struct caller *c, int dirfd)
{
	char path[64];

	if (dirfd != AT_FDCWD)
		return caller_fd(c, dirfd);
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)c->tid);
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

/* The same path as it would be for the caller, whose own directory of /proc is another than ours. */
static bool
own_path(const struct caller *c, const char *path, char *to, size_t size)
{
	static const struct { const char *from, *to; } own[] = {
		{ "/proc/self/", "/" }, { "/proc/thread-self/", "/" }, { "/dev/fd/", "/fd/" },
	};

	for (size_t i = 0; i < NELEMS(own); i++) {
		size_t len = strlen(own[i].from);
		if (strncmp(path, own[i].from, len) == 0)
			return snprintf(to, size, "/proc/%d%s%s", (int)c->tid, own[i].to,
			    path + len) < (int)size;
	}
	return false;
}

/* Without the links of /proc that lead to descriptors: those would be ours. */
static int
open_below(int base, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(O_PATH | O_CLOEXEC | flags),
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, base, path, &how, sizeof(how));

	return fd >= 0 ? (int)fd : -errno;
}

static int
open_path(const struct caller *c, int dirfd, const char *path, int flags)
{
	char own[PATH_MAX + 32];

	if (*path == '\0')
		return -ENOENT;
	if (own_path(c, path, own, sizeof(own))) {
		int fd = open(own, O_PATH | O_CLOEXEC | flags);
		return fd >= 0 ? fd : -errno;
	}
	if (*path == '/')
		return open_below(AT_FDCWD, path, flags);
	int base = open_base(c, dirfd);
	if (base < 0)
		return base;
	int fd = open_below(base, path, flags);
	close(base);
	return fd;
}

int
caller_open(const struct caller *c, int dirfd, const char *path, bool follow)
{
	return open_path(c, dirfd, path, follow ? 0 : O_NOFOLLOW);
}

int
caller_place(const struct caller *c, int dirfd, const char *path, struct place *p)
{
	char dir[PATH_MAX];
	size_t len = strlen(path), end = len;

	if (len == 0)
		return -ENOENT;
	while (end > 0 && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	size_t n = end - start;
	if (n == 0 || (n == 1 && path[start] == '.') ||
	    (n == 2 && path[start] == '.' && path[start + 1] == '.'))
		return -EBUSY;
	if (n > NAME_MAX || start >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(p->name, path + start, n);
	p->name[n] = '\0';
	if (end < len)
		memcpy(p->name + n, "/", 2);
	memcpy(dir, path, start);
	dir[start] = '\0';
	p->dir = open_path(c, dirfd, start == 0 ? "." : dir, O_DIRECTORY);
	return p->dir < 0 ? p->dir : 0;
}

/* Where an open file lies: its path, or "" where it has none. */
static bool
path_of(int fd, char *path, size_t size)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, size - 1);
	if (n <= 0 || (size_t)n == size - 1)
		return false;
	path[n] = '\0';
	return true;
}

/* Devices are everybody's, whatever may be written to them. */
static bool
is_shared(const char *path)
{
	return (path_within(path, "/dev") && !path_below(path, "/dev/shm")) ||
	    path_within(path, "/proc");
}

static enum place_verdict
verdict(const struct landlock_model *m, const char *path)
{
	bool exact;
	const struct region *r = region_find(m->root, path, &exact);
	enum access access = exact ? r->self : r->below;

	if (access == ACCESS_DENY)
		return PLACE_DENIED;
	if (access == ACCESS_READ || is_shared(path))
		return PLACE_READ;
	return exact && r->pinned ? PLACE_PINNED : PLACE_WRITE;
}

/* As the kernel marks a path that has gone; a file may be named so, but then it has a link. */
static bool
ends_deleted(const char *path)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(path), n = sizeof(mark) - 1;

	return len > n && strcmp(path + len - n, mark) == 0;
}

enum place_verdict
place_of_fd(const struct landlock_model *m, int fd)
{
	char path[PATH_MAX + 16];
	struct stat st;

	if (fstat(fd, &st) != 0 || !path_of(fd, path, sizeof(path)))
		return PLACE_DENIED;
	if ((st.st_nlink == 0 && ends_deleted(path)) || (*path != '/' && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))))
		return PLACE_WRITE;
	return *path == '/' ? verdict(m, path) : PLACE_DENIED;
}

enum place_verdict
place_of_name(const struct landlock_model *m, const struct place *p)
{
	char path[PATH_MAX + NAME_MAX + 16];
	struct stat st;

	if (fstat(p->dir, &st) != 0 || !path_of(p->dir, path, PATH_MAX))
		return PLACE_DENIED;
	/* Nothing is in a directory that was removed. */
	if (st.st_nlink == 0)
		return PLACE_WRITE;
	if (*path != '/')
		return PLACE_DENIED;
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path), n = strcspn(p->name, "/");
	path[len] = '/';
	memcpy(path + len + 1, p->name, n);
	path[len + 1 + n] = '\0';
	return verdict(m, path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* mask_cover.c - looking at a sandbox's mounts, and adding to them */
#include <config.h>

#include "mask_cover.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "backend.h"
#include "mount_calls.h"
#include "near_dir.h"
#include "sandbox_check.h"

enum {
	NULL_MAJOR = 1, NULL_MINOR = 3,		/* /dev/null */
	RETRIES = 16,				/* openat2(2): EAGAIN when something was renamed meanwhile */
};

static const uint64_t empty =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

int
mask_view_open(struct mask_view *v, pid_t pid)
{
	char path[64];

	*v = (struct mask_view){ -1, -1, -1 };
	/* Linux 5.12, the youngest call that is needed: with no descriptor it is EBADF, or EINVAL. */
	if (mount_restrict(-1, 0, false) != 0 && errno == ENOSYS)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	v->mounts = open(path, O_RDONLY | O_CLOEXEC);
	/* Not the process's own: bwrap enters a further one once its mounts are made. */
	v->owner = v->mounts < 0 ? -1 : ioctl(v->mounts, NS_GET_USERNS);
	if (v->owner >= 0)
		return 0;
	int saved = errno;
	mask_view_close(v);
	errno = saved;
	return -1;
}

static int
enter(const struct mask_view *v)
{
	/* EINVAL: it is ours as well. */
	if (setns(v->owner, CLONE_NEWUSER) != 0 && errno != EINVAL)
		return -1;
	return setns(v->mounts, CLONE_NEWNS);
}

/* As fork(2), but with one table of descriptors. */
static pid_t
fork_with_files(void)
{
	unsigned long flags = CLONE_FILES | SIGCHLD;

#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, flags, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
}

/* 0, or the errno that the child ended with. */
static int
result_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

/*
 * /proc/PID/root would do where the process may be looked at, which ours may
 * not once it has given up its rights.  A child enters, and puts what is the
 * root there in the place of a descriptor of ours.
 */
int
mask_view_enter(struct mask_view *v)
{
	v->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid_t pid = v->root < 0 ? -1 : fork_with_files();
	if (pid == 0) {
		int fd = enter(v) == 0 ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		int rc = fd < 0 ? -1 : dup3(fd, v->root, O_CLOEXEC);
		int error = rc < 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
		_exit(error & 0xff);
	}
	int error = pid < 0 ? errno : result_of(pid);
	if (error == 0)
		return 0;
	if (v->root >= 0)
		close(v->root);
	v->root = -1;
	errno = error;
	return -1;
}

void
mask_view_close(struct mask_view *v)
{
	int *fd[] = { &v->root, &v->mounts, &v->owner };

	for (size_t i = 0; i < NELEMS(fd); i++) {
		if (*fd[i] >= 0)
			close(*fd[i]);
		*fd[i] = -1;
	}
}

/* Of a name in a directory, or with "" of the descriptor itself. */
static enum mask_state
state_of(int fd, const char *name)
{
	struct statx st;

	if (statx(fd, name, AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_TYPE,
	    &st) != 0)
		return MASK_ABSENT;
	/* A link has no content of its own, and cannot be mounted on. */
	if (S_ISLNK(st.stx_mode)) {
		errno = ELOOP;
		return MASK_ABSENT;
	}
	/* Nobody else mounts in there, so that a mount at that place is the mask. */
	return (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 ? MASK_IN_PLACE : MASK_BARE;
}

enum mask_state
mask_state(struct near_dir *near, const char *path)
{
	const char *name;
	int dir = near_dir_parent(near, path, &name);

	/* Where we may not look the command, which has no more rights, cannot either. */
	return dir < 0 ? MASK_ABSENT : state_of(dir, name);
}

static bool
kernel_tells_mounts(int root)
{
	struct statx st;

	return statx(root, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
	    (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

const char *
masks_check(struct arena *a, int root, const struct mask_place *v, size_t n)
{
	struct near_dir near;
	const char *wrong = NULL;

	near_dir_begin(&near, root);
	for (size_t i = kernel_tells_mounts(root) ? 0 : n; wrong == NULL && i < n; i++) {
		enum mask_state state = mask_state(&near, v[i].path);
		if (state == MASK_BARE || (state == MASK_ABSENT && !v[i].missing && errno != EACCES))
			wrong = arena_printf(a, "%s is not %s in the sandbox: it was replaced since the "
			    "policy was bound to this host", v[i].path,
			    v[i].readable ? "read-only" : "denied");
	}
	near_dir_end(&near);
	return wrong;
}

/* ---- in the child, which is in the sandbox's namespaces ---- */

static int
open_here(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_PATH | O_CLOEXEC),
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static int
empty_directory(unsigned perms)
{
	char mode[8];
	const struct mount_option option[] = { { "mode", mode }, { NULL, NULL } };

	snprintf(mode, sizeof(mode), "%04o", perms & 07777u);
	return mount_new("tmpfs", option, empty);
}

static int
clone_with(int fd, uint64_t attr)
{
	int tree = mount_clone(fd, true);

	if (tree < 0 || mount_restrict(tree, attr, true) == 0)
		return tree;
	int saved = errno;
	close(tree);
	errno = saved;
	return -1;
}

/* What lies there, as it may be seen. */
static int
read_only(int fd)
{
	return clone_with(fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static int
empty_file(void)
{
	struct stat st;
	int fd = open_here("/dev/null", O_NOFOLLOW), tree = -1;

	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	errno = ENODEV;
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(NULL_MAJOR, NULL_MINOR))
		tree = clone_with(fd, empty);
	int saved = errno;
	close(fd);
	errno = saved;
	return tree;
}

/* 0, or -1 with errno; what is not there needs no mask. */
static int
cover_at(int fd, const struct mask_place *m)
{
	struct stat st;

	if (state_of(fd, "") != MASK_BARE)
		return 0;
	if (fstat(fd, &st) != 0)
		return -1;
	int mask = m->readable ? read_only(fd) :
	    S_ISDIR(st.st_mode) ? empty_directory(m->perms) : empty_file();
	if (mask < 0)
		return -1;
	int rc = mount_attach(mask, fd), saved = errno;
	close(mask);
	/* It went away again: then there is nothing to mask, or we are called once more. */
	errno = saved;
	return rc != 0 && saved != ENOENT ? -1 : 0;
}

static int
cover_one(const struct mask_place *m)
{
	int fd = open_here(m->path, O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -1;
	int rc = cover_at(fd, m), saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

int
mask_cover(const struct mask_view *v, const struct mask_place *place, const size_t *index, size_t n)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		int error = enter(v) == 0 ? 0 : errno;
		for (size_t i = 0; i < n && error == 0; i++)
			if (cover_one(&place[index[i]]) != 0)
				error = errno;
		_exit(error & 0xff);
	}
	return result_of(pid);
}

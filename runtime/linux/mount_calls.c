/* SPDX-License-Identifier: Apache-2.0 */
/* mount_calls.c - open_tree(2), move_mount(2), mount_setattr(2), fsopen(2) and their like */
#include <config.h>

#include "mount_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/fcntl.h, and sys/mount.h, which cannot be had beside linux/mount.h */
#ifndef AT_RECURSIVE
#define AT_RECURSIVE	0x8000
#endif
enum { DETACH = 2, PROPAGATION_PRIVATE = 1 << 18 };

int
mount_clone(int fd, bool recursive)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;

	return (int)syscall(SYS_open_tree, fd, "", recursive ? flags | AT_RECURSIVE : flags);
}

int
mount_clone_at(int dir, const char *name)
{
	return (int)syscall(SYS_open_tree, dir, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	    AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_RECURSIVE);
}

int
mount_attach(int tree, int at)
{
	return (int)syscall(SYS_move_mount, tree, "", at, "",
	    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int
mount_attach_at(int tree, int dir, const char *name)
{
	return (int)syscall(SYS_move_mount, tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
}

int
mount_attach_root(int tree)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
}

int
mount_restrict(int fd, uint64_t attributes, bool recursive)
{
	struct mount_attr attr = { .attr_set = attributes };

	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
	    &attr, sizeof(attr));
}

int
mount_private(void)
{
	struct mount_attr attr = { .propagation = PROPAGATION_PRIVATE };

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr));
}

int
mount_pivot(void)
{
	return (int)syscall(SYS_pivot_root, ".", ".");
}

int
mount_detach(void)
{
	return (int)syscall(SYS_umount2, ".", DETACH);
}

static int
close_failed(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int
mount_new(const char *type, const struct mount_option *option, uint64_t attributes)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return -1;
	/* What df(1) and /proc/mounts show; nothing else depends on it. */
	if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", type, 0) != 0)
		return close_failed(fs);
	for (; option != NULL && option->key != NULL; option++)
		if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, option->key, option->value, 0) != 0)
			return close_failed(fs);
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return close_failed(fs);
	int fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
	if (fd < 0)
		return close_failed(fs);
	close(fs);
	return fd;
}

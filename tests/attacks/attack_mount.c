/* SPDX-License-Identifier: Apache-2.0 */
/* attack_mount.c - mounts and namespaces */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* <sys/mount.h> declares part of <linux/mount.h> again, so not both. */
#define UMOUNT_DETACH	2

static int
mount_at(const char *from, const char *to, const char *type, unsigned long flags)
{
	return (int)syscall(SYS_mount, from, to, type, flags, NULL);
}

static enum outcome
bind_hidden(void)
{
	return mount_at("..", "open", NULL, MS_BIND) != 0 ? BLOCKED : secret_at("open/hidden/key");
}

static enum outcome
mount_tmpfs(void)
{
	return outcome_of(mount_at("tmpfs", "open", "tmpfs", 0) == 0);
}

/* Of the namespace of processes in which who mounts it is, so in the control of a child's. */
static enum outcome
mount_proc(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(mount_at("proc", "open", "proc", 0) == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return BLOCKED;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return outcome_of(status == 0);
}

/* In the control it is ours to put there first. */
static enum outcome
unmount_mask(void)
{
	if (is_control() && mount_at("tmpfs", "../hidden", "tmpfs", 0) != 0)
		return cannot(errno);
	return syscall(SYS_umount2, "../hidden", UMOUNT_DETACH) != 0 ? BLOCKED : secret_at("../hidden/key");
}

static bool
make_read_only(void)
{
	return !is_control() || (mount_at("../outside", "../outside", NULL, MS_BIND) == 0 &&
	    mount_at(NULL, "../outside", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY) == 0);
}

static enum outcome
remount_writable(void)
{
	if (!make_read_only())
		return cannot(errno);
	if (mount_at(NULL, "../outside", NULL, MS_BIND | MS_REMOUNT) != 0 &&
	    mount_at(NULL, "/", NULL, MS_BIND | MS_REMOUNT) != 0)
		return BLOCKED;
	return chdir("../outside") != 0 ? BLOCKED : writes("file");
}

static enum outcome
attributes_writable(void)
{
	struct mount_attr clear = { .attr_clr = MOUNT_ATTR_RDONLY };

	if (!make_read_only())
		return cannot(errno);
	if (syscall(SYS_mount_setattr, AT_FDCWD, is_control() ? "../outside" : "/",
	    0, &clear, sizeof(clear)) != 0)
		return BLOCKED;
	return chdir("../outside") != 0 ? BLOCKED : writes("file");
}

static enum outcome
move_tree(void)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, "..", OPEN_TREE_CLONE);

	if (fd < 0)
		return BLOCKED;
	return secret_in(openat(fd, "hidden/key", O_RDONLY));
}

static enum outcome
new_mount_calls(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0);

	return outcome_of(fs >= 0 && syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0 &&
	    syscall(SYS_fsmount, fs, 0, 0) >= 0);
}

static enum outcome
pick_filesystem(void)
{
	return outcome_of(syscall(SYS_fspick, AT_FDCWD, "/", 0) >= 0 || (is_control() && errno == EINVAL));
}

static enum outcome
pivot(void)
{
	if (mount_at("open", "open", NULL, MS_BIND) != 0 && is_control())
		return cannot(errno);
	return outcome_of(syscall(SYS_pivot_root, "open", "open") == 0);
}

/* Out of a root by a descriptor that was opened before. */
static enum outcome
chroot_escape(void)
{
	int fd = open("..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || chroot("open") != 0 || fchdir(fd) != 0)
		return BLOCKED;
	return secret_at("hidden/key");
}

static enum outcome
unshare_user(void)
{
	return outcome_of(unshare(CLONE_NEWUSER) == 0);
}

static enum outcome
unshare_mounts(void)
{
	return outcome_of(unshare(CLONE_NEWNS) == 0);
}

static enum outcome
unshare_network(void)
{
	return outcome_of(unshare(CLONE_NEWNET) == 0);
}

static enum outcome
of_child(pid_t pid)
{
	int status;

	if (pid == 0)
		_exit(0);
	return outcome_of(pid > 0 && waitpid(pid, &status, __WALL) == pid && status == 0);
}

static enum outcome
clone_user(void)
{
	return of_child((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

/* The kernel looks at the lower half of the flags. */
static enum outcome
clone_user_high(void)
{
	return of_child((pid_t)syscall(SYS_clone, (long)(UINT64_C(1) << 40 | CLONE_NEWUSER | SIGCHLD),
	    NULL, NULL, NULL, NULL));
}

static enum outcome
clone3_user(void)
{
	struct { uint64_t flags, pidfd, child, parent, signal, stack, size, tls; } args = {
		.flags = CLONE_NEWUSER, .signal = SIGCHLD,
	};
	return of_child((pid_t)syscall(SYS_clone3, &args, sizeof(args)));
}

const struct attack attacks_mount[] = {
	{ "bind-hidden", "ns", "bind a directory elsewhere, to see below its masks", bind_hidden, 0 },
	{ "mount-tmpfs", "ns", "mount a tmpfs", mount_tmpfs, 0 },
	{ "mount-proc", "ns", "mount a /proc", mount_proc, CLONE_NEWPID },
	{ "unmount-mask", "ns", "unmount what hides a directory", unmount_mask, 0 },
	{ "remount-writable", "ns", "remount what is read-only", remount_writable, 0 },
	{ "attributes-writable", "ns", "the same by mount_setattr", attributes_writable, 0 },
	{ "move-tree", "ns", "clone a mount by open_tree, to see below its masks", move_tree, 0 },
	{ "new-mount-calls", "ns", "make a mount by fsopen and fsmount", new_mount_calls, 0 },
	{ "pick-filesystem", "ns", "reconfigure a file system by fspick", pick_filesystem, 0 },
	{ "pivot-root", "ns", "change the root by pivot_root", pivot, 0 },
	{ "chroot-escape", "ns", "leave a root by chroot and a descriptor", chroot_escape, 0 },
	{ "unshare-user", "", "make a user namespace", unshare_user, 0 },
	{ "unshare-mounts", "ns", "make a mount namespace", unshare_mounts, 0 },
	{ "unshare-network", "ns", "make a network namespace", unshare_network, 0 },
	{ "clone-user", "", "make a user namespace by clone", clone_user, 0 },
	{ "clone-user-high", "", "the same with a bit set that the kernel does not look at", clone_user_high, 0 },
	{ "clone3-user", "", "make a user namespace by clone3", clone3_user, 0 },
	{ .name = NULL },
};

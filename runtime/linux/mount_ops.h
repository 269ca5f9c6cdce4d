/* SPDX-License-Identifier: Apache-2.0 */
/* mount_ops.h - the mounts of a sandbox by direct system calls (spec 3.1) */
#ifndef CDXP_MOUNT_OPS_H
#define CDXP_MOUNT_OPS_H

#include "base.h"
#include "near_dir.h"

struct arena;
struct bwrap_args;

/*
 * The sandbox's root grows as a tree of its own beside the host's, which
 * stays what it was: sources are opened in `host', each once and without
 * following a link, mounted from that descriptor, and attached in `root'.
 */
struct mount_ops {
	struct arena	*arena;
	int		 host;		/* the root that we came with */
	int		 root;		/* the sandbox's; -1: not made yet */
	int		 null_mask;	/* a mounted /dev/null that cannot be opened; -1: none yet */
	struct near_dir	 near_host, near_root;
	int		 fresh_proc;	/* mounted nowhere yet; -1: none */
	int		 fresh_dev;	/* ... with all that is mounted in it */
	int		 proc;		/* /proc without what is mounted in it; -1: there is none */
	const char	*tty;		/* becomes /dev/console, or NULL */
	struct { uint64_t *v; size_t len, cap; } own;	/* devices of our own tmpfs */
};

/*
 * In a fresh mount namespace: keep to ourselves what is mounted in it from
 * now on, and open its root.  -1 with errno; ENOSYS where the kernel is too
 * old for any of this.
 */
int	mount_ops_begin(struct mount_ops *, struct arena *);

/*
 * Make the sandbox's /proc, which has its place later.  -1 with errno: EPERM
 * where something is mounted over parts of the one that we see, which the kernel
 * lets nobody get past by mounting another.
 */
int	mount_ops_proc(struct mount_ops *);

/*
 * Make the sandbox's /dev, which has its place later, and needs no time then.
 * Left for later where it cannot be done now: a kernel before 6.15 mounts
 * nothing in what is mounted nowhere (move_mount(2)).  Needs an empty umask.
 */
void	mount_ops_dev(struct mount_ops *);

/* Carry out every operation, in order.  NULL, or what failed. */
const char	*mount_ops_run(struct mount_ops *, const struct bwrap_args *);

/* Change to the new root and let go of the old one.  NULL, or what failed. */
const char	*mount_ops_pivot(struct mount_ops *);

/* Close what is open. */
void	mount_ops_end(struct mount_ops *);

#endif

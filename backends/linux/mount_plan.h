/* SPDX-License-Identifier: Apache-2.0 */
/* mount_plan.h - the ordered list of mounts that makes the effective policy true */
#ifndef CDXP_MOUNT_PLAN_H
#define CDXP_MOUNT_PLAN_H

#include "backend.h"
#include "region.h"

enum mount_kind {
	MOUNT_BIND_RO,		/* the host's own path, read-only */
	MOUNT_BIND_RW,
	MOUNT_BIND_DEV,		/* with device rights */
	MOUNT_MASK_FILE,	/* /dev/null without device rights */
	MOUNT_TMPFS,		/* empty, mode `perms' */
	MOUNT_FREEZE,		/* an earlier tmpfs, or the empty root, becomes read-only */
	MOUNT_SYMLINK,
	MOUNT_PROC,
	MOUNT_PROC_RO,		/* a directory of /proc onto itself, read-only, where it exists */
	MOUNT_DEV,
};

struct mount_op {
	enum mount_kind	 kind;
	const struct region *place;	/* whose path it is; NULL: `path' */
	const char	*path;
	const char	*target;	/* MOUNT_SYMLINK */
	unsigned	 perms;		/* MOUNT_TMPFS */
	bool		 inner;		/* MOUNT_BIND_RW: only so that it cannot be moved */
	bool		 narrower;	/* MOUNT_BIND_RO: what is around it can be written */
	const struct ir_origin *origin;	/* the rule that it comes from */
};

struct mount_plan {
	bool		 unshare_net;
	bool		 outer_userns;
	struct { struct mount_op *v; size_t len, cap; } ops;
};

/*
 * Plan from an effective tree (effective.h).  Parents come before children;
 * a mask with something reopened below it is frozen after what is below.
 * Every pinned directory becomes a mount of its own, since the kernel refuses
 * to rename or remove a mount point (EBUSY, rename(2)).
 */
void	mount_plan(struct arena *, const struct region *effective,
	    const struct backend_options *, enum ir_net_mode, struct mount_plan *out);

/* Where the operation is, in the arena. */
const char *mount_op_path(struct arena *, const struct mount_op *);

/* How many arguments the plan is when printed. */
size_t	bwrap_count(const struct mount_plan *);

/*
 * Print as `bwrap --args' reads it: options separated, and the last one
 * ended, by NUL (bwrap(1)).
 */
void	bwrap_print(struct arena *, const struct mount_plan *, struct sbuf *out);

#endif

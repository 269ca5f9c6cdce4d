/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_args.h - the printed arguments of bwrap as a list of what to do */
#ifndef CDXP_BWRAP_ARGS_H
#define CDXP_BWRAP_ARGS_H

#include "base.h"

struct arena;

enum mount_op_kind {
	OP_BIND, OP_RO_BIND, OP_DEV_BIND,
	OP_RO_BIND_TRY,		/* where the source exists */
	OP_TMPFS, OP_REMOUNT_RO, OP_SYMLINK, OP_PROC, OP_DEV,
};

struct bwrap_op {
	enum mount_op_kind kind;
	const char	*src;		/* binds: a path of the host; OP_SYMLINK: the target */
	const char	*dst;		/* a path of the sandbox */
	unsigned	 perms;		/* OP_TMPFS */
};

struct bwrap_args {
	bool		 user, net;	/* --unshare-user, --unshare-net */
	uint64_t	 caps;		/* a bit for each that is kept */
	struct { struct bwrap_op *v; size_t len, cap; } ops;
};

/*
 * Read the options that our printer uses, and no others.  NULL, or what
 * cannot be carried out; strings point into `args'.  What every artifact has
 * (its own pid, ipc and uts namespace, death with the parent, all
 * capabilities dropped) is not in the result: without it the arguments are
 * refused.
 */
const char	*bwrap_args_read(struct arena *, const char *args, size_t len, struct bwrap_args *out);

/* The same for who leaves it to bwrap what the rest is worth: nothing need be there. */
const char	*bwrap_args_mounts(struct arena *, const char *args, size_t len, struct bwrap_args *out);

#endif

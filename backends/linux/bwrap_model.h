/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_model.h - what a list of bwrap arguments does, worked out from the list alone */
#ifndef CDXP_BWRAP_MODEL_H
#define CDXP_BWRAP_MODEL_H

#include "base.h"
#include "fact.h"
#include "region.h"

struct arena;

struct bwrap_model {
	struct region	*root;		/* what a command inside can do with each path */
	bool		 user, pid, ipc, uts, net;	/* namespaces of its own */
	bool		 dies_with_parent;
	bool		 caps_dropped;	/* all, before any was added back */
	unsigned	 caps_kept;	/* how many of the four file capabilities were */
	bool		 proc, dev, shm;	/* of its own */
	bool		 proc_frozen;	/* /proc/sys and its like are read-only */
};

/*
 * Replay the arguments (each ended by a NUL) as bwrap would, as a table of
 * mounts over the host that the facts describe, and say what that makes of
 * every path.  Knows nothing of policies or plans.
 *
 * Returns -1 with *why (in the arena, naming the argument) for whatever it
 * cannot vouch for: an unknown option, a path that is not known to exist or
 * whose type does not fit, a bind of another path than its own, a made-up
 * place that stays writable, a mount that would create something on the host.
 *
 * Sources: bwrap(1); mount_namespaces(7); rename(2) for EBUSY on a mount point.
 */
int	bwrap_model_read(struct arena *, const char *args, size_t len,
	    const struct fact_list *, struct bwrap_model *out, const char **why);

/* The arguments that decide a path, and what they make of it. */
struct bwrap_shown {
	struct slice	 mount, freeze;	/* each argument with its NUL; p == NULL: there is none */
	const char	*means;		/* in words, in the arena */
	enum access	 access;
};
/* While the arguments that were read are still there. */
void	bwrap_model_shown(struct arena *, const struct bwrap_model *, const char *path,
	    struct bwrap_shown *out);

#endif

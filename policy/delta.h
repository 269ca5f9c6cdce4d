/* SPDX-License-Identifier: Apache-2.0 */
/* delta.h - where two policies differ for paths, in regions (spec 4.1 diff) */
#ifndef CDXP_DELTA_H
#define CDXP_DELTA_H

#include "base.h"
#include "pattern.h"
#include "region.h"

struct arena;
struct decide_fs;

enum delta_class { DELTA_WIDER, DELTA_NARROWER, DELTA_CHANGED };
const char *delta_class_name(enum delta_class);	/* "wider", "narrower", "changed" */

/* How much of what is at a path. */
enum fs_scope {
	SCOPE_TREE,		/* the path and all below it */
	SCOPE_ITSELF,		/* the path alone: a pin, a link */
	SCOPE_BELOW,		/* all below it, but not the path */
};
const char *fs_scope_name(enum fs_scope);	/* "tree", "itself", "below" */

struct fs_part { const char *path; enum fs_scope scope; };

/*
 * Every path on which two policies differ lies in exactly one region: that of
 * the first pattern that denies it on one side alone (patterns in the order of
 * the policy, from the root down), else the maximal subtree around it in which
 * both sides' entries and shields give one pair of accesses.  Pins are told
 * apart only where both sides may write: there a path that one side alone pins
 * is a region by itself.
 */
struct fs_region {
	enum delta_class class;		/* never DELTA_CHANGED */
	const char	*top;		/* its path; of a pattern the absolute literal part */
	enum fs_scope	 scope;
	const struct pattern *pattern;	/* what it matches and all below, or NULL */
	unsigned	 denied_by;	/* with a pattern: the side that has it, 0 old, 1 new */
	/* What in it belongs to other regions or to none, in path order. */
	struct { struct fs_part *v; size_t len, cap; } except;
	/* Deny patterns of either side that may take something out of it, each text once. */
	struct { const struct pattern **v; size_t len, cap; } patterns;
	const char	*sample;	/* the first path in it, in the order of witnesses */
	/* What each side, 0 old and 1 new, says of the sample. */
	enum access	 access[2];
	bool		 pinned[2];
	struct why	 why[2];
};

struct fs_delta {
	struct { struct fs_region *v; size_t len, cap; } regions;	/* in path order of `top' */
};

/*
 * No region: the two are equal as compare_fs() has it.  -1 where that passes
 * its limit of states (the caller says so), else 0.
 */
int	delta_fs(struct arena *, const struct decide_fs *old, const struct decide_fs *new,
	    struct fs_delta *out);

#endif

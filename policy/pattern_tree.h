/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_tree.h - many patterns, by the place that each begins at */
#ifndef CDXP_PATTERN_TREE_H
#define CDXP_PATTERN_TREE_H

#include "base.h"

struct arena;
struct pattern;
struct region;

/*
 * A path is compared with those patterns alone whose literal start it passes,
 * where there may be thousands.  The patterns must outlive it.
 */
struct pattern_tree;
struct pattern_tree *pattern_tree_new(struct arena *, const struct pattern *const *, size_t n);

/* The number of the first pattern that covers the path (pattern_covers()), or -1. */
ptrdiff_t pattern_tree_find(const struct pattern_tree *, const char *path);

/*
 * For a walk from "/" down: where it is in the tree, and above it the nearest
 * place that has patterns.  Those above must outlive one.
 */
struct pattern_spot {
	const struct region *at;	/* NULL: nothing begins here or below */
	const struct pattern_spot *up;
	size_t		 depth;
};
struct pattern_spot pattern_spot_root(const struct pattern_tree *);
struct pattern_spot pattern_spot_below(const struct pattern_spot *, const char *name, size_t len);

/* pattern_tree_find() for the path of a spot and its last name; nothing covers what is above. */
ptrdiff_t pattern_spot_find(const struct pattern_spot *, const char *path, const char *name,
	    size_t len);

/* The path of the leading steps that compare by bytes; *steps: how many they are. */
const char *pattern_root(struct arena *, const struct pattern *, size_t *steps);

#endif

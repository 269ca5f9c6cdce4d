/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_tree.h - many patterns, by the place that each begins at */
#ifndef CDXP_PATTERN_TREE_H
#define CDXP_PATTERN_TREE_H

#include "base.h"

struct arena;
struct pattern;

/*
 * A path is compared with those patterns alone whose literal start it passes,
 * where there may be thousands.  The patterns must outlive it.
 */
struct pattern_tree;
struct pattern_tree *pattern_tree_new(struct arena *, const struct pattern *const *, size_t n);

/* The number of the first pattern that covers the path (pattern_covers()), or -1. */
ptrdiff_t pattern_tree_find(const struct pattern_tree *, const char *path);

/* The same for a path that has this last name, where none covers what is above it. */
ptrdiff_t pattern_tree_find_here(const struct pattern_tree *, const char *path, const char *name,
	    size_t len);

/* The path of the leading steps that compare by bytes; *steps: how many they are. */
const char *pattern_root(struct arena *, const struct pattern *, size_t *steps);

#endif

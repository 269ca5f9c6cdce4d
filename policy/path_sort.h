/* SPDX-License-Identifier: Apache-2.0 */
/* path_sort.h - many paths at once in path_order() */
#ifndef CDXP_PATH_SORT_H
#define CDXP_PATH_SORT_H

#include "base.h"

struct arena;

/*
 * The numbers 0 to n - 1 (fewer than 2^32) in the order of the paths that
 * `path' gives for them; equal ones in the order of their numbers.  In the
 * arena.
 */
uint32_t *path_sort(struct arena *, size_t n, const char *(*path)(const void *arg, size_t i),
	    const void *arg);

#endif

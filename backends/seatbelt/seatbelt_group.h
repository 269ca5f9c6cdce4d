/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_group.h - places as filters: paths, and expressions for names in every spelling */
#ifndef CDXP_SEATBELT_GROUP_H
#define CDXP_SEATBELT_GROUP_H

#include "region.h"
#include "seatbelt_plan.h"

struct strmap;

struct regions { const struct region **v; size_t len, cap; };

/*
 * Filters in the making, alternatives of each other: paths, and regular
 * expressions each with the places that it holds below.  Places of one depth
 * share an expression, as nothing of their path is in it; and expressions that
 * have the same places stand beside each other.
 */
struct group {
	struct arena	*a;
	struct filter	*list;		/* FILTER_ANY */
	const struct region **too_long;	/* set to a place whose spellings fit into no expression */
	struct strmap	*by_regex;	/* text -> the FILTER_ANY of its places */
};

struct group	 group_new(struct arena *, const struct region **too_long);
void		 group_path(struct group *, enum filter_kind, const char *path);
/* `text' holds below `base'; bases of one text come in order, the same one may come again. */
void		 group_regex(struct group *, const char *base, const char *text);
/* Places alone, with all that is below them, or that alone (of expressions). */
enum reach { REACH_SELF, REACH_BELOW, REACH_UNDER };

/*
 * The places, in the order of the tree.
 * `pinned': of a place that it is true for, and of whose children some that
 * are reached by every spelling are in the list, the place itself is added to
 * their expression.
 */
void		 group_regions(struct group *, const struct regions *, enum reach,
		    bool (*pinned)(const struct region *));
/* All of it; NULL where there is nothing. */
struct filter	*group_filter(struct group *);

/* The deepest place at or above the node whose path holds no folded name. */
const struct region *region_exact_part(const struct region *);
/*
 * One expression for what group_regions() would say of these: children of
 * `top' that are reached by every spelling, and `self': `top' itself; that of
 * another place of the same depth is the same.  NULL where one does not do.
 */
const char	*group_own_regex(struct arena *, const struct region *top, const struct regions *,
		    bool self);

#endif

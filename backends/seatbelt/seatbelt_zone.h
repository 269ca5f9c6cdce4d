/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_zone.h - the places that may be written or read, as subtrees and what is missing in them */
#ifndef CDXP_SEATBELT_ZONE_H
#define CDXP_SEATBELT_ZONE_H

#include "seatbelt_group.h"

/*
 * Everything of one kind in the tree, by layers: the tops of a layer lie below
 * no hole of it, so that a path is meant if in some layer it lies below a top
 * and below no hole.  What lies below a hole of one layer is in a later one.
 */
struct layer {
	const char	*own;		/* what is left out of each top, itself included; or NULL */
	const char	*names;		/* the same without itself; or NULL */
	struct regions	 tops, holes;
	struct regions	 bare;		/* tops that are left out themselves */
	struct regions	 pins;		/* single places that are left out besides */
};

struct zones {
	struct { struct layer *v; size_t len, cap; } layers;
	struct strmap	*by_key;	/* number and `own' -> index + 1 */
	size_t		 last, last_number;	/* what was asked for last */
};

/*
 * What may be written, pinned places left out: they are in `kept' and
 * `unborn', as `exists' says.  Uses the mark of the nodes.
 */
struct write_zones {
	struct zones	 zones;
	struct regions	 tops;
	struct regions	 kept, unborn;
};
void	zones_of_writes(struct arena *, struct region *root,
	    bool (*exists)(const void *, const struct region *), const void *arg,
	    struct write_zones *out);
/* What may be read, but for what zones_of_writes() covers; after that. */
struct read_zones { struct zones zones; struct regions tops; };
void	zones_of_reads(struct arena *, const struct region *root, struct read_zones *out);

/* With pinned places or without; NULL where there is nothing. */
struct filter *zones_filter(struct arena *, const struct zones *, bool pins,
	    const struct region **too_long);
/* How many places stand in it, pinned ones left out of account. */
size_t	zones_size(const struct zones *);

#endif

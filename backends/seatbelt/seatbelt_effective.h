/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_effective.h - the bound policy as Seatbelt enforces it: named rewritings (spec 2.9, 3.3) */
#ifndef CDXP_SEATBELT_EFFECTIVE_H
#define CDXP_SEATBELT_EFFECTIVE_H

#include "backend.h"
#include "compare.h"
#include "decide_fs.h"

struct seatbelt_net;

struct seatbelt_effective {
	/* What the policy's own rules say: what the planner walks. */
	struct region	*own;
	/* The same with what base.sb gives to every sandbox: what the artifact is compared with. */
	struct region	*whole;
	struct { const struct pattern **v; size_t len, cap; } patterns;
	struct { struct why *v; size_t len, cap; } pattern_why;	/* one for each */
	const struct seatbelt_net *net;
	struct pattern_tree *by_place;	/* of the patterns */
};

/*
 * What lies below /System/Volumes/Data gets no more access than under its
 * usual name.  Rewrites: what follows a "**" is denied in every writable root
 * (pattern-everywhere); those of the network, see seatbelt_net.h.  Deviations
 * are appended to *out, a refusal is put there.  0 or -1.
 */
int	seatbelt_effective_build(struct arena *, const struct decide_fs *,
	    struct seatbelt_effective *, struct artifact *out);

/*
 * The place was there at binding, as far as the policy asked; below
 * /System/Volumes/Data, it or what it is another name of.  *near as for
 * bound_fact_near().
 */
bool	seatbelt_exists(const struct bound_policy *, const char *path, size_t *near);

/* Find or make a node; one that is made says what its parent says of all below it. */
struct region *seatbelt_node_at(struct arena *, struct region *root, const char *path);

struct compare_side seatbelt_effective_side(const struct seatbelt_effective *);

#endif

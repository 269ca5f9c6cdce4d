/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_effective.h - the bound policy as Seatbelt enforces it: named rewritings (spec 2.9, 3.3) */
#ifndef CDXP_SEATBELT_EFFECTIVE_H
#define CDXP_SEATBELT_EFFECTIVE_H

#include "backend.h"
#include "compare.h"
#include "decide_fs.h"

struct seatbelt_effective {
	/* What the policy's own rules say: what the planner walks. */
	struct region	*own;
	/* The same with what base.sb gives to every sandbox: what the artifact is compared with. */
	struct region	*whole;
	struct { const struct pattern **v; size_t len, cap; } patterns;
	struct { struct why *v; size_t len, cap; } pattern_why;	/* one for each */
	struct pattern_tree *by_place;	/* of the patterns */
};

/*
 * Rewrites: what lies below /System/Volumes/Data has no more access than
 * under its usual name (data-volume); what follows a "**" is denied in every
 * writable root (pattern-everywhere).  Deviations are appended to *out, a
 * refusal is put there.  0 or -1.
 */
int	seatbelt_effective_build(struct arena *, const struct decide_fs *,
	    struct seatbelt_effective *, struct artifact *out);

/*
 * The place was there at binding, as far as the policy asked; below
 * /System/Volumes/Data, it or what it is another name of.  `bound' is the
 * bound policy.
 */
bool	seatbelt_exists(const void *bound, const char *path);

struct compare_side seatbelt_effective_side(const struct seatbelt_effective *);

#endif

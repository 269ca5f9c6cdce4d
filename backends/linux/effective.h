/* SPDX-License-Identifier: Apache-2.0 */
/* effective.h - the bound policy as mounts can enforce it: named rewritings (spec 2.9) */
#ifndef CDXP_EFFECTIVE_H
#define CDXP_EFFECTIVE_H

#include "backend.h"
#include "decide_fs.h"

/*
 * region.mark of every node of the effective tree.  A node that does not
 * exist and cannot be made is denied (WHY_ABSENT) and has no children; one
 * that does not exist and may be made is write, unpinned and has none either.
 */
struct place_facts {
	enum node_kind	 kind;		/* after the stubs are made */
	bool		 stub;		/* made by us for this run */
	bool		 closed;	/* what lies below is all denied: an empty read-only directory */
	bool		 device;	/* an entry below /dev */
};

/*
 * Rewrites: patterns become what matches now; a pattern for all
 * below a place empties it; what is
 * missing is absent, free to be made, or a stub; /dev and /proc are the
 * sandbox's own.  Deviations and stubs are appended to *out, a refusal is
 * put there.  Returns the effective tree, or NULL where refused.
 */
struct region *effective_build(struct arena *, const struct decide_fs *, struct artifact *out);

/*
 * The crosscheck takes the effective policy at its word; this holds the word
 * against the bound policy: it grants nothing more, but for /dev, /proc and
 * links on the way to grants, and no match of a pattern is left open.  0, or
 * -1 with *out.  What remains wider by design is in the deviations: names
 * that match later, and pins of what does not exist.
 */
int	effective_check(struct arena *, const struct decide_fs *, const struct region *effective,
	    struct refusal *out);

static inline const struct place_facts *
place_of(const struct region *r)
{
	return r->mark;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_plan.h - the rules of a Landlock ruleset that make a policy true */
#ifndef CDXP_LANDLOCK_PLAN_H
#define CDXP_LANDLOCK_PLAN_H

#include "backend.h"
#include "decide_fs.h"

/*
 * The policy as Landlock can enforce it: what is missing has no rule, so the
 * access of its surroundings; /proc is the host's; the standard devices are
 * added.  Deviations are appended to *out.  NULL where access falls with depth
 * or a pattern takes something away: out->refused, since Landlock only adds
 * rights along a path.
 */
struct region *landlock_effective(struct arena *, const struct decide_fs *, unsigned abi,
		    struct artifact *out);

struct landlock_plan_rule {
	const struct region *place;
	uint64_t	 rights;
	bool		 base;		/* of every sandbox: passed over where it is missing */
};

struct landlock_plan {
	unsigned	 abi;
	uint64_t	 fs, net, scope;	/* handled, and scoped */
	bool		 log;			/* denials of the command go to the kernel's audit */
	struct { struct landlock_plan_rule *v; size_t len, cap; } rules;
	/* Inside of what is writable, so that the executor has to see to it that they stay. */
	struct { const struct region **v; size_t len, cap; } pinned;
};

/* One rule for each place that has more than what surrounds it, in the order of paths. */
void	landlock_plan(struct arena *, const struct region *effective, unsigned abi,
	    enum ir_net_mode, struct landlock_plan *out);

/* Canonical JSON; `b' is for the lines of the rules. */
void	landlock_print(struct arena *, const struct bound_policy *b, const struct landlock_plan *,
	    struct sbuf *out);

/* region.mark of an effective tree: it is no directory. */
extern const char landlock_no_dir[];

#endif

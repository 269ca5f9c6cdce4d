/* SPDX-License-Identifier: Apache-2.0 */
/* compare_env.h - where two policies differ for the child's environment (spec 1.6) */
#ifndef CDXP_COMPARE_ENV_H
#define CDXP_COMPARE_ENV_H

#include "base.h"
#include "decide_env.h"
#include "delta.h"

struct arena;

struct env_difference {
	/*
	 * DELTA_WIDER, DELTA_NARROWER: variables of the caller that one side
	 * alone lets through.  DELTA_CHANGED: one variable's value.
	 */
	enum delta_class class;
	const char	*sample;	/* a variable for which it is so */
	/*
	 * Many variables were too much to follow (see below): this rule is on
	 * one side only, and what it does there is not known.
	 */
	bool		 unresolved;
	struct env_decision side[2];	/* of the sample; 0 old, 1 new */
};

struct env_comparison {
	struct { struct env_difference *v; size_t len, cap; } v;	/* empty: equal */
};

/*
 * Exact for all names of variables (of at most LIMIT_NAME_BYTES bytes), written
 * down or not, by automata of all patterns.  There is one difference for each
 * rule that drops a variable on one side alone, with the first such name, and
 * one for each name that `set' gives another value.  Where the automata pass a
 * limit, or a pattern has bytes that they do not know, the rules of one side
 * alone are told instead, as DELTA_CHANGED and `unresolved'.
 */
void	compare_env(struct arena *, const struct ir_environment *old,
	    const struct ir_environment *new, struct env_comparison *out);

#endif

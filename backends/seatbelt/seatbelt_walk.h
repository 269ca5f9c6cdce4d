/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk.h - every path there is, as finitely many, beside a policy or alone */
#ifndef CDXP_SEATBELT_WALK_H
#define CDXP_SEATBELT_WALK_H

#include "region.h"

struct arena;
struct compare_side;
struct dfa;
struct seatbelt_model;

/* A path that stands for all that are like it. */
struct sb_at {
	const char	*path;
	uint32_t	 residue;	/* for sb_answer() */
	const uint32_t	*states;	/* one for each automaton of the walk */
	/* The policy's side; all zero where there is none. */
	const struct region *node;	/* that speaks for the path alone, or NULL */
	enum access	 access;
	struct why	 why;
	bool		 globbed;
};

struct sb_walk {
	const struct seatbelt_model *m;
	const struct compare_side *side;	/* or NULL */
	/* The model's automata, then one for each pattern of the side, then others. */
	const struct dfa *const *dfa;
	size_t		 ndfa;
	/* False ends the walk.  Paths come in the order of witnesses (spec 2.4). */
	bool		 (*judge)(void *, const struct sb_at *);
	void		*arg;
};

/*
 * Exact: two paths are taken for one only where profile and policy say the
 * same of both and of all that lies below.  0, or -1 where there are more
 * states than the limit.
 */
int	sb_walk(struct arena *, const struct sb_walk *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_tree.h - the tree of places as it is built and walked: seatbelt_tree.c, seatbelt_descent.c */
#ifndef CDXP_SEATBELT_TREE_H
#define CDXP_SEATBELT_TREE_H

#include "seatbelt_rules.h"

/* What hangs on a node. */
struct sb_hook { struct sb_filter *leaf; struct sb_hook *next; };
struct sb_start {				/* an automaton that begins here */
	uint32_t	 dfa;
	struct sb_hook	*leaves;
	struct sb_start	*next;
};
struct sb_marks {
	struct sb_hook	*reach[SB_UNDER + 1];
	struct sb_start	*starts;
};

/* An automaton under way; the leaves have the same atom. */
struct sb_run { const struct sb_hook *leaves; uint32_t atom; };
struct sb_undo { struct sb_filter *leaf; uint32_t atom; enum sb_status value; };

struct sb_tree {
	struct region	*root;
	size_t		 nodes;
	struct sb_rule	*open;		/* rules that are open now */
	uint32_t	*holds;		/* for each group, how many of its rules are true now */
	size_t		 ngroups;
	struct { struct sb_run *v; size_t len, cap; } runs;	/* from `from' on: those of this place */
	size_t		 from;
	struct { struct sb_undo *v; size_t len, cap; } undo;
	bool		 changed;
	uint32_t	 now;		/* of what is written down last */
	struct sb_words	 groups, words;	/* scratch */
	struct { struct sb_filter **v; size_t len, cap; } order;
};

/* Take the values of the filters over where nothing is below: before the first walk. */
void	sb_values_begin(struct seatbelt_model *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk.h - every path there is, as finitely many, beside a policy or alone */
#ifndef CDXP_SEATBELT_WALK_H
#define CDXP_SEATBELT_WALK_H

#include "region.h"
#include "seatbelt_rules.h"

struct arena;

/* A path that stands for all that are like it. */
struct sb_at {
	const char	*path;		/* NULL where nobody is to be told */
	uint32_t	 residue;	/* for sb_answer() */
	uint32_t	 marks;		/* bits: marks whose automaton accepts the path */
	/* The policy's side; all zero where there is none. */
	const struct region *node;	/* that speaks for the path alone, or NULL */
	enum access	 access;
	struct why	 why;
};

struct sb_walk {
	struct seatbelt_model *m;
	const struct region *policy;	/* or NULL */
	const struct region *marks;	/* made by sb_mark(), or NULL */
	/* Whether all is well with the path.  Asked in any order, and more than once. */
	bool		 (*judge)(void *, const struct sb_at *);
	void		*arg;
};

/*
 * Have paths marked (0 to 31) by an automaton of the model that is run over
 * what follows `root'; `marks' is a tree of the caller's.
 */
void	sb_mark(struct arena *, struct region *marks, const char *root, unsigned mark, uint32_t dfa);

/*
 * Exact: two paths are taken for one only where profile and policy say the
 * same of both and of all that lies below.  0 and *wrong is false; or it is
 * true and *at the first path, in the order of witnesses (spec 2.4), that was
 * judged wrong; or -1 where there are more states than the limit.
 */
int	sb_walk(struct arena *, const struct sb_walk *, bool *wrong, struct sb_at *at);

/* ---- seatbelt_names.c: names below one place that are not written down ---- */

struct sb_names;
struct sb_names *sb_names_new(struct arena *, struct seatbelt_model *);

/* What such names lead to, and the first of them. */
struct sb_other {
	const uint32_t	*to;		/* an atom for each that was given */
	struct slice	 name;
};
struct sb_others {
	struct sb_other	*v;
	size_t		 len, cap;
	bool		 every;		/* nothing is missing because all names to it are taken */
};

/*
 * Somewhere that a name can lead to from some atoms, each once; names for
 * which taken() is true do not count.  1 where some of it may be missing, as
 * all names that were looked at are taken; 0 else, and -1 past the limit.
 */
int	sb_other_names(struct sb_names *, struct sb_atoms, bool root,
	    bool (*taken)(void *, const char *, size_t), void *arg, struct sb_others *out);
/* The same with every name that is to be left out given, in every spelling if `folded'. */
int	sb_other_names_but(struct sb_names *, struct sb_atoms, bool root, const struct slice *except,
	    size_t n, bool folded, struct sb_others *out);
/*
 * Spellings of a name: `keep' of them, the first in order, for each way that
 * the atoms can go; into the arena.
 */
struct sb_spellings { const char **v; size_t len, cap; };
void	sb_spellings(struct arena *, struct sb_names *, struct sb_atoms, bool root, const char *name,
	    size_t len, size_t keep, struct sb_spellings *out);

#endif

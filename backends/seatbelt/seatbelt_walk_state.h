/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk_state.h - a walk under way: what seatbelt_walk.c, seatbelt_off.c and seatbelt_marks.c share */
#ifndef CDXP_SEATBELT_WALK_STATE_H
#define CDXP_SEATBELT_WALK_STATE_H

#include "seatbelt_walk.h"

struct strmap;

/* A mark's automaton under way. */
struct run { unsigned mark; uint32_t atom; };

/* A place of one of the trees, and what is below it where they end. */
struct place {
	const struct place *up;
	const char	*name;
	size_t		 len, path_len, depth;
	const struct region *m, *p, *q;	/* profile, policy, marks; NULL: off that tree */
	uint32_t	 residue, marks;
	enum access	 value;
	const struct why *why;
};

/* A path off the trees. */
struct off {
	const char	*path;		/* NULL where no order is kept */
	size_t		 len;
	uint32_t	 residue, marks;
	enum access	 value;
	const struct why *why;
};
struct offs { struct off *v; size_t len, cap; };

struct walk {
	struct arena	*a;
	const struct sb_walk *in;
	struct seatbelt_model *m;
	struct sb_names	*names;
	struct strmap	*seen;		/* states off the trees */
	struct strmap	*expanded;	/* what was gone into with every name that there can be */
	struct { struct run *v; size_t len, cap; } runs;	/* from `from' on: those of this place */
	size_t		 from;
	uint32_t	 marked;	/* here and below, for good */
	size_t		 places;
	bool		 ordered;
	struct offs	*level;		/* by depth; unordered: the first alone */
	bool		 failed, wrong;
	struct sb_at	 at;		/* ordered: the first that is wrong so far */
	size_t		 at_depth;
	/* Scratch. */
	struct sb_words	 holds, open, atoms, to;
	struct sb_others others;
};

/* seatbelt_marks.c: marks on the way down the trees; what they come to, as a residue. */
struct marks_step { size_t runs, from; uint32_t marked; };
uint32_t marks_enter(struct walk *, const struct place *, struct marks_step *);
void	 marks_leave(struct walk *, const struct marks_step *);

/* seatbelt_walk.c: the place, or NULL off the trees, where `path' is the path if order is kept. */
void	 walk_judge(struct walk *, struct sb_at *, const struct place *, const char *path);
/* There is no more to find out. */
bool	 walk_done(const struct walk *);
const char *place_path(struct walk *, const struct place *);
/* Sorted, each once. */
struct sb_atoms walk_atoms(struct sb_words *);

/*
 * seatbelt_off.c: paths off the trees.  By every name that is_taken() does not
 * know; 1 where some may be missing and 0 else, as sb_other_names().
 */
int	 leave_trees(struct walk *, const struct place *,
	    bool (*is_taken)(void *, const char *, size_t));
/* The same by the names of `others', which has come from elsewhere. */
void	 leave_by_others(struct walk *, const struct place *, struct sb_atoms);
/* Atoms that what is left of profile and marks depends on. */
struct sb_atoms walk_live(struct walk *, uint32_t residue, uint32_t marks);
/* Everything from where the trees were left; after all of them. */
void	 walk_off(struct walk *);

#endif

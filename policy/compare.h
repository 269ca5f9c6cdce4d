/* SPDX-License-Identifier: Apache-2.0 */
/* compare.h - equality of two decisions, over all paths, with a shortest witness (spec 2.4) */
#ifndef CDXP_COMPARE_H
#define CDXP_COMPARE_H

#include "base.h"
#include "pattern.h"
#include "region.h"

struct arena;
struct decide_fs;

enum fs_op { OP_READ, OP_WRITE, OP_RENAME };
const char *fs_op_name(enum fs_op);		/* "read", "write", "rename" */

/* An operation on a path with this access. */
bool	access_allows(enum access, bool pinned, enum fs_op);

/* One side: a region tree and the deny patterns that go with it. */
struct compare_side {
	const struct region *root;
	const struct pattern *const *pattern;
	const struct why *pattern_why;		/* one for each, or NULL */
	size_t		 npatterns;
};

struct witness {
	enum fs_op	 op;
	const char	*path;
	bool		 allowed_a, allowed_b;
	struct why	 why_a, why_b;		/* what decided on each side */
};

/* What is looked at; the rest may differ. */
struct compare_scope {
	unsigned	 ops;		/* 1u << OP_READ and so on */
	const struct pattern *where;	/* the paths that match all of it; NULL: all paths */
	bool		 shortest;	/* as compare_fs_shortest() */
	bool		 one_spelling;	/* a name that a tree or pattern has is never spelt in another case */
};

struct comparison {
	bool		 equal;
	bool		 a_allows_more;		/* somewhere */
	bool		 b_allows_more;
	struct witness	 witness;		/* where !equal */
};

/*
 * Exact for every path, written down or not: prefixes by walking both trees
 * together, patterns as automata beside them.  The witness has the fewest
 * components, then the fewest bytes, then letters before other bytes, then
 * bytewise; on one path read before write before rename.  Returns -1 where
 * the automata of both sides together pass the limit of states (the caller
 * refuses and says so), else 0.
 */
int	compare_fs(struct arena *, const struct compare_side *a,
	    const struct compare_side *b, struct comparison *out);

/*
 * The same, for who wants the witness alone: ends at the first difference, so
 * that which side allows more is told of no longer paths than that.
 */
int	compare_fs_shortest(struct arena *, const struct compare_side *a,
	    const struct compare_side *b, struct comparison *out);

/* The same within a scope: as exact, and the witness is the first that lies in it. */
int	compare_fs_within(struct arena *, const struct compare_scope *,
	    const struct compare_side *a, const struct compare_side *b, struct comparison *out);

/* What one side says of a path, patterns included. */
struct compare_view {
	enum access	 access;	/* of the path itself */
	enum access	 below;		/* of what is below it, but for deeper nodes */
	bool		 pinned;
	bool		 globbed;	/* a deny pattern covers it, */
	uint32_t	 pattern;	/* this one of the side's; else 0 */
};

struct compare_point {
	const char	*path;
	bool		 on_tree;	/* a node of either side's tree */
	struct compare_view side[2];
	uint32_t	 parent;	/* what the visitor returned for the parent; 0 for "/" */
};

/*
 * Sees the paths that the comparison comes to, level by level, and each level
 * in the order of witnesses where there are patterns.  They are every node of
 * both trees that no pattern covers on both sides; where a node speaks for
 * itself alone, some path right below it for each class of names; and for
 * every pattern of a side that denies somewhere what the other side does not,
 * the first such path.  What it returns comes back as the parent's; *leave:
 * nothing below is of interest.
 */
struct compare_visitor {
	uint32_t	 (*visit)(void *, const struct compare_point *, bool *leave);
	void		*arg;
};

/* compare_fs() with a visitor; both sides are of compare_side_of(). */
int	compare_fs_visit(struct arena *, const struct compare_side *a,
	    const struct compare_side *b, const struct compare_visitor *, struct comparison *out);

/* The side that a decision structure is. */
struct compare_side compare_side_of(struct arena *, const struct decide_fs *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* region.h - the tree of paths on which decisions and equality are made */
#ifndef CDXP_REGION_H
#define CDXP_REGION_H

#include "base.h"
#include "place.h"

struct arena;
struct ir_origin;

/*
 * A trie by path component.  A node speaks for its own path (`self') and for
 * every path below it that no deeper node speaks for (`below').  A policy, the
 * effective policy of a backend and what a model read from an artifact are
 * all brought to this form; then they can be compared.  Children are sorted
 * bytewise and unique.  Depth is bounded by LIMIT_PATH_DEPTH, which bounds
 * every recursion over a tree.
 */
enum why_kind {
	WHY_NOTHING,		/* no entry covers the path */
	WHY_ENTRY,
	WHY_PLATFORM,		/* a platform root of :minimal */
	WHY_NAME,		/* a protected name */
	WHY_GITDIR,
	WHY_POLICY,		/* the policy file in use */
	WHY_PATTERN,
	WHY_BASE,		/* what every sandbox has: /dev, /proc */
	WHY_ABSENT,		/* it does not exist and the command cannot make it */
	WHY_ARTIFACT,		/* a model: an argument of the artifact */
};

struct why {
	enum why_kind	 kind;
	const struct ir_origin *origin;	/* NULL where nobody wrote a rule */
	const char	*detail;	/* protected name, pattern, argument; or NULL */
};

struct region {
	const char	*name;		/* component, len bytes, no NUL behind it; "" for the root */
	struct region	*parent;
	struct region	**child;
	/*
	 * Where names compare without regard to case: a node whose children
	 * have names in lower case and are reached by every other spelling,
	 * unless a child of ours has it exactly.  Their parent is this node.
	 */
	struct region	*folded;
	uint32_t	 len, nchild, capchild;	/* there may be hundreds of thousands of these */
	enum access	 self : 8, below : 8;
	bool		 pinned;
	bool		 spelt;		/* one of the children of a node's `folded' */
	bool		 opens;		/* decide_fs: some path strictly below is readable */
	const char	*link;		/* target, where the path is a symbolic link that can be read */
	struct why	 why;
	void		*mark;		/* the builder's own */
};

struct region	*region_root(struct arena *);
/*
 * Find or make the node of a normal absolute path; made nodes are zeroed.
 * Quick when paths come in path_order().  The tree keeps pointers into `path'.
 */
struct region	*region_make(struct arena *, struct region *root, const char *path);
/*
 * region_make() for many paths: begins where the path parts from the last one.
 * From its component number `exact' on (SIZE_MAX: never) nodes are made that
 * every spelling reaches.  A trail begins as zeroes; its paths stay where they are.
 */
struct region_trail {
	const char	*path;
	struct { struct region_stop *v; size_t len, cap; } stops;	/* for exact components */
};
struct region_stop {
	struct region	*at;
	size_t		 end;		/* bytes of the path that lead there */
	size_t		 place;		/* among its siblings, as far as is known */
};
struct region	*region_follow(struct arena *, struct region_trail *, struct region *root,
		    const char *path, size_t exact);
/* The child of exactly that name, or NULL. */
struct region	*region_child(const struct region *, const char *name, size_t len);
/* The order of siblings: <0, 0, >0. */
int	 region_name_cmp(const struct region *, const struct region *);
/* Find or make the child of exactly that name. */
struct region	*region_make_child(struct arena *, struct region *, const char *name, size_t len);
/* Find or make the child that is reached by every spelling of the name. */
struct region	*region_make_folded(struct arena *, struct region *, const char *name, size_t len);
/* The child that every spelling of the name reaches, or NULL. */
struct region	*region_folded(const struct region *, const char *name, size_t len);
/* The child that speaks for a name: that of exactly this one, or the folded one, or NULL. */
struct region	*region_step(const struct region *, const char *name, size_t len);
/* For qsort() and bsearch(): names (struct slice) in the order of children. */
int		 slice_cmp(const void *, const void *);
/* The deepest node at or above a path; *exact tells which. */
const struct region *region_find(const struct region *root, const char *path, bool *exact);
/* The node's path. */
const char	*region_path(struct arena *, const struct region *);
/*
 * Give a node without children what another says, and a copy of all that is
 * below it.  The names stay where they are; `link', `opens' and `mark' are not
 * copied.
 */
void		 region_copy(struct arena *, struct region *to, const struct region *from);
/* Forget everything below. */
void		 region_clear(struct region *);

#endif

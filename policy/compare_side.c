/* SPDX-License-Identifier: Apache-2.0 */
/* compare_side.c - a decision structure as one side of a comparison */
#include <config.h>

#include "compare.h"

#include "arena.h"
#include "decide_fs.h"

/* Depth is bounded by LIMIT_PATH_DEPTH. */
static struct region *
copy_tree(struct arena *a, const struct region *from, struct region *parent)
{
	struct region *to = arena_alloc(a, sizeof(*to));
	*to = *from;
	to->parent = parent;
	to->capchild = to->nchild;
	to->child = arena_array(a, to->nchild, sizeof(struct region *));
	for (size_t i = 0; i < to->nchild; i++)
		to->child[i] = copy_tree(a, from->child[i], to);
	return to;
}

/*
 * The tree with the links that are readable whatever is around them.  They
 * are apart in the decision structure, as a plan makes them otherwise.
 */
static const struct region *
tree_with_links(struct arena *a, const struct decide_fs *d)
{
	if (d->nlinks == 0)
		return d->root;
	struct region *root = copy_tree(a, d->root, NULL);
	for (size_t i = 0; i < d->nlinks; i++) {
		const struct bound_link *l = &d->links[i];
		bool exact;
		const struct region *at = region_find(root, l->path, &exact);
		enum access self = exact ? at->self : at->below, below = at->below;
		struct why why = at->why;
		if (self != ACCESS_DENY)
			continue;
		struct region *r = region_make(a, root, l->path);
		for (struct region *up = r; up != at && !exact; up = up->parent) {
			up->self = up->below = below;
			up->why = why;
		}
		r->self = ACCESS_READ;
		r->why = link_why(l);
	}
	return root;
}

struct compare_side
compare_side_of(struct arena *a, const struct decide_fs *d)
{
	const struct bound_policy *b = d->bound;
	const struct pattern **p = arena_array(a, b->patterns.len + 1, sizeof(*p));
	struct why *why = arena_array(a, b->patterns.len + 1, sizeof(*why));
	for (size_t i = 0; i < b->patterns.len; i++) {
		p[i] = b->patterns.v[i].pattern;
		why[i] = (struct why){ WHY_PATTERN, b->patterns.v[i].origin, p[i]->text };
	}
	return (struct compare_side){ tree_with_links(a, d), p, why, b->patterns.len };
}

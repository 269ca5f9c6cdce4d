/* SPDX-License-Identifier: Apache-2.0 */
/* compare_trees.c - two sorted trees in one pass */
#include <config.h>

#include "compare_trees.h"

/* Where one tree stands: on a node, or below its last one, where one access holds. */
struct spot {
	const struct region *node;
	enum access	 value;
};

static bool
agree(unsigned ops, const struct spot *x, const struct spot *y)
{
	for (enum fs_op op = OP_READ; op <= OP_RENAME; op++) {
		bool a = x->node != NULL ? access_allows(x->node->self, x->node->pinned, op) :
		    access_allows(x->value, false, op);
		bool b = y->node != NULL ? access_allows(y->node->self, y->node->pinned, op) :
		    access_allows(y->value, false, op);
		if ((ops >> op & 1) != 0 && a != b)
			return false;
	}
	return true;
}

/* One name further: to this child, or off the tree. */
static struct spot
below(const struct spot *s, const struct region *child)
{
	return (struct spot){ child, s->node != NULL ? s->node->below : s->value };
}

static bool
folds(const struct spot *s)
{
	return s->node != NULL && s->node->folded != NULL;
}

/* At and below a place; depth is bounded by LIMIT_PATH_DEPTH. */
static bool
agree_from(unsigned ops, const struct spot *x, const struct spot *y)
{
	const struct spot other_x = below(x, NULL), other_y = below(y, NULL);
	size_t nx = x->node != NULL ? x->node->nchild : 0, i = 0;
	size_t ny = y->node != NULL ? y->node->nchild : 0, k = 0;

	if (folds(x) || folds(y) || !agree(ops, x, y) || !agree(ops, &other_x, &other_y))
		return false;
	while (i < nx || k < ny) {
		const struct region *c = i < nx ? x->node->child[i] : NULL;
		const struct region *d = k < ny ? y->node->child[k] : NULL;
		int order = c == NULL ? 1 : d == NULL ? -1 : region_name_cmp(c, d);
		const struct spot sx = below(x, order <= 0 ? c : NULL);
		const struct spot sy = below(y, order >= 0 ? d : NULL);
		if (!agree_from(ops, &sx, &sy))
			return false;
		i += order <= 0;
		k += order >= 0;
	}
	return true;
}

bool
compare_trees_agree(unsigned ops, const struct region *a, const struct region *b)
{
	const struct spot x = { .node = a }, y = { .node = b };

	return agree_from(ops, &x, &y);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* effective_check.c - the effective policy held against the bound one it was made from */
#include <config.h>

#include "effective.h"

#include <string.h>

#include "arena.h"

/* One tree's word on a path: its node, or what holds below the last one. */
struct word {
	const struct region *node;
	enum access	 below;
};

/* Of a path one component further, for which there is this node or NULL. */
static struct word
word_below(const struct word *w, const struct region *child)
{
	return (struct word){ child, child != NULL ? child->below :
	    w->node != NULL ? w->node->below : w->below };
}

static enum access
self_of(const struct word *w)
{
	return w->node != NULL ? w->node->self : w->below;
}

struct check {
	struct arena	*a;
	const char	*wider;		/* the first path where effective grants more */
};

static void	check_children(struct check *, const struct word *e, const struct word *p);

/* `e' grants no more than `p', here and below; one has a node.  Depth is bounded by LIMIT_PATH_DEPTH. */
static void
check_pair(struct check *c, const struct word *e, const struct word *p)
{
	/* A link on the way to a grant is readable, and has nothing below it (spec 2.2). */
	if (c->wider != NULL || (e->node != NULL && e->node->link != NULL))
		return;
	if (self_of(e) > self_of(p) || e->below > p->below) {
		c->wider = region_path(c->a, e->node != NULL ? e->node : p->node);
		return;
	}
	check_children(c, e, p);
}

/* The sandbox's own, at the top: spec 2.3 gives them to every profile. */
static bool
is_own(const struct region *n)
{
	return n->parent->parent == NULL && ((n->len == 3 && memcmp(n->name, "dev", 3) == 0) ||
	    (n->len == 4 && memcmp(n->name, "proc", 4) == 0));
}

/* The names of both, each once: they are sorted. */
static void
check_children(struct check *c, const struct word *e, const struct word *p)
{
	size_t ne = e->node != NULL ? e->node->nchild : 0, i = 0;
	size_t np = p->node != NULL ? p->node->nchild : 0, k = 0;

	while ((i < ne || k < np) && c->wider == NULL) {
		const struct region *x = i < ne ? e->node->child[i] : NULL;
		const struct region *y = k < np ? p->node->child[k] : NULL;
		int order = x == NULL ? 1 : y == NULL ? -1 : region_name_cmp(x, y);
		i += order <= 0;
		k += order >= 0;
		struct word we = word_below(e, order <= 0 ? x : NULL);
		struct word wp = word_below(p, order >= 0 ? y : NULL);
		if (!is_own(order <= 0 ? x : y))
			check_pair(c, &we, &wp);
	}
}

static bool
all_denied(const struct region *r)
{
	if (r->self != ACCESS_DENY || r->below != ACCESS_DENY)
		return false;
	for (size_t i = 0; i < r->nchild; i++)
		if (!all_denied(r->child[i]))
			return false;
	return true;
}

/* A match that is no link, and all below it, must be denied. */
static const char *
open_match(const struct bound_policy *b, const struct region *effective,
    const struct ir_origin **origin)
{
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		for (size_t k = 0; k < p->matches.len; k++) {
			const char *path = p->matches.v[k];
			const struct fact *f = bound_fact(b, path);
			bool exact;
			const struct region *r = region_find(effective, path, &exact);
			bool own = r->why.kind == WHY_BASE;
			if (own || (f != NULL && f->kind == NODE_LINK))
				continue;
			*origin = p->origin;
			if (exact ? !all_denied(r) : r->below != ACCESS_DENY)
				return path;
		}
	}
	return NULL;
}

int
effective_check(struct arena *a, const struct decide_fs *d, const struct region *effective,
    struct refusal *out)
{
	struct check c = { a, NULL };
	const struct ir_origin *origin = NULL;
	const char *path = open_match(d->bound, effective, &origin);
	if (path == NULL) {
		const struct word e = { effective, effective->below };
		const struct word p = { d->root, d->root->below };
		check_pair(&c, &e, &p);
		path = c.wider;
	}
	if (path == NULL)
		return 0;
	*out = (struct refusal){ "internal: what mounts would enforce is wider than the policy",
	    arena_printf(a, "read or write %s", path), origin };
	return -1;
}

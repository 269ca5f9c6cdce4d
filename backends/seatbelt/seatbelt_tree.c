/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_tree.c - the places of a profile as a tree */
#include <config.h>

#include "seatbelt_tree.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "region.h"

/*
 * A folded node of the tree holds for every spelling, that of an exact node
 * beside it too; so each exact node takes over what a folded one beside it
 * has, and one step by region_step() finds all there is.
 */
enum { MAX_NODES = 1 << 21 };

static bool
has_letter(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] >= 'a' && s[i] <= 'z')
			return true;
	return false;
}

/* Down by names in lower case; one without letters has one spelling. */
static struct region *
spelt_node(struct arena *a, struct region *r, const char *names)
{
	struct slice c;

	while (path_next(&names, &c)) {
		if (!has_letter(c.p, c.len)) {
			r = region_make_child(a, r, c.p, c.len);
			continue;
		}
		if (r->folded == NULL)
			r->folded = region_root(a);
		struct region *n = region_make_child(a, r->folded, c.p, c.len);
		n->parent = r;
		n->spelt = true;
		r = n;
	}
	return r;
}

static struct sb_marks *
marks_of(struct arena *a, struct region *r)
{
	if (r->mark == NULL)
		r->mark = arena_alloc(a, sizeof(struct sb_marks));
	return r->mark;
}

static void
add_hook(struct arena *a, struct sb_hook **list, struct sb_filter *leaf)
{
	if (*list != NULL && (*list)->leaf == leaf)
		return;
	struct sb_hook *h = arena_alloc(a, sizeof(*h));
	*h = (struct sb_hook){ leaf, *list };
	*list = h;
}

static void
add_start(struct arena *a, struct sb_marks *k, struct sb_filter *leaf)
{
	struct sb_start *s = k->starts;

	while (s != NULL && s->dfa != leaf->index)
		s = s->next;
	if (s == NULL) {
		s = arena_alloc(a, sizeof(*s));
		*s = (struct sb_start){ leaf->index, NULL, k->starts };
		k->starts = s;
	}
	add_hook(a, &s->leaves, leaf);
}

static void
hook_leaf(struct seatbelt_model *m, struct sb_filter *leaf, struct region_trail *t)
{
	for (size_t i = 0; i < leaf->place.len; i++) {
		const struct sb_place *p = &leaf->place.v[i];
		struct region *r = region_follow(m->a, t, m->tree->root, p->path, SIZE_MAX);
		if (p->names != NULL)
			r = spelt_node(m->a, r, p->names);
		struct sb_marks *k = marks_of(m->a, r);
		if (leaf->kind == SB_TAIL)
			add_start(m->a, k, leaf);
		else
			add_hook(m->a, &k->reach[p->reach], leaf);
	}
}

/* Depth: LIMIT_PATH_DEPTH.  False where there are too many nodes. */
static bool
take_over(struct seatbelt_model *m, struct region *to, const struct region *from)
{
	const struct sb_marks *k = from->mark;
	const struct region *all = from->folded;

	if (++m->tree->nodes > MAX_NODES)
		return false;
	for (int r = SB_SELF; k != NULL && r <= SB_UNDER; r++)
		for (const struct sb_hook *h = k->reach[r]; h != NULL; h = h->next)
			add_hook(m->a, &marks_of(m->a, to)->reach[r], h->leaf);
	for (size_t i = 0; i < from->nchild; i++) {
		const struct region *c = from->child[i];
		if (!take_over(m, region_make_child(m->a, to, c->name, c->len), c))
			return false;
	}
	for (size_t i = 0; all != NULL && i < all->nchild; i++) {
		const struct region *c = all->child[i];
		if (!take_over(m, region_make_folded(m->a, to, c->name, c->len), c))
			return false;
	}
	return true;
}

/* Depth: LIMIT_PATH_DEPTH. */
static bool
settle_spellings(struct seatbelt_model *m, struct region *r)
{
	struct region *all = r->folded;

	for (size_t i = 0; all != NULL && i < r->nchild; i++) {
		struct region *c = r->child[i];
		const struct region *f = region_folded(r, c->name, c->len);
		if (f != NULL && !take_over(m, c, f))
			return false;
	}
	for (size_t i = 0; i < r->nchild; i++)
		if (!settle_spellings(m, r->child[i]))
			return false;
	for (size_t i = 0; all != NULL && i < all->nchild; i++)
		if (!settle_spellings(m, all->child[i]))
			return false;
	return true;
}

bool
sb_residues_build(struct seatbelt_model *m)
{
	struct sb_tree *t = m->tree = arena_alloc(m->a, sizeof(*t));
	struct region_trail trail = { .path = NULL };

	sb_residues_new(m);
	t->root = region_root(m->a);
	for (size_t i = 0; i < m->rules.len; i++) {
		struct sb_rule *r = m->rules.v[i];
		if (r->levels == 0)
			continue;
		if (r->filter == NULL) {
			sb_bare(m, r);
			continue;
		}
		r->group = sb_group(m, r);
		if (r->group >= t->ngroups)
			t->ngroups = r->group + (size_t)1;
	}
	sb_values_begin(m);
	for (size_t i = 0; i < m->leaf.len; i++)
		hook_leaf(m, m->leaf.v[i], &trail);
	return settle_spellings(m, t->root);
}

const struct region *
sb_tree_root(const struct seatbelt_model *m)
{
	return m->tree->root;
}

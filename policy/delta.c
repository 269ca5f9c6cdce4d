/* SPDX-License-Identifier: Apache-2.0 */
/* delta.c - the regions of paths on which two policies differ */
#include <config.h>

#include "delta.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "compare.h"
#include "decide_fs.h"
#include "intern.h"
#include "path.h"
#include "sbuf.h"

/* The two accesses of a subtree, and which side alone pins a path. */
struct pair {
	enum access	 access[2];
	bool		 pinned[2];	/* equal but where both sides may write */
};

/* A subtree with one pair; those in which nothing differs are kept too, as exceptions. */
struct group {
	struct pair	 pair;
	struct fs_region *region;	/* NULL: both sides agree */
};

struct finding {
	struct arena	*a;
	const struct decide_fs *side[2];
	struct { struct group *v; size_t len, cap; } groups;	/* a mark is an index + 1 */
	struct { struct fs_region **v; size_t len, cap; } regions;
	struct fs_region **by_pattern[2];	/* one for each pattern of a side, or NULL */
	struct strmap	*owner;		/* the path of a node -> its region */
	bool		 keep_owners;
};

const char *
delta_class_name(enum delta_class c)
{
	static const char *const name[] = {
		[DELTA_WIDER] = "wider", [DELTA_NARROWER] = "narrower", [DELTA_CHANGED] = "changed",
	};
	return name[c];
}

const char *
fs_scope_name(enum fs_scope s)
{
	static const char *const name[] = {
		[SCOPE_TREE] = "tree", [SCOPE_ITSELF] = "itself", [SCOPE_BELOW] = "below",
	};
	return name[s];
}

static struct pair
pair_of(const struct compare_point *p)
{
	struct pair x = { { p->side[0].access, p->side[1].access }, { false, false } };
	if (x.access[0] == ACCESS_WRITE && x.access[1] == ACCESS_WRITE &&
	    p->side[0].pinned != p->side[1].pinned) {
		x.pinned[0] = p->side[0].pinned;
		x.pinned[1] = p->side[1].pinned;
	}
	return x;
}

static bool
differs(const struct pair *x)
{
	return x->access[0] != x->access[1] || x->pinned[0] != x->pinned[1];
}

static bool
same_pair(const struct pair *x, const struct pair *y)
{
	return memcmp(x->access, y->access, sizeof(x->access)) == 0 &&
	    x->pinned[0] == y->pinned[0] && x->pinned[1] == y->pinned[1];
}

static struct fs_region *
region_new(struct finding *f, const char *top, enum fs_scope scope, const struct pair *x)
{
	struct fs_region *r = arena_alloc(f->a, sizeof(*r));
	r->top = top;
	r->scope = scope;
	if (x->access[0] != x->access[1])
		r->class = x->access[1] > x->access[0] ? DELTA_WIDER : DELTA_NARROWER;
	else
		r->class = x->pinned[0] ? DELTA_WIDER : DELTA_NARROWER;
	VEC_PUSH(f->a, &f->regions, r);
	return r;
}

/* The first path in it: both sides are asked about it. */
static void
sample(struct finding *f, struct fs_region *r, const char *path)
{
	if (r == NULL || r->sample != NULL)
		return;
	r->sample = path;
	for (int s = 0; s < 2; s++) {
		struct fs_verdict v = decide_fs(f->side[s], path);
		r->access[s] = v.writable ? ACCESS_WRITE : v.readable ? ACCESS_READ : ACCESS_DENY;
		r->pinned[s] = v.pinned;
		r->why[s] = v.why;
	}
}

/* One side alone has a pattern there. */
static uint32_t
visit_globbed(struct finding *f, const struct compare_point *p, unsigned side, bool *leave)
{
	uint32_t i = p->side[side].pattern;
	struct fs_region **at = &f->by_pattern[side][i];
	if (*at == NULL && p->side[!side].access != ACCESS_DENY) {
		const struct bound_pattern *b = &f->side[side]->bound->patterns.v[i];
		const struct pair x = pair_of(p);
		*at = region_new(f, b->literal, SCOPE_TREE, &x);
		(*at)->pattern = b->pattern;
		(*at)->denied_by = side;
		sample(f, *at, p->path);
	}
	/* All that differs below is this pattern's. */
	*leave = *at != NULL;
	return 0;
}

/* A mark; the groups are numbered from 1. */
static uint32_t
group_new(struct finding *f, const struct compare_point *p, const struct pair *x,
    enum fs_scope scope)
{
	struct group g = { *x, differs(x) ? region_new(f, p->path, scope, x) : NULL };
	VEC_PUSH(f->a, &f->groups, g);
	return (uint32_t)f->groups.len;
}

static struct group *
group_of(struct finding *f, uint32_t mark)
{
	return mark > 0 ? &f->groups.v[mark - 1] : NULL;
}

static void
except(struct finding *f, uint32_t mark, const char *path, enum fs_scope scope)
{
	struct group *g = group_of(f, mark);
	if (g != NULL && g->region != NULL)
		VEC_PUSH(f->a, &g->region->except, ((struct fs_part){ path, scope }));
}

/*
 * A node: the path itself goes on with what is around it, or begins something
 * new; and so does what is below it, which alone is the parent of what comes.
 */
static uint32_t
visit_node(struct finding *f, const struct compare_point *p)
{
	const struct pair self = pair_of(p);
	const struct pair below = { { p->side[0].below, p->side[1].below }, { false, false } };
	const struct group *up = group_of(f, p->parent);
	bool one = same_pair(&self, &below);
	bool self_joins = up != NULL && same_pair(&up->pair, &self);
	bool below_joins = up != NULL && same_pair(&up->pair, &below);
	uint32_t at_self = p->parent, at_below = p->parent;

	if (!self_joins)
		at_self = group_new(f, p, &self, one ? SCOPE_TREE : SCOPE_ITSELF);
	if (one)
		at_below = at_self;
	else if (!below_joins)
		at_below = group_new(f, p, &below, SCOPE_BELOW);
	if (!self_joins || !below_joins)
		except(f, p->parent, p->path, self_joins ? SCOPE_BELOW :
		    below_joins ? SCOPE_ITSELF : SCOPE_TREE);
	sample(f, group_of(f, at_self)->region, p->path);
	return at_below;
}

static uint32_t
visit(void *arg, const struct compare_point *p, bool *leave)
{
	struct finding *f = arg;
	if (p->side[0].globbed && p->side[1].globbed) {
		*leave = true;
		return 0;
	}
	if (p->side[0].globbed || p->side[1].globbed)
		return visit_globbed(f, p, p->side[1].globbed, leave);
	uint32_t mark = p->parent;
	if (p->on_tree)
		mark = visit_node(f, p);
	else
		sample(f, group_of(f, mark)->region, p->path);
	struct fs_region *r = group_of(f, mark)->region;
	if (f->keep_owners && r != NULL && p->on_tree)
		strmap_put(f->owner, p->path, strlen(p->path), r);
	return mark;
}

/* ---- patterns that reach into a region of the tree ---- */

/* The pattern can still match something below the path. */
static bool
reaches_below(const struct pattern *p, const char *path)
{
	uint64_t buf[2][LIMIT_PATTERN_STATES / 64 + 1], *from = buf[0], *to = buf[1];
	struct slice c;
	pattern_start(p, from);
	while (path_next(&path, &c)) {
		pattern_advance(p, from, c.p, c.len, to);
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	return pattern_alive(p, from);
}

/* Patterns by their literal part; what both sides have stands once. */
struct at_path { const struct bound_pattern *p; struct at_path *next; };

/* A pattern with its literal part above the region's top, or at it. */
static void
patterns_from_above(struct finding *f, struct fs_region *r, const struct strmap *at)
{
	size_t len = strlen(r->top);
	for (;;) {
		const struct at_path *x = strmap_get(at, r->top, len > 0 ? len : 1);
		for (; x != NULL; x = x->next)
			if (reaches_below(x->p->pattern, r->top))
				VEC_PUSH(f->a, &r->patterns, x->p->pattern);
		if (len <= 1)
			return;
		while (len > 0 && r->top[--len] != '/')
			;
	}
}

/* A pattern with its literal part in the region, which is a node of the tree, below the top. */
static void
pattern_within(struct finding *f, const struct bound_pattern *p)
{
	struct fs_region *r = strmap_get(f->owner, p->literal, strlen(p->literal));
	if (r != NULL && strcmp(r->top, p->literal) != 0)
		VEC_PUSH(f->a, &r->patterns, p->pattern);
}

/* Whether the steps are met for the first time. */
static bool
is_new(struct arena *a, struct strmap *met, const struct pattern *p)
{
	struct sbuf key = SBUF_INIT;
	for (size_t i = 0; i < p->nsteps; i++) {
		sbuf_addc(&key, (char)p->step[i].kind);
		sbuf_add(&key, p->step[i].text.p, p->step[i].text.len);
		sbuf_addc(&key, '/');
	}
	bool first = strmap_put(met, sbuf_str(&key), key.len, a) == NULL;
	sbuf_free(&key);
	return first;
}

static void
find_patterns(struct finding *f)
{
	struct strmap *at = strmap_new(f->a), *met = strmap_new(f->a);
	for (int s = 0; s < 2; s++) {
		const struct bound_policy *b = f->side[s]->bound;
		for (size_t i = 0; i < b->patterns.len; i++) {
			const char *literal = b->patterns.v[i].literal;
			if (!is_new(f->a, met, b->patterns.v[i].pattern))
				continue;
			struct at_path *x = arena_alloc(f->a, sizeof(*x));
			x->p = &b->patterns.v[i];
			x->next = strmap_get(at, literal, strlen(literal));
			strmap_put(at, literal, strlen(literal), x);
			pattern_within(f, x->p);
		}
	}
	for (size_t i = 0; i < f->regions.len; i++) {
		struct fs_region *r = f->regions.v[i];
		if (r->pattern == NULL && r->scope != SCOPE_ITSELF)
			patterns_from_above(f, r, at);
	}
}

/* ---- the whole ---- */

static int
part_cmp(const void *a, const void *b)
{
	return path_order(((const struct fs_part *)a)->path, ((const struct fs_part *)b)->path);
}

/* By path; there a subtree, then the patterns from there. */
static int
region_cmp(const void *a, const void *b)
{
	const struct fs_region *x = *(struct fs_region *const *)a, *y = *(struct fs_region *const *)b;
	int c = path_order(x->top, y->top);
	if (c != 0)
		return c;
	if (x->pattern != NULL && y->pattern == NULL)
		return 1;
	if (x->pattern == NULL)
		return y->pattern != NULL ? -1 : (int)x->scope - (int)y->scope;
	c = strcmp(x->pattern->text, y->pattern->text);
	return c != 0 ? c : (int)x->denied_by - (int)y->denied_by;
}

int
delta_fs(struct arena *a, const struct decide_fs *old, const struct decide_fs *new,
    struct fs_delta *out)
{
	struct compare_side x = compare_side_of(a, old), y = compare_side_of(a, new);
	struct finding f = { .a = a, .side = { old, new }, .owner = strmap_new(a),
	    .keep_owners = x.npatterns + y.npatterns > 0 };
	const struct compare_visitor visitor = { visit, &f };
	struct comparison all;

	f.by_pattern[0] = arena_array(a, x.npatterns + 1, sizeof(struct fs_region *));
	f.by_pattern[1] = arena_array(a, y.npatterns + 1, sizeof(struct fs_region *));
	*out = (struct fs_delta){ { NULL, 0, 0 } };
	if (compare_fs_visit(a, &x, &y, &visitor, &all) != 0)
		return -1;
	if (f.keep_owners)
		find_patterns(&f);
	if (f.regions.len > 1)
		qsort(f.regions.v, f.regions.len, sizeof(struct fs_region *), region_cmp);
	for (size_t i = 0; i < f.regions.len; i++) {
		struct fs_region *r = f.regions.v[i];
		if (r->except.len > 1)
			qsort(r->except.v, r->except.len, sizeof(*r->except.v), part_cmp);
		/* Without a path patterns deny all of it, on both sides or as regions of theirs. */
		if (r->sample != NULL)
			VEC_PUSH(a, &out->regions, *r);
	}
	return 0;
}

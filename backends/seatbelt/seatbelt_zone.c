/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_zone.c - the places that may be written or read, as subtrees and what is missing in them */
#include <config.h>

#include "seatbelt_zone.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"

/* A top with all that is below it and in its layer. */
struct zone {
	const struct region *top;
	size_t		 layer;
	struct regions	 holes, pins;
	size_t		 nread, ndeny;	/* among the holes */
};

/* What hangs on a node of the tree that is a top, or pinned. */
struct note {
	struct zone	*zone;		/* of which it is the top */
	bool		 pinned;	/* left out of its zone together with names below it */
};

/* Where a walk is: in a zone, or not; and in which layer what is found belongs. */
struct at { struct zone *zone; size_t layer; };

struct write_walk {
	struct arena	*a;
	bool		 (*exists)(const void *, const struct region *);
	const void	*arg;
	struct write_zones *out;
	struct { struct zone **v; size_t len, cap; } zones;
};

static bool
may_write(const struct region *r)
{
	return r->self == ACCESS_WRITE;
}

static bool
may_read(const struct region *r)
{
	return r->self != ACCESS_DENY;
}

static struct note *
note_of(struct arena *a, struct region *r)
{
	if (r->mark == NULL)
		r->mark = arena_alloc(a, sizeof(struct note));
	return r->mark;
}

/* The node for every spelling of an exact name beside it; what is said of it takes that one in. */
static const struct region *
beside(const struct region *r, const struct region *c)
{
	return r->folded != NULL ? region_folded(r, c->name, c->len) : NULL;
}

static struct zone *
zone_new(struct arena *a, const struct region *r, size_t layer)
{
	struct zone *z = arena_alloc(a, sizeof(*z));
	z->top = r;
	z->layer = layer;
	return z;
}

/* ---- what may be written ---- */

static void	walk_writes(struct write_walk *, struct region *, struct at);

static void
add_pin(struct write_walk *w, struct region *r, struct zone *z)
{
	struct regions *list = w->exists(w->arg, r) ? &w->out->kept : &w->out->unborn;

	VEC_PUSH(w->a, list, r);
	VEC_PUSH(w->a, &z->pins, r);
	note_of(w->a, r)->pinned = true;
}

static struct zone *
zone_open(struct write_walk *w, struct region *r, size_t layer)
{
	struct zone *z = zone_new(w->a, r, layer);

	note_of(w->a, r)->zone = z;
	VEC_PUSH(w->a, &w->zones, z);
	VEC_PUSH(w->a, &w->out->tops, r);
	return z;
}

/* Names that go into one expression count once. */
static void
add_hole(struct arena *a, struct zone *z, const struct region *r)
{
	const struct region *top = region_exact_part(r);
	bool again = top != r && z->holes.len > 0 &&
	    region_exact_part(z->holes.v[z->holes.len - 1]) == top;

	VEC_PUSH(a, &z->holes, r);
	z->nread += r->self == ACCESS_READ && !again;
	z->ndeny += r->self == ACCESS_DENY && !again;
}

/* What holds for an exact name beside one for all spellings of it. */
static struct at
beside_write(const struct region *all, struct at at)
{
	const struct note *n = all->mark;

	if (may_write(all))
		return (struct at){ n != NULL && n->zone != NULL ? n->zone : at.zone, at.layer };
	return (struct at){ NULL, at.layer + (at.zone != NULL) };
}

/* Depth: LIMIT_PATH_DEPTH. */
static void
walk_writes(struct write_walk *w, struct region *r, struct at at)
{
	if (at.zone != NULL && !may_write(r)) {
		add_hole(w->a, at.zone, r);
		at = (struct at){ NULL, at.layer + 1 };
	} else if (at.zone == NULL && may_write(r)) {
		at.zone = zone_open(w, r, at.layer);
	}
	if (may_write(r) && r->pinned)
		add_pin(w, r, at.zone);
	/* Those for all spellings first: what is said of them counts for the exact ones. */
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		walk_writes(w, r->folded->child[i], at);
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *all = beside(r, r->child[i]);
		walk_writes(w, r->child[i], all != NULL ? beside_write(all, at) : at);
	}
}

/* ---- what may be read ---- */

struct read_walk {
	struct arena	*a;
	struct read_zones *out;
};

/* Listed: in a layer of the places to be read; written: by the rule for what may be written. */
enum cover { COVER_NONE, COVER_LISTED, COVER_WRITTEN };
struct read_at { enum cover cover; size_t layer; };

static struct layer *
layer_at(struct arena *a, struct zones *z, size_t number, const char *own)
{
	if (z->layers.len > 0 && z->last_number == number && z->layers.v[z->last].own == own)
		return &z->layers.v[z->last];
	/* Expressions are interned: the address will do. */
	struct { size_t number; const char *own; } key = { number, own };
	uintptr_t i = (uintptr_t)strmap_get(z->by_key, (const char *)&key, sizeof(key));

	if (i == 0) {
		VEC_PUSH(a, &z->layers, ((struct layer){ .own = own }));
		i = z->layers.len;
		strmap_put(z->by_key, (const char *)&key, sizeof(key), (void *)i);
	}
	z->last = i - 1;
	z->last_number = number;
	return &z->layers.v[i - 1];
}

/*
 * What may be written may be read by the same rule; so such a place is listed
 * only where that spares more rules for what may be read than it repeats of
 * what is denied.
 */
static enum cover
cover_of(const struct region *r)
{
	const struct note *n = r->mark;

	if (!may_write(r) || n == NULL || n->zone == NULL || n->zone->nread > n->zone->ndeny)
		return COVER_LISTED;
	return COVER_WRITTEN;
}

static struct read_at
step_read(const struct region *r, struct read_at at, bool *top, bool *hole)
{
	*top = *hole = false;
	if (at.cover == COVER_LISTED) {
		*hole = !may_read(r);
		return *hole ? (struct read_at){ COVER_NONE, at.layer + 1 } : at;
	}
	if (!may_read(r))
		return (struct read_at){ COVER_NONE, at.layer };
	if (at.cover == COVER_WRITTEN && may_write(r))
		return at;
	at.cover = cover_of(r);
	*top = at.cover == COVER_LISTED;
	return at;
}

/* Depth: LIMIT_PATH_DEPTH. */
static void
walk_reads(struct read_walk *w, const struct region *r, struct read_at at)
{
	bool top, hole;

	at = step_read(r, at, &top, &hole);
	if (top) {
		VEC_PUSH(w->a, &layer_at(w->a, &w->out->zones, at.layer, NULL)->tops, r);
		VEC_PUSH(w->a, &w->out->tops, r);
	} else if (hole) {
		VEC_PUSH(w->a, &layer_at(w->a, &w->out->zones, at.layer - 1, NULL)->holes, r);
	}
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		walk_reads(w, r->folded->child[i], at);
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *all = beside(r, r->child[i]);
		bool ignore;
		walk_reads(w, r->child[i], all != NULL ? step_read(all, at, &ignore, &ignore) : at);
	}
}

void
zones_of_reads(struct arena *a, const struct region *root, struct read_zones *out)
{
	struct read_walk w = { a, out };

	*out = (struct read_zones){ .zones = { .by_key = strmap_new(a) } };
	walk_reads(&w, root, (struct read_at){ COVER_NONE, 0 });
}

/* ---- layers ---- */

static void
append(struct arena *a, struct regions *to, const struct regions *v)
{
	for (size_t i = 0; i < v->len; i++)
		VEC_PUSH(a, to, v->v[i]);
}

/*
 * One expression for a top that is pinned, and for the names right below it
 * that every spelling reaches, is the same for all tops of its depth; so far
 * as that goes nothing need be said of each.
 */
struct own {
	struct regions	 names;
	const char	*regex, *others;	/* with the place itself, and without */
};
struct owns {
	struct own	*v;		/* by depth: the last one that was made */
	size_t		 len, cap;
	struct intern	*texts;
};

/* The names are the same as those of another place. */
static bool
same_own(const struct own *x, const struct regions *names)
{
	if (x->regex == NULL || x->names.len != names->len)
		return false;
	for (size_t i = 0; i < names->len; i++)
		if (region_name_cmp(x->names.v[i], names->v[i]) != 0)
			return false;
	return true;
}

static size_t
depth_of(const struct region *r)
{
	size_t n = 0;
	for (; r->parent != NULL; r = r->parent)
		n++;
	return n;
}

/* NULL where there is none. */
static const struct own *
own_of(struct arena *a, const struct zone *z, struct owns *known, struct regions *others)
{
	struct regions own = { NULL, 0, 0 };

	if (!z->top->pinned || z->top->parent == NULL || region_exact_part(z->top) != z->top)
		return NULL;
	for (size_t i = 0; i < z->holes.len; i++) {
		const struct region *r = z->holes.v[i];
		bool mine = r->parent == z->top && r->spelt;
		VEC_PUSH(a, mine ? &own : others, r);
	}
	const size_t depth = depth_of(z->top);
	while (known->len <= depth)
		VEC_PUSH(a, known, ((struct own){ .regex = NULL }));
	struct own *x = &known->v[depth];
	if (!same_own(x, &own)) {
		const char *regex = group_own_regex(a, z->top, &own, true);
		*x = (struct own){ own, regex != NULL ? intern_str(known->texts, regex, strlen(regex)) : NULL,
		    own.len > 0 ? group_own_regex(a, z->top, &own, false) : NULL };
	}
	return x->regex != NULL ? x : NULL;
}

void
zones_of_writes(struct arena *a, struct region *root,
    bool (*exists)(const void *, const struct region *), const void *arg, struct write_zones *out)
{
	struct write_walk w = { .a = a, .exists = exists, .arg = arg, .out = out };
	struct owns known = { .texts = intern_new(a) };

	*out = (struct write_zones){ .zones = { .by_key = strmap_new(a) } };
	walk_writes(&w, root, (struct at){ NULL, 0 });
	for (size_t i = 0; i < w.zones.len; i++) {
		const struct zone *one = w.zones.v[i];
		struct regions others = { NULL, 0, 0 };
		const struct own *own = own_of(a, one, &known, &others);
		struct layer *l = layer_at(a, &out->zones, one->layer, own != NULL ? own->regex : NULL);
		l->names = own != NULL ? own->others : NULL;
		/* One that is an expression can leave itself out. */
		bool bare = one->top->pinned && region_exact_part(one->top) != one->top;
		struct regions *tops = bare ? &l->bare : &l->tops;
		VEC_PUSH(a, tops, one->top);
		append(a, &l->holes, own != NULL ? &others : &one->holes);
		for (size_t k = 0; k < one->pins.len; k++)
			if ((own == NULL && !bare) || one->pins.v[k] != one->top)
				VEC_PUSH(a, &l->pins, one->pins.v[k]);
	}
}

/* ---- filters ---- */

static bool
is_pinned_with(const struct region *r)
{
	const struct note *n = r->mark;
	/* No expression of what follows "/" holds for "/". */
	return n != NULL && n->pinned && r->parent != NULL;
}

/* Pins that are left out together with names below them are none by themselves. */
static struct regions
other_pins(struct arena *a, const struct layer *l)
{
	struct regions rest = { NULL, 0, 0 };
	struct strmap *with = strmap_new(a);

	for (size_t i = 0; i < l->holes.len; i++) {
		const struct region *top = region_exact_part(l->holes.v[i]);
		if (top != l->holes.v[i] && is_pinned_with(top))
			strmap_put(with, (const char *)&top, sizeof(top), l->holes.v);
	}
	for (size_t i = 0; i < l->pins.len; i++)
		if (strmap_get(with, (const char *)&l->pins.v[i], sizeof(l->pins.v[i])) == NULL)
			VEC_PUSH(a, &rest, l->pins.v[i]);
	return rest;
}

static struct filter *
layer_filter(struct arena *a, const struct layer *l, bool pins, const struct region **too_long)
{
	struct group tops = group_new(a, too_long), out = group_new(a, too_long);
	const char *own = pins ? l->names : l->own;

	group_regions(&tops, &l->tops, REACH_BELOW, NULL);
	group_regions(&tops, &l->bare, pins ? REACH_BELOW : REACH_UNDER, NULL);
	if (own != NULL)
		filter_add(a, out.list, filter_new(a, FILTER_REGEX, own));
	group_regions(&out, &l->holes, REACH_BELOW, pins ? NULL : is_pinned_with);
	if (!pins) {
		const struct regions rest = other_pins(a, l);
		group_regions(&out, &rest, REACH_SELF, NULL);
	}
	struct filter *f = group_filter(&tops);
	return f != NULL ? filter_without(a, f, group_filter(&out)) : NULL;
}

struct filter *
zones_filter(struct arena *a, const struct zones *z, bool pins, const struct region **too_long)
{
	struct filter *list = filter_new(a, FILTER_ANY, NULL);

	for (size_t i = 0; i < z->layers.len; i++) {
		struct filter *f = layer_filter(a, &z->layers.v[i], pins, too_long);
		/* Alternatives of one kind stand beside each other. */
		for (size_t k = 0; f != NULL && f->kind == FILTER_ANY && k < f->of.len; k++)
			filter_add(a, list, f->of.v[k]);
		if (f != NULL && f->kind != FILTER_ANY)
			filter_add(a, list, f);
	}
	return filter_any(list);
}

size_t
zones_size(const struct zones *z)
{
	size_t n = 0;

	for (size_t i = 0; i < z->layers.len; i++) {
		const struct layer *l = &z->layers.v[i];
		n += l->tops.len + l->bare.len;
		for (size_t k = 0; k < l->holes.len; k++)
			n += k == 0 || region_exact_part(l->holes.v[k]) == l->holes.v[k] ||
			    l->holes.v[k]->parent != l->holes.v[k - 1]->parent;
	}
	return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* idle.c - what the decision tree says about the use of each entry */
#include <config.h>

#include "idle.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "intern.h"
#include "ir.h"
#include "path.h"

/* What is known about one node of the tree beside its decision. */
struct site {
	const struct region *region;
	const struct bound_entry **entry;	/* those on this very path, in the order of the policy */
	size_t		 nentries, capentries;
	const struct bound_shield *shield;	/* protected name or gitdir */
	bool		 shared;	/* that shield: more than one entry brings it */
	bool		 pin;		/* by a pattern */
	bool		 less;		/* something strictly below is not writable */
};

struct search {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *b;
	struct strmap	*sites;		/* by the address of the region */
	const struct bound_entry ***of;	/* the bound entries of each entry of the IR, NULL at the end */
	bool		*enables;	/* it alone keeps another entry from protected names */
	size_t		 restrictions;	/* bound entries that are not write */
};

static struct site *
site_of(const struct search *s, const struct region *r)
{
	return strmap_get(s->sites, (const char *)&r, sizeof(r));
}

/* Every mark of a bound policy has a node of its own. */
static const struct region *
node_of(const struct search *s, const char *path)
{
	bool exact;
	return region_find(s->d->root, path, &exact);
}

/* Returns whether something at or below the node is not writable. */
static bool
add_sites(struct search *s, const struct region *r)
{
	struct site *site = arena_alloc(s->a, sizeof(*site));
	site->region = r;
	strmap_put(s->sites, (const char *)&r, sizeof(r), site);
	for (size_t i = 0; i < r->nchild; i++)
		site->less |= add_sites(s, r->child[i]);
	return site->less || r->self != ACCESS_WRITE;
}

static void
pin_up(struct search *s, const struct region *r)
{
	for (; r != NULL; r = r->parent) {
		struct site *site = site_of(s, r);
		if (site->pin)
			return;
		site->pin = true;
	}
}

/* As decide_fs.c pins for patterns, which no entry changes. */
static void
add_pins(struct search *s)
{
	for (size_t i = 0; i < s->b->patterns.len; i++) {
		const struct bound_pattern *p = &s->b->patterns.v[i];
		pin_up(s, node_of(s, p->literal));
		for (size_t j = 0; j < p->matches.len; j++)
			pin_up(s, node_of(s, p->matches.v[j])->parent);
	}
	for (size_t i = 0; i < s->b->patterns.len; i++) {
		const struct bound_pattern *p = &s->b->patterns.v[i];
		for (size_t j = 0; j < p->partial.len; j++)
			site_of(s, node_of(s, p->partial.v[j]))->pin = true;
	}
}

/* The entry of the IR that a bound one comes from; entries.len for none. */
static size_t
index_of(const struct search *s, const struct ir_origin *o)
{
	const struct ir_policy *ir = s->b->ir;
	if (o == NULL)
		return ir->entries.len;
	const struct ir_entry *e = (const struct ir_entry *)
	    (const void *)((const char *)o - offsetof(struct ir_entry, origin));
	uintptr_t at = (uintptr_t)e, first = (uintptr_t)ir->entries.v;
	if (at < first || at >= first + ir->entries.len * sizeof(*e))
		return ir->entries.len;
	return (at - first) / sizeof(*e);
}

static void
add_entries(struct search *s)
{
	size_t n = s->b->ir->entries.len;
	size_t *count = arena_array(s->a, n + 1, sizeof(*count));
	for (size_t i = 0; i < s->b->entries.len; i++)
		count[index_of(s, s->b->entries.v[i].origin)]++;
	s->of = arena_array(s->a, n + 1, sizeof(*s->of));
	for (size_t i = 0; i < n; i++) {
		s->of[i] = arena_array(s->a, count[i] + 1, sizeof(**s->of));
		count[i] = 0;
	}
	for (size_t i = 0; i < s->b->entries.len; i++) {
		const struct bound_entry *e = &s->b->entries.v[i];
		size_t at = index_of(s, e->origin);
		if (at < n)
			s->of[at][count[at]++] = e;
		s->restrictions += e->access != ACCESS_WRITE;
		struct site *site = site_of(s, node_of(s, e->path));
		if (site->nentries == site->capentries)
			site->entry = arena_grow(s->a, site->entry, site->nentries,
			    &site->capentries, site->nentries + 1, sizeof(*site->entry));
		site->entry[site->nentries++] = e;
	}
	for (size_t i = 0; i < s->b->shields.len; i++)
		if (s->b->shields.v[i].kind != SHIELD_POLICY)
			site_of(s, node_of(s, s->b->shields.v[i].path))->shield =
			    &s->b->shields.v[i];
	for (size_t i = 0; i < s->b->shared_shields.len; i++)
		site_of(s, node_of(s, s->b->shields.v[s->b->shared_shields.v[i]].path))->shared = true;
}

static bool
is_protected_name(const struct ir_policy *ir, struct slice c)
{
	for (size_t i = 0; i < ir->protected.len; i++) {
		const char *n = ir->protected.v[i].name;
		if (strlen(n) == c.len && memcmp(n, c.p, c.len) == 0)
			return true;
	}
	return false;
}

/*
 * An entry at or below a protected name has none of its own (spec 1.4).  Where
 * one entry alone has brought that name, removing it would change that.
 */
static void
add_enablers(struct search *s)
{
	const struct ir_policy *ir = s->b->ir;
	s->enables = arena_array(s->a, ir->entries.len + 1, sizeof(*s->enables));
	for (size_t i = 0; i < s->b->entries.len; i++) {
		const struct bound_entry *g = &s->b->entries.v[i];
		const struct ir_origin *only = NULL;
		bool several = false;
		const char *rest = g->path;
		const struct region *up = s->d->root;
		struct slice c;
		while (g->access == ACCESS_WRITE && path_next(&rest, &c)) {
			const struct site *site = site_of(s, up);
			for (size_t k = 0; is_protected_name(ir, c) && k < site->nentries; k++) {
				const struct bound_entry *e = site->entry[k];
				if (e->access != ACCESS_WRITE)
					continue;
				several |= only != NULL && only != e->origin;
				only = e->origin;
			}
			up = region_child(up, c.p, c.len);
		}
		if (only != NULL && !several && only != g->origin)
			s->enables[index_of(s, only)] = true;
	}
}

/*
 * Spec 1.3, as in decide_fs.c.  Of equals the one that protects more wins, then
 * the first: the other is the one to leave out.
 */
static const struct bound_entry *
winner_without(const struct site *site, const struct ir_origin *without)
{
	static const int rank[] = {
		[ACCESS_READ] = 0, [ACCESS_WRITE] = 1, [ACCESS_DENY] = 2,
	};
	const struct bound_entry *best = NULL;
	for (size_t i = 0; i < site->nentries; i++) {
		const struct bound_entry *e = site->entry[i];
		if (without != NULL && e->origin == without)
			continue;
		bool beats = best == NULL || (e->source != best->source ?
		    e->source == BOUND_WRITTEN : e->access != best->access ?
		    rank[e->access] > rank[best->access] : best->shared_tmp && !e->shared_tmp);
		if (beats)
			best = e;
	}
	return best;
}

/* The node's shield goes with the entries of `o'. */
static bool
goes_with(const struct site *site, const struct ir_origin *o)
{
	return site->shield != NULL && site->shield->origin == o && !site->shared;
}

/*
 * What the node decides without the entries of `o', all that is above it being
 * as it was; *why is what decides then.
 */
static enum access
self_without(const struct site *site, const struct ir_origin *o, struct why *why)
{
	const struct region *r = site->region, *up = r->parent;
	const struct bound_entry *w = winner_without(site, o);
	if (w != NULL) {
		*why = (struct why){ w->source == BOUND_PLATFORM ? WHY_PLATFORM : WHY_ENTRY,
		    w->origin, w->spelt };
		/* Below the policy file in use nothing is writable, whatever is written. */
		bool frozen = r->why.kind == WHY_POLICY && w->access == ACCESS_WRITE;
		return frozen ? ACCESS_READ : w->access;
	}
	*why = up != NULL ? up->why : (struct why){ WHY_NOTHING, NULL, NULL };
	enum access self = up != NULL ? up->below : ACCESS_DENY;
	const struct bound_shield *sh = site->shield;
	if (self != ACCESS_WRITE)
		return self;
	if (r->why.kind == WHY_POLICY) {
		*why = r->why;
		return ACCESS_READ;
	}
	if (sh == NULL || goes_with(site, o))
		return self;
	*why = (struct why){ sh->kind == SHIELD_NAME ? WHY_NAME : WHY_GITDIR, sh->origin,
	    sh->name };
	return ACCESS_READ;
}

static bool
is_globbed(const struct search *s, const char *path)
{
	return s->b->patterns.len > 0 && decide_fs(s->d, path).why.kind == WHY_PATTERN;
}

/* One of its own paths. */
static enum entry_use
use_at(const struct search *s, const struct bound_entry *e, struct why *why)
{
	const struct site *site = site_of(s, node_of(s, e->path));
	const struct region *r = site->region;
	if (self_without(site, e->origin, why) != r->self)
		return is_globbed(s, e->path) ? USE_UNCLEAR : USE_DECIDES;
	if (!r->pinned || winner_without(site, e->origin) != NULL || site->pin || site->less ||
	    r->parent == NULL || r->parent->self != ACCESS_WRITE)
		return USE_IDLE;
	/* The pin alone would go, and of a path that is denied anyway there is none. */
	return is_globbed(s, e->path) ? USE_IDLE : USE_DECIDES;
}

/* The protected names that it brings. */
static enum entry_use
use_of_shields(const struct search *s, const struct ir_origin *o, size_t first, size_t end)
{
	enum entry_use use = USE_IDLE;
	for (size_t i = first; i < end && use != USE_DECIDES; i++) {
		const struct bound_shield *sh = &s->b->shields.v[i];
		struct why why;
		const struct site *site = site_of(s, node_of(s, sh->path));
		if (sh->kind == SHIELD_POLICY || !goes_with(site, o))
			continue;
		if (self_without(site, o, &why) != site->region->self)
			use = is_globbed(s, sh->path) ? USE_UNCLEAR : USE_DECIDES;
	}
	return use;
}

/* Spec 2.2: whether the policy is free changes what is pinned and shielded everywhere. */
static bool
is_free_without(const struct search *s, size_t at)
{
	size_t mine = 0;
	const struct ir_origin *o = &s->b->ir->entries.v[at].origin;
	for (const struct bound_entry **e = s->of[at]; *e != NULL; e++)
		mine += (*e)->access != ACCESS_WRITE;
	const struct bound_entry *root = winner_without(site_of(s, s->d->root), o);
	return s->b->patterns.len == 0 && s->restrictions == mine && root != NULL &&
	    root->access == ACCESS_WRITE;
}

static bool
is_shadowed(const struct search *s, size_t at, const struct bound_entry **winner)
{
	for (const struct bound_entry **e = s->of[at]; *e != NULL; e++) {
		const struct bound_entry *w =
		    winner_without(site_of(s, node_of(s, (*e)->path)), NULL);
		if (w->origin == (*e)->origin)
			return false;
		if (*winner == NULL)
			*winner = w;
	}
	return true;
}

struct range { size_t first, end; };

static struct entry_verdict
judge(const struct search *s, size_t at, struct range shields)
{
	const struct bound_entry *const *e = s->of[at];
	struct entry_verdict v = { .use = USE_UNBOUND, .entry = e[0] };
	if (e[0] == NULL)
		return v;
	if (is_shadowed(s, at, &v.winner)) {
		v.use = USE_SHADOWED;
		return v;
	}
	v.use = USE_IDLE;
	bool freed = is_free_without(s, at);
	if (s->d->free || freed) {
		const struct site *site = site_of(s, node_of(s, e[0]->path));
		self_without(site, e[0]->origin, &v.instead);
		v.use = s->d->free && freed ? USE_IDLE : USE_DECIDES;
		return v;
	}
	for (; *e != NULL && v.use != USE_DECIDES; e++) {
		struct why why;
		enum entry_use use = use_at(s, *e, &why);
		if (use != USE_IDLE)
			v.use = use;
		if (*e == s->of[at][0])
			v.instead = why;
	}
	if (v.use == USE_DECIDES)
		return v;
	enum entry_use use = use_of_shields(s, s->of[at][0]->origin, shields.first, shields.end);
	if (use != USE_IDLE)
		v.use = use;
	if (v.use == USE_IDLE && s->enables[at])
		v.use = USE_UNCLEAR;
	return v;
}

/* The shields of one entry are a run, or two where some of its places are shared. */
static struct range *
shield_ranges(const struct search *s)
{
	size_t n = s->b->ir->entries.len;
	struct range *v = arena_array(s->a, n + 1, sizeof(*v));
	for (size_t i = 0; i < s->b->shields.len; i++) {
		struct range *r = &v[index_of(s, s->b->shields.v[i].origin)];
		if (r->end == 0)
			r->first = i;
		r->end = i + 1;
	}
	return v;
}

struct entry_verdict *
idle_entries(struct arena *a, const struct decide_fs *d)
{
	struct search s = { .a = a, .d = d, .b = d->bound, .sites = strmap_new(a) };
	size_t n = s.b->ir->entries.len;
	add_sites(&s, d->root);
	add_pins(&s);
	add_entries(&s);
	add_enablers(&s);
	const struct range *shields = shield_ranges(&s);
	struct entry_verdict *v = arena_array(a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = judge(&s, i, shields[i]);
	return v;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* decide_fs.c - the decision structure for paths: building it, asking it */
#include <config.h>

#include "decide_fs.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "path.h"
#include "path_sort.h"
#include "sbuf.h"

/* What is written at a path, before it is worked out what follows from it. */
struct mark {
	const struct bound_entry *entry;	/* the one that wins among those on this path */
	bool		 write_entry;		/* some entry here is write, the winner or not */
	const struct bound_shield *shield;	/* protected name or gitdir */
	const struct bound_shield *policy_file;
	bool		 pin;			/* a pattern's literal part, partial match or match is here or below */
	const struct pattern_here *patterns;	/* those whose literal part this is */
};

struct pattern_here {
	const struct bound_pattern *pattern;
	const struct pattern_here *next;
};

/* Something to enter into the tree, one of both; in the order of paths, so that it is built by appending. */
struct todo {
	const char	*path;
	size_t		 exact;		/* bound_exact(): leading components */
	const struct bound_entry *entry;
	const struct bound_shield *shield;
};

/* Entries first, then shields. */
static const char *
todo_path(const void *arg, size_t i)
{
	const struct bound_policy *b = arg;
	return i < b->entries.len ? b->entries.v[i].path : b->shields.v[i - b->entries.len].path;
}

static struct todo
todo_at(const struct bound_policy *b, size_t i, size_t *near)
{
	const char *path = todo_path(b, i);
	bool entry = i < b->entries.len;
	return (struct todo){
		.path = path,
		.exact = b->target == TARGET_LINUX || b->generic ? LIMIT_PATH_DEPTH :
		    bound_exact_near(b, path, near),
		.entry = entry ? &b->entries.v[i] : NULL,
		.shield = entry ? NULL : &b->shields.v[i - b->entries.len],
	};
}

static struct mark *
mark_of(struct arena *a, struct region *r)
{
	if (r->mark == NULL)
		r->mark = arena_alloc(a, sizeof(struct mark));
	return r->mark;
}

/* Spec 1.3: deny beats write beats read; a platform root loses to whatever is written. */
static bool
entry_beats(const struct bound_entry *x, const struct bound_entry *y)
{
	static const int rank[] = {
		[ACCESS_READ] = 0, [ACCESS_WRITE] = 1, [ACCESS_DENY] = 2,
	};
	if (x->source != y->source)
		return x->source == BOUND_WRITTEN;
	return rank[x->access] > rank[y->access];
}

/*
 * The node of a path: from the component on that names are compared without
 * regard to case, one that every spelling reaches.
 */
static struct region *
place_node(struct arena *a, struct region *root, const char *path, size_t exact)
{
	struct region_trail none = { .path = NULL };

	return region_follow(a, &none, root, path, exact);
}

/* The node that speaks for a path that exists, made where there is none. */
static struct region *
found_node(struct arena *a, struct region *root, const char *path)
{
	struct region *r = root;
	struct slice c;

	while (path_next(&path, &c)) {
		struct region *n = region_step(r, c.p, c.len);
		r = n != NULL ? n : region_make_child(a, r, c.p, c.len);
	}
	return r;
}

static bool
spells_shield(const struct bound_policy *b, const struct todo *t)
{
	return t->shield != NULL && t->shield->kind == SHIELD_NAME && b->target != TARGET_LINUX;
}

/*
 * A protected name is matched in every spelling (spec 2.2); one that exists
 * may have a node of its own, for what is written below it.
 */
static void
enter_shield_name(struct arena *a, struct region *root, struct region_trail *trail,
    const struct bound_shield *s, size_t exact)
{
	size_t above = path_depth(s->path) - 1;
	struct region *all = region_follow(a, trail, root, s->path, exact < above ? exact : above);
	struct region *up = all->parent;
	struct mark *m = mark_of(a, all);

	if (m->shield == NULL)
		m->shield = s;
	for (size_t i = 0; i < up->nchild; i++) {
		if (region_folded(up, up->child[i]->name, up->child[i]->len) != all)
			continue;
		m = mark_of(a, up->child[i]);
		if (m->shield == NULL)
			m->shield = s;
	}
}

static void
enter(struct arena *a, struct region *root, struct region_trail *trail, const struct todo *t)
{
	struct mark *m = mark_of(a, region_follow(a, trail, root, t->path, t->exact));
	if (t->entry != NULL) {
		if (m->entry == NULL || entry_beats(t->entry, m->entry))
			m->entry = t->entry;
		if (t->entry->access == ACCESS_WRITE)
			m->write_entry = true;
	}
	if (t->shield == NULL)
		return;
	if (t->shield->kind == SHIELD_POLICY)
		m->policy_file = t->shield;
	else if (m->shield == NULL)
		m->shield = t->shield;
}

/* A pin holds for the node and, as a rename moves what is below, for every ancestor. */
static void
pin_up(struct arena *a, struct region *r)
{
	for (; r != NULL; r = r->parent) {
		struct mark *m = mark_of(a, r);
		if (m->pin)
			return;
		m->pin = true;
	}
}

static void
enter_patterns(struct arena *a, struct region *root, const struct bound_policy *b)
{
	for (size_t i = b->patterns.len; i-- > 0;) {
		const struct bound_pattern *p = &b->patterns.v[i];
		struct region *literal = place_node(a, root, p->literal,
		    bound_exact(b, p->literal));
		pin_up(a, literal);
		struct mark *m = mark_of(a, literal);
		struct pattern_here *here = arena_alloc(a, sizeof(*here));
		*here = (struct pattern_here){ p, m->patterns };
		m->patterns = here;
		for (size_t j = 0; j < p->matches.len; j++)
			pin_up(a, found_node(a, root, p->matches.v[j])->parent);
	}
	/* A partial match pins itself alone, so it comes after all that goes up. */
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		for (size_t j = 0; j < p->partial.len; j++)
			mark_of(a, found_node(a, root, p->partial.v[j]))->pin = true;
	}
}

struct state {
	enum access	 access;
	struct why	 why;
	const struct bound_entry *entry;
	const struct bound_shield *shield;
	const struct bound_shield *policy_file;
};

static struct why
shield_why(const struct bound_shield *s)
{
	static const enum why_kind kind[] = {
		[SHIELD_NAME] = WHY_NAME, [SHIELD_GITDIR] = WHY_GITDIR,
		[SHIELD_POLICY] = WHY_POLICY,
	};
	return (struct why){ kind[s->kind], s->origin, s->name };
}

/* What the marks of one node make of the state that its parent hands down. */
static void
state_step(struct state *st, const struct mark *m)
{
	if (m->entry != NULL) {
		st->entry = m->entry;
		st->access = m->entry->access;
		st->why = (struct why){
			m->entry->source == BOUND_PLATFORM ? WHY_PLATFORM : WHY_ENTRY,
			m->entry->origin, m->entry->spelt,
		};
	}
	if (m->shield != NULL)
		st->shield = m->shield;
	if (m->write_entry)
		st->shield = NULL;
	if (m->policy_file != NULL)
		st->policy_file = m->policy_file;
}

/*
 * Work out access and pins, depth first.  Returns whether some path at or
 * below the node is not writable.  `st' is the parent's, by value: depth is
 * bounded by LIMIT_PATH_DEPTH.
 */
static bool
evaluate(struct region *r, struct state st, bool is_free)
{
	const struct mark *m = r->mark;
	if (m != NULL)
		state_step(&st, m);
	const struct bound_shield *s = st.policy_file != NULL ? st.policy_file : st.shield;
	r->self = st.access;
	r->why = st.why;
	if (st.access == ACCESS_WRITE && s != NULL) {
		r->self = ACCESS_READ;
		r->why = shield_why(s);
	}
	r->below = r->self;

	bool less = false;
	for (size_t i = 0; i < r->nchild; i++)
		less |= evaluate(r->child[i], st, is_free);
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		less |= evaluate(r->folded->child[i], st, is_free);

	if (r->self == ACCESS_WRITE && !is_free)
		r->pinned = r->parent == NULL || r->parent->self != ACCESS_WRITE ||
		    less || (m != NULL && (m->entry != NULL || m->pin));
	return less || r->self != ACCESS_WRITE;
}

static int
link_cmp(const void *a, const void *b)
{
	return strcmp(((const struct bound_link *)a)->path, ((const struct bound_link *)b)->path);
}

/* For bsearch() on the whole path. */
static void
enter_links(struct arena *a, struct decide_fs *d)
{
	size_t n = d->bound->links.len;
	if (n == 0)
		return;
	struct bound_link *v = arena_array(a, n, sizeof(*v));
	memcpy(v, d->bound->links.v, n * sizeof(*v));
	qsort(v, n, sizeof(*v), link_cmp);
	d->links = v;
	d->nlinks = n;
}

/*
 * Which nodes have something readable below.  A path is readable where its
 * nearest node is and no pattern covers it, so the nodes are all there is to
 * look at; and of a node that is readable nobody asks.
 */
static bool
find_openings(const struct decide_fs *d, struct region *r, struct sbuf *at)
{
	size_t nfolded = r->folded != NULL ? r->folded->nchild : 0;

	for (size_t i = 0; i < r->nchild + nfolded; i++) {
		struct region *c = i < r->nchild ? r->child[i] : r->folded->child[i - r->nchild];
		size_t before = path_push(at, c->name, c->len);
		bool below = find_openings(d, c, at);
		if (r->self == ACCESS_DENY && !r->opens)
			r->opens = below || (c->self != ACCESS_DENY &&
			    (d->bound->patterns.len == 0 || decide_fs(d, sbuf_str(at)).readable));
		path_pop(at, before);
	}
	return r->opens;
}

struct decide_fs *
decide_fs_build(struct arena *a, const struct bound_policy *b)
{
	struct decide_fs *d = arena_alloc(a, sizeof(*d));
	d->bound = b;
	d->free = bound_is_free(b);
	d->root = region_root(a);

	size_t n = b->entries.len + b->shields.len;
	const uint32_t *order = path_sort(a, n, todo_path, b);
	struct region_trail trail = { .path = NULL };
	struct { struct todo *v; size_t len, cap; } names = { NULL, 0, 0 };
	for (size_t i = 0, near = 0; i < n; i++) {
		const struct todo t = todo_at(b, order[i], &near);
		if (spells_shield(b, &t))
			VEC_PUSH(a, &names, t);
		else
			enter(a, d->root, &trail, &t);
	}
	/* After all nodes that have an exact name. */
	for (size_t i = 0; i < names.len; i++)
		enter_shield_name(a, d->root, &trail, names.v[i].shield, names.v[i].exact);
	enter_patterns(a, d->root, b);
	enter_links(a, d);

	evaluate(d->root, (struct state){ .access = ACCESS_DENY }, d->free);
	struct sbuf at = SBUF_INIT;
	sbuf_addc(&at, '/');
	find_openings(d, d->root, &at);
	sbuf_free(&at);
	return d;
}

/* Where a path leads in the tree. */
struct spot {
	const struct region *region;	/* the deepest node at or above it */
	bool		 exact;		/* at it */
	const struct bound_pattern *pattern;	/* the first that covers it, or NULL */
};

/*
 * Patterns are asked where their literal part ends, about what follows: the
 * part before is taken by having come here.
 */
static struct spot
spot_find(const struct decide_fs *d, const char *path)
{
	struct spot at = { d->root, true, NULL };
	struct slice c;
	for (size_t depth = 0;; depth++) {
		const struct mark *m = at.region->mark;
		const struct pattern_here *h = m != NULL ? m->patterns : NULL;
		for (; h != NULL; h = h->next)
			if (pattern_covers(h->pattern->pattern, depth, path)) {
				at.pattern = h->pattern;
				return at;
			}
		if (!path_next(&path, &c))
			return at;
		const struct region *next = region_step(at.region, c.p, c.len);
		if (next == NULL) {
			at.exact = false;
			return at;
		}
		at.region = next;
	}
}

struct why
link_why(const struct bound_link *l)
{
	return (struct why){ l->platform ? WHY_PLATFORM : WHY_ENTRY, l->origin, l->path };
}

static const struct bound_link *
link_at(const struct decide_fs *d, const char *path)
{
	const struct bound_link key = { .path = path };
	return d->nlinks == 0 ? NULL :
	    bsearch(&key, d->links, d->nlinks, sizeof(key), link_cmp);
}

/* A link on the way to what is granted is readable itself, whatever is around it (spec 2.2). */
static void
allow_links(const struct decide_fs *d, const char *path, struct fs_verdict *v)
{
	const struct bound_link *l = link_at(d, path);
	if (l != NULL) {
		v->readable = v->traversable = true;
		v->why = link_why(l);
	}
	for (size_t i = 0; i < d->nlinks && !v->traversable; i++)
		v->traversable = path_below(d->links[i].path, path) &&
		    spot_find(d, d->links[i].path).pattern == NULL;
}

struct fs_verdict
decide_fs(const struct decide_fs *d, const char *path)
{
	const struct spot at = spot_find(d, path);
	if (at.pattern != NULL)
		return (struct fs_verdict){ .why = { WHY_PATTERN, at.pattern->origin,
		    at.pattern->pattern->text } };
	const struct region *r = at.region;
	enum access acc = at.exact ? r->self : r->below;
	struct fs_verdict v = {
		.readable = acc != ACCESS_DENY,
		.writable = acc == ACCESS_WRITE,
		.pinned = at.exact && r->pinned,
		.traversable = acc != ACCESS_DENY || (at.exact && r->opens),
		.why = r->why,
	};
	if (!v.readable && d->nlinks > 0)
		allow_links(d, path, &v);
	return v;
}

struct fs_rules
decide_fs_rules(const struct decide_fs *d, const char *path)
{
	const struct region *r = d->root;
	struct state st = { .access = ACCESS_DENY };
	const char *rest = path;
	struct slice c;
	while (r != NULL) {
		if (r->mark != NULL)
			state_step(&st, r->mark);
		r = path_next(&rest, &c) ? region_step(r, c.p, c.len) : NULL;
	}
	struct fs_rules rules = { spot_find(d, path).pattern, st.entry,
	    st.policy_file != NULL ? st.policy_file : st.shield, NULL };
	if (rules.pattern == NULL && (st.entry == NULL || st.entry->access == ACCESS_DENY))
		rules.link = link_at(d, path);
	return rules;
}

const char *
why_text(struct arena *a, const struct bound_policy *b, const struct why *w)
{
	const char *text = w->origin != NULL ? w->origin->text : "";
	(void)b;
	switch (w->kind) {
	case WHY_NOTHING:
		return "no entry grants it";
	case WHY_ENTRY:
		return arena_printf(a, "entry \"%s\"", text);
	case WHY_PLATFORM:
		return arena_printf(a, "\"%s\" (platform root %s)", text,
		    w->detail != NULL ? w->detail : "");
	case WHY_NAME:
		return arena_printf(a, "\"%s\" is protected below \"%s\"",
		    w->detail != NULL ? w->detail : "", text);
	case WHY_GITDIR:
		return arena_printf(a, "protected: \"%s\" of \"%s\" points to it",
		    w->detail != NULL ? w->detail : ".git", text);
	case WHY_POLICY:
		return "the policy file in use is protected";
	case WHY_PATTERN:
		return arena_printf(a, "pattern \"%s\" denies it", text);
	case WHY_BASE:
		return "part of every sandbox";
	case WHY_ABSENT:
		return "it does not exist and cannot be created";
	case WHY_ARTIFACT:
		return arena_printf(a, "argument %s",
		    w->detail != NULL ? w->detail : "");
	}
	return "";
}

const char *
why_place(struct arena *a, const struct bound_policy *b, const struct why *w)
{
	if (w->origin == NULL || w->origin->span.line == 0 ||
	    w->origin->span.source >= b->ir->sources.len)
		return "";
	return arena_printf(a, "%s:%u", b->ir->sources.v[w->origin->span.source].name,
	    w->origin->span.line);
}

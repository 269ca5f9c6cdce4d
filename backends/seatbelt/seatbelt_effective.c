/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_effective.c - the bound policy as Seatbelt enforces it: named rewritings */
#include <config.h>

#include "seatbelt_effective.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "path.h"
#include "pattern_tree.h"
#include "seatbelt_net.h"
#include "seatbelt_spelling.h"

enum {
	/* Patterns times writable roots; each becomes a regular expression. */
	MAX_PATTERNS = 16384,
};

static const char data_volume[] = "/System/Volumes/Data";

struct paths { const char **v; size_t len, cap; };

/* What seatbelt_spellings() said of a name. */
struct memo {
	const char	*name;
	size_t		 len;
	struct spellings spellings;
	int		 rc;
};

struct build {
	struct arena	*a;
	const struct decide_fs *d;
	struct seatbelt_effective *e;
	struct artifact	*out;
	const struct region *data;	/* the volume's node in the decision's tree, or NULL */
	size_t		 near;		/* among the facts */
	struct { struct memo *v; size_t len, cap; } memo;	/* one for each protected name met */
};

static int
refuse(struct build *w, const struct ir_origin *origin, const char *witness, const char *reason)
{
	w->out->refused = true;
	w->out->refusal = (struct refusal){ reason, witness, origin };
	return -1;
}

static void
deviate(struct build *w, const char *name, const char *path, const char *detail,
    const struct ir_origin *origin)
{
	for (size_t i = 0; i < w->out->deviations.len; i++)
		if (strcmp(w->out->deviations.v[i].name, name) == 0 &&
		    w->out->deviations.v[i].origin == origin)
			return;
	struct deviation d = { name, DEVIATION_NARROWER, path, detail, origin };
	VEC_PUSH(w->a, &w->out->deviations, d);
}

static struct region *
inherit(struct region *r)
{
	r->self = r->below = r->parent->below;
	r->why = r->parent->why;
	return r;
}

struct region *
seatbelt_node_at(struct arena *a, struct region *root, const char *path)
{
	struct region *r = root;
	struct slice c;
	while (path_next(&path, &c)) {
		struct region *n = region_child(r, c.p, c.len);
		r = n != NULL ? n : inherit(region_make_child(a, r, c.p, c.len));
	}
	return r;
}

/* ---- /System/Volumes/Data ---- */

/* What is written below the volume by its own name keeps what it says; its children do not. */
static void
mirror(struct build *w, struct region *to, const struct region *from, bool made)
{
	bool written = !made && to->why.kind == WHY_ENTRY &&
	    to->why.origin != to->parent->why.origin;
	enum access up = to->parent->self, own = to->self;

	if (!written && from->self < own)
		to->self = from->self;
	if (made && up < to->self)
		to->self = up;
	if (to->self != own)
		to->why = from->why;
	to->below = to->self;
	to->pinned = to->self == ACCESS_WRITE && (to->pinned || from->pinned);
	for (size_t i = 0; i < from->nchild; i++) {
		const struct region *c = from->child[i];
		if (c == w->data)
			continue;
		struct region *n = region_child(to, c->name, c->len);
		bool new = n == NULL;
		mirror(w, new ? inherit(region_make_child(w->a, to, c->name, c->len)) : n, c, new);
	}
	for (size_t i = 0; from->folded != NULL && i < from->folded->nchild; i++) {
		const struct region *c = from->folded->child[i];
		struct region *n = region_folded(to, c->name, c->len);
		bool new = n == NULL;
		mirror(w, new ? inherit(region_make_folded(w->a, to, c->name, c->len)) : n, c, new);
	}
}

static bool
denied_throughout(const struct region *r)
{
	if (r->self != ACCESS_DENY)
		return false;
	for (size_t i = 0; i < r->nchild; i++)
		if (!denied_throughout(r->child[i]))
			return false;
	return r->folded == NULL || denied_throughout(r->folded);
}

/*
 * The volume of a user's files is mounted there, and its places have this
 * name beside the usual, canonical one.  The more general grant (of "/", of
 * /System) would reach by it what is less than that.  No deviation: these are
 * the same files, and of a file it is its canonical path that decides.
 */
static void
apply_data_volume(struct build *w)
{
	const struct region *root = w->d->root;
	bool exact;
	w->data = region_find(root, data_volume, &exact);
	if (!exact)
		w->data = NULL;
	if (w->d->free && root->nchild == 0)
		return;
	struct region *r = seatbelt_node_at(w->a, w->e->own, data_volume);
	if (denied_throughout(r))
		return;
	struct region *up = r->parent;
	mirror(w, r, root, false);
	/* What is narrower below pins all that leads to it. */
	for (; up != NULL && r->pinned; up = up->parent)
		up->pinned = up->self == ACCESS_WRITE;
}

/* ---- letters that are no ASCII ---- */

/* It, or something below it, has less access than what it lies in. */
static bool
takes_away(const struct region *r)
{
	if (r->self < r->parent->below || r->below < r->parent->below)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (takes_away(r->child[i]))
			return true;
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		if (takes_away(r->folded->child[i]))
			return true;
	return false;
}

static bool
same_folded(const char *a, const char *b, size_t len)
{
	size_t i = 0;
	while (i < len && name_fold(a[i]) == name_fold(b[i]))
		i++;
	return i == len && a[i] == '\0';
}

static bool
was_found(struct build *w, const char *path)
{
	const struct fact *f = bound_fact_near(w->d->bound, path, &w->near);
	return f != NULL && f->kind != NODE_MISSING && !f->stub;
}

/* A name that was there in some spelling is found by every other one, and matched by its own. */
static bool
is_there(struct build *w, const struct region *all)
{
	const struct bound_policy *b = w->d->bound;
	const struct region *up = all->parent;

	if (b->generic)
		return true;
	for (size_t i = 0; i < up->nchild; i++)
		if (region_folded(up, up->child[i]->name, up->child[i]->len) == all)
			return true;
	const char *path = region_path(w->a, all);
	if (was_found(w, path))
		return true;
	/* These are few. */
	for (size_t i = 0; seatbelt_beyond_ascii(all->name, all->len) && i < b->shields.len; i++)
		if (same_folded(b->shields.v[i].path, path, strlen(path)) &&
		    was_found(w, b->shields.v[i].path))
			return true;
	return false;
}

static bool
is_protected(const struct build *w, const struct region *all)
{
	const struct ir_policy *ir = w->d->bound->ir;

	for (size_t i = 0; i < ir->protected.len; i++)
		if (same_folded(ir->protected.v[i].name, all->name, all->len))
			return true;
	return false;
}

/* Each writable place has the same few names, one behind the other. */
static int
spellings_of(struct build *w, const struct region *all, struct spellings *s)
{
	for (size_t i = 0; i < w->memo.len; i++) {
		const struct memo *m = &w->memo.v[i];
		if (m->len == all->len && memcmp(m->name, all->name, all->len) == 0) {
			*s = m->spellings;
			return m->rc;
		}
	}
	*s = (struct spellings){ NULL, 0, 0 };
	int rc = seatbelt_spellings(w->a, all->name, all->len, s);
	VEC_PUSH(w->a, &w->memo, ((struct memo){ all->name, all->len, *s, rc }));
	return rc;
}

/*
 * What holds for every spelling of a name holds for those with other letters
 * too; those of protected names are worth something to who can make them.
 */
static int
add_spellings(struct build *w, struct region *r, const struct region *all)
{
	struct spellings s;

	if (r->below != ACCESS_WRITE || all->self == ACCESS_WRITE || !is_protected(w, all))
		return 0;
	if (spellings_of(w, all, &s) != 0)
		return refuse(w, all->why.origin, NULL, arena_printf(w->a, "the protected name \"%.*s\" "
		    "does not exist, and a Mac has more than %d other spellings of it: make it in "
		    "%s first", (int)all->len, all->name, SEATBELT_SPELLINGS_MAX, region_path(w->a, r)));
	for (size_t i = 0; i < s.len; i++)
		mirror(w, inherit(region_make_folded(w->a, r, s.v[i], strlen(s.v[i]))), all, true);
	return 0;
}

static int
apply_letters(struct build *w, struct region *r)
{
	size_t n = r->folded != NULL ? r->folded->nchild : 0;
	struct region **v = arena_array(w->a, n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = r->folded->child[i];
	for (size_t i = 0; i < n; i++) {
		struct region *all = v[i];
		if (!takes_away(all) || is_there(w, all))
			continue;
		if (seatbelt_beyond_ascii(all->name, all->len))
			return refuse(w, all->why.origin, NULL, arena_printf(w->a, "%s does not exist, "
			    "and its name has letters beyond ASCII, which a Mac's file systems spell in "
			    "more ways than a rule can: make it first, or write the rule for a directory "
			    "above it", region_path(w->a, all)));
		if (apply_letters(w, all) != 0 || add_spellings(w, r, all) != 0)
			return -1;
	}
	for (size_t i = 0; i < r->nchild; i++)
		if (apply_letters(w, r->child[i]) != 0)
			return -1;
	return 0;
}

/* The parts of a pattern that are compared without regard to case. */
static int
check_pattern_letters(struct build *w, const struct bound_pattern *p)
{
	for (size_t i = 0; i < p->pattern->nsteps; i++) {
		const struct pattern_step *s = &p->pattern->step[i];
		if (s->kind == STEP_GLOB && seatbelt_beyond_ascii(s->text.p, s->text.len))
			return refuse(w, p->origin, NULL, "its pattern has letters beyond ASCII, which a "
			    "Mac's file systems spell in more ways than a rule can: write * in their place");
	}
	return 0;
}

/* ---- patterns ---- */

static void
add_pattern(struct build *w, const struct pattern *p, const struct ir_origin *o)
{
	VEC_PUSH(w->a, &w->e->patterns, p);
	struct why why = { WHY_PATTERN, o, p->text };
	VEC_PUSH(w->a, &w->e->pattern_why, why);
}

/* The pattern's steps from `from' on, below another place; -1 where the limits forbid it. */
static int
add_below(struct build *w, const struct bound_pattern *p, size_t from, const char *top)
{
	const char *why;
	/* Every Mac has the volume by that name, asked for or not. */
	size_t exact = strcmp(top, data_volume) == 0 ? SIZE_MAX : bound_exact(w->d->bound, top);
	struct pattern *base = pattern_parse_folded(w->a, top, "*", exact, &why);
	struct pattern *q = arena_alloc(w->a, sizeof(*q));
	if (base == NULL)
		return refuse(w, p->origin, NULL, arena_printf(w->a, "%s %s", top, why));
	size_t nbase = base->nsteps - 1, n = p->pattern->nsteps - from;
	if (w->e->patterns.len == MAX_PATTERNS)
		return refuse(w, p->origin, NULL, "its patterns, each in every writable root, are "
		    "more than 16384: write fewer patterns with **, or fewer writable places");
	*q = *p->pattern;
	q->step = arena_array(w->a, nbase + n, sizeof(*q->step));
	memcpy(q->step, base->step, nbase * sizeof(*q->step));
	memcpy(q->step + nbase, p->pattern->step + from, n * sizeof(*q->step));
	q->nsteps = nbase + n;
	q->nliteral = nbase;
	add_pattern(w, q, p->origin);
	return 0;
}

/* The outermost places that may be written. */
static void
writable_roots(struct build *w, const struct region *r, struct paths *tops)
{
	if (r->self == ACCESS_WRITE) {
		VEC_PUSH(w->a, tops, region_path(w->a, r));
		return;
	}
	for (size_t i = 0; i < r->nchild; i++)
		writable_roots(w, r->child[i], tops);
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		writable_roots(w, r->folded->child[i], tops);
}

/*
 * The directories between a "**" and what follows it are not pinned, so that
 * a match could be moved to where the pattern does not reach: it reaches there
 * too.
 */
static int
spread(struct build *w, const struct bound_pattern *p, const struct paths *tops)
{
	const struct pattern *g = p->pattern;

	for (size_t i = g->nliteral; i < g->nsteps; i++) {
		if (g->step[i].kind != STEP_ANY)
			continue;
		for (size_t k = 0; k < tops->len; k++) {
			if (i == g->nliteral && path_within(tops->v[k], p->literal))
				continue;
			if (add_below(w, p, i, tops->v[k]) != 0)
				return -1;
			deviate(w, "pattern-everywhere", tops->v[k], "what follows ** is denied in "
			    "every writable root, so that moving does not free a match", p->origin);
		}
	}
	return 0;
}

static int
apply_patterns(struct build *w)
{
	const struct bound_policy *b = w->d->bound;
	struct paths tops = { NULL, 0, 0 };

	for (size_t i = 0; i < b->patterns.len; i++) {
		if (check_pattern_letters(w, &b->patterns.v[i]) != 0)
			return -1;
		add_pattern(w, b->patterns.v[i].pattern, b->patterns.v[i].origin);
	}
	if (b->patterns.len > 0)
		writable_roots(w, w->d->root, &tops);
	for (size_t i = 0; i < b->patterns.len; i++)
		if (spread(w, &b->patterns.v[i], &tops) != 0)
			return -1;
	bool exact;
	const struct region *data = region_find(w->e->own, data_volume, &exact);
	if (denied_throughout(data))
		return 0;
	for (size_t i = 0; i < b->patterns.len; i++)
		if (!path_within(b->patterns.v[i].literal, data_volume) &&
		    add_below(w, &b->patterns.v[i], 0, data_volume) != 0)
			return -1;
	return 0;
}

static const struct why *
globbed(const struct build *w, const char *path)
{
	ptrdiff_t i = pattern_tree_find(w->e->by_place, path);
	return i >= 0 ? &w->e->pattern_why.v[i] : NULL;
}

/* What a pattern takes whole grants nothing: no way need lead there.  The meaning stays. */
static void
prune(struct build *w, struct region *r, struct sbuf *at, const struct pattern_spot *spot)
{
	ptrdiff_t by = pattern_spot_find(spot, sbuf_str(at), r->name, r->len);
	size_t nfolded = r->folded != NULL ? r->folded->nchild : 0;

	if (by >= 0) {
		region_clear(r);
		r->self = r->below = ACCESS_DENY;
		r->pinned = false;
		r->why = w->e->pattern_why.v[by];
		return;
	}
	for (size_t i = 0; i < r->nchild + nfolded; i++) {
		struct region *c = i < r->nchild ? r->child[i] : r->folded->child[i - r->nchild];
		const struct pattern_spot below = pattern_spot_below(spot, c->name, c->len);
		size_t before = path_push(at, c->name, c->len);
		prune(w, c, at, &below);
		path_pop(at, before);
	}
}

/* ---- what every sandbox has ---- */

/* base.sb has the rules; an entry or a pattern that says otherwise cannot be obeyed. */
static int
apply_base(struct build *w)
{
	size_t n;
	const struct base_place *v = base_places(TARGET_MACOS, &n);

	for (size_t i = 0; i < n; i++) {
		const struct fs_verdict is = decide_sandbox(w->d, v[i].path);
		enum access access = v[i].writable ? ACCESS_WRITE : ACCESS_READ;
		const struct why *why = globbed(w, v[i].path);
		if (why != NULL || !is.readable || (v[i].writable && !is.writable))
			return refuse(w, why != NULL ? why->origin : is.why.origin, arena_printf(w->a, "%s %s",
			    v[i].writable ? "write" : "read", v[i].path), "the standard devices "
			    "belong to every sandbox: leave them and /dev out of what is less "
			    "than \"write\"");
		struct region *r = seatbelt_node_at(w->a, w->e->whole, v[i].path);
		if (r->self >= access && (!v[i].below || r->below >= access))
			continue;
		r->self = access;
		if (v[i].below)
			r->below = access;
		r->pinned = access == ACCESS_WRITE;
		r->why = (struct why){ WHY_BASE, NULL, NULL };
	}
	return 0;
}

/* A link that leads to a grant can be read, and nothing is below it. */
static void
apply_links(struct build *w)
{
	for (size_t i = 0; i < w->d->bound->links.len; i++) {
		const struct bound_link *l = &w->d->bound->links.v[i];
		if (globbed(w, l->path) != NULL)
			continue;
		struct region *r = seatbelt_node_at(w->a, w->e->whole, l->path);
		if (r->self == ACCESS_DENY) {
			r->self = ACCESS_READ;
			r->why = link_why(l);
		}
	}
}

int
seatbelt_effective_build(struct arena *a, const struct decide_fs *d,
    struct seatbelt_effective *e, struct artifact *out)
{
	struct build w = { .a = a, .d = d, .e = e, .out = out };

	*e = (struct seatbelt_effective){ .own = region_root(a), .whole = region_root(a) };
	region_copy(a, e->own, d->root);
	apply_data_volume(&w);
	if (apply_letters(&w, e->own) != 0 || apply_patterns(&w) != 0)
		return -1;
	e->by_place = pattern_tree_new(a, e->patterns.v, e->patterns.len);
	if (e->patterns.len > 0) {
		struct sbuf at = SBUF_INIT;
		sbuf_addc(&at, '/');
		const struct pattern_spot top = pattern_spot_root(e->by_place);
		prune(&w, e->own, &at, &top);
		sbuf_free(&at);
	}
	region_copy(a, e->whole, e->own);
	apply_links(&w);
	if (apply_base(&w) != 0)
		return -1;
	e->net = seatbelt_net_build(a, d->bound, out);
	return e->net != NULL ? 0 : -1;
}

struct compare_side
seatbelt_effective_side(const struct seatbelt_effective *e)
{
	return (struct compare_side){ e->whole, e->patterns.v, e->pattern_why.v, e->patterns.len };
}

bool
seatbelt_exists(const struct bound_policy *bound, const char *path, size_t *near)
{
	const struct fact *f = bound_fact_near(bound, path, near);

	if (path_within(data_volume, path))
		return true;
	if (f == NULL && path_below(path, data_volume))
		f = bound_fact(bound, path + sizeof(data_volume) - 1);
	return f != NULL && f->kind != NODE_MISSING && !f->stub;
}

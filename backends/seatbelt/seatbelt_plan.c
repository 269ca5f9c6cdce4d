/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_plan.c - effective policy to rules: anchors, places, pins, ancestors */
#include <config.h>

#include "seatbelt_plan.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "seatbelt_regex.h"

/*
 * What reading needs and what it must not leave open; and, for writing, what
 * a place may have done to it where it is (pinned), and all that there is.
 */
#define READ_OPERATIONS \
	"file-read* file-test-existence file-map-executable file-clone process-exec*"
#define CHANGE_OPERATIONS \
	"file-write-data file-write-mode file-write-owner file-write-flags file-write-times " \
	"file-write-xattr file-write-acl file-write-setugid"

/* ---- filters ---- */

struct filter *
filter_new(struct arena *a, enum filter_kind kind, const char *text)
{
	struct filter *f = arena_alloc(a, sizeof(*f));
	f->kind = kind;
	f->text = text;
	return f;
}

struct filter *
filter_add(struct arena *a, struct filter *list, struct filter *f)
{
	VEC_PUSH(a, &list->of, f);
	return list;
}

struct filter *
filter_any(struct filter *list)
{
	if (list->of.len == 0)
		return NULL;
	return list->of.len == 1 ? list->of.v[0] : list;
}

void
plan_rule(struct arena *a, struct seatbelt_plan *p, const char *comment,
    const char *operations, const struct filter *f)
{
	struct seatbelt_rule r = { comment, operations, f };
	VEC_PUSH(a, &p->rules, r);
}

/* ---- groups of regular expressions ---- */

/*
 * Filters in the making: paths, and regular expressions each with the places
 * that it holds below.  Places of one depth share one, as nothing of their
 * path is in it.
 */
struct group {
	struct arena	*a;
	struct filter	*list;		/* FILTER_ANY */
	const struct region **too_long;	/* set to a place whose spellings fit into no expression */
	struct strmap	*by_regex;	/* text -> the FILTER_ANY of its places */
};

static struct group
group_new(struct arena *a, const struct region **too_long)
{
	return (struct group){ a, filter_new(a, FILTER_ANY, NULL), too_long, strmap_new(a) };
}

static void
group_path(struct group *g, enum filter_kind kind, const char *path)
{
	filter_add(g->a, g->list, filter_new(g->a, kind, path));
}

static void
group_regex(struct group *g, const char *base, const char *text)
{
	size_t len = strlen(text);
	struct filter *bases = strmap_get(g->by_regex, text, len);

	if (bases == NULL) {
		struct filter *all = filter_new(g->a, FILTER_ALL, NULL);
		bases = filter_new(g->a, FILTER_ANY, NULL);
		strmap_put(g->by_regex, text, len, bases);
		filter_add(g->a, all, bases);
		filter_add(g->a, all, filter_new(g->a, FILTER_REGEX, text));
		filter_add(g->a, g->list, all);
	}
	/* Places come in order; the same one may come again. */
	if (bases->of.len == 0 || strcmp(bases->of.v[bases->of.len - 1]->text, base) != 0)
		filter_add(g->a, bases, filter_new(g->a, FILTER_SUBPATH, base));
}

static bool
is_folded(const struct region *r)
{
	return r->parent != NULL && r->parent->folded != NULL &&
	    region_child(r->parent->folded, r->name, r->len) == r;
}

/* The deepest place at or above the node whose path holds no folded name. */
static const struct region *
exact_part(const struct region *r)
{
	const struct region *exact = r;
	for (; r->parent != NULL; r = r->parent)
		if (is_folded(r))
			exact = r->parent;
	return exact;
}

static void
add_spellings(struct sbuf *out, const struct region *r, const struct region *top)
{
	if (r == top)
		return;
	add_spellings(out, r->parent, top);
	sbuf_addc(out, '/');
	regex_name(out, r->name, r->len, true);
}

static const char *
take(struct arena *a, struct sbuf *b)
{
	const char *s = arena_strdup(a, sbuf_str(b));
	sbuf_free(b);
	return s;
}

/* The regular expression of what lies at, or at and below, nodes with one exact part. */
static const char *
spelling_regex(struct arena *a, const struct region *const *v, size_t n, bool below)
{
	struct sbuf b = SBUF_INIT;
	const struct region *top = exact_part(v[0]);
	regex_depth(&b, path_depth(region_path(a, top)));
	if (n > 1)
		sbuf_addc(&b, '(');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sbuf_addc(&b, '|');
		add_spellings(&b, v[i], top);
	}
	if (n > 1)
		sbuf_addc(&b, ')');
	sbuf_puts(&b, below ? "(/|$)" : "$");
	return take(a, &b);
}

struct regions { const struct region **v; size_t len, cap; };

/* Folded nodes go together as far as they share their exact part and fit into one expression. */
static void
group_regions(struct group *g, const struct regions *v, bool below)
{
	for (size_t i = 0; i < v->len;) {
		const struct region *top = exact_part(v->v[i]);
		size_t n = 1;
		if (top == v->v[i]) {
			group_path(g, below ? FILTER_SUBPATH : FILTER_LITERAL,
			    region_path(g->a, top));
			i++;
			continue;
		}
		const char *text = spelling_regex(g->a, v->v + i, 1, below);
		if (strlen(text) > SEATBELT_REGEX_MAX)
			*g->too_long = v->v[i];
		while (i + n < v->len && exact_part(v->v[i + n]) == top) {
			const char *more = spelling_regex(g->a, v->v + i, n + 1, below);
			if (strlen(more) > SEATBELT_REGEX_MAX)
				break;
			text = more;
			n++;
		}
		group_regex(g, region_path(g->a, top), text);
		i += n;
	}
}

static struct filter *
region_filter(struct arena *a, const struct region *r, bool below, const struct region **too_long)
{
	struct group g = group_new(a, too_long);
	struct regions one = { &r, 1, 1 };
	group_regions(&g, &one, below);
	return filter_any(g.list);
}

/* ---- zones ---- */

/* A place and all below it that one rule covers, but for what is taken out. */
struct zone {
	const struct region *top;
	struct regions	 out;
	size_t		 nread, ndeny;	/* among them */
	bool		 listed;	/* a filter of its own is made of it */
	bool		 alike;		/* with others of its depth in one filter; its top is left out there */
};

struct zones { struct zone **v; size_t len, cap; };

struct planner {
	struct arena	*a;
	const struct bound_policy *b;
	const struct seatbelt_effective *e;
	struct seatbelt_plan *plan;
	struct artifact	*out;
	struct zones	 write;		/* all that may be written */
	struct zones	 read;		/* all that may be read, as far as `write' does not say so */
	struct regions	 kept;		/* pinned, and there when the command starts */
	struct regions	 unborn;	/* pinned, and not there yet */
	struct filter	*denied;	/* what the patterns match, or NULL */
	const struct region *too_long;
};

static bool
exists(const struct planner *p, const struct region *r)
{
	return exact_part(r) == r && seatbelt_exists(p->b, region_path(p->a, r));
}

/* Its zone leaves out every spelling of the name, and so this one too. */
static bool
left_out_by_spelling(const struct region *r, bool (*takes)(const struct region *))
{
	if (r->parent == NULL || r->parent->folded == NULL || is_folded(r))
		return false;
	const struct region *all = region_folded(r->parent, r->name, r->len);
	return all != NULL && !takes(all);
}

static void
leave_out(struct arena *a, struct zone *z, const struct region *r)
{
	VEC_PUSH(a, &z->out, r);
	z->nread += r->self == ACCESS_READ;
	z->ndeny += r->self == ACCESS_DENY;
}

static struct zone *
zone_new(struct arena *a, const struct region *r)
{
	struct zone *z = arena_alloc(a, sizeof(*z));
	z->top = r;
	z->listed = true;
	if (r->parent == NULL || !is_folded(r))
		return z;
	/* Names that have a node of their own are no matter of the node for all spellings. */
	for (size_t i = 0; i < r->parent->nchild; i++) {
		const struct region *c = r->parent->child[i];
		if (region_folded(r->parent, c->name, c->len) == r)
			leave_out(a, z, c);
	}
	return z;
}

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

/* `in' is the zone of the parent, or NULL where that is not writable.  Depth: LIMIT_PATH_DEPTH. */
static void
walk_writable(struct planner *p, struct region *r, struct zone *in)
{
	if (in != NULL && !may_write(r))
		leave_out(p->a, in, r);
	if (!may_write(r)) {
		in = NULL;
	} else if (in == NULL || left_out_by_spelling(r, may_write)) {
		in = zone_new(p->a, r);
		r->mark = in;
		VEC_PUSH(p->a, &p->write, in);
	}
	if (may_write(r) && r->pinned) {
		struct regions *pins = exists(p, r) ? &p->kept : &p->unborn;
		VEC_PUSH(p->a, pins, r);
	}
	for (size_t i = 0; i < r->nchild; i++)
		walk_writable(p, r->child[i], in);
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		walk_writable(p, r->folded->child[i], in);
}

/*
 * What may be written may be read by the same rule; so a zone that begins
 * with such a place is made only where it spares more rules for what may be
 * read than it repeats of what is denied.
 */
static struct zone *
read_zone(struct planner *p, const struct region *r)
{
	const struct zone *w = r->mark;
	struct zone *z = zone_new(p->a, r);

	z->listed = !may_write(r) || w == NULL || w->nread > w->ndeny;
	if (z->listed)
		VEC_PUSH(p->a, &p->read, z);
	return z;
}

/* A zone that is not listed covers what may be written and nothing else. */
static void
walk_readable(struct planner *p, const struct region *r, struct zone *in)
{
	bool inside = in != NULL && (in->listed ? may_read(r) : may_write(r));

	if (in != NULL && !may_read(r))
		leave_out(p->a, in, r);
	if (!may_read(r))
		in = NULL;
	else if (!inside || left_out_by_spelling(r, in->listed ? may_read : may_write))
		in = read_zone(p, r);
	for (size_t i = 0; i < r->nchild; i++)
		walk_readable(p, r->child[i], in);
	for (size_t i = 0; r->folded != NULL && i < r->folded->nchild; i++)
		walk_readable(p, r->folded->child[i], in);
}

static struct filter *
not(struct arena *a, struct filter *f)
{
	return filter_add(a, filter_new(a, FILTER_NOT, NULL), f);
}

static struct filter *
without(struct arena *a, struct filter *f, struct filter *taken)
{
	if (taken == NULL)
		return f;
	struct filter *all = f;
	if (f->kind != FILTER_ALL) {
		all = filter_new(a, FILTER_ALL, NULL);
		filter_add(a, all, f);
	}
	return filter_add(a, all, not(a, taken));
}

static struct filter *
zone_filter(struct arena *a, const struct zone *z, const struct region **too_long)
{
	struct group out = group_new(a, too_long);
	group_regions(&out, &z->out, true);
	return without(a, region_filter(a, z->top, true, too_long), filter_any(out.list));
}

/*
 * Protected names, and nothing else is left out of it: one regular expression
 * tells what, and the top, for every zone of the same depth.  NULL where it
 * is not so, or does not fit.
 */
static const char *
alike_regex(struct arena *a, const struct zone *z)
{
	struct sbuf b = SBUF_INIT;

	if (!z->top->pinned || z->top->parent == NULL || exact_part(z->top) != z->top)
		return NULL;
	for (size_t i = 0; i < z->out.len; i++)
		if (z->out.v[i]->parent != z->top || !is_folded(z->out.v[i]))
			return NULL;
	regex_depth(&b, path_depth(region_path(a, z->top)));
	for (size_t i = 0; i < z->out.len; i++) {
		sbuf_puts(&b, i == 0 ? "((" : "|");
		add_spellings(&b, z->out.v[i], z->top);
	}
	sbuf_puts(&b, z->out.len > 0 ? ")(/|$)|$)" : "$");
	if (b.len <= SEATBELT_REGEX_MAX)
		return take(a, &b);
	sbuf_free(&b);
	return NULL;
}

static struct filter *
write_filter(struct planner *p)
{
	struct filter *list = filter_new(p->a, FILTER_ANY, NULL);
	struct strmap *alike = strmap_new(p->a);

	for (size_t i = 0; i < p->write.len; i++) {
		struct zone *z = p->write.v[i];
		const char *text = alike_regex(p->a, z);
		if (text == NULL) {
			filter_add(p->a, list, zone_filter(p->a, z, &p->too_long));
			continue;
		}
		struct filter *tops = strmap_get(alike, text, strlen(text));
		z->alike = true;
		if (tops == NULL) {
			struct filter *all = filter_new(p->a, FILTER_ALL, NULL);
			tops = filter_new(p->a, FILTER_ANY, NULL);
			strmap_put(alike, text, strlen(text), tops);
			filter_add(p->a, filter_add(p->a, all, tops),
			    not(p->a, filter_new(p->a, FILTER_REGEX, text)));
			filter_add(p->a, list, all);
		}
		filter_add(p->a, tops, filter_new(p->a, FILTER_SUBPATH,
		    region_path(p->a, z->top)));
	}
	return filter_any(list);
}

static struct filter *
read_filter(struct planner *p)
{
	struct group g = group_new(p->a, &p->too_long);
	struct regions whole = { NULL, 0, 0 };

	for (size_t i = 0; i < p->read.len; i++) {
		const struct zone *z = p->read.v[i];
		if (z->out.len == 0)
			VEC_PUSH(p->a, &whole, z->top);
		else
			filter_add(p->a, g.list, zone_filter(p->a, z, &p->too_long));
	}
	group_regions(&g, &whole, true);
	return filter_any(g.list);
}

static struct filter *
pins_filter(struct planner *p, const struct regions *v)
{
	struct group g = group_new(p->a, &p->too_long);
	group_regions(&g, v, false);
	return filter_any(g.list);
}

/* The pins that no expression of a zone has left out. */
static struct filter *
other_pins_filter(struct planner *p)
{
	struct regions rest = { NULL, 0, 0 };
	const struct regions *all[] = { &p->kept, &p->unborn };

	for (size_t k = 0; k < NELEMS(all); k++)
		for (size_t i = 0; i < all[k]->len; i++) {
			const struct zone *z = all[k]->v[i]->mark;
			if (z == NULL || !z->alike)
				VEC_PUSH(p->a, &rest, all[k]->v[i]);
		}
	return pins_filter(p, &rest);
}

/* ---- patterns ---- */

static int
plan_pattern(struct planner *p, struct group *g, const struct pattern *pattern,
    const struct ir_origin *o)
{
	struct sbuf base = SBUF_INIT, text = SBUF_INIT;
	struct pattern one, two;
	size_t n = 0;

	sbuf_addc(&base, '/');
	for (; n < pattern->nsteps && pattern->step[n].kind == STEP_LITERAL; n++)
		path_push(&base, pattern->step[n].text.p, pattern->step[n].text.len);
	regex_depth(&text, n);
	regex_steps(&text, pattern, n);
	const char *regex = take(p->a, &text);
	const char *where = take(p->a, &base);
	if (strlen(regex) <= SEATBELT_REGEX_MAX) {
		group_regex(g, where, regex);
		return 0;
	}
	if (!regex_split(p->a, pattern, &one, &two)) {
		p->out->refused = true;
		p->out->refusal = (struct refusal){ arena_printf(p->a, "pattern \"%s\" needs a "
		    "regular expression of more than %d bytes at %s: write it shorter, or deny "
		    "a directory", pattern->text, SEATBELT_REGEX_MAX, where), NULL, o };
		return -1;
	}
	if (plan_pattern(p, g, &one, o) != 0)
		return -1;
	return plan_pattern(p, g, &two, o);
}

static int
plan_patterns(struct planner *p)
{
	struct group g = group_new(p->a, &p->too_long);
	for (size_t i = 0; i < p->e->patterns.len; i++)
		if (plan_pattern(p, &g, p->e->patterns.v[i], p->e->pattern_why.v[i].origin) != 0)
			return -1;
	p->denied = filter_any(g.list);
	return 0;
}

/* ---- rules ---- */

/* A pattern takes all of it, so that nothing is readable there after all. */
static bool
is_globbed(const struct planner *p, const char *path)
{
	for (size_t i = 0; i < p->e->patterns.len; i++)
		if (pattern_covers(p->e->patterns.v[i], 0, path))
			return true;
	return false;
}

struct ways {
	struct group	 g;
	struct strmap	*seen;		/* directories whose ancestors and self are in it */
	struct regions	 spelt;		/* folded places on the way */
};

/* One of those in the same directory does for all. */
static void
add_way(struct planner *p, struct ways *w, const char *path)
{
	const char *up = path_parent(p->a, path);
	bool exact;
	const struct region *r = region_find(p->e->own, up, &exact);

	if ((exact ? r->self : r->below) == ACCESS_DENY && !is_globbed(p, path) &&
	    strmap_put(w->seen, up, strlen(up), p) == NULL)
		group_path(&w->g, FILTER_ANCESTORS, path);
}

static void
add_way_to(struct planner *p, struct ways *w, const struct region *r)
{
	const struct region *exact = exact_part(r);

	if (r->parent == NULL || r->parent->self != ACCESS_DENY)
		return;
	if (exact == r) {
		add_way(p, w, region_path(p->a, r));
		return;
	}
	for (const struct region *up = r->parent; up != exact && up->self == ACCESS_DENY; up = up->parent)
		VEC_PUSH(p->a, &w->spelt, up);
	/* Any name below the last that is written as it is, as only what is above it counts. */
	add_way(p, w, path_join(p->a, region_path(p->a, exact), "x"));
}

/* The way to each place that can be read, where it is not readable itself. */
static void
plan_ancestors(struct planner *p)
{
	struct ways w = { group_new(p->a, &p->too_long), strmap_new(p->a), { NULL, 0, 0 } };
	const struct zones *zones[] = { &p->read, &p->write };

	for (size_t k = 0; k < NELEMS(zones); k++)
		for (size_t i = 0; i < zones[k]->len; i++)
			add_way_to(p, &w, zones[k]->v[i]->top);
	for (size_t i = 0; i < p->b->links.len; i++)
		add_way(p, &w, p->b->links.v[i].path);
	group_regions(&w.g, &w.spelt, false);
	struct filter *f = filter_any(w.g.list);
	if (f != NULL)
		plan_rule(p->a, p->plan, "The way there: stat of the directories above what may be "
		    "read.", "file-read-metadata file-test-existence", without(p->a, f, p->denied));
}

/* A link is looked at by its own name; what it leads to is decided by where that lies. */
static void
plan_links(struct planner *p)
{
	struct filter *any = filter_new(p->a, FILTER_ANY, NULL);

	for (size_t i = 0; i < p->b->links.len; i++) {
		bool exact;
		const char *path = p->b->links.v[i].path;
		const struct region *r = region_find(p->e->own, path, &exact);
		if ((exact ? r->self : r->below) == ACCESS_DENY)
			filter_add(p->a, any, filter_new(p->a, FILTER_LITERAL, path));
	}
	struct filter *f = filter_any(any);
	if (f != NULL)
		plan_rule(p->a, p->plan, "Links that lead to what may be read.",
		    READ_OPERATIONS, without(p->a, f, p->denied));
}

/*
 * The command's own descriptors (spec 2.3).  Every other place that is free is
 * one path, in base.sb; a pattern may reach below this one.
 */
static void
plan_descriptors(struct planner *p)
{
	static const char own[] = "/dev/fd";
	struct filter *f = filter_new(p->a, FILTER_SUBPATH, own);
	bool reached = false;

	for (size_t i = 0; i < p->e->patterns.len; i++) {
		const struct pattern *g = p->e->patterns.v[i];
		const struct pattern_step *first = &g->step[0];
		reached |= g->nliteral == 0 || first->kind != STEP_LITERAL ||
		    (first->text.len == 3 && memcmp(first->text.p, "dev", 3) == 0);
	}
	plan_rule(p->a, p->plan, "The command's own descriptors.",
	    "file-read* file-test-existence file-write-data file-ioctl",
	    reached ? without(p->a, f, p->denied) : f);
}

static void
plan_files(struct planner *p)
{
	struct filter *write = write_filter(p), *read = read_filter(p);
	struct filter *kept = pins_filter(p, &p->kept), *unborn = pins_filter(p, &p->unborn);

	if (write != NULL)
		plan_rule(p->a, p->plan, "Places that may be changed in every way.",
		    READ_OPERATIONS " file-write* file-link",
		    without(p->a, without(p->a, write, other_pins_filter(p)), p->denied));
	if (kept != NULL)
		plan_rule(p->a, p->plan, "Pinned: may be changed where they are, but not moved, "
		    "replaced or removed,\nas a rule for them or below them would lose its place.",
		    READ_OPERATIONS " " CHANGE_OPERATIONS, without(p->a, kept, p->denied));
	if (unborn != NULL)
		plan_rule(p->a, p->plan, "Pinned, but not there yet: may be made.",
		    READ_OPERATIONS " file-write-create " CHANGE_OPERATIONS,
		    without(p->a, unborn, p->denied));
	if (read != NULL)
		plan_rule(p->a, p->plan, "Places that may be read.", READ_OPERATIONS,
		    without(p->a, read, p->denied));
	plan_ancestors(p);
	plan_links(p);
	plan_descriptors(p);
}

static int
refuse_spelling(struct planner *p, const char *path, const struct region *all)
{
	p->out->refused = true;
	p->out->refusal = (struct refusal){ arena_printf(p->a, "%s is there, and a rule is for a "
	    "name that differs from it in case alone: write the rule for the name that is there",
	    path), NULL, all->why.origin };
	return -1;
}

/* The same for a place that a pattern was found to match, or to lead to. */
static int
check_found(struct planner *p, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct region *r = p->e->own;
		const char *rest = v[i];
		struct slice c;
		while (r != NULL && path_next(&rest, &c)) {
			r = region_step(r, c.p, c.len);
			if (r != NULL && is_folded(r) && (r->folded != NULL || r->pinned))
				return refuse_spelling(p, v[i], r);
		}
	}
	return 0;
}

static int
check_all_found(struct planner *p)
{
	for (size_t i = 0; i < p->b->patterns.len; i++) {
		const struct bound_pattern *g = &p->b->patterns.v[i];
		if (check_found(p, g->matches.v, g->matches.len) != 0 ||
		    check_found(p, g->partial.v, g->partial.len) != 0)
			return -1;
	}
	return 0;
}

/*
 * What is said of a missing name holds for every spelling of it; where one
 * of them is there, an expression cannot say it of the others alone.  Only a
 * volume that tells case apart has both.
 */
static int
check_spellings(struct planner *p, const struct region *r)
{
	for (size_t i = 0; r->folded != NULL && i < r->nchild; i++) {
		const struct region *c = r->child[i], *all = region_folded(r, c->name, c->len);
		if (all == NULL || (all->folded == NULL && !all->pinned))
			continue;
		return refuse_spelling(p, region_path(p->a, c), all);
	}
	for (size_t i = 0; i < r->nchild; i++)
		if (check_spellings(p, r->child[i]) != 0)
			return -1;
	return 0;
}

static void
add_anchor(struct arena *a, struct seatbelt_plan *plan, const char *name, const char *path)
{
	/* What lies below "/" is not the better for a parameter. */
	if (path == NULL || strcmp(path, "/") == 0)
		return;
	struct seatbelt_param param = { name, path, true, false };
	VEC_PUSH(a, &plan->params, param);
}

int
seatbelt_plan(struct arena *a, const struct bound_policy *b, const struct seatbelt_effective *e,
    struct seatbelt_plan *plan, struct artifact *out)
{
	struct planner p = { .a = a, .b = b, .e = e, .plan = plan, .out = out };

	*plan = (struct seatbelt_plan){ .rules = { NULL, 0, 0 } };
	add_anchor(a, plan, "CWD", b->cwd);
	for (size_t i = 0; i < b->roots.len; i++)
		add_anchor(a, plan, arena_printf(a, "WORKSPACE_%zu", i + 1), b->roots.v[i]);
	add_anchor(a, plan, "TMPDIR", b->tmpdir);
	add_anchor(a, plan, "HOME", b->home);
	if (check_spellings(&p, e->own) != 0 || check_all_found(&p) != 0 || plan_patterns(&p) != 0)
		return -1;
	walk_writable(&p, e->own, NULL);
	walk_readable(&p, e->own, NULL);
	plan_files(&p);
	if (p.too_long != NULL) {
		out->refused = true;
		out->refusal = (struct refusal){ arena_printf(a, "%s does not exist, and its name in "
		    "every spelling needs a regular expression of more than %d bytes: make the "
		    "directory first", region_path(a, p.too_long), SEATBELT_REGEX_MAX),
		    NULL, p.too_long->why.origin };
		return -1;
	}
	return seatbelt_plan_net(a, b, plan, out);
}

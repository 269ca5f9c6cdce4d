/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_plan.c - effective policy to rules: anchors, places, pins, ancestors */
#include <config.h>

#include "seatbelt_plan.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "path_sort.h"
#include "pattern_tree.h"
#include "seatbelt_regex.h"
#include "seatbelt_zone.h"

enum {
	MAX_ROOT_BYTES = 192 * 1024,	/* of arguments that name workspace roots; 256 KiB are for all */
};

/*
 * What reading needs and what it must not leave open; and, for writing, what
 * a place may have done to it where it is (pinned), and all that there is.
 */
#define READ_OPERATIONS \
	"file-read* file-test-existence file-map-executable file-clone process-exec*"
#define CHANGE_OPERATIONS \
	"file-write-data file-write-mode file-write-owner file-write-flags file-write-times " \
	"file-write-xattr file-write-acl file-write-setugid"

void
plan_rule(struct arena *a, struct seatbelt_plan *p, const char *comment,
    const char *operations, const struct filter *f)
{
	struct seatbelt_rule r = { comment, operations, f };
	VEC_PUSH(a, &p->rules, r);
}

struct planner {
	struct arena	*a;
	const struct bound_policy *b;
	const struct seatbelt_effective *e;
	struct seatbelt_plan *plan;
	struct artifact	*out;
	struct write_zones write;	/* all that may be written */
	struct read_zones read;		/* all that may be read, as far as `write' does not say so */
	struct filter	*denied;	/* what the patterns match, or NULL */
	const struct region *too_long;
	size_t		*near;		/* among the facts */
};

static bool
exists(const void *arg, const struct region *r)
{
	const struct planner *p = arg;
	return region_exact_part(r) == r && seatbelt_exists(p->b, region_path(p->a, r), p->near);
}

static struct filter *
pins_filter(struct planner *p, const struct regions *v)
{
	struct group g = group_new(p->a, &p->too_long);
	group_regions(&g, v, REACH_SELF, NULL);
	return group_filter(&g);
}

/* ---- patterns ---- */

static int
plan_pattern(struct planner *p, struct group *g, const struct pattern *pattern,
    const struct ir_origin *o)
{
	struct sbuf text = SBUF_INIT;
	struct pattern one, two;
	size_t n;
	const char *where = pattern_root(p->a, pattern, &n);

	regex_depth(&text, n);
	regex_steps(&text, pattern, n);
	const char *regex = arena_strdup(p->a, sbuf_str(&text));
	sbuf_free(&text);
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
	p->denied = group_filter(&g);
	return 0;
}

/* ---- rules ---- */

/* A pattern takes all of it, so that nothing is readable there after all. */
static bool
is_globbed(const struct planner *p, const char *path)
{
	return pattern_tree_find(p->e->by_place, path) >= 0;
}

struct ways {
	struct { const char **v; size_t len, cap; } path;	/* whose ancestors are meant */
	struct regions	 spelt;		/* folded places on the way */
};

static void
add_way(struct planner *p, struct ways *w, const char *path)
{
	const char *up = path_parent(p->a, path);
	bool exact;
	const struct region *r = region_find(p->e->own, up, &exact);

	if ((exact ? r->self : r->below) == ACCESS_DENY && !is_globbed(p, path))
		VEC_PUSH(p->a, &w->path, path);
}

static void
add_way_to(struct planner *p, struct ways *w, const struct region *r)
{
	const struct region *exact = region_exact_part(r);

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

static const char *
way_at(const void *arg, size_t i)
{
	const struct ways *w = arg;
	return w->path.v[i];
}

/* In order; of those that have one directory above them the last does for all. */
static void
group_ways(struct planner *p, struct group *g, const struct ways *w)
{
	const uint32_t *order = path_sort(p->a, w->path.len, way_at, w);

	for (size_t i = 0; i < w->path.len; i++) {
		const char *path = way_at(w, order[i]);
		const char *next = i + 1 < w->path.len ? way_at(w, order[i + 1]) : "";
		size_t up = (size_t)(strrchr(path, '/') - path);
		if (strncmp(path, next, up + 1) != 0)
			group_path(g, FILTER_ANCESTORS, path);
	}
}

/* The way to each place that can be read, where it is not readable itself. */
static void
plan_ancestors(struct planner *p)
{
	struct group g = group_new(p->a, &p->too_long);
	struct ways w = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	const struct regions *tops[] = { &p->read.tops, &p->write.tops };

	for (size_t k = 0; k < NELEMS(tops); k++)
		for (size_t i = 0; i < tops[k]->len; i++)
			add_way_to(p, &w, tops[k]->v[i]);
	for (size_t i = 0; i < p->b->links.len; i++)
		add_way(p, &w, p->b->links.v[i].path);
	group_ways(p, &g, &w);
	group_regions(&g, &w.spelt, REACH_SELF, NULL);
	struct filter *f = group_filter(&g);
	if (f != NULL)
		plan_rule(p->a, p->plan, "The way there: stat of the directories above what may be "
		    "read.", "file-read-metadata file-test-existence", filter_without(p->a, f, p->denied));
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
		    READ_OPERATIONS, filter_without(p->a, f, p->denied));
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
	    reached ? filter_without(p->a, f, p->denied) : f);
}

/*
 * Pinned places stand twice where they are left out of the rule for all that
 * may be written and have one of their own; where they are many that rule
 * stands twice instead, with them for what may be done to them too.
 */
static void
plan_writes(struct planner *p)
{
	const struct write_zones *w = &p->write;
	bool many = w->kept.len + w->unborn.len > zones_size(&w->zones);
	struct filter *loose = zones_filter(p->a, &w->zones, false, &p->too_long);
	struct filter *all = many ? zones_filter(p->a, &w->zones, true, &p->too_long) : NULL;
	struct filter *kept = many ? NULL : pins_filter(p, &w->kept);
	struct filter *unborn = pins_filter(p, &w->unborn);

	if (all != NULL)
		plan_rule(p->a, p->plan, "Places that may be changed where they are.",
		    READ_OPERATIONS " " CHANGE_OPERATIONS, filter_without(p->a, all, p->denied));
	if (loose != NULL)
		plan_rule(p->a, p->plan, "Places that may be changed in every way.",
		    many ? "file-write* file-link" : READ_OPERATIONS " file-write* file-link",
		    filter_without(p->a, loose, p->denied));
	if (kept != NULL)
		plan_rule(p->a, p->plan, "Pinned: may be changed where they are, but not moved, "
		    "replaced or removed,\nas a rule for them or below them would lose its place.",
		    READ_OPERATIONS " " CHANGE_OPERATIONS, filter_without(p->a, kept, p->denied));
	if (unborn != NULL)
		plan_rule(p->a, p->plan, "Pinned, but not there yet: may be made.",
		    many ? "file-write-create" : READ_OPERATIONS " file-write-create " CHANGE_OPERATIONS,
		    filter_without(p->a, unborn, p->denied));
}

static void
plan_files(struct planner *p)
{
	struct filter *read = zones_filter(p->a, &p->read.zones, true, &p->too_long);

	plan_writes(p);
	if (read != NULL)
		plan_rule(p->a, p->plan, "Places that may be read.", READ_OPERATIONS,
		    filter_without(p->a, read, p->denied));
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
			if (r != NULL && r->spelt && (r->folded != NULL || r->pinned))
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
	struct seatbelt_param param = { .name = name, .value = path, .path = true };
	VEC_PUSH(a, &plan->params, param);
}

int
seatbelt_plan(struct arena *a, const struct bound_policy *b, const struct seatbelt_effective *e,
    struct seatbelt_plan *plan, struct artifact *out)
{
	size_t near = 0;
	struct planner p = { .a = a, .b = b, .e = e, .plan = plan, .out = out, .near = &near };

	*plan = (struct seatbelt_plan){ .rules = { NULL, 0, 0 } };
	add_anchor(a, plan, "CWD", b->cwd);
	for (size_t i = 0, bytes = 0; i < b->roots.len; i++) {
		bytes += strlen(b->roots.v[i]) + sizeof("-D.ROOT_1000000=");
		/* Those that are left stand in the text. */
		if (bytes > MAX_ROOT_BYTES)
			break;
		add_anchor(a, plan, arena_printf(a, "ROOT_%zu", i + 1), b->roots.v[i]);
	}
	add_anchor(a, plan, "TMPDIR", b->tmpdir);
	add_anchor(a, plan, "HOME", b->home);
	if (check_spellings(&p, e->own) != 0 || check_all_found(&p) != 0 || plan_patterns(&p) != 0)
		return -1;
	zones_of_writes(a, e->own, exists, &p, &p.write);
	zones_of_reads(a, e->own, &p.read);
	plan_files(&p);
	if (p.too_long != NULL) {
		out->refused = true;
		out->refusal = (struct refusal){ arena_printf(a, "%s does not exist, and its name in "
		    "every spelling needs a regular expression of more than %d bytes: make the "
		    "directory first", region_path(a, p.too_long), SEATBELT_REGEX_MAX),
		    NULL, p.too_long->why.origin };
		return -1;
	}
	seatbelt_plan_net(a, b, e->net, plan);
	return 0;
}

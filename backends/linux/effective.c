/* SPDX-License-Identifier: Apache-2.0 */
/* effective.c - from the bound policy to the one that mounts enforce exactly */
#include <config.h>

#include "effective.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "intern.h"
#include "path.h"

struct build {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *b;
	struct artifact	*out;
	struct region	*root;
	struct sbuf	 at;		/* settle(): the path of the node */
	size_t		 fact;		/* settle(): the first fact that is not before its path */
	struct strmap	*shielded;	/* paths of protected names and gitdirs, entry or not */
};

static int
refuse(struct build *w, const struct ir_origin *origin, const char *witness,
    const char *reason)
{
	if (!w->out->refused)
		w->out->refusal = (struct refusal){ reason, witness, origin };
	w->out->refused = true;
	return -1;
}

/* A deviation is listed once for each rule and name; `path' is the first place. */
static void
deviate(struct build *w, const char *name, enum deviation_direction dir,
    const char *path, const char *detail, const struct ir_origin *origin)
{
	for (size_t i = 0; i < w->out->deviations.len; i++) {
		const struct deviation *d = &w->out->deviations.v[i];
		if (strcmp(d->name, name) == 0 && d->origin == origin)
			return;
	}
	struct deviation d = { name, dir, path, detail, origin };
	VEC_PUSH(w->a, &w->out->deviations, d);
}

static struct place_facts *
facts_of(struct build *w, struct region *r)
{
	if (r->mark == NULL)
		r->mark = arena_alloc(w->a, sizeof(struct place_facts));
	return r->mark;
}

static struct region *
inherit(struct region *r, const struct region *from)
{
	r->self = r->below = from->below;
	r->why = from->why;
	return r;
}

/* Find or make a node; made ones say what held there before. */
static struct region *
node_at(struct build *w, const char *path)
{
	struct region *r = w->root;
	const char *rest = path;
	struct slice c;
	while (path_next(&rest, &c)) {
		struct region *n = region_child(r, c.p, c.len);
		if (n == NULL)
			n = inherit(region_make(w->a, r,
			    arena_printf(w->a, "/%.*s", (int)c.len, c.p)), r);
		r = n;
	}
	return r;
}

static void
deny_all(struct region *r, struct why why)
{
	region_clear(r);
	r->self = r->below = ACCESS_DENY;
	r->pinned = false;
	r->why = why;
}

/* Literal steps and then one "**": all below X and not X. */
static bool
is_all_below(const struct pattern *p)
{
	return p->nsteps == p->nliteral + 1 && p->step[p->nliteral].kind == STEP_BELOW;
}

/* Something at or below the node may be written, so that a match could appear there. */
static bool
writable_within(const struct region *r)
{
	if (r->self == ACCESS_WRITE)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (writable_within(r->child[i]))
			return true;
	return false;
}

/* The matches at or below `top'. */
static void
apply_matches(struct build *w, const struct bound_pattern *p, const char *top, struct why why)
{
	for (size_t i = 0; i < p->matches.len; i++) {
		const char *path = p->matches.v[i];
		if (!path_within(path, top))
			continue;
		const struct fact *f = bound_fact(w->b, path);
		struct region *r = node_at(w, path);
		if (f != NULL && f->kind == NODE_LINK) {
			/* Its target is a path of its own; the name alone cannot be masked. */
			region_clear(r);
			inherit(r, r->parent);
			if (r->self == ACCESS_READ)
				r->below = ACCESS_DENY;
			r->pinned = false;
			deviate(w, "link-name", DEVIATION_WIDER, path,
			    "a link that matches can be read as a link; what it points to "
			    "is decided by its own path", p->origin);
			continue;
		}
		deny_all(r, why);
	}
}

/* What the pattern takes away at or below `top'. */
static void
apply_pattern(struct build *w, const struct bound_pattern *p, const char *top)
{
	struct why why = { WHY_PATTERN, p->origin, p->pattern->text };
	if (is_all_below(p->pattern)) {
		if (!path_within(p->literal, top))
			return;
		struct region *x = node_at(w, p->literal);
		const struct fact *f = bound_fact(w->b, p->literal);
		/* A file has nothing below it, and its name is pinned. */
		if (f != NULL && (f->kind == NODE_FILE || f->kind == NODE_OTHER) && !f->stub)
			return;
		region_clear(x);
		x->below = ACCESS_DENY;
		if (x->self == ACCESS_WRITE)
			x->self = ACCESS_READ;
		x->pinned = false;
		x->why = why;
		facts_of(w, x)->closed = true;
		return;
	}
	if (writable_within(node_at(w, p->literal)))
		deviate(w, "snapshot", DEVIATION_WIDER, p->literal,
		    "covers what exists when the command starts, not names that appear later",
		    p->origin);
	if (p->unscanned > 0)
		deviate(w, "scan-depth", DEVIATION_WIDER, p->literal,
		    arena_printf(w->a, "%llu director%s not looked into",
		    (unsigned long long)p->unscanned, p->unscanned == 1 ? "y" : "ies"),
		    p->origin);
	apply_matches(w, p, top, why);
}

/*
 * `own': nothing of the host's is granted there yet.  What is globbed or missing
 * is then left out, as the sandbox's own /dev does not have it in the first place.
 */
static int
grant_device(struct build *w, const struct bound_entry *e, const struct region *from, bool own)
{
	struct fs_verdict v = decide_fs(w->d, e->path);
	const struct fact *f = bound_fact(w->b, e->path);
	if (own && !v.readable)
		return 0;
	if (own && (f == NULL || f->kind == NODE_MISSING) && !path_below(e->path, "/dev/shm")) {
		deviate(w, "missing-grant", DEVIATION_NARROWER, e->path,
		    "does not exist and cannot be created in the sandbox's own /dev", e->origin);
		return 0;
	}
	struct region *r = node_at(w, e->path);
	if (!v.readable) {
		deny_all(r, v.why);
		return 0;
	}
	region_clear(r);
	region_copy(w->a, r, from);
	r->pinned = true;
	facts_of(w, r)->device = true;
	/* Patterns win over what was granted just now, too. */
	for (size_t i = 0; i < w->b->patterns.len; i++)
		apply_pattern(w, &w->b->patterns.v[i], e->path);
	return 0;
}

static int
apply_device(struct build *w, const struct bound_entry *e)
{
	bool exact, known;
	const struct region *from = region_find(w->d->root, e->path, &exact);
	if (!exact || e->source != BOUND_WRITTEN)
		return 0;
	bool own = region_find(w->root, e->path, &known)->why.kind == WHY_BASE;
	if (from->self == ACCESS_WRITE && e->access == ACCESS_WRITE)
		return grant_device(w, e, from, own);
	const struct fact *f = bound_fact(w->b, e->path);
	if (e->access == ACCESS_READ && (own || (f != NULL && f->device)))
		return refuse(w, e->origin, arena_printf(w->a, "write %s", e->path),
		    "a device cannot be opened for reading alone: give \"write\" or leave the entry out");
	if (e->access == ACCESS_DENY && own &&
	    base_place_at(TARGET_LINUX, e->path) != NULL)
		return refuse(w, e->origin, arena_printf(w->a, "read %s", e->path),
		    "the standard devices belong to every sandbox and cannot be denied");
	return 0;
}

/* Grants come first: an entry inside one is no matter of the standard devices. */
static int
apply_devices(struct build *w, bool grants)
{
	for (size_t i = 0; i < w->b->entries.len; i++) {
		const struct bound_entry *e = &w->b->entries.v[i];
		if (path_below(e->path, "/dev") && (e->access == ACCESS_WRITE) == grants &&
		    apply_device(w, e) != 0)
			return -1;
	}
	return 0;
}

static int
apply_base(struct build *w)
{
	static const char *const own[] = { "/dev", "/proc" };
	for (size_t i = 0; i < NELEMS(own); i++) {
		struct region *r = node_at(w, own[i]);
		region_clear(r);
		r->self = r->below = ACCESS_READ;
		r->pinned = false;
		r->why = (struct why){ WHY_BASE, NULL, NULL };
		facts_of(w, r)->kind = NODE_DIR;
	}
	struct region *shm = node_at(w, "/dev/shm");
	shm->self = shm->below = ACCESS_WRITE;
	shm->pinned = true;
	facts_of(w, shm)->kind = NODE_DIR;
	return apply_devices(w, true) == 0 ? apply_devices(w, false) : -1;
}

/* The node or something below it has less than its writable surroundings. */
static bool
needs_stub(const struct region *r)
{
	if (r->self != ACCESS_WRITE || r->below != ACCESS_WRITE)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (needs_stub(r->child[i]))
			return true;
	return false;
}

static void
report_missing_grants(struct build *w, const struct region *r)
{
	if (r->self != ACCESS_DENY && r->why.kind == WHY_ENTRY &&
	    (r->parent == NULL || r->why.origin != r->parent->why.origin))
		deviate(w, "missing-grant", DEVIATION_NARROWER, region_path(w->a, r),
		    "does not exist and cannot be created, as its parent is not writable",
		    r->why.origin);
	for (size_t i = 0; i < r->nchild; i++)
		report_missing_grants(w, r->child[i]);
}

static void
make_stub(struct build *w, struct region *r, struct place_facts *f)
{
	const char *path = region_path(w->a, r);
	bool dir = f->closed || r->self == ACCESS_WRITE ||
	    strmap_get(w->shielded, path, strlen(path)) != NULL;
	f->stub = true;
	f->kind = dir ? NODE_DIR : NODE_FILE;
	struct stub_place s = { path, dir };
	VEC_PUSH(w->a, &w->out->stubs, s);
}

/* Denied, and not there: the host may make it while the command runs. */
static void
watch_missing(struct build *w, const struct region *r)
{
	const struct place_facts *parent = r->parent->mark;

	if (r->self == ACCESS_DENY && r->parent->self != ACCESS_DENY && parent != NULL &&
	    parent->kind == NODE_DIR && !parent->stub)
		VEC_PUSH(w->a, &w->out->masks, ((struct mask_place){ region_path(w->a, r), false, 0,
		    true }));
}

/*
 * What does not exist: out of reach, free to be made, or kept from being
 * made by a stub.  `creatable': the parent is a directory, now or with our
 * stubs, and the host would let the command make something in it.  Returns false where nothing below needs a look.
 */
static bool
settle_missing(struct build *w, struct region *r, struct place_facts *f, bool creatable)
{
	if (!creatable || r->parent->self != ACCESS_WRITE || r->parent->below != ACCESS_WRITE) {
		report_missing_grants(w, r);
		watch_missing(w, r);
		deny_all(r, (struct why){ WHY_ABSENT, NULL, NULL });
		f->closed = false;
		f->kind = NODE_MISSING;
		return false;
	}
	if (needs_stub(r)) {
		make_stub(w, r, f);
		return true;
	}
	if (r->why.kind == WHY_ENTRY && r->why.origin != r->parent->why.origin)
		deviate(w, "new-root", DEVIATION_WIDER, region_path(w->a, r),
		    "does not exist yet: protected names below it hold from the next run on",
		    r->why.origin);
	region_clear(r);
	r->pinned = false;
	return false;
}

/* The fact of a path; asked for in path_order(), which is the order of the facts. */
static const struct fact *
next_fact(struct build *w, const char *path)
{
	const struct fact_list l = bound_facts(w->b);
	const struct fact *f = l.v;
	if (l.all_dirs)
		return fact_find(&l, path);
	for (; w->fact < l.len; w->fact++) {
		int c = path_order(f[w->fact].path, path);
		if (c >= 0)
			return c == 0 ? &f[w->fact] : NULL;
	}
	return NULL;
}

/* Attach facts, top down; depth is bounded by LIMIT_PATH_DEPTH. */
static int
settle(struct build *w, struct region *r, bool parent_dir)
{
	struct place_facts *f = facts_of(w, r);
	const char *path = sbuf_str(&w->at);
	if (r->why.kind == WHY_BASE && path_within(path, "/dev")) {
		f->kind = NODE_DIR;
	} else if (r->why.kind != WHY_BASE) {
		const struct fact *known = next_fact(w, path);
		if (known == NULL)
			return refuse(w, r->why.origin, NULL, arena_printf(w->a,
			    "internal: nothing was asked about %s", path));
		f->kind = known->stub || !parent_dir ? NODE_MISSING : known->kind;
		if (f->kind == NODE_MISSING &&
		    !settle_missing(w, r, f, parent_dir && !known->sealed))
			return 0;
	}
	if (f->closed && f->kind != NODE_DIR)
		return refuse(w, r->why.origin, NULL, arena_printf(w->a,
		    "internal: %s is to be emptied and is no directory", path));
	for (size_t i = 0; i < r->nchild; i++) {
		size_t before = path_push(&w->at, r->child[i]->name, r->child[i]->len);
		int rc = settle(w, r->child[i], f->kind == NODE_DIR);
		path_pop(&w->at, before);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* Below a match of a pattern not even a link on the way to a grant is left. */
static bool
under_pattern(const struct region *r)
{
	for (; r != NULL; r = r->parent)
		if (r->why.kind == WHY_PATTERN)
			return true;
	return false;
}

/* The sandbox's own /dev has some by itself; those on the way to a device that is granted are added. */
static bool
link_is_left_out(const char *path)
{
	if (path_within(path, "/proc"))
		return true;
	return path_within(path, "/dev") && (!path_below(path, "/dev") ||
	    base_place_at(TARGET_LINUX, path) != NULL);
}

static void
apply_links(struct build *w)
{
	for (size_t i = 0; i < w->b->links.len; i++) {
		const struct bound_link *l = &w->b->links.v[i];
		bool exact;
		const struct region *at = region_find(w->root, l->path, &exact);
		const struct region *up = exact && at->parent != NULL ? at->parent : at;
		if (under_pattern(at) || up->below == ACCESS_WRITE || link_is_left_out(l->path))
			continue;
		struct region *r = node_at(w, l->path);
		region_clear(r);
		r->link = l->target;
		r->self = ACCESS_READ;
		r->below = ACCESS_DENY;
		r->pinned = false;
		facts_of(w, r)->kind = NODE_LINK;
	}
}

/*
 * A link that was met on the way to what is denied is read like all around it;
 * no path leads through it once links are resolved.
 */
static void
apply_other_links(struct build *w)
{
	for (size_t i = 0; i < w->b->facts.len; i++) {
		const struct fact *f = &w->b->facts.v[i];
		bool exact;
		if (f->kind != NODE_LINK || path_within(f->path, "/dev") ||
		    path_within(f->path, "/proc"))
			continue;
		const struct region *at = region_find(w->root, f->path, &exact);
		if ((exact ? at->self : at->below) != ACCESS_READ)
			continue;
		struct region *r = node_at(w, f->path);
		r->link = f->target;
		r->below = ACCESS_DENY;
		facts_of(w, r)->kind = NODE_LINK;
	}
}

/* Every path that is known not to exist gets a node, so that it is settled like the written ones. */
static void
apply_missing(struct build *w)
{
	for (size_t i = 0; i < w->b->facts.len; i++) {
		const struct fact *f = &w->b->facts.v[i];
		if ((f->kind == NODE_MISSING || f->stub) &&
		    !path_within(f->path, "/dev") && !path_within(f->path, "/proc"))
			node_at(w, f->path);
	}
}

struct region *
effective_build(struct arena *a, const struct decide_fs *d, struct artifact *out)
{
	struct build w = { .a = a, .d = d, .b = d->bound, .out = out,
	    .root = region_root(a), .shielded = strmap_new(a) };
	for (size_t i = 0; i < w.b->shields.len; i++)
		strmap_put_kept(w.shielded, w.b->shields.v[i].path,
		    strlen(w.b->shields.v[i].path), &w);
	region_copy(a, w.root, d->root);
	for (size_t i = 0; i < w.b->patterns.len; i++)
		apply_pattern(&w, &w.b->patterns.v[i], "/");
	if (apply_base(&w) != 0)
		return NULL;
	apply_missing(&w);
	sbuf_puts(&w.at, "/");
	int rc = settle(&w, w.root, true);
	sbuf_free(&w.at);
	if (rc != 0)
		return NULL;
	apply_links(&w);
	apply_other_links(&w);
	/* An empty root shows the names that lead to grants and nothing else (spec 2.3, list). */
	if (w.root->below == ACCESS_DENY)
		w.root->self = ACCESS_DENY;
	/* Nobody can move the root, free policy or not. */
	w.root->pinned = w.root->self == ACCESS_WRITE;
	return w.root;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_effective.c - from the bound policy to the one that ACLs enforce exactly */
#include <config.h>

#include "acl_effective.h"

#include <string.h>

#include "acl_names.h"
#include "acl_refuse.h"
#include "arena.h"
#include "intern.h"
#include "path.h"

const char *const acl_private[] = {
	".ssh", ".tsh", ".brev", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config", ".npm",
	".pki", ".terraform.d", NULL,
};

/* Spec 3.4: what a full read and :minimal grant. */
static const char *const platform[] = {
	"/C:/Windows", "/C:/Program Files", "/C:/Program Files (x86)", "/C:/ProgramData",
};

struct build {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *b;
	struct artifact	*out;
	struct region	*root;
	bool		 elevated;
	struct strmap	*shielded;	/* paths of protected names and gitdirs */
	struct strmap	*spelt;		/* paths as they were written, by what they are in lower case */
	struct sbuf	 at;		/* the path of a node */
};

/* A deviation is listed once for each rule and name; `path' is the first place. */
static void
deviate(struct build *w, const char *name, enum deviation_direction dir, const char *path,
    const char *detail, const struct ir_origin *o)
{
	for (size_t i = 0; i < w->out->deviations.len; i++)
		if (strcmp(w->out->deviations.v[i].name, name) == 0 &&
		    w->out->deviations.v[i].origin == o)
			return;
	struct deviation d = { name, dir, path != NULL ? acl_path_text(w->a, path) : NULL, detail, o };
	VEC_PUSH(w->a, &w->out->deviations, d);
}

static struct acl_place *
place_new(struct build *w, struct region *r, const char *path)
{
	struct acl_place *p = arena_alloc(w->a, sizeof(*p));
	const struct fact *f = bound_fact(w->b, path);

	p->path = path;
	p->kind = f != NULL && !f->stub ? f->kind : NODE_MISSING;
	r->mark = p;
	return p;
}

static struct region *
child_of(struct build *w, struct region *up, const char *name, size_t len)
{
	char *low = arena_strndup(w->a, name, len);

	for (size_t i = 0; i < len; i++)
		low[i] = name_fold(low[i]);
	return region_make_child(w->a, up, low, len);
}

/* Find or make a node; one that is made says what held there before. */
static struct region *
node_at(struct build *w, const char *path)
{
	struct region *r = w->root;
	const char *rest = path;

	for (struct slice c; path_next(&rest, &c);) {
		struct region *n = child_of(w, r, c.p, c.len);
		if (n->mark == NULL) {
			place_new(w, n, arena_strndup(w->a, path, (size_t)(c.p + c.len - path)));
			n->self = n->below = r->below;
			n->why = r->why;
			acl_place_of(n)->by_profile = acl_place_of(r)->profile ||
			    acl_place_of(r)->by_profile;
		}
		r = n;
	}
	return r;
}

/* What does not exist is in the policy's tree in lower case, and is made as it was written. */
static void
keep_spelling(struct build *w, const char *path)
{
	char *low = NULL;

	for (size_t i = 0; path[i] != '\0'; i++)
		if (name_fold(path[i]) != path[i] && low == NULL)
			low = arena_strdup(w->a, path);
	for (char *p = low; p != NULL && *p != '\0'; p++)
		*p = name_fold(*p);
	for (size_t len = strlen(path); low != NULL && len > 1; len--)
		if ((path[len] == '/' || path[len] == '\0') && strmap_get(w->spelt, low, len) == NULL)
			strmap_put_kept(w->spelt, low, len, arena_strndup(w->a, path, len));
}

static const char *
spelling(struct build *w, const char *path, size_t len)
{
	char *low = arena_strndup(w->a, path, len);

	for (char *p = low; *p != '\0'; p++)
		*p = name_fold(*p);
	const char *written = strmap_get(w->spelt, low, len);
	return written != NULL ? written : arena_strndup(w->a, path, len);
}

/* Depth is bounded by LIMIT_PATH_DEPTH. */
static void
copy_tree(struct build *w, struct region *to, const struct region *from)
{
	size_t nfolded = from->folded != NULL ? from->folded->nchild : 0;

	to->self = from->self;
	to->below = from->below;
	to->why = from->why;
	to->pinned = from->pinned;
	place_new(w, to, to->parent == NULL ? "/" : path_join(w->a, acl_place_of(to->parent)->path,
	    path_base(spelling(w, w->at.p, w->at.len))));
	/* A node for every spelling says no more than the one for the name that is there. */
	for (size_t i = 0; i < from->nchild + nfolded; i++) {
		const struct region *c = i < from->nchild ? from->child[i] :
		    from->folded->child[i - from->nchild];
		struct region *n = child_of(w, to, c->name, c->len);
		if (n->mark != NULL)
			continue;
		size_t before = path_push(&w->at, c->name, c->len);
		copy_tree(w, n, c);
		path_pop(&w->at, before);
	}
}

static void
set_all(struct region *r, enum access access, struct why why)
{
	region_clear(r);
	r->self = r->below = access;
	r->pinned = false;
	r->why = why;
}

/* ---- reading everything ---- */

/*
 * Take back what is readable for the rule of "/" alone, but for the platform's
 * directories and the children of the profile.
 */
static void
strip(struct build *w, struct region *r, const struct ir_origin *all, bool granted, bool profile)
{
	struct acl_place *p = acl_place_of(r);
	bool whole = r->self == ACCESS_READ && r->why.kind == WHY_ENTRY && r->why.origin == all;

	p->profile &= whole;
	p->by_profile = profile && whole;
	if (whole && !granted) {
		r->self = ACCESS_DENY;
		r->below = p->profile ? ACCESS_READ : ACCESS_DENY;
	}
	for (size_t i = 0; i < r->nchild; i++) {
		struct region *c = r->child[i];
		const struct acl_place *q = acl_place_of(c);
		bool in = (profile || p->profile) && !q->private;
		strip(w, c, all, (granted || q->platform || p->profile) && !q->private, in);
	}
}

static void
apply_full_read(struct build *w)
{
	struct region *root = w->root;
	const struct ir_origin *all = root->why.origin;

	if (root->self != ACCESS_READ || root->why.kind != WHY_ENTRY)
		return;
	for (size_t i = 0; i < NELEMS(platform); i++) {
		const struct fact *f = bound_fact(w->b, platform[i]);
		if (f != NULL && f->kind == NODE_DIR)
			acl_place_of(node_at(w, platform[i]))->platform = true;
	}
	const struct fact *home = w->b->home != NULL ? bound_fact(w->b, w->b->home) : NULL;
	if (home != NULL && home->kind == NODE_DIR) {
		acl_place_of(node_at(w, w->b->home))->profile = true;
		for (const char *const *n = acl_private; *n != NULL; n++)
			acl_place_of(node_at(w, path_join(w->a, w->b->home, *n)))->private = true;
	}
	strip(w, root, all, false, false);
	deviate(w, "read-roots", DEVIATION_NARROWER, NULL, "of the whole disk the directories of the "
	    "platform and those that are in the user's profile now are granted, but for those that hold "
	    "keys; of the rest there is what every user of the machine can read", all);
}

/* ---- patterns ---- */

/* Literal steps and then one "**": all below X and not X. */
static bool
is_all_below(const struct pattern *p)
{
	return p->nsteps == p->nliteral + 1 && p->step[p->nliteral].kind == STEP_BELOW;
}

static bool
writable_within(const struct region *r)
{
	if (r->self == ACCESS_WRITE || r->below == ACCESS_WRITE)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (writable_within(r->child[i]))
			return true;
	return false;
}

static bool
has_other_letters(const struct pattern *p)
{
	for (size_t i = p->nliteral; i < p->nsteps; i++)
		for (size_t k = 0; p->step[i].kind == STEP_GLOB && k < p->step[i].text.len; k++)
			if ((unsigned char)p->step[i].text.p[k] >= 0x80)
				return true;
	return false;
}

static int
apply_pattern(struct build *w, const struct bound_pattern *p)
{
	const struct why why = { WHY_PATTERN, p->origin, p->pattern->text };
	struct region *x = node_at(w, p->literal);

	if (is_all_below(p->pattern)) {
		if (acl_place_of(x)->kind != NODE_DIR && acl_place_of(x)->kind != NODE_MISSING)
			return 0;
		region_clear(x);
		x->below = ACCESS_DENY;
		if (x->self == ACCESS_WRITE)
			x->self = ACCESS_READ;
		x->pinned = false;
		x->why = why;
		return 0;
	}
	if (has_other_letters(p->pattern))
		return acl_refuse(w->out, p->origin, NULL, "its pattern has letters beyond ASCII, of "
		    "which Windows takes several to be one: write * in their place");
	if (writable_within(x))
		deviate(w, "snapshot", DEVIATION_WIDER, p->literal,
		    "covers what exists when the command starts, not names that appear later", p->origin);
	if (p->unscanned > 0)
		deviate(w, "scan-depth", DEVIATION_WIDER, p->literal, arena_printf(w->a,
		    "%llu director%s could not be looked into", (unsigned long long)p->unscanned,
		    p->unscanned == 1 ? "y" : "ies"), p->origin);
	for (size_t i = 0; i < p->matches.len; i++)
		set_all(node_at(w, p->matches.v[i]), ACCESS_DENY, why);
	return 0;
}

/* ---- what is missing ---- */

/* The node or something below it has less than its writable surroundings. */
static bool
needs_place(const struct region *r)
{
	if (r->self != ACCESS_WRITE || r->below != ACCESS_WRITE)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (needs_place(r->child[i]))
			return true;
	return false;
}

static void
report_missing(struct build *w, const struct region *r)
{
	const struct region *up = r->parent;

	if (r->why.kind == WHY_ENTRY && r->why.origin != up->why.origin && r->self != up->self) {
		if (r->self == ACCESS_DENY)
			deviate(w, "snapshot", DEVIATION_WIDER, acl_place_of(r)->path, "does not exist: what "
			    "others make there during the run can be read", r->why.origin);
		else
			deviate(w, "missing-grant", DEVIATION_NARROWER, acl_place_of(r)->path, "does not exist "
			    "and cannot be created, as its parent is not writable", r->why.origin);
	}
	for (size_t i = 0; i < r->nchild; i++)
		report_missing(w, r->child[i]);
}

/* A place that has to be there for its protection; one of which nothing is said but that is a file. */
static void
make_place(struct build *w, struct region *r)
{
	struct acl_place *p = acl_place_of(r);
	bool dir = r->nchild > 0 || r->self != r->below || r->self == ACCESS_WRITE ||
	    strmap_get(w->shielded, p->path, strlen(p->path)) != NULL;

	p->make = true;
	p->kind = dir ? NODE_DIR : NODE_FILE;
}

static int
settle_missing(struct build *w, struct region *r)
{
	struct region *up = r->parent;
	const char *path = acl_place_of(r)->path;

	if (up->self != ACCESS_WRITE || up->below != ACCESS_WRITE) {
		report_missing(w, r);
		set_all(r, acl_place_of(r)->private ? r->self : up->below,
		    (struct why){ WHY_ABSENT, NULL, NULL });
		return 0;
	}
	if (needs_place(r)) {
		for (const char *c = path_base(path); *c != '\0'; c++)
			if ((unsigned char)*c >= 0x80)
				return acl_refuse(w->out, r->why.origin, NULL, arena_printf(w->a, "%s does not "
				    "exist, and its name has letters beyond ASCII, which Windows spells in more "
				    "ways than one: make it first", acl_path_text(w->a, path)));
		make_place(w, r);
		return 0;
	}
	if (r->why.kind == WHY_ENTRY && r->why.origin != up->why.origin)
		deviate(w, "new-root", DEVIATION_WIDER, path, "does not exist yet: its protected names, and "
		    "that it stays, hold from the next run on", r->why.origin);
	region_clear(r);
	r->pinned = false;
	return 0;
}

/* Top down; depth is bounded by LIMIT_PATH_DEPTH. */
static int
settle(struct build *w, struct region *r)
{
	struct acl_place *p = acl_place_of(r);

	if (r->parent != NULL && p->kind == NODE_MISSING && settle_missing(w, r) != 0)
		return -1;
	if (p->kind != NODE_DIR) {
		/* Nothing is below it, or what is made there is as it is. */
		region_clear(r);
		r->below = p->kind == NODE_MISSING ? r->below : r->self;
		return 0;
	}
	for (size_t i = 0; i < r->nchild; i++)
		if (settle(w, r->child[i]) != 0)
			return -1;
	return 0;
}

/* A link that leads to a grant can be read as a link (spec 2.2); nothing is below it. */
static void
apply_links(struct build *w)
{
	for (size_t i = 0; i < w->b->links.len; i++) {
		struct region *r = node_at(w, w->b->links.v[i].path);
		if (r->self != ACCESS_DENY || r->why.kind == WHY_PATTERN)
			continue;
		set_all(r, ACCESS_READ, link_why(&w->b->links.v[i]));
		acl_place_of(r)->kind = NODE_LINK;
	}
}

struct region *
acl_effective(struct arena *a, const struct decide_fs *d, bool elevated, struct artifact *out)
{
	struct build w = { .a = a, .d = d, .b = d->bound, .out = out, .root = region_root(a),
	    .elevated = elevated, .shielded = strmap_new(a), .spelt = strmap_new(a) };
	int rc = 0;

	for (size_t i = 0; i < w.b->shields.len; i++)
		strmap_put_kept(w.shielded, w.b->shields.v[i].path, strlen(w.b->shields.v[i].path), &w);
	for (size_t i = 0; i < w.b->entries.len; i++)
		keep_spelling(&w, w.b->entries.v[i].path);
	for (size_t i = 0; i < w.b->shields.len; i++)
		keep_spelling(&w, w.b->shields.v[i].path);
	sbuf_addc(&w.at, '/');
	copy_tree(&w, w.root, d->root);
	sbuf_free(&w.at);
	acl_place_of(w.root)->kind = NODE_DIR;
	if (acl_refuse_policy(a, d, w.root, elevated, out) != 0)
		return NULL;
	if (elevated)
		apply_full_read(&w);
	for (size_t i = 0; i < w.b->patterns.len && rc == 0; i++)
		rc = apply_pattern(&w, &w.b->patterns.v[i]);
	if (rc != 0 || settle(&w, w.root) != 0)
		return NULL;
	if (elevated)
		apply_links(&w);
	return w.root;
}

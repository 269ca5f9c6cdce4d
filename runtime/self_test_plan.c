/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_plan.c - which places are tried, and what has to come of it */
#include <config.h>

#include "self_test.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "bound.h"
#include "decide_fs.h"
#include "host_facts.h"
#include "json.h"
#include "path.h"

enum {
	NAMES_LOOKED_AT	= 128,	/* of a directory, for one that stands for the others */
	MOST_PLACES	= 1024,	/* each is looked up in the artifact, which takes its length */
};

/* A place, what the policy says of it, and what the artifact makes of that. */
struct place {
	const char	*path;
	struct fact	 fact;
	bool		 fleeting;
	struct fs_verdict policy;
	bool		 read, write;	/* what is to be expected */
	bool		 wider;		/* a deviation lets more happen */
	const char	*rule, *at, *element;
};

static void
add(struct self_test_planner *w, const struct place *at, enum probe_op op, bool expected)
{
	struct probe p = {
		.op = op, .target = at->path, .expected = expected, .fleeting = at->fleeting,
		.rule = at->rule, .at = at->at, .element = at->element,
	};

	/* A directory of which a pattern denies all is an empty one of the sandbox's own, and may be listed. */
	if (op == PROBE_READ || (op == PROBE_LIST && !expected)) {
		p.dev = at->fact.dev;
		p.ino = at->fact.ino;
	}
	p.allowed_more = !expected && at->wider;
	p.void_because = p.allowed_more ? "as a deviation of the backend lets more happen" : probe_void(&p);
	VEC_PUSH(w->arena, &w->test->probes, p);
}

static const char *
element_of(const struct emitted *e)
{
	return e->text != NULL ? e->text : e->means != NULL ? e->means : "";
}

/*
 * Never more than the policy says; less where the artifact, which is proved to
 * be the effective policy, has less under the name of a deviation.
 */
static void
look_up(struct self_test_planner *w, struct place *p)
{
	const struct launch_request *q = w->launch->request;
	struct emitted e;

	p->policy = decide_sandbox(w->decide, p->path);
	self_test_emitted(w, p->path, &e);
	p->read = p->policy.readable && e.access != ACCESS_DENY;
	p->write = p->policy.writable && e.access == ACCESS_WRITE;
	p->wider = (!p->policy.readable && e.access != ACCESS_DENY) ||
	    (!p->policy.writable && e.access == ACCESS_WRITE);
	p->rule = why_text(w->arena, q->bound, &p->policy.why);
	p->at = why_place(w->arena, q->bound, &p->policy.why);
	p->element = element_of(&e);
}

static void
try_directory(struct self_test_planner *w, const struct place *p)
{
	if (p->read)
		add(w, p, PROBE_LIST, true);
	/* Where only deeper places are readable there is a directory of the sandbox's own. */
	else if (!p->policy.traversable)
		add(w, p, PROBE_LIST, false);
	add(w, p, PROBE_CREATE, p->write);
}

static void
try_file(struct self_test_planner *w, const struct place *p)
{
	add(w, p, PROBE_READ, p->read);
	/* Of what is writable, only what the policy names. */
	if (!p->write || !p->fleeting)
		add(w, p, PROBE_WRITE, p->write);
}

static void
try_place(struct self_test_planner *w, struct place *p)
{
	look_up(w, p);
	if (p->fact.kind == NODE_DIR)
		try_directory(w, p);
	else if (p->fact.kind == NODE_FILE)
		try_file(w, p);
	if (p->policy.writable && p->write && p->policy.pinned && !p->fleeting && self_test_tells_pins(w->launch))
		add(w, p, PROBE_PIN, true);
}

static bool
has_stub(const struct launch *l, const char *path)
{
	for (size_t i = 0; i < l->artifact.stubs.len; i++)
		if (strcmp(l->artifact.stubs.v[i].path, path) == 0)
			return true;
	return false;
}

/* What must not appear has something in its place, in which nothing can be made. */
static void
try_missing(struct self_test_planner *w, struct place *p)
{
	look_up(w, p);
	if (p->write)
		return;
	struct probe probe = {
		.op = PROBE_CREATE, .target = p->path, .rule = p->rule, .at = p->at, .element = p->element,
		.void_because = has_stub(w->launch, p->path) ? NULL : "as it does not exist",
	};
	VEC_PUSH(w->arena, &w->test->probes, probe);
}

/* No file, on Windows: drives are below it. */
static bool
is_no_place(const struct self_test_planner *w, const char *path)
{
	return w->decide->bound->target == TARGET_WINDOWS && strcmp(path, "/") == 0;
}

static bool
is_our_own(const struct self_test_planner *w, const char *path)
{
	return is_no_place(w, path) || base_place_at(w->decide->bound->target, path) != NULL || path_within(path, "/dev") ||
	    path_within(path, "/proc");
}

static bool
has_room(struct self_test_planner *w)
{
	if (w->places++ < MOST_PLACES)
		return true;
	w->test->left_out++;
	return false;
}

struct search {
	struct self_test_planner *planner;
	const struct region *region;
	const struct place *dir;
	struct place	*out;
	int		 found, looked_at;
};

/* How much can be tried there: most with a file that we could write. */
static int
worth(const char *path, enum node_kind kind)
{
	if (kind == NODE_FILE)
		return probe_may_write(path) ? 3 : 2;
	return kind == NODE_DIR ? 1 : 0;
}

static int
look_at(void *arg, const char *name, enum node_kind kind)
{
	struct search *s = arg;
	struct self_test_planner *w = s->planner;
	struct place p = { .path = path_join(w->arena, s->dir->path, name), .fleeting = true };

	if (s->looked_at++ == NAMES_LOOKED_AT || s->found == 3)
		return 1;
	if (region_step(s->region, name, strlen(name)) != NULL || is_our_own(w, p.path))
		return 0;
	int value = worth(p.path, kind);
	if (value > s->found && w->host->stat(w->host, w->arena, p.path, &p.fact) == 0 &&
	    p.fact.kind == kind && p.fact.dev == s->dir->fact.dev) {
		*s->out = p;
		s->found = value;
	}
	return 0;
}

/* An existing name that no deeper node speaks for: it stands for all of them. */
static bool
find_child(struct self_test_planner *w, const struct region *r, const struct place *dir, struct place *out)
{
	struct search s = { .planner = w, .region = r, .dir = dir, .out = out };

	/* What cannot be listed has none. */
	(void)w->host->list(w->host, dir->path, look_at, &s);
	return s.found > 0;
}

/* Nothing is known of what cannot be looked at. */
static bool
look(struct self_test_planner *w, struct place *p)
{
	return w->host->stat(w->host, w->arena, p->path, &p->fact) == 0;
}

static void
try_link(struct self_test_planner *w, const char *path, const char *target, const struct why *why)
{
	const struct bound_policy *b = w->decide->bound;
	struct probe p = {
		.op = PROBE_LINK, .target = path, .want = target, .expected = true,
		.rule = why_text(w->arena, b, why), .at = why_place(w->arena, b, why),
	};
	struct emitted e;

	self_test_emitted(w, path, &e);
	p.element = element_of(&e);
	VEC_PUSH(w->arena, &w->test->probes, p);
}

/* Depth is bounded by LIMIT_PATH_DEPTH, as the tree is. */
static void
walk(struct self_test_planner *w, const struct region *r)
{
	struct place p = { .path = region_path(w->arena, r) }, child;

	if (!is_our_own(w, p.path) && has_room(w) && look(w, &p)) {
		if (p.fact.kind == NODE_MISSING)
			try_missing(w, &p);
		else if (p.fact.kind != NODE_LINK)
			try_place(w, &p);
		if (p.fact.kind == NODE_DIR && find_child(w, r, &p, &child))
			try_place(w, &child);
	}
	for (size_t i = 0; i < r->nchild; i++)
		walk(w, r->child[i]);
}

static void
try_patterns(struct self_test_planner *w)
{
	const struct bound_policy *b = w->decide->bound;

	for (size_t i = 0; i < b->patterns.len; i++)
		for (size_t k = 0; k < b->patterns.v[i].matches.len; k++) {
			struct place p = { .path = b->patterns.v[i].matches.v[k] };
			bool exact;
			region_find(w->decide->root, p.path, &exact);
			if (!exact && look(w, &p) && p.fact.kind != NODE_MISSING && p.fact.kind != NODE_LINK &&
			    has_room(w))
				try_place(w, &p);
		}
}

/* ---- what every sandbox has ---- */

void
self_test_own(struct self_test_planner *w, enum probe_op op, const char *target, const char *want,
    bool expected, const char *element)
{
	struct probe p = {
		.op = op, .target = target, .want = want, .expected = expected, .at = "",
		.rule = "what every sandbox has", .element = element,
	};

	if (op == PROBE_WRITE && !expected)
		p.void_because = probe_void(&p);
	VEC_PUSH(w->arena, &w->test->probes, p);
}

struct self_test *
self_test_plan(struct arena *a, const struct launch *l, struct launch_error *err)
{
	struct self_test *t = arena_alloc(a, sizeof(*t));
	struct self_test_planner w = { .arena = a, .launch = l, .decide = l->request->decide, .test = t,
	    .host = host_real(a) };
	const struct ir_policy *ir = l->request->ir;
	struct emitted e;

	if (l->request->bound == NULL || l->backend == NULL) {
		*err = (struct launch_error){ LAUNCH_REFUSED, "--self-test: the profile confines nothing "
		    "here, so there is no sandbox to test" };
		return NULL;
	}
	*t = (struct self_test){ .left_out = 0 };
	self_test_add_own(&w);
	walk(&w, w.decide->root);
	try_patterns(&w);
	for (size_t i = 0; i < w.decide->nlinks; i++) {
		const struct why why = link_why(&w.decide->links[i]);
		try_link(&w, w.decide->links[i].path, w.decide->links[i].target, &why);
	}
	t->net_rule = ir->network.mode == NET_OPEN ? "the network is open" :
	    ir->network.mode == NET_OFF ? "the network is off" : "only the managed proxy can be reached";
	t->net_at = why_place(a, l->request->bound, &(struct why){ WHY_ENTRY, &ir->network.origin, NULL });
	t->net_element = t->socket_element = "its rules of the network";
	if (l->backend->emitted == NULL)
		return t;
	l->backend->emitted(a, l->request->bound, &l->artifact, EMITTED_NETWORK, NULL, &e);
	t->net_element = element_of(&e);
	l->backend->emitted(a, l->request->bound, &l->artifact, EMITTED_SOCKETS, NULL, &e);
	t->socket_element = element_of(&e);
	return t;
}

int
self_test_list(const struct launch *l, const struct self_test *t, struct sbuf *out)
{
	cJSON *doc = json_new_object(), *rows = json_new_array();

	for (size_t i = 0; i < t->probes.len; i++)
		json_append(rows, probe_json(&t->probes.v[i]));
	json_put_text(doc, "backend", l->backend->name);
	json_put_bool(doc, "json", l->request->self_test == LAUNCH_SELF_TEST_JSON);
	json_put_bool(doc, "only", l->request->self_test_only);
	json_put_number(doc, "left_out", t->left_out);
	json_put(doc, "probes", rows);
	int rc = json_write(out, doc);
	cJSON_Delete(doc);
	return rc;
}

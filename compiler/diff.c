/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c - from the comparisons of policy/ to rows in words */
#include <config.h>

#include "diff.h"

#include <string.h>

#include "arena.h"
#include "compare_env.h"
#include "compare_net.h"
#include "explain.h"
#include "why_json.h"

static void
add_row(struct diff *d, struct diff_row row)
{
	d->count[row.class]++;
	VEC_PUSH(d->a, &d->rows, row);
}

static const char *
spell(struct diff *d, const char *path)
{
	return explain_spell(d->a, d->side[0].bound, path);
}

/* ---- the filesystem ---- */

static const char *
access_words(const struct fs_region *r, int side)
{
	bool pins = r->access[0] == ACCESS_WRITE && r->access[1] == ACCESS_WRITE;
	switch (r->access[side]) {
	case ACCESS_DENY:
		return "no access";
	case ACCESS_READ:
		return "read";
	default:
		return !pins ? "write" : r->pinned[side] ?
		    "write, but not rename or remove" : "write, rename and remove";
	}
}

/* Why a side pins the sample. */
static struct diff_rule
pin_rule(struct diff *d, int side, const struct decide_fs *fs, const struct fs_region *r)
{
	struct path_explanation why;
	explain_path(d->a, fs, r->sample, &why);
	const struct explained_pin *pin = &why.pins.v[0];
	for (size_t i = 0; i < why.pins.len && pin->why.kind == WHY_NOTHING; i++)
		pin = &why.pins.v[i];
	return (struct diff_rule){ "pin", pin_text(d->a, d->side[side].bound, pin),
	    pin->why.kind != WHY_NOTHING ? pin->why.origin : NULL };
}

static struct diff_rule
fs_rule(struct diff *d, int side, const struct decide_fs *fs, const struct fs_region *r)
{
	if (r->access[0] == r->access[1] && r->pinned[side])
		return pin_rule(d, side, fs, r);
	return (struct diff_rule){ why_kind_name(r->why[side].kind),
	    why_text(d->a, d->side[side].bound, &r->why[side]), r->why[side].origin };
}

/* A pattern with the place that it is for. */
static const char *
pattern_spelt(struct diff *d, const struct pattern *p)
{
	struct sbuf path = SBUF_INIT;
	for (size_t i = 0; i < p->nsteps; i++) {
		const struct pattern_step *s = &p->step[i];
		bool names = s->kind == STEP_LITERAL || s->kind == STEP_GLOB;
		sbuf_printf(&path, "/%.*s", names ? (int)s->text.len : 2, names ? s->text.p : "**");
	}
	const char *text = spell(d, arena_strdup(d->a, sbuf_str(&path)));
	sbuf_free(&path);
	return text;
}

static void
fs_row(struct diff *d, const struct decide_fs *const fs[2], const struct fs_region *r)
{
	struct diff_row row = { .class = r->class, .topic = "filesystem", .scope = r->scope };
	row.path = r->top;
	row.region = r->pattern != NULL ? pattern_spelt(d, r->pattern) : spell(d, r->top);
	row.sample = spell(d, r->sample);
	row.sample_path = r->sample;
	for (size_t i = 0; i < r->except.len; i++)
		VEC_PUSH(d->a, &row.except, ((struct fs_part){ spell(d, r->except.v[i].path),
		    r->except.v[i].scope }));
	for (size_t i = 0; i < r->patterns.len; i++)
		VEC_PUSH(d->a, &row.patterns, pattern_spelt(d, r->patterns.v[i]));
	for (int s = 0; s < 2; s++) {
		row.value[s] = access_words(r, s);
		row.rule[s] = fs_rule(d, s, fs[s], r);
	}
	add_row(d, row);
}

static int
diff_fs(struct diff *d)
{
	const struct decide_fs *fs[2];
	struct fs_delta delta;
	for (int s = 0; s < 2; s++)
		fs[s] = decide_fs_build(d->a, d->side[s].bound);
	if (delta_fs(d->a, fs[0], fs[1], &delta) != 0)
		return -1;
	for (size_t i = 0; i < delta.regions.len; i++)
		fs_row(d, fs, &delta.regions.v[i]);
	return 0;
}

static const char *
depth_words(struct diff *d, uint32_t depth)
{
	return depth == 0 ? "unlimited" : arena_printf(d->a, "%u", (unsigned)depth);
}

/* Deny patterns are the same; how deep Linux looks for what they match is not. */
static void
diff_depth(struct diff *d)
{
	const struct bound_policy *x = d->side[0].bound, *y = d->side[1].bound;
	if (x->ir->scan_depth == y->ir->scan_depth || x->patterns.len == 0 || y->patterns.len == 0)
		return;
	/* 0 is unlimited: it becomes the largest. */
	struct diff_row row = {
		.class = y->ir->scan_depth - 1 < x->ir->scan_depth - 1 ? DELTA_WIDER : DELTA_NARROWER,
		.topic = "filesystem", .region = "deny patterns on Linux, at depth",
		.sample = "glob_scan_max_depth",
	};
	for (int s = 0; s < 2; s++) {
		const struct ir_policy *ir = d->side[s].bound->ir;
		row.value[s] = depth_words(d, ir->scan_depth);
		row.rule[s] = (struct diff_rule){ "depth", ir->scan_depth == 0 ?
		    "glob_scan_max_depth is not set" : "glob_scan_max_depth",
		    ir->scan_depth > 0 ? &ir->scan_origin : NULL };
	}
	add_row(d, row);
}

/* ---- the network ---- */

static const char *
net_value(struct diff *d, const struct net_difference *n, int side)
{
	const char *v = n->side[side].value;
	if (n->topic == NET_SWITCH)
		return v == NULL ? "not set" : n->class == DELTA_CHANGED ?
		    arena_printf(d->a, "\"%s\"", v) : v;
	if (n->topic == NET_METHOD)
		return n->side[side].allow ? "every method" : "GET, HEAD and OPTIONS";
	return n->side[side].allow ? "allowed" : "denied";
}

static struct diff_rule
net_rule(struct diff *d, const struct net_difference *n, int side)
{
	static const char *const kind[] = {
		[NET_BY_MODE] = "mode", [NET_BY_RULE] = "rule", [NET_BY_SWITCH] = "switch",
		[NET_NO_RULE] = "nothing", [NET_BY_ADDRESS] = "address",
	};
	const struct ir_network *net = &d->side[side].bound->ir->network;
	const struct net_decision *x = &n->side[side].decision;
	struct diff_rule r = { "switch", n->what, x->origin };
	if (n->topic == NET_METHOD)
		r.text = net->limited ? "mode = \"limited\"" : "mode = \"full\"";
	if (n->topic == NET_SWITCH || n->topic == NET_METHOD)
		return r;
	r.kind = kind[x->reason];
	r.text = net_reason_text(d->a, net, x);
	if (n->topic == NET_UNCONFINED && !x->allow)
		r.text = net->mode == NET_OFF ? "the network is off" : "the network is a proxy alone";
	return r;
}

static const char *
diff_net(struct diff *d)
{
	struct net_comparison all;
	if (compare_net(d->a, d->side[0].bound, d->side[1].bound, &all) != 0)
		return all.why;
	for (size_t i = 0; i < all.v.len; i++) {
		const struct net_difference *n = &all.v.v[i];
		bool socket = n->topic == NET_SOCKET;
		struct diff_row row = { .class = n->class, .topic = socket ? "socket" : "network" };
		row.region = !socket ? n->what : strcmp(n->what, "/") == 0 ?
		    "every Unix socket of the host" : spell(d, n->what);
		row.sample = socket ? spell(d, n->sample) : n->sample;
		if (n->resolved != NULL)
			row.sample = arena_printf(d->a, "%s at %s", n->sample, n->resolved);
		if (socket) {
			row.path = n->what;
			row.sample_path = n->sample;
		}
		for (size_t k = 0; k < n->except.len; k++)
			VEC_PUSH(d->a, &row.except, ((struct fs_part){
			    socket ? spell(d, n->except.v[k]) : n->except.v[k], SCOPE_TREE }));
		for (int s = 0; s < 2; s++) {
			row.value[s] = net_value(d, n, s);
			row.rule[s] = net_rule(d, n, s);
		}
		add_row(d, row);
	}
	return NULL;
}

/* ---- the environment ---- */

static const char *
env_value(struct diff *d, const struct env_difference *x, int side)
{
	const struct env_decision *e = &x->side[side];
	if (x->unresolved)
		return e->pattern != NULL ? "there" : "not there";
	switch (e->result) {
	case ENV_DROPPED:
		return "dropped";
	case ENV_KEPT:
		return "the caller's";
	case ENV_SET:
		return arena_printf(d->a, "\"%s\"", e->value);
	}
	return "";
}

static struct diff_rule
env_rule(struct diff *d, const struct env_difference *x, int side)
{
	const struct env_decision *e = &x->side[side];
	struct diff_rule r = { "environment", decide_env_text(d->a, e), e->origin };
	if (x->unresolved && e->pattern == NULL)
		return (struct diff_rule){ "nothing", "no such rule", NULL };
	if (x->unresolved)
		r.text = arena_printf(d->a, "%s \"%s\"", e->reason == ENV_BY_EXCLUDE ? "exclude" :
		    "include_only", e->pattern);
	return r;
}

/* The variables that the rule of the side that drops them takes away. */
static const char *
env_region(struct diff *d, const struct env_difference *x)
{
	if (x->unresolved)
		return arena_printf(d->a, "pattern \"%s\"", x->sample);
	if (x->class == DELTA_CHANGED)
		return x->sample;
	const struct env_decision *e = &x->side[x->class == DELTA_WIDER ? 0 : 1];
	switch (e->reason) {
	case ENV_BY_DEFAULTS:
	case ENV_BY_EXCLUDE:
		return arena_printf(d->a, "variables that match \"%s\"", e->pattern);
	case ENV_BY_INCLUDE_ONLY:
		return "variables that include_only leaves out";
	default:
		return e->reason == ENV_BY_CORE ? "variables that are not \"core\"" : "variables";
	}
}

static void
diff_env(struct diff *d)
{
	struct env_comparison all;
	compare_env(d->a, &d->side[0].bound->ir->environment, &d->side[1].bound->ir->environment,
	    &all);
	for (size_t i = 0; i < all.v.len; i++) {
		const struct env_difference *x = &all.v.v[i];
		struct diff_row row = { .class = x->class, .topic = "environment",
		    .region = env_region(d, x), .sample = x->sample };
		for (int s = 0; s < 2; s++) {
			row.value[s] = env_value(d, x, s);
			row.rule[s] = env_rule(d, x, s);
		}
		add_row(d, row);
	}
}

/* ---- the whole ---- */

/* Spec 1.2: one of the built-ins is run without any sandbox. */
static void
diff_sandbox(struct diff *d)
{
	const bool off[2] = { d->side[0].bound->ir->unsandboxed, d->side[1].bound->ir->unsandboxed };
	if (off[0] == off[1])
		return;
	struct diff_row row = { .class = off[1] ? DELTA_WIDER : DELTA_NARROWER, .topic = "sandbox",
	    .region = "the sandbox", .sample = "the kernel's own settings below /proc and /sys" };
	for (int s = 0; s < 2; s++) {
		row.value[s] = off[s] ? "none at all" : "on";
		row.rule[s] = (struct diff_rule){ "profile", arena_printf(d->a, "profile \"%s\"",
		    d->side[s].bound->ir->name), NULL };
	}
	add_row(d, row);
}

const char *
diff_make(struct diff *d)
{
	diff_sandbox(d);
	if (diff_fs(d) != 0)
		return "their deny patterns together pass the limit of states; "
		    "make the patterns fewer or simpler";
	diff_depth(d);
	const char *why = diff_net(d);
	diff_env(d);
	return why;
}

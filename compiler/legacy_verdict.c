/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_verdict.c - a policy held against raise(project(P)): equal, or where not */
#include <config.h>

#include "legacy_verdict.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "bind.h"
#include "bound.h"
#include "compare.h"
#include "decide_fs.h"
#include "ir.h"
#include "legacy_ask.h"
#include "path.h"
#include "why_json.h"

static void
say_why_not(struct legacy_question *q, const char *reason, const struct ir_origin *origin)
{
	q->v->reason = reason;
	q->v->profile.why.origin = origin;
	q->v->round_trips = false;
}

static const struct bound_policy *
bind(struct legacy_question *q, const struct ir_policy *ir)
{
	struct bind_error err;
	const struct bound_policy *b = bind_generic(q->a, ir, TARGET_LINUX, &err);
	if (b == NULL)
		say_why_not(q, err.text, err.origin);
	return b;
}

/* ---- paths ---- */

static bool
shorter(const char *x, const char *y)
{
	size_t d = path_depth(x), e = path_depth(y);
	return d != e ? d < e : name_order(x, strlen(x), y, strlen(y)) < 0;
}

/* What the decision function says of the entry's own path when it stands alone with the patterns. */
static bool
is_writable_alone(struct arena *a, const struct bound_policy *b, const struct bound_entry *e)
{
	struct bound_policy alone = *b;
	struct bound_entry copy = *e;
	alone.entries.v = &copy;
	alone.entries.len = 1;
	alone.shields.len = 0;
	return decide_fs(decide_fs_build(a, &alone), e->path).writable;
}

static bool
loses_tie(const struct bound_policy *b, const struct bound_entry *e)
{
	for (size_t i = 0; i < b->entries.len; i++)
		if (b->entries.v[i].access == ACCESS_DENY &&
		    strcmp(b->entries.v[i].path, e->path) == 0)
			return true;
	return false;
}

/*
 * The shortest path that only a write entry of P makes writable.  An entry is
 * never shielded at its own path, so but for ties and patterns its path is
 * writable, and no path above it that is writable is without an entry of its
 * own: nothing need be built to find it.  NULL: look on with the comparison.
 */
static const struct bound_entry *
top_write(struct arena *a, const struct bound_policy *b)
{
	const struct bound_entry *best = NULL;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (e->access == ACCESS_WRITE && (best == NULL || shorter(e->path, best->path)))
			best = e;
	}
	if (best == NULL || loses_tie(b, best))
		return NULL;
	return b->patterns.len == 0 || is_writable_alone(a, b, best) ? best : NULL;
}

/* In place of a projection stands read-only: under it nothing is writable, and all is read. */
static bool
ask_unprojected(struct legacy_question *q)
{
	struct legacy_verdict *v = q->v;
	if (v->policy.kind != LEGACY_READ_ONLY)
		return true;
	const struct bound_entry *e = top_write(q->a, q->mine);
	if (e == NULL)
		return true;
	v->operation = fs_op_name(OP_WRITE);
	v->what = e->path;
	v->profile = (struct legacy_side){ true, { WHY_ENTRY, e->origin, e->spelt }, NULL };
	const struct ir_entry *root = &v->raised->entries.v[0];
	v->legacy = (struct legacy_side){ false, { WHY_ENTRY, &root->origin, "/" }, NULL };
	return false;
}

/* True: they are equal on all paths. */
static bool
ask_paths(struct legacy_question *q, const struct bound_policy *mine,
    const struct bound_policy *legacy)
{
	struct comparison c;
	struct compare_side x = compare_side_of(q->a, decide_fs_build(q->a, mine));
	struct compare_side y = compare_side_of(q->a, decide_fs_build(q->a, legacy));

	if (compare_fs(q->a, &x, &y, &c) != 0) {
		say_why_not(q, "its patterns together are too many to be compared",
		    mine->patterns.v[0].origin);
		return false;
	}
	if (c.equal)
		return true;
	q->v->operation = fs_op_name(c.witness.op);
	q->v->what = c.witness.path;
	q->v->profile = (struct legacy_side){ c.witness.allowed_a, c.witness.why_a, NULL };
	q->v->legacy = (struct legacy_side){ c.witness.allowed_b, c.witness.why_b, NULL };
	return false;
}

static bool
ask_windows(struct legacy_question *q)
{
	const struct ir_policy *mine = legacy_windows_view(q->a, q->v->ir);
	const struct ir_policy *legacy = legacy_windows_view(q->a, q->v->raised);
	if (mine == NULL)
		return true;
	const struct bound_policy *x = bind(q, mine);
	const struct bound_policy *y = x == NULL ? NULL :
	    bind(q, legacy != NULL ? legacy : q->v->raised);
	if (y == NULL || ask_paths(q, x, y))
		return y != NULL;
	if (q->v->what != NULL)
		q->v->what = legacy_windows_path(q->a, q->v->what);
	return false;
}

/* ---- the verdict ---- */

struct legacy_verdict
legacy_verdict(struct arena *a, const struct ir_policy *ir, const struct bound_policy *generic)
{
	struct legacy_verdict v = { .ir = ir };
	struct legacy_question q = { .a = a, .v = &v };
	bool projected = legacy_policy_project(a, ir, &v.policy, &v.reason);

	v.raised = legacy_policy_raise(a, &v.policy);
	q.mine = generic != NULL ? generic : bind(&q, ir);
	q.legacy = q.mine != NULL ? bind(&q, v.raised) : NULL;
	if (q.legacy == NULL)
		return v;
	bool equal = (projected || ask_unprojected(&q)) && legacy_ask_hosts(&q) &&
	    ask_paths(&q, q.mine, q.legacy) && legacy_ask_sockets(&q) && ask_windows(&q);
	v.round_trips = projected && equal;
	return v;
}

/* ---- words ---- */

/* A path of the generic binding in the words of the language. */
static const char *
spell(struct arena *a, const char *what)
{
	static const struct { const char *path, *name; } places[] = {
		{ "/@cwd", ":workspace_roots" }, { "/@home", "~" }, { "/@tmpdir", ":tmpdir" },
	};
	const char *front = strncmp(what, "unix:", 5) == 0 ? "unix:" : "";
	what += strlen(front);
	for (size_t i = 0; i < NELEMS(places); i++)
		if (what[0] == '/' && path_within(what, places[i].path))
			return arena_printf(a, "%s%s%s", front, places[i].name,
			    what + strlen(places[i].path));
	return arena_printf(a, "%s%s", front, what);
}

/* `entry "src", profile.toml:7': the rule of one side and its place. */
static const char *
side_text(struct arena *a, const struct ir_policy *ir, const struct legacy_side *s)
{
	const struct bound_policy of = { .ir = ir };
	const char *text = s->net != NULL ? s->net : why_text(a, &of, &s->why);
	const char *place = why_place(a, &of, &s->why);
	const struct ir_origin *o = s->why.origin;

	if (place[0] == '\0' && o != NULL && o->span.source < ir->sources.len)
		place = ir->sources.v[o->span.source].name;
	return place[0] == '\0' ? text : arena_printf(a, "%s, %s", text, place);
}

const char *
legacy_verdict_text(struct arena *a, const struct legacy_verdict *v)
{
	if (v->round_trips)
		return arena_printf(a, "round-trips as %s", legacy_policy_text(a, &v->policy));
	if (v->operation == NULL)
		return arena_printf(a, "does not round-trip: %s", v->reason);
	return arena_printf(a, "does not round-trip: \"%s %s\" %s\n"
	    "  %s here: %s\n  %s by the legacy policy (%s): %s%s%s",
	    v->operation, spell(a, v->what), v->profile.allows ?
	    "is allowed, and would not be" : "is not allowed, and would be",
	    v->profile.allows ? "allowed" : "not allowed", side_text(a, v->ir, &v->profile),
	    v->legacy.allows ? "allowed" : "not allowed", legacy_policy_text(a, &v->policy),
	    side_text(a, v->raised, &v->legacy), v->reason != NULL ? "\n  " : "",
	    v->reason != NULL ? v->reason : "");
}

/* ---- JSON ---- */

static void
put_text(cJSON *o, const char *key, const char *text)
{
	json_put(o, key, text == NULL ? json_must(cJSON_CreateNull()) :
	    json_bytes(text, strlen(text)));
}

static cJSON *
side_json(struct arena *a, const struct ir_policy *ir, const struct legacy_side *s)
{
	const struct bound_policy of = { .ir = ir };
	cJSON *o = json_must(cJSON_CreateObject()), *why;
	if (s->net == NULL) {
		why = why_json(a, &of, &s->why);
	} else {
		why = json_must(cJSON_CreateObject());
		put_text(why, "kind", "network");
		put_text(why, "text", s->net);
		json_put(why, "at", origin_json(ir, s->why.origin));
	}
	json_put(o, "allows", json_must(cJSON_CreateBool(s->allows)));
	json_put(o, "why", why);
	return o;
}

cJSON *
legacy_verdict_json(struct arena *a, const struct legacy_verdict *v)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put(o, "round_trips", json_must(cJSON_CreateBool(v->round_trips)));
	if (v->round_trips) {
		json_put(o, "policy", legacy_policy_json(a, &v->policy));
		return o;
	}
	cJSON *w = json_must(cJSON_CreateObject()), *legacy;
	put_text(w, "operation", v->operation);
	put_text(w, "what", v->what);
	put_text(w, "reason", v->reason);
	json_put(w, "profile", side_json(a, v->ir, &v->profile));
	legacy = side_json(a, v->raised, &v->legacy);
	json_put(legacy, "policy", legacy_policy_json(a, &v->policy));
	json_put(w, "legacy", legacy);
	json_put(o, "witness", w);
	return o;
}

bool
legacy_check_print(FILE *f, struct arena *a, const struct legacy_verdict *v, bool json, bool quiet)
{
	if (json) {
		struct sbuf b = SBUF_INIT;
		cJSON *o = json_must(cJSON_CreateObject());
		put_text(o, "profile", v->ir->name);
		json_put(o, "legacy", legacy_verdict_json(a, v));
		/* Numbers of 32 bits, and text that went through json_bytes(). */
		if (json_write(&b, o) != 0)
			out_of_memory();
		fprintf(f, "%s\n", sbuf_str(&b));
		cJSON_Delete(o);
		sbuf_free(&b);
	} else if (!quiet || !v->round_trips) {
		fprintf(f, "%s: %s\n", v->ir->name, legacy_verdict_text(a, v));
	}
	return v->round_trips;
}

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
ask_paths(struct legacy_question *q, const struct decide_fs *mine,
    const struct bound_policy *legacy)
{
	struct comparison c;
	struct compare_side x = compare_side_of(q->a, mine);
	struct compare_side y = compare_side_of(q->a, decide_fs_build(q->a, legacy));

	if (compare_fs_shortest(q->a, &x, &y, &c) != 0) {
		say_why_not(q, "its patterns together are too many to be compared",
		    mine->bound->patterns.v[0].origin);
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
	if (y == NULL || ask_paths(q, decide_fs_build(q->a, x), y))
		return y != NULL;
	if (q->v->what != NULL)
		q->v->what = legacy_windows_path(q->a, q->v->what);
	return false;
}

/* ---- the verdict ---- */

struct legacy_verdict
legacy_verdict(struct arena *a, const struct ir_policy *ir, const struct decide_fs *generic)
{
	struct legacy_verdict v = { .ir = ir };
	struct legacy_question q = { .a = a, .v = &v };
	bool projected = legacy_policy_project(a, ir, &v.policy, &v.reason);

	v.raised = legacy_policy_raise(a, &v.policy);
	q.mine = generic != NULL ? generic->bound : bind(&q, ir);
	q.legacy = q.mine != NULL ? bind(&q, v.raised) : NULL;
	if (q.legacy == NULL)
		return v;
	bool equal = (projected || ask_unprojected(&q)) && legacy_ask_hosts(&q) &&
	    ask_paths(&q, generic != NULL ? generic : decide_fs_build(a, q.mine), q.legacy) &&
	    legacy_ask_sockets(&q) && ask_windows(&q);
	v.round_trips = projected && equal;
	return v;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* claim.c - claims about paths: one by one, or all that a pattern matches */
#include <config.h>

#include "claim.h"

#include "arena.h"
#include "base_place.h"
#include "bound.h"

bool
fs_verdict_allows(const struct fs_verdict *v, enum fs_op op)
{
	switch (op) {
	case OP_READ:
		return v->readable;
	case OP_WRITE:
		return v->writable;
	case OP_RENAME:
		return v->writable && !v->pinned;
	}
	return false;
}

/* The side, with the exceptions denied: where both sides deny there is nothing to find. */
static struct compare_side
side_without(struct arena *a, const struct compare_side *side, const struct claim *c)
{
	const size_t n = side->npatterns;
	const struct pattern **p = arena_array(a, n + c->nexcept + 1, sizeof(*p));
	struct why *why = arena_array(a, n + c->nexcept + 1, sizeof(*why));

	for (size_t i = 0; i < n; i++) {
		p[i] = side->pattern[i];
		why[i] = side->pattern_why[i];
	}
	for (size_t i = 0; i < c->nexcept; i++)
		p[n + i] = c->except[i];
	return (struct compare_side){ side->root, p, why, n + c->nexcept };
}

int
claim_decide(struct arena *a, const struct decide_fs *d, const struct claim *c,
    struct claim_result *out)
{
	*out = (struct claim_result){ .holds = true };
	if (c->path != NULL) {
		out->path = c->path;
		out->verdict = decide_sandbox(d, c->path);
		out->holds = fs_verdict_allows(&out->verdict, c->op) == c->allow;
		return 0;
	}

	const enum access claimed = c->allow ? ACCESS_WRITE : ACCESS_DENY;
	const struct region everywhere = { .name = "", .self = claimed, .below = claimed };
	const struct compare_side policy = compare_side_of(a, d), all = { .root = &everywhere };
	const struct compare_side x = side_without(a, &policy, c), y = side_without(a, &all, c);
	/* What the policy names exists on a made-up Windows, in that case alone. */
	const struct compare_scope scope = { 1u << c->op, c->pattern, true, d->bound->target == TARGET_WINDOWS };
	struct comparison cmp;
	if (compare_fs_within(a, &scope, &x, &y, &cmp) != 0)
		return -1;
	if (cmp.equal)
		return 0;
	out->holds = false;
	out->path = cmp.witness.path;
	out->verdict = decide_fs(d, out->path);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* crosscheck.c - accepting an artifact only when it equals the policy */
#include <config.h>

#include "crosscheck.h"

#include <string.h>

#include "arena.h"
#include "compare.h"
#include "decide_fs.h"

/*
 * The first link of the tree that the other side lacks; children in order, so
 * the report is stable.  Both have theirs sorted: one pass finds each pair.
 */
static const struct region *
missing_link(const struct region *want, const struct region *have)
{
	if (want->link != NULL &&
	    (have == NULL || have->link == NULL || strcmp(have->link, want->link) != 0))
		return want;
	size_t k = 0, nhave = have != NULL ? have->nchild : 0;
	for (size_t i = 0; i < want->nchild; i++) {
		const struct region *c = want->child[i];
		int order = -1;
		while (k < nhave && (order = region_name_cmp(have->child[k], c)) < 0)
			k++;
		const struct region *bad = missing_link(c,
		    k < nhave && order == 0 ? have->child[k] : NULL);
		if (bad != NULL)
			return bad;
	}
	return NULL;
}

int
crosscheck_regions(struct arena *a, const struct bound_policy *b,
    const struct region *effective, const struct region *model, struct refusal *out)
{
	struct compare_side x = { .root = effective }, y = { .root = model };
	struct comparison c;
	if (compare_fs_shortest(a, &x, &y, &c) != 0) {
		*out = (struct refusal){ "the comparison passed its limit of states", NULL, NULL };
		return -1;
	}
	if (!c.equal) {
		const struct witness *w = &c.witness;
		*out = (struct refusal){
			arena_printf(a, "the artifact %s what the policy %s (%s; artifact: %s)",
			    w->allowed_b ? "allows" : "refuses",
			    w->allowed_b ? "refuses" : "allows",
			    why_text(a, b, &w->why_a), why_text(a, b, &w->why_b)),
			arena_printf(a, "%s %s", fs_op_name(w->op), w->path),
			w->why_a.origin,
		};
		return -1;
	}
	const struct region *link = missing_link(effective, model);
	if (link == NULL)
		link = missing_link(model, effective);
	if (link != NULL) {
		*out = (struct refusal){ "a link on the way to a grant differs",
		    arena_printf(a, "readlink %s", region_path(a, link)), link->why.origin };
		return -1;
	}
	return 0;
}

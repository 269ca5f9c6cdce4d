/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_plan.c - from the effective policy to the rules of a ruleset */
#include <config.h>

#include "landlock_plan.h"

#include <string.h>

#include "arena.h"
#include "landlock_rights.h"
#include "path.h"

struct plan {
	struct arena	*a;
	struct landlock_plan *out;
};

static bool
is_dev(const struct region *r)
{
	return r->parent != NULL && r->parent->parent == NULL && r->len == 3 &&
	    memcmp(r->name, "dev", 3) == 0;
}

/* Device nodes are where they belong and nowhere else: elsewhere none is to be operated. */
static uint64_t
rights_of(const struct plan *p, const struct region *r, bool dev)
{
	uint64_t rights = p->out->fs;

	if (r->self == ACCESS_READ)
		rights &= LANDLOCK_FS_READ;
	if (!dev)
		rights &= ~LANDLOCK_FS_IOCTL_DEV;
	if (r->mark == landlock_no_dir)
		rights &= LANDLOCK_FS_FILE;
	return rights;
}

/* Depth is bounded by LIMIT_PATH_DEPTH. */
static void
walk(struct plan *p, const struct region *r, bool dev)
{
	enum access around = r->parent != NULL ? r->parent->below : ACCESS_DENY;
	dev = dev || is_dev(r);
	if (r->self > around) {
		struct landlock_plan_rule rule = { r, rights_of(p, r, dev),
		    r->why.kind == WHY_BASE };
		VEC_PUSH(p->a, &p->out->rules, rule);
	}
	if (r->pinned && around == ACCESS_WRITE)
		VEC_PUSH(p->a, &p->out->pinned, r);
	for (size_t i = 0; i < r->nchild; i++)
		walk(p, r->child[i], dev);
}

void
landlock_plan(struct arena *a, const struct region *effective, unsigned abi,
    enum ir_net_mode net, struct landlock_plan *out)
{
	struct plan p = { a, out };

	out->abi = abi;
	out->fs = landlock_known(LANDLOCK_FS, abi);
	out->net = net == NET_OPEN ? 0 : landlock_known(LANDLOCK_NET, abi);
	out->scope = landlock_known(LANDLOCK_SCOPE, abi);
	if (net == NET_OPEN)
		out->scope &= ~LANDLOCK_SCOPE_ABSTRACT;
	out->log = abi >= LANDLOCK_ABI_LOG;
	walk(&p, effective, false);
}

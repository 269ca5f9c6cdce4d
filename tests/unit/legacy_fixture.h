/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_fixture.h - legacy policies at random, and what two policies differ in, for the tests of the legacy model */
#ifndef CDXP_LEGACY_FIXTURE_H
#define CDXP_LEGACY_FIXTURE_H

#include "profile_fixture.h"

#include "bind.h"
#include "compare.h"
#include "decide_fs.h"
#include "legacy_policy.h"
#include "reference.h"

static inline bool
chance(struct prng *r, uint32_t one_in)
{
	return prng_below(r, one_in) == 0;
}

static const struct legacy_root root_pool[] = {
	{ ANCHOR_ABS, "/" }, { ANCHOR_ABS, "/tmp" }, { ANCHOR_ABS, "/a" }, { ANCHOR_ABS, "/a/b" },
	{ ANCHOR_ABS, "/a/.git" }, { ANCHOR_ABS, "/a/.git/b" }, { ANCHOR_ABS, "/b" },
	{ ANCHOR_ABS, "/a[1]*" }, { ANCHOR_ABS, "/a\\b" }, { ANCHOR_HOME, "" },
	{ ANCHOR_HOME, "a" }, { ANCHOR_HOME, "a/.codex" }, { ANCHOR_WINDOWS, "C:\\Build" },
	{ ANCHOR_WINDOWS, "C:\\bUILD" }, { ANCHOR_WINDOWS, "\\\\srv\\share\\x" },
	{ ANCHOR_ABS, "/a/\xc3\xa9 \"'" },
};

static inline struct legacy_policy
random_legacy(struct arena *a, struct prng *r)
{
	struct legacy_policy l = { .kind = (enum legacy_kind)prng_below(r, 4),
	    .network_access = chance(r, 2) };
	if (chance(r, 2))
		l.kind = LEGACY_WORKSPACE_WRITE;
	if (l.kind == LEGACY_DANGER_FULL_ACCESS)
		l.network_access = true;
	if (l.kind != LEGACY_WORKSPACE_WRITE)
		return l;
	l.exclude_tmpdir = chance(r, 2);
	l.exclude_slash_tmp = chance(r, 2);
	for (uint32_t n = prng_below(r, 6); n > 0; n--)
		VEC_PUSH(a, &l.roots, root_pool[prng_below(r, NELEMS(root_pool))]);
	return l;
}

static inline struct comparison
compare_policies(struct arena *a, const struct ir_policy *x, const struct ir_policy *y)
{
	struct bind_error err;
	struct bound_policy *bx = bind_generic(a, x, TARGET_LINUX, &err);
	struct bound_policy *by = bind_generic(a, y, TARGET_LINUX, &err);
	assert_non_null(bx);
	assert_non_null(by);
	struct compare_side sx = compare_side_of(a, decide_fs_build(a, bx));
	struct compare_side sy = compare_side_of(a, decide_fs_build(a, by));
	struct comparison c;
	assert_int_equal(compare_fs(a, &sx, &sy, &c), 0);
	return c;
}

#endif

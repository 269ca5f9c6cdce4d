/* SPDX-License-Identifier: Apache-2.0 */
/* test_idle.c - the use of entries, against its definition: bind without one, and compare */
#include <config.h>

#include "bind_fixture.h"

#include "compare.h"
#include "decide_fs.h"
#include "idle.h"
#include "prng.h"

enum { ROUNDS = 6000, ENTRIES_MAX = 7 };

/* How often each use came up: a property that is never asked proves nothing. */
static unsigned seen[USE_UNCLEAR + 1];

static struct bound_policy *
bind_one(struct fixture *x, const struct ir_policy *ir, bool generic)
{
	struct bind_request rq = x->rq;
	rq.ir = ir;
	return generic ? bind_generic(x->a, ir, TARGET_LINUX, &x->err) :
	    bind_policy(x->a, &rq, x->host, &x->err);
}

/* Spec 2.4, of the whole policy: nothing but the definition.  -1: it cannot be bound without. */
static int
equal_without(struct fixture *x, const struct decide_fs *d, size_t at, bool generic)
{
	struct ir_policy less = x->ir;
	less.entries.v = arena_array(x->a, x->ir.entries.len + 1, sizeof(*less.entries.v));
	less.entries.len = less.entries.cap = 0;
	for (size_t i = 0; i < x->ir.entries.len; i++)
		if (i != at)
			less.entries.v[less.entries.len++] = x->ir.entries.v[i];
	const struct bound_policy *b = bind_one(x, &less, generic);
	if (b == NULL)
		return -1;
	struct compare_side with = compare_side_of(x->a, d);
	struct compare_side without = compare_side_of(x->a, decide_fs_build(x->a, b));
	struct comparison c;
	assert_int_equal(compare_fs(x->a, &with, &without, &c), 0);
	return c.equal;
}

/* Whether the entry wins nowhere, looked for among all pairs. */
static bool
never_wins(const struct fixture *x, const struct bound_policy *b, size_t at)
{
	static const int rank[] = { [ACCESS_READ] = 0, [ACCESS_WRITE] = 1, [ACCESS_DENY] = 2 };
	const struct ir_origin *o = &x->ir.entries.v[at].origin;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		bool beaten = false;
		if (e->origin != o)
			continue;
		for (size_t k = 0; k < b->entries.len && !beaten; k++) {
			const struct bound_entry *f = &b->entries.v[k];
			if (f->origin == o || strcmp(f->path, e->path) != 0)
				continue;
			if (f->source != e->source)
				beaten = f->source == BOUND_WRITTEN;
			else if (f->access != e->access)
				beaten = rank[f->access] > rank[e->access];
			else if (f->shared_tmp != e->shared_tmp)
				beaten = e->shared_tmp;
			else
				beaten = k < i;
		}
		if (!beaten)
			return false;
	}
	return true;
}

static void
show_policy(const struct fixture *x, uint64_t seed, size_t at)
{
	print_message("seed %llu, entry %zu of:\n", (unsigned long long)seed, at);
	for (size_t i = 0; i < x->ir.entries.len; i++)
		print_message("  %s %s = %s\n", anchor_name(x->ir.entries.v[i].anchor),
		    x->ir.entries.v[i].path, access_name(x->ir.entries.v[i].access));
	for (size_t i = 0; i < x->ir.patterns.len; i++)
		print_message("  %s %s = deny\n", anchor_name(x->ir.patterns.v[i].anchor),
		    x->ir.patterns.v[i].glob);
}

static void
judge_all(struct fixture *x, bool generic, uint64_t seed)
{
	const struct bound_policy *b = bind_one(x, &x->ir, generic);
	if (b == NULL)
		return;
	const struct decide_fs *d = decide_fs_build(x->a, b);
	const struct entry_verdict *v = idle_entries(x->a, d);
	for (size_t i = 0; i < x->ir.entries.len; i++) {
		seen[v[i].use]++;
		bool unbound = true;
		for (size_t k = 0; k < b->entries.len; k++)
			unbound &= b->entries.v[k].origin != &x->ir.entries.v[i].origin;
		bool wrong = unbound != (v[i].use == USE_UNBOUND);
		if (!unbound)
			wrong |= never_wins(x, b, i) != (v[i].use == USE_SHADOWED);
		int equal = equal_without(x, d, i, generic);
		wrong |= v[i].use == USE_IDLE && equal == 0;
		wrong |= v[i].use == USE_DECIDES && equal == 1;
		if (wrong) {
			show_policy(x, seed, i);
			fail_msg("said %d; without it the policy is %s", (int)v[i].use,
			    equal == 1 ? "equal" : "not equal");
		}
	}
}

static const char *const host_lines[] = {
	"d /tmp", "d /usr", "d /etc", "d /a", "d /a/b", "f /a/b/c x", "d /w/a", "d /w/.git",
	"f /w/a/.git gitdir: /a/b/g", "d /a/b/g", "d /w/.git/hooks", "f /w/.git/hooks/x 1", "d /home/u/a",
	"f /w/b x", "d /tmp/.git", "f /a/.git gitdir: /a/b/g",
};

static void
random_policy(struct fixture *x, uint64_t *r)
{
	static const struct { enum anchor anchor; const char *path; } place[] = {
		{ ANCHOR_ABS, "/" }, { ANCHOR_ABS, "/a" }, { ANCHOR_ABS, "/a/b" },
		{ ANCHOR_ABS, "/a/b/c" }, { ANCHOR_ABS, "/a/.git" }, { ANCHOR_ABS, "/a/.git/b" },
		{ ANCHOR_ABS, "/a/.agents" }, { ANCHOR_ABS, "/a/.codex" }, { ANCHOR_ABS, "/usr" },
		{ ANCHOR_ABS, "/tmp" }, { ANCHOR_ABS, "/tmp/a" }, { ANCHOR_ABS, "/w" },
		{ ANCHOR_ABS, "/a/b/g" }, { ANCHOR_WORKSPACE, "" }, { ANCHOR_WORKSPACE, "a" },
		{ ANCHOR_WORKSPACE, "a/b" }, { ANCHOR_WORKSPACE, ".git" },
		{ ANCHOR_WORKSPACE, ".git/hooks" }, { ANCHOR_WORKSPACE, ".agents" },
		{ ANCHOR_HOME, "" }, { ANCHOR_HOME, "a" }, { ANCHOR_TMPDIR, "" },
		{ ANCHOR_SLASH_TMP, "" }, { ANCHOR_MINIMAL, "" }, { ANCHOR_WINDOWS, "C:\\x" },
	};
	static const struct { enum anchor anchor; const char *glob; } glob[] = {
		{ ANCHOR_ABS, "/a/**/c" }, { ANCHOR_ABS, "/a/**" }, { ANCHOR_ABS, "/a/*" },
		{ ANCHOR_ABS, "/*/b" }, { ANCHOR_WORKSPACE, "**/a" }, { ANCHOR_WORKSPACE, ".g*" },
		{ ANCHOR_ABS, "/[a]" }, { ANCHOR_HOME, "**" }, { ANCHOR_ABS, "/a/.git/b/*x" },
		{ ANCHOR_WORKSPACE, ".git/*" }, { ANCHOR_WORKSPACE, "*/**/x" },
	};
	/* Half of the policies are about few places, so that they meet. */
	size_t from = 0, n = NELEMS(place);
	if (prng_below(r, 2) == 0) {
		n = 8;
		from = prng_below(r, NELEMS(place) - n + 1);
	}
	bool taken[NELEMS(place)] = { false };
	if (prng_below(r, 3) == 0) {
		entry(x, ANCHOR_ABS, "/", prng_below(r, 3) == 0 ? ACCESS_READ : ACCESS_WRITE);
		taken[0] = true;
	}
	for (size_t k = 1 + prng_below(r, ENTRIES_MAX); k > 0; k--) {
		size_t p = from + prng_below(r, n);
		if (taken[p])
			continue;
		taken[p] = true;
		entry(x, place[p].anchor, place[p].path, place[p].anchor == ANCHOR_MINIMAL ?
		    ACCESS_READ : prng_below(r, 5) < 3 ? ACCESS_WRITE : prng_below(r, 2) == 0 ?
		    ACCESS_READ : ACCESS_DENY);
	}
	for (size_t k = prng_below(r, 3); k > 1; k--) {
		size_t p = prng_below(r, NELEMS(glob));
		pattern(x, glob[p].anchor, glob[p].glob);
	}
	if (prng_below(r, 6) == 0)
		root(x, ANCHOR_ABS, prng_below(r, 2) == 0 ? "/a" : "/a/.git");
	if (prng_below(r, 3) == 0)
		x->rq.tmpdir = prng_below(r, 2) == 0 ? "/tmp" : "/a/b";
	if (prng_below(r, 6) == 0)
		x->rq.cwd = prng_below(r, 2) == 0 ? "/" : "/a";
	if (prng_below(r, 6) == 0)
		x->rq.home = "/w";
}

static void
test_agrees_with_the_definition(void **state)
{
	(void)state;
	const uint64_t first = prng_seed();
	for (uint64_t seed = first; seed < first + ROUNDS; seed++) {
		uint64_t r = seed;
		struct fixture *x = FIXTURE(host_lines);
		random_policy(x, &r);
		judge_all(x, seed % 2 == 0, seed);
		fixture_free(x);
	}
	print_message("unbound %u, decides %u, shadowed %u, idle %u, unclear %u\n",
	    seen[USE_UNBOUND], seen[USE_DECIDES], seen[USE_SHADOWED], seen[USE_IDLE],
	    seen[USE_UNCLEAR]);
	for (size_t i = 0; i < NELEMS(seen); i++)
		assert_true(seen[i] > 20);
	/* Few are left to a comparison. */
	assert_true(seen[USE_UNCLEAR] * 20 < seen[USE_DECIDES] + seen[USE_IDLE]);
}

static const struct entry_verdict *
verdicts(struct fixture *x)
{
	const struct bound_policy *b = bind_generic(x->a, &x->ir, TARGET_LINUX, &x->err);
	assert_non_null(b);
	return idle_entries(x->a, decide_fs_build(x->a, b));
}

static void
test_what_says_the_same(void **state)
{
	(void)state;
	struct fixture *x = FIXTURE(host_lines);
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/usr", ACCESS_READ);		/* "/" says so */
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/tmp", ACCESS_READ);		/* write wins */
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git", ACCESS_READ);	/* protected anyway */
	entry(x, ANCHOR_WORKSPACE, "src", ACCESS_WRITE);	/* has names of its own, and a pin */
	entry(x, ANCHOR_ABS, "/usr/x", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/usr/x/y", ACCESS_DENY);		/* denied already */
	const struct entry_verdict *v = verdicts(x);
	static const enum entry_use want[] = {
		USE_DECIDES, USE_IDLE, USE_DECIDES, USE_SHADOWED, USE_DECIDES, USE_IDLE,
		USE_DECIDES, USE_DECIDES, USE_IDLE,
	};
	for (size_t i = 0; i < NELEMS(want); i++)
		assert_int_equal(v[i].use, want[i]);
	assert_ptr_equal(v[1].instead.origin, &x->ir.entries.v[0].origin);
	assert_ptr_equal(v[3].winner->origin, &x->ir.entries.v[2].origin);
	assert_int_equal(v[5].instead.kind, WHY_NAME);
	assert_ptr_equal(v[8].instead.origin, &x->ir.entries.v[7].origin);
	fixture_free(x);
}

static void
test_a_free_policy(void **state)
{
	(void)state;
	struct fixture *x = FIXTURE(host_lines);
	entry(x, ANCHOR_ABS, "/", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/a", ACCESS_WRITE);
	const struct entry_verdict *v = verdicts(x);
	assert_int_equal(v[0].use, USE_DECIDES);
	assert_int_equal(v[1].use, USE_IDLE);
	/* What makes it less than free has its use, wherever it stands. */
	entry(x, ANCHOR_ABS, "/b", ACCESS_READ);
	v = verdicts(x);
	assert_int_equal(v[1].use, USE_DECIDES);
	assert_int_equal(v[2].use, USE_DECIDES);
	fixture_free(x);
}

/* Below a protected name an entry brings none: its pin is all that it adds. */
static void
test_what_a_match_pins_anyway(void **state)
{
	(void)state;
	struct fixture *x = FIXTURE(host_lines);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git/hooks", ACCESS_WRITE);
	const struct bound_policy *b = bind_ok(x);
	const struct decide_fs *d = decide_fs_build(x->a, b);
	assert_int_equal(idle_entries(x->a, d)[2].use, USE_DECIDES);
	assert_int_equal(equal_without(x, d, 2, false), 0);

	pattern(x, ANCHOR_WORKSPACE, "*/**/x");		/* .git/hooks/x is there */
	b = bind_ok(x);
	assert_int_equal(b->patterns.v[0].matches.len, 1);
	d = decide_fs_build(x->a, b);
	assert_int_equal(idle_entries(x->a, d)[2].use, USE_IDLE);
	assert_int_equal(equal_without(x, d, 2, false), 1);
	fixture_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_the_definition),
		cmocka_unit_test(test_what_says_the_same),
		cmocka_unit_test(test_a_free_policy),
		cmocka_unit_test(test_what_a_match_pins_anyway),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

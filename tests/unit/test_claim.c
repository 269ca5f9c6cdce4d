/* SPDX-License-Identifier: Apache-2.0 */
/* test_claim.c - claims over patterns against every path of a small alphabet */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "automaton.h"
#include "claim.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 300, DEPTH = 3 };

static bool
ref_allows(struct ref_verdict v, enum fs_op op)
{
	return op == OP_READ ? v.readable : op == OP_WRITE ? v.writable :
	    v.writable && !v.pinned;
}

/* The order of witnesses (spec 2.4): fewest components, fewest bytes, letters first. */
static int
path_cmp(const char *p, const char *q)
{
	size_t d = path_depth(p), e = path_depth(q);
	return d != e ? (d < e ? -1 : 1) : name_order(p, strlen(p), q, strlen(q));
}

struct search {
	const struct bound_policy *b;
	const struct claim *claim;
	const char	*first;		/* counterexample in the order of witnesses */
	size_t		 matching;
};

/* Some pattern matches the path or an ancestor of it. */
static bool
excepted(const struct claim *c, const char *p)
{
	char up[256];
	for (size_t i = 0; i < c->nexcept; i++) {
		strcpy(up, p);
		for (char *slash; up[0] != '\0' && up[1] != '\0'; *slash = '\0') {
			if (pattern_match(c->except[i], up))
				return true;
			slash = strrchr(up, '/');
		}
	}
	return false;
}

static void
try_path(void *arg, const char *p)
{
	struct search *s = arg;
	if (!pattern_match(s->claim->pattern, p) || excepted(s->claim, p))
		return;
	s->matching++;
	if (ref_allows(reference(s->b, p), s->claim->op) == s->claim->allow)
		return;
	if (s->first == NULL || path_cmp(p, s->first) < 0)
		s->first = p;
}

/* All literal, prefix and "/star-star", and what else a test may say. */
static const struct pattern *
random_pattern(struct arena *a, struct prng *r)
{
	static const char *const glob[] = {
		"/**", "/**/b", "/*", "/a/**", "/a/*", "/a/b/**", "/b/**/c", "/?b/**", "/[!a]*/**",
		"/{a,b}/**", "/**/a*", "/*/*", "/**/a/**", "/c/*/?", "/a/**/b/c", "/A*/**", "/a/[ab]",
		"/**/{a,ab}/c", "/b/a*b", "/a",
	};
	const char *why;
	const struct pattern *p = pattern_parse(a, NULL, glob[prng_below(r, NELEMS(glob))], &why);
	assert_non_null(p);
	return p;
}

/*
 * The enumeration sees paths of DEPTH names over a small alphabet.  What it
 * finds must be found; any other counterexample must be one by the reference,
 * and none that the enumeration finds comes before the one that is named.
 */
static void
agrees_with_enumeration(void **state)
{
	unsigned held = 0, failed = 0, patterns = 0, same = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		uint64_t seed = test_seed() + 13 * i;
		struct prng r = { seed };
		const struct bound_policy *b = random_policy(a, &r);
		const struct decide_fs *d = decide_fs_build(a, b);
		for (unsigned k = 0; k < 4; k++) {
			struct claim c = { .op = (enum fs_op)prng_below(&r, 3),
			    .allow = prng_below(&r, 2) == 0, .pattern = random_pattern(a, &r) };
			const struct pattern *except[] = { random_pattern(a, &r), random_pattern(a, &r) };
			c.except = except;
			c.nexcept = prng_below(&r, 3);
			struct search s = { .b = b, .claim = &c };
			struct claim_result got;
			assert_int_equal(claim_decide(a, d, &c, &got), 0);
			each_path(a, DEPTH, try_path, &s);
			patterns += b->patterns.len > 0;
			if (got.holds && s.first != NULL)
				fail_msg("seed %llu: %s %s %s: enumeration finds %s",
				    (unsigned long long)seed, c.allow ? "allow" : "deny",
				    fs_op_name(c.op), c.pattern->text, s.first);
			if (got.holds) {
				held++;
				continue;
			}
			failed++;
			assert_true(pattern_match(c.pattern, got.path));
			assert_false(excepted(&c, got.path));
			assert_true(ref_allows(reference(b, got.path), c.op) != c.allow);
			assert_true(fs_verdict_allows(&got.verdict, c.op) != c.allow);
			/* The alphabet has not every name that these globs tell apart. */
			if (s.first != NULL) {
				assert_true(path_cmp(got.path, s.first) <= 0);
				same += path_cmp(got.path, s.first) == 0;
			}
		}
		arena_free(a);
	}
	/* The generator must make all kinds, or the test says nothing. */
	assert_true(held > ROUNDS);
	assert_true(failed > ROUNDS);
	assert_true(patterns > ROUNDS);
	assert_true(same > failed / 2);
}

static void
one_path_is_one_decision(void **state)
{
	static const char *const path[] = { "/", "/a", "/a/b", "/a/c", "/b/a/c", "/ab" };
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct prng r = { test_seed() + i };
		const struct bound_policy *b = random_policy(a, &r);
		const struct decide_fs *d = decide_fs_build(a, b);
		for (size_t k = 0; k < NELEMS(path); k++)
			for (enum fs_op op = OP_READ; op <= OP_RENAME; op++) {
				struct claim c = { .op = op, .allow = true, .path = path[k] };
				struct claim_result got;
				assert_int_equal(claim_decide(a, d, &c, &got), 0);
				assert_int_equal(got.holds, ref_allows(reference(b, path[k]), op));
				assert_string_equal(got.path, path[k]);
			}
		arena_free(a);
	}
}

/* Within a scope two policies compare as the enumeration of its paths says. */
struct pair {
	const struct bound_policy *x, *y;
	const struct compare_scope *scope;
	bool		 differ;
};

static void
compare_path(void *arg, const char *p)
{
	struct pair *c = arg;
	if (!pattern_match(c->scope->where, p))
		return;
	for (enum fs_op op = OP_READ; op <= OP_RENAME; op++)
		if ((c->scope->ops >> op & 1) != 0 &&
		    ref_allows(reference(c->x, p), op) != ref_allows(reference(c->y, p), op))
			c->differ = true;
}

static void
scopes_bound_comparisons(void **state)
{
	unsigned equal = 0, differ = 0, found = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		uint64_t seed = test_seed() + 5 * i;
		struct prng r = { seed };
		struct compare_scope scope = { 1 + prng_below(&r, 7), random_pattern(a, &r), false, false };
		struct pair c = { random_policy(a, &r), random_policy(a, &r), &scope, false };
		struct compare_side x = compare_side_of(a, decide_fs_build(a, c.x));
		struct compare_side y = compare_side_of(a, decide_fs_build(a, c.y));
		struct comparison got;
		each_path(a, DEPTH, compare_path, &c);
		assert_int_equal(compare_fs_within(a, &scope, &x, &y, &got), 0);
		if (got.equal && c.differ)
			fail_msg("seed %llu: not equal within %s", (unsigned long long)seed,
			    scope.where->text);
		if (!got.equal) {
			const char *p = got.witness.path;
			assert_int_equal(ref_allows(reference(c.x, p), got.witness.op),
			    got.witness.allowed_a);
			assert_int_equal(ref_allows(reference(c.y, p), got.witness.op),
			    got.witness.allowed_b);
			assert_true(got.witness.allowed_a != got.witness.allowed_b);
			found += c.differ;
			assert_true(pattern_match(scope.where, got.witness.path));
			assert_true((scope.ops >> got.witness.op & 1) != 0);
		}
		equal += got.equal;
		differ += !got.equal;
		arena_free(a);
	}
	assert_true(equal > ROUNDS / 10);
	assert_true(differ > ROUNDS / 10);
	assert_true(found > differ / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_enumeration),
		cmocka_unit_test(one_path_is_one_decision),
		cmocka_unit_test(scopes_bound_comparisons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

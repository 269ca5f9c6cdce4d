/* SPDX-License-Identifier: Apache-2.0 */
/* test_decide.c - the decision structure against the reference; comparing is deciding every path */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "automaton.h"
#include "compare.h"
#include "decide_fs.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 400, DEPTH = 3 };

struct check {
	const struct bound_policy *b;
	const struct decide_fs *d;
	uint64_t	 seed;
	unsigned	 wrong;
};

static void
check_path(void *arg, const char *p)
{
	struct check *c = arg;
	struct fs_verdict v = decide_fs(c->d, p);
	struct ref_verdict r = reference(c->b, p);
	if (v.readable == r.readable && v.writable == r.writable && v.pinned == r.pinned)
		return;
	if (c->wrong++ == 0)
		print_error("seed %llu: %s: read %d write %d pinned %d, should be %d %d %d\n",
		    (unsigned long long)c->seed, p, v.readable, v.writable, v.pinned,
		    r.readable, r.writable, r.pinned);
}

static void
decides_as_the_reference(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct prng r = { test_seed() + i };
		struct check c = { .seed = test_seed() + i };
		c.b = random_policy(a, &r);
		c.d = decide_fs_build(a, c.b);
		each_path(a, DEPTH, check_path, &c);
		assert_int_equal(c.wrong, 0);
		arena_free(a);
	}
}

struct pair {
	const struct decide_fs *x, *y;
	bool		 found;
	struct witness	 first;
	bool		 x_more, y_more;
};

static bool
allows(struct fs_verdict v, enum fs_op op)
{
	return op == OP_READ ? v.readable : op == OP_WRITE ? v.writable :
	    v.writable && !v.pinned;
}

static void
compare_path(void *arg, const char *p)
{
	struct pair *c = arg;
	struct fs_verdict x = decide_fs(c->x, p), y = decide_fs(c->y, p);
	for (enum fs_op op = OP_READ; op <= OP_RENAME; op++) {
		bool ax = allows(x, op), ay = allows(y, op);
		if (ax == ay)
			continue;
		c->x_more |= ax;
		c->y_more |= ay;
		if (c->found) {
			size_t d = path_depth(p), e = path_depth(c->first.path);
			if (d > e || (d == e && name_order(p, strlen(p), c->first.path,
			    strlen(c->first.path)) >= 0))
				continue;
		}
		c->found = true;
		c->first = (struct witness){ .op = op, .path = p, .allowed_a = ax, .allowed_b = ay };
	}
}

/* The second policy is the first with one thing changed, or another one. */
static struct bound_policy *
other_policy(struct arena *a, struct prng *r, uint64_t seed)
{
	struct prng again = { seed };
	struct bound_policy *y = random_policy(a, &again);
	switch (prng_below(r, 4)) {
	case 0:
		return random_policy(a, r);
	case 1:
		if (y->entries.len > 0)
			y->entries.v[prng_below(r, (uint32_t)y->entries.len)].access =
			    (enum access)prng_below(r, 3);
		break;
	case 2:
		if (y->patterns.len > 0)
			y->patterns.len--;
		break;
	default:
		/* The same in another order. */
		for (size_t i = 0; i + 1 < y->entries.len; i++) {
			struct bound_entry e = y->entries.v[i];
			y->entries.v[i] = y->entries.v[i + 1];
			y->entries.v[i + 1] = e;
		}
	}
	return y;
}

static void
compares_as_it_decides(void **state)
{
	unsigned equal = 0, differ = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		uint64_t seed = test_seed() + 7 * i;
		struct prng r = { seed };
		struct pair c = { .x = decide_fs_build(a, random_policy(a, &r)) };
		c.y = decide_fs_build(a, other_policy(a, &r, seed));
		each_path(a, DEPTH, compare_path, &c);
		struct compare_side x = compare_side_of(a, c.x);
		struct compare_side y = compare_side_of(a, c.y);
		struct comparison got;
		assert_int_equal(compare_fs(a, &x, &y, &got), 0);
		if (got.equal == c.found && (got.equal || path_depth(got.witness.path) <= DEPTH)) {
			print_error("seed %llu: %s\n", (unsigned long long)seed,
			    got.equal ? c.first.path : got.witness.path);
			fail();
		}
		if (c.found) {
			differ++;
			if (strcmp(got.witness.path, c.first.path) != 0 ||
			    got.witness.op != c.first.op)
				print_error("seed %llu: witness %s %s, should be %s %s\n",
				    (unsigned long long)seed, fs_op_name(got.witness.op),
				    got.witness.path, fs_op_name(c.first.op), c.first.path);
			assert_string_equal(got.witness.path, c.first.path);
			assert_int_equal(got.witness.op, c.first.op);
			assert_int_equal(got.witness.allowed_a, c.first.allowed_a);
			/* What the enumeration saw, the comparison must have seen. */
			assert_true(got.a_allows_more >= c.x_more);
			assert_true(got.b_allows_more >= c.y_more);
		} else {
			equal++;
		}
		arena_free(a);
	}
	/* The generator must make both kinds, or the test says nothing. */
	assert_true(equal > ROUNDS / 10);
	assert_true(differ > ROUNDS / 10);
}

static struct bound_policy *
policy_of(struct arena *a, const struct bound_entry *v, size_t n)
{
	static const struct ir_policy ir = { .name = "t" };
	static const struct ir_origin origin = { .text = "t" };
	struct bound_policy *b = arena_alloc(a, sizeof(*b));
	b->ir = &ir;
	for (size_t i = 0; i < n; i++) {
		VEC_PUSH(a, &b->entries, v[i]);
		b->entries.v[i].origin = &origin;
		b->entries.v[i].spelt = v[i].path;
	}
	return b;
}

/* A grant that a pattern takes back opens nothing, and no way to it. */
static void
traversed_where_something_can_be_read(void **state)
{
	static const struct bound_entry entries[] = {
		{ .path = "/a/b", .access = ACCESS_WRITE },
		{ .path = "/a/c/d", .access = ACCESS_READ },
	};
	struct arena *a = arena_new();
	struct bound_policy *b = policy_of(a, entries, NELEMS(entries));
	const char *why;
	struct bound_pattern p = { .literal = "/a", .origin = b->entries.v[0].origin,
	    .pattern = pattern_parse(a, "/a", "?/**", &why) };
	struct bound_pattern q = p;
	(void)state;

	q.pattern = pattern_parse(a, "/a", "b", &why);
	VEC_PUSH(a, &b->patterns, p);
	const struct decide_fs *d = decide_fs_build(a, b);
	assert_true(decide_fs(d, "/").traversable);
	assert_true(decide_fs(d, "/a").traversable);
	assert_true(decide_fs(d, "/a/b").readable);
	assert_false(decide_fs(d, "/a/c").traversable);
	VEC_PUSH(a, &b->patterns, q);
	d = decide_fs_build(a, b);
	assert_false(decide_fs(d, "/a/b").traversable);
	assert_false(decide_fs(d, "/a").traversable);
	assert_false(decide_fs(d, "/").traversable);
	arena_free(a);
}

/* Spec 2.2: a link on the way to a granted path can be read, unless a pattern matches it. */
static void
links_to_grants_are_readable(void **state)
{
	static const struct bound_entry entries[] = {
		{ .path = "/", .access = ACCESS_DENY },
		{ .path = "/usr/bin", .access = ACCESS_READ, .source = BOUND_PLATFORM },
	};
	struct arena *a = arena_new();
	struct bound_policy *b = policy_of(a, entries, NELEMS(entries));
	struct bound_policy *without = policy_of(a, entries, NELEMS(entries));
	const struct bound_link link = { "/x/bin", "../usr/bin", true, b->entries.v[1].origin };
	(void)state;

	VEC_PUSH(a, &b->links, link);
	const struct decide_fs *d = decide_fs_build(a, b), *e = decide_fs_build(a, without);
	struct fs_verdict v = decide_fs(d, "/x/bin");
	assert_true(v.readable && !v.writable && v.traversable);
	assert_int_equal(v.why.kind, WHY_PLATFORM);
	assert_true(decide_fs(d, "/x").traversable);
	assert_false(decide_fs(d, "/x").readable);
	assert_false(decide_fs(d, "/x/bin/a").readable);
	assert_false(decide_fs(e, "/x").traversable);

	struct compare_side x = compare_side_of(a, d), y = compare_side_of(a, e);
	struct comparison got;
	assert_int_equal(compare_fs(a, &x, &y, &got), 0);
	assert_false(got.equal || got.b_allows_more);
	assert_string_equal(got.witness.path, "/x/bin");
	assert_int_equal(got.witness.op, OP_READ);
	assert_int_equal(got.witness.why_a.kind, WHY_PLATFORM);

	const char *why;
	struct bound_pattern p = { .literal = "/x", .origin = b->entries.v[0].origin,
	    .pattern = pattern_parse(a, "/x", "*n", &why) };
	VEC_PUSH(a, &b->patterns, p);
	d = decide_fs_build(a, b);
	assert_false(decide_fs(d, "/x/bin").readable);
	assert_false(decide_fs(d, "/x").traversable);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_reference),
		cmocka_unit_test(traversed_where_something_can_be_read),
		cmocka_unit_test(links_to_grants_are_readable),
		cmocka_unit_test(compares_as_it_decides),
	};
	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}

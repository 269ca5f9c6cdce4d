/* SPDX-License-Identifier: Apache-2.0 */
/* test_decide.c - the decision structure and the comparison against the reference */
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
	const struct bound_policy *x, *y;
	bool		 found;
	struct witness	 first;
	bool		 x_more, y_more;
};

static bool
ref_allows(struct ref_verdict v, enum fs_op op)
{
	return op == OP_READ ? v.readable : op == OP_WRITE ? v.writable :
	    v.writable && !v.pinned;
}

static void
compare_path(void *arg, const char *p)
{
	struct pair *c = arg;
	struct ref_verdict x = reference(c->x, p), y = reference(c->y, p);
	for (enum fs_op op = OP_READ; op <= OP_RENAME; op++) {
		bool ax = ref_allows(x, op), ay = ref_allows(y, op);
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
compares_as_the_reference(void **state)
{
	unsigned equal = 0, differ = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		uint64_t seed = test_seed() + 7 * i;
		struct prng r = { seed };
		struct pair c = { .x = random_policy(a, &r) };
		c.y = other_policy(a, &r, seed);
		each_path(a, DEPTH, compare_path, &c);
		struct compare_side x = compare_side_of(a, decide_fs_build(a, c.x));
		struct compare_side y = compare_side_of(a, decide_fs_build(a, c.y));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_reference),
		cmocka_unit_test(compares_as_the_reference),
	};
	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}

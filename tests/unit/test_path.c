/* SPDX-License-Identifier: Apache-2.0 */
/* test_path.c - lexical path algebra */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "bound.h"
#include "path.h"
#include "path_sort.h"
#include "prng.h"
#include "region.h"
#include "sbuf.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
normal(void **state)
{
	static const char *const t[][2] = {
		{ "/", "/" }, { "//", "/" }, { "///a", "/a" }, { "/a/", "/a" },
		{ "/a//b", "/a/b" }, { "/./a/.", "/a" }, { "/..", "/" },
		{ "/../../a", "/a" }, { "/a/..", "/" }, { "/a/../b", "/b" },
		{ "/a/b/../../c", "/c" }, { "/a/b/..", "/a" }, { "/...", "/..." },
		{ "/.a/..b", "/.a/..b" }, { "/a/b/../../../../c/./d//", "/c/d" },
	};
	const char *why = NULL;

	for (size_t i = 0; i < NELEMS(t); i++)
		assert_string_equal(path_normal(*state, t[i][0], &why), t[i][1]);
	assert_null(why);
	static const char *const relative[] = { "", "a", "./a", "../a", "~", "a/b" };
	for (size_t i = 0; i < NELEMS(relative); i++) {
		why = NULL;
		assert_null(path_normal(*state, relative[i], &why));
		assert_string_equal(why, "is not absolute");
	}
}

/* `n' times `unit'. */
static const char *
repeat(struct arena *a, const char *unit, size_t n)
{
	size_t len = strlen(unit);
	char *s = arena_alloc(a, n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(s + i * len, unit, len);
	return s;
}

static void
limits(void **state)
{
	struct arena *a = *state;
	const char *why = NULL;
	const char *name = repeat(a, "n", LIMIT_NAME_BYTES);

	/* What counts is the normal form. */
	assert_string_equal(path_normal(a, repeat(a, "/.", 4000), &why), "/");
	assert_string_equal(path_normal(a, repeat(a, "/a/..", 4000), &why), "/");
	assert_non_null(path_normal(a, arena_printf(a, "/%s", name), &why));
	assert_null(path_normal(a, arena_printf(a, "/%sn", name), &why));
	assert_string_equal(why, "has a component longer than 255 bytes");

	assert_int_equal(strlen(path_normal(a, repeat(a, "/abcd", 819), &why)), 4095);
	assert_null(path_normal(a, repeat(a, "/abcdefg", 512), &why));
	assert_string_equal(why, "is longer than 4095 bytes");
	/* 4095 bytes hold 2047 components at most, so this limit is never the first. */
	assert_non_null(path_normal(a, repeat(a, "/a", 2047), &why));
}

static void
algebra(void **state)
{
	struct arena *a = *state;

	assert_string_equal(path_join(a, "/", "a"), "/a");
	assert_string_equal(path_join(a, "/a", "b/c"), "/a/b/c");
	assert_string_equal(path_join(a, "/a", ""), "/a");
	assert_string_equal(path_join(a, "/", ""), "/");
	assert_string_equal(path_join(a, "", "b"), "b");

	assert_true(path_within("/a/b", "/a"));
	assert_true(path_within("/a", "/a"));
	assert_true(path_within("/a", "/"));
	assert_true(path_within("/", "/"));
	assert_false(path_within("/ab", "/a"));
	assert_false(path_within("/a", "/a/b"));
	assert_false(path_within("/", "/a"));
	assert_true(path_within("a/b", ""));
	assert_true(path_below("/a/b", "/a"));
	assert_true(path_below("/a", "/"));
	assert_false(path_below("/a", "/a"));
	assert_false(path_below("/", "/"));

	assert_int_equal(path_depth("/"), 0);
	assert_int_equal(path_depth("/a/b"), 2);
	assert_string_equal(path_parent(a, "/a/b"), "/a");
	assert_string_equal(path_parent(a, "/a"), "/");
	assert_string_equal(path_parent(a, "a/b"), "a");
	assert_string_equal(path_parent(a, "a"), "");
	assert_string_equal(path_base("/a/bc"), "bc");
	assert_string_equal(path_base("/a"), "a");
	assert_string_equal(path_base("/"), "");
}

/* Another way to the normal form: a stack of components. */
static const char *
normal_by_stack(struct arena *a, const char *path)
{
	const char *stack[64];
	size_t n = 0;
	char *copy = arena_strdup(a, path);

	for (char *c = strtok(copy, "/"); c != NULL; c = strtok(NULL, "/")) {
		if (strcmp(c, "..") == 0)
			n -= n > 0;
		else if (strcmp(c, ".") != 0)
			stack[n++] = c;
	}
	const char *out = n == 0 ? "/" : "";
	for (size_t i = 0; i < n; i++)
		out = arena_printf(a, "%s/%s", out, stack[i]);
	return out;
}

static void
random_paths(void **state)
{
	struct arena *a = *state;
	const uint64_t seed = prng_seed();
	uint64_t r = seed;

	for (int i = 0; i < 20000; i++) {
		char raw[32] = "/";
		size_t n = 1 + prng_below(&r, 24);
		for (size_t k = 1; k < n; k++)
			raw[k] = "/.ab"[prng_below(&r, 4)];
		const char *why = NULL, *p = path_normal(a, raw, &why);
		const char *want = normal_by_stack(a, raw);
		if (p == NULL || strcmp(p, want) != 0 || strcmp(path_normal(a, p, &why), p) != 0)
			fail_msg("SEED=%llu: \"%s\" became \"%s\", not \"%s\"",
			    (unsigned long long)seed, raw, p ? p : why, want);
		if (strcmp(p, "/") == 0)
			continue;
		const char *up = path_parent(a, p);
		assert_string_equal(path_join(a, up, path_base(p)), p);
		assert_true(path_below(p, up) && !path_within(up, p));
		assert_int_equal(path_depth(up) + 1, path_depth(p));
	}
}

/* ---- path_sort() ---- */

static const char *
path_at(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

static int
order_of(const void *x, const void *y)
{
	return path_order(*(const char *const *)x, *(const char *const *)y);
}

/* Sorted by path_order(), equal ones by their numbers, and each number once. */
static void
check_sorted(struct arena *a, const char *const *paths, size_t n, uint64_t seed)
{
	const uint32_t *order = path_sort(a, n, path_at, paths);
	bool *seen = arena_array(a, n + 1, sizeof(*seen));

	for (size_t i = 0; i < n; i++) {
		assert_true(order[i] < n && !seen[order[i]]);
		seen[order[i]] = true;
		int c = i == 0 ? -1 : path_order(paths[order[i - 1]], paths[order[i]]);
		if (c > 0 || (c == 0 && order[i - 1] >= order[i]))
			fail_msg("SEED=%llu: %s before %s", (unsigned long long)seed,
			    paths[order[i - 1]], paths[order[i]]);
	}
}

/*
 * Any byte but NUL, with the ones next to '/' often; long shared beginnings;
 * repeats.  Uneven: nearly all lie in one place, and a few on the way there.
 */
static const char *
random_path(struct arena *a, uint64_t *rng, bool uneven)
{
	static const char likely[] = "a/b.-0\x01\xff";
	char buf[64];
	size_t n = 0, shared = uneven && prng_below(rng, 16) > 0 ? 36 : prng_below(rng, 3) * 9;

	for (; n < shared; n++)
		buf[n] = n % 4 == 0 ? '/' : 'c';
	buf[n++] = '/';
	for (size_t more = prng_below(rng, 20); more > 0; more--)
		buf[n++] = prng_below(rng, 4) > 0 ? likely[prng_below(rng, sizeof(likely) - 1)] :
		    (char)(1 + prng_below(rng, 255));
	return arena_strndup(a, buf, n);
}

static void
sorting(void **state)
{
	uint64_t seed = prng_seed(), rng = seed;

	for (int round = 0; round < 300; round++) {
		struct arena *a = arena_new();
		size_t n = prng_below(&rng, round % 10 == 0 ? 3000 : 60);
		bool uneven = round % 20 == 0;
		const char **paths = arena_array(a, n + 1, sizeof(*paths));
		for (size_t i = 0; i < n; i++)
			paths[i] = i > 0 && prng_below(&rng, 5) == 0 ?
			    paths[prng_below(&rng, i)] : random_path(a, &rng, uneven);
		check_sorted(a, paths, n, seed);
		/* Pieces that are in order. */
		size_t piece = 1 + n / (1 + prng_below(&rng, 6));
		for (size_t i = 0; i < n; i += piece)
			qsort(paths + i, n - i < piece ? n - i : piece, sizeof(*paths), order_of);
		check_sorted(a, paths, n, seed);
		arena_free(a);
	}
	(void)state;
}

/* ---- fact_near(), bound_exact_near() ---- */

/* Leading components that exist, one asked after the other. */
static size_t
exact_slowly(struct arena *a, const struct bound_policy *b, const char *path)
{
	size_t n = path_depth(path);

	for (; n > 0; n--, path = path_parent(a, path)) {
		const struct fact *f = bound_fact(b, path);
		if (f != NULL && f->kind != NODE_MISSING && !f->stub)
			break;
	}
	return n;
}

static const char *
fact_path_of(struct arena *a, uint64_t *rng)
{
	const char *path = "";

	for (size_t k = prng_below(rng, 5); k > 0; k--)
		path = arena_printf(a, "%s/%c", path, (int)('a' + prng_below(rng, 5)));
	return path[0] == '\0' ? "/" : path;
}

static void
facts_near(void **state)
{
	uint64_t seed = prng_seed(), rng = seed;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct arena *a = arena_new();
		struct bound_policy b = { .target = TARGET_MACOS };
		const char *v[80];
		size_t n = prng_below(&rng, NELEMS(v)), near[2] = { 0, 0 };
		for (size_t i = 0; i < n; i++)
			v[i] = fact_path_of(a, &rng);
		qsort(v, n, sizeof(*v), order_of);
		for (size_t i = 0; i < n; i++)
			if (i == 0 || strcmp(v[i - 1], v[i]) != 0)
				VEC_PUSH(a, &b.facts, ((struct fact){ .path = v[i],
				    .kind = prng_below(&rng, 2) == 0 ? NODE_DIR : NODE_MISSING,
				    .stub = prng_below(&rng, 9) == 0 }));
		/* In order at first, as most ask. */
		for (size_t i = 0; i < 2 * NELEMS(v); i++) {
			const char *path = i < n ? v[i] : fact_path_of(a, &rng);
			if (bound_fact_near(&b, path, &near[0]) != bound_fact(&b, path) ||
			    bound_exact_near(&b, path, &near[1]) != exact_slowly(a, &b, path))
				fail_msg("SEED=%llu: %s", (unsigned long long)seed, path);
		}
		arena_free(a);
	}
}

/* ---- region_follow() ---- */

static void
trails(void **state)
{
	uint64_t seed = prng_seed(), rng = seed;

	for (int round = 0; round < 200; round++) {
		struct arena *a = arena_new();
		struct region *root = region_root(a);
		struct region_trail trail = { .path = NULL };
		for (size_t i = 0; i < 50; i++) {
			struct sbuf b = SBUF_INIT;
			size_t depth = prng_below(&rng, 6), exact = prng_below(&rng, 8);
			for (size_t k = 0; k < depth; k++)
				sbuf_puts(&b, ((const char *[]){ "/a", "/A", "/ab", "/b" })[prng_below(&rng, 4)]);
			const char *path = depth == 0 ? "/" : arena_strdup(a, sbuf_str(&b)), *rest = path;
			struct region *want = root;
			struct slice c;
			for (size_t k = 0; path_next(&rest, &c); k++)
				want = k < exact ? region_make_child(a, want, c.p, c.len) :
				    region_make_folded(a, want, c.p, c.len);
			if (region_follow(a, &trail, root, path, exact) != want)
				fail_msg("SEED=%llu: %s, %zu exact", (unsigned long long)seed, path, exact);
			sbuf_free(&b);
		}
		arena_free(a);
	}
	(void)state;
}

static void
copies_of_trees(void **state)
{
	struct arena *a = *state;
	struct region *from = region_root(a), *to = region_root(a);

	region_make(a, from, "/a/b")->self = ACCESS_WRITE;
	region_make(a, from, "/a/c")->pinned = true;
	struct region *folded = region_make_folded(a, region_make(a, from, "/a"), ".GIT", 4);
	folded->below = ACCESS_READ;
	region_make_child(a, folded, "x", 1)->self = ACCESS_DENY;
	region_copy(a, to, from);
	struct region *top = region_child(to, "a", 1);
	assert_ptr_equal(top->parent, to);
	assert_int_equal(top->nchild, 2);
	assert_int_equal(region_child(top, "b", 1)->self, ACCESS_WRITE);
	assert_true(region_child(top, "c", 1)->pinned);
	const struct region *git = region_step(top, ".Git", 4);
	assert_ptr_equal(git->parent, top);
	assert_true(git->spelt);
	assert_int_equal(git->below, ACCESS_READ);
	assert_string_equal(region_path(a, region_child(git, "x", 1)), "/a/.git/x");
	/* It grows like any other. */
	struct region *made = region_make(a, to, "/a/bb");
	assert_ptr_equal(region_child(top, "bb", 2), made);
	assert_null(region_child(region_child(from, "a", 1), "bb", 2));
}

/* As many as take the way by words, of equal words at each depth: it must end. */
static void
sorting_deep(void **state)
{
	struct arena *a = *state;
	const char *paths[600];
	char *deep = arena_alloc(a, LIMIT_PATH_BYTES + 1);

	memset(deep, '/', LIMIT_PATH_BYTES);
	for (size_t i = 0; i < NELEMS(paths); i++)
		paths[i] = arena_strndup(a, deep, LIMIT_PATH_BYTES - i % 100 * 8);
	check_sorted(a, paths, NELEMS(paths), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(normal, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(algebra, setup, teardown),
		cmocka_unit_test_setup_teardown(random_paths, setup, teardown),
		cmocka_unit_test(sorting),
		cmocka_unit_test(facts_near),
		cmocka_unit_test(trails),
		cmocka_unit_test_setup_teardown(copies_of_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(sorting_deep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

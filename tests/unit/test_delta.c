/* SPDX-License-Identifier: Apache-2.0 */
/* test_delta.c - regions of differences against the reference, on random pairs of policies */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "compare.h"
#include "decide_fs.h"
#include "delta.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 400, DEPTH = 3 };

struct pair {
	struct arena	*a;
	uint64_t	 seed;
	const struct bound_policy *b[2];
	const struct decide_fs *d[2];
	struct fs_delta	 delta;
	unsigned	 wrong;
};

/* Links to grants are readable by themselves: the only nodes whose access is not that of what is below. */
static void
add_link(struct arena *a, struct bound_policy *b, uint32_t which)
{
	static const char *const paths[] = { "/b", "/a/b", "/c/a", "/a/c/b" };
	if (b->entries.len == 0 || bound_is_free(b) || which >= NELEMS(paths))
		return;
	struct bound_link l = { .path = paths[which], .target = "x",
	    .origin = b->entries.v[0].origin };
	VEC_PUSH(a, &b->links, l);
}

/* The second policy is the first with one thing changed, or another one. */
static struct bound_policy *
other_policy(struct arena *a, struct prng *r, uint64_t seed)
{
	struct prng again = { seed };
	struct bound_policy *y = random_policy(a, &again);
	switch (prng_below(r, 5)) {
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
	case 3:
		if (y->entries.len > 0)
			y->entries.len--;
		break;
	default:
		if (y->entries.len > 1) {
			struct bound_entry e = y->entries.v[0];
			y->entries.v[0] = y->entries.v[1];
			y->entries.v[1] = e;
		}
	}
	return y;
}

static enum access
access_of(struct ref_verdict v)
{
	return v.writable ? ACCESS_WRITE : v.readable ? ACCESS_READ : ACCESS_DENY;
}

static bool
in_part(const char *path, const char *top, enum fs_scope scope)
{
	switch (scope) {
	case SCOPE_ITSELF:
		return strcmp(path, top) == 0;
	case SCOPE_BELOW:
		return path_below(path, top);
	case SCOPE_TREE:
		break;
	}
	return path_within(path, top);
}

/* The pattern or, as it denies a directory with all in it, an ancestor: with no look at policy/. */
static bool
denied_by(const struct bound_policy *b, const struct pattern *p, const char *path)
{
	struct bound_policy alone = { .ir = b->ir };
	struct bound_entry all = { .path = "/", .spelt = "/", .access = ACCESS_READ };
	struct bound_pattern one = { .pattern = p, .literal = "/" };
	struct bound_entry entries[1] = { all };
	struct bound_pattern patterns[1] = { one };
	alone.entries.v = entries;
	alone.entries.len = 1;
	alone.patterns.v = patterns;
	alone.patterns.len = 1;
	return !reference(&alone, path).readable;
}

static bool
any_denies(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->patterns.len; i++)
		if (denied_by(b, b->patterns.v[i].pattern, path))
			return true;
	return false;
}

static bool
in_region(const struct pair *c, const struct fs_region *r, const char *path)
{
	bool globbed[2] = { any_denies(c->b[0], path), any_denies(c->b[1], path) };
	if (r->pattern != NULL)
		return globbed[r->denied_by] && !globbed[!r->denied_by] &&
		    denied_by(c->b[r->denied_by], r->pattern, path);
	if (globbed[0] || globbed[1] || !in_part(path, r->top, r->scope))
		return false;
	for (size_t i = 0; i < r->except.len; i++)
		if (in_part(path, r->except.v[i].path, r->except.v[i].scope))
			return false;
	return true;
}

static void
wrong(struct pair *c, const char *path, const char *what)
{
	if (c->wrong++ == 0)
		print_error("seed %llu: %s: %s\n", (unsigned long long)c->seed, path, what);
}

/* Which class a path belongs to by the reference; DELTA_CHANGED: it does not differ. */
static enum delta_class
class_of(struct ref_verdict x, struct ref_verdict y)
{
	enum access ax = access_of(x), ay = access_of(y);
	if (ax != ay)
		return ay > ax ? DELTA_WIDER : DELTA_NARROWER;
	if (x.pinned == y.pinned)
		return DELTA_CHANGED;
	return x.pinned ? DELTA_WIDER : DELTA_NARROWER;
}

/* Every path that differs lies in a region of its class; a region of the tree holds no others. */
static void
check_path(void *arg, const char *path)
{
	struct pair *c = arg;
	struct ref_verdict x = reference(c->b[0], path), y = reference(c->b[1], path);
	enum delta_class class = class_of(x, y);
	unsigned trees = 0, patterns = 0;
	for (size_t i = 0; i < c->delta.regions.len; i++) {
		const struct fs_region *r = &c->delta.regions.v[i];
		if (!in_region(c, r, path))
			continue;
		if (r->pattern != NULL) {
			patterns++;
		} else {
			trees++;
			if (access_of(x) != r->access[0] || access_of(y) != r->access[1])
				wrong(c, path, "its region has another pair of accesses");
		}
		/* A pattern's region may hold paths that the other side denies as well. */
		if (class != r->class && (r->pattern == NULL || class != DELTA_CHANGED))
			wrong(c, path, "its region is of another class");
	}
	if (trees > 1)
		wrong(c, path, "it lies in two regions of the tree");
	if (class != DELTA_CHANGED && trees + patterns == 0)
		wrong(c, path, "it differs and lies in no region");
}

static void
check_regions(struct pair *c)
{
	for (size_t i = 0; i < c->delta.regions.len; i++) {
		const struct fs_region *r = &c->delta.regions.v[i];
		struct ref_verdict x = reference(c->b[0], r->sample), y = reference(c->b[1], r->sample);
		struct fs_verdict v = decide_fs(c->d[0], r->sample), w = decide_fs(c->d[1], r->sample);
		if (class_of(x, y) != r->class)
			wrong(c, r->sample, "the sample does not differ as its region says");
		if (access_of(x) != r->access[0] || access_of(y) != r->access[1] ||
		    x.pinned != r->pinned[0] || y.pinned != r->pinned[1])
			wrong(c, r->sample, "the region does not say what the sample has");
		if (v.readable != x.readable || v.writable != x.writable || v.pinned != x.pinned ||
		    w.readable != y.readable || w.writable != y.writable || w.pinned != y.pinned)
			wrong(c, r->sample, "the sample is decided otherwise by the reference");
		if (!in_region(c, r, r->sample))
			wrong(c, r->sample, "the sample does not lie in its region");
		for (size_t k = 0; k < r->except.len; k++)
			if (!path_within(r->except.v[k].path, r->top))
				wrong(c, r->except.v[k].path, "an exception is elsewhere");
		if (i > 0 && path_order(c->delta.regions.v[i - 1].top, r->top) > 0)
			wrong(c, r->top, "the regions are not in path order");
	}
}

/* The other way round everything is the same, and of the other class. */
static void
check_mirror(struct pair *c)
{
	struct fs_delta back;
	assert_int_equal(delta_fs(c->a, c->d[1], c->d[0], &back), 0);
	assert_int_equal(back.regions.len, c->delta.regions.len);
	for (size_t i = 0; i < back.regions.len; i++) {
		const struct fs_region *x = &c->delta.regions.v[i], *y = NULL;
		/* Two patterns of one place may change places. */
		for (size_t k = 0; k < back.regions.len && y == NULL; k++) {
			const struct fs_region *z = &back.regions.v[k];
			if (strcmp(z->top, x->top) == 0 && z->pattern == x->pattern &&
			    z->scope == x->scope && strcmp(z->sample, x->sample) == 0)
				y = z;
		}
		if (y == NULL || y->class == x->class || y->access[0] != x->access[1] ||
		    y->access[1] != x->access[0] || y->except.len != x->except.len)
			wrong(c, x->top, "the region is not there the other way round");
	}
}

static void
random_pairs(void **state)
{
	unsigned equal = 0, patterns = 0, pins = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct pair c = { .a = a, .seed = test_seed() + 13 * i };
		struct prng r = { c.seed };
		struct bound_policy *x = random_policy(a, &r), *y = other_policy(a, &r, c.seed);
		struct comparison all;
		uint32_t link = prng_below(&r, 8);
		add_link(a, x, link);
		add_link(a, y, prng_below(&r, 3) > 0 ? link : prng_below(&r, 8));
		c.b[0] = x;
		c.b[1] = y;
		c.d[0] = decide_fs_build(a, x);
		c.d[1] = decide_fs_build(a, y);
		assert_int_equal(delta_fs(a, c.d[0], c.d[1], &c.delta), 0);
		struct compare_side old = compare_side_of(a, c.d[0]), new = compare_side_of(a, c.d[1]);
		assert_int_equal(compare_fs(a, &old, &new, &all), 0);
		if (all.equal != (c.delta.regions.len == 0))
			wrong(&c, all.equal ? c.delta.regions.v[0].top : all.witness.path,
			    "the comparison says otherwise");
		check_regions(&c);
		check_mirror(&c);
		each_path(a, DEPTH, check_path, &c);
		equal += all.equal;
		for (size_t k = 0; k < c.delta.regions.len; k++) {
			const struct fs_region *g = &c.delta.regions.v[k];
			patterns += g->pattern != NULL;
			pins += g->access[0] == g->access[1];
		}
		assert_int_equal(c.wrong, 0);
		arena_free(a);
	}
	/* The generator must make all kinds, or the test says nothing. */
	assert_in_range(equal, ROUNDS / 20, ROUNDS * 3 / 4);
	assert_true(patterns > 20 && pins > 20);
}

static struct bound_policy *
policy_of(struct arena *a, const struct bound_entry *v, size_t n)
{
	static const struct ir_policy ir = { .name = "t" };
	static const struct ir_origin origin = { .text = "t" };
	struct bound_policy *b = arena_alloc(a, sizeof(*b));
	const char *why;
	b->ir = &ir;
	for (size_t i = 0; i < n; i++) {
		VEC_PUSH(a, &b->entries, v[i]);
		b->entries.v[i].origin = &origin;
		b->entries.v[i].spelt = v[i].path;
	}
	/* Alive everywhere, so that no subtree is settled. */
	struct bound_pattern p = { .literal = "/", .origin = &origin,
	    .pattern = pattern_parse(a, NULL, "/**/never", &why) };
	assert_non_null(p.pattern);
	VEC_PUSH(a, &b->patterns, p);
	return b;
}

/* What is below a link by name is no part of it: each of two alike has a region and a sample. */
static void
below_links(void **state)
{
	static const struct bound_entry entries[] = {
		{ .path = "/g", .access = ACCESS_READ },
		{ .path = "/l", .access = ACCESS_READ },
		{ .path = "/m", .access = ACCESS_READ },
	};
	struct arena *a = arena_new();
	struct bound_policy *x = policy_of(a, entries, 1), *y = policy_of(a, entries, 3);
	struct bound_link links[] = { { .path = "/l", .target = "g" }, { .path = "/m", .target = "g" } };
	struct fs_delta d;
	(void)state;

	for (size_t i = 0; i < NELEMS(links); i++) {
		links[i].origin = x->entries.v[0].origin;
		VEC_PUSH(a, &x->links, links[i]);
	}
	assert_int_equal(delta_fs(a, decide_fs_build(a, x), decide_fs_build(a, y), &d), 0);
	assert_int_equal(d.regions.len, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(d.regions.v[i].top, links[i].path);
		assert_int_equal(d.regions.v[i].scope, SCOPE_BELOW);
		assert_int_equal(d.regions.v[i].class, DELTA_WIDER);
		assert_true(path_below(d.regions.v[i].sample, links[i].path));
		assert_int_equal(d.regions.v[i].patterns.len, 1);
	}
	arena_free(a);
}

/* A link that could be read before is no part of what can be read now. */
static void
links_in_a_region(void **state)
{
	static const struct bound_entry entries[] = {
		{ .path = "/g", .access = ACCESS_READ },
		{ .path = "/", .access = ACCESS_READ },
	};
	struct arena *a = arena_new();
	struct bound_policy *x = policy_of(a, entries, 1), *y = policy_of(a, entries, 2);
	const struct bound_link link = { "/l", "g", false, x->entries.v[0].origin };
	struct fs_delta d;
	(void)state;

	VEC_PUSH(a, &x->links, link);
	assert_int_equal(delta_fs(a, decide_fs_build(a, x), decide_fs_build(a, y), &d), 0);
	assert_int_equal(d.regions.len, 1);
	const struct fs_region *r = &d.regions.v[0];
	assert_string_equal(r->top, "/");
	assert_int_equal(r->scope, SCOPE_TREE);
	assert_int_equal(r->except.len, 2);
	assert_string_equal(r->except.v[0].path, "/g");
	assert_int_equal(r->except.v[0].scope, SCOPE_TREE);
	assert_string_equal(r->except.v[1].path, "/l");
	assert_int_equal(r->except.v[1].scope, SCOPE_ITSELF);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_links),
		cmocka_unit_test(links_in_a_region),
		cmocka_unit_test(random_pairs),
	};
	return cmocka_run_group_tests_name("delta", tests, NULL, NULL);
}

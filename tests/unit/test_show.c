/* SPDX-License-Identifier: Apache-2.0 */
/* test_show.c - the rows that cdxpc show prints determine access */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "bind_fixture.h"
#include "decide_fs.h"
#include "path.h"
#include "reference.h"
#include "show_view.h"

enum { ROUNDS = 1500, DEPTH = 3 };

struct check {
	struct arena	*a;
	const struct decide_fs *d;
	const struct view *v;
	uint64_t	 seed;
};

/* What the manual promises: the nearest place, unless a pattern matches the path or an ancestor. */
static enum access
access_by_rows(const struct check *c, const char *path)
{
	const struct view_row *best = NULL;
	for (size_t i = 0; i < c->v->nrow; i++) {
		const struct view_row *r = c->v->row[i];
		if (r->kind == VIEW_PATTERN) {
			for (const char *p = path; strcmp(p, "/") != 0; p = path_parent(c->a, p))
				if (pattern_match(r->pattern->pattern, p))
					return ACCESS_DENY;
		} else if (path_within(path, r->bound) &&
		    (best == NULL || path_depth(r->bound) > path_depth(best->bound))) {
			best = r;
		}
	}
	assert_non_null(best);
	return best->access;
}

static void
check_path(void *arg, const char *p)
{
	struct check *c = arg;
	struct fs_verdict v = decide_fs(c->d, p);
	enum access is = v.writable ? ACCESS_WRITE : v.readable ? ACCESS_READ : ACCESS_DENY;
	enum access shown = access_by_rows(c, p);
	if (is != shown)
		fail_msg("seed %llu: %s is %s, but shown as %s", (unsigned long long)c->seed, p,
		    access_name(is), access_name(shown));
}

/* No row could be left out, and every row stands below its parent in the order promised. */
static void
check_rows(const struct check *c, const struct view_row *r, enum access above, bool top)
{
	bool names = false;
	for (size_t i = 0; i < r->nchild; i++) {
		const struct view_row *k = r->child[i];
		names |= k->kind == VIEW_PLACE && k->why.kind == WHY_NAME;
		assert_true(k->kind == VIEW_PATTERN || path_below(k->bound, r->bound));
		assert_true(i == 0 || r->child[i - 1]->group <= k->group);
		check_rows(c, k, r->access, false);
	}
	if (r->kind == VIEW_PLACE && !top)
		assert_true(r->access != above || names);
	if (r->kind == VIEW_WAY)
		assert_true(r->access == above && r->nchild > 1);
	if (r->kind == VIEW_PATTERN)
		assert_true(r->nchild == 0 && r->access == ACCESS_DENY);
}

static void
rows_determine_access(void **state)
{
	size_t rows = 0, patterns = 0, ways = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct prng r = { test_seed() + 13 * i };
		struct check c = { .a = a, .seed = test_seed() + 13 * i };
		c.d = decide_fs_build(a, random_policy(a, &r));
		c.v = view_build(a, c.d);
		assert_int_equal(c.v->ntop, 1);
		check_rows(&c, c.v->top[0], ACCESS_DENY, true);
		each_path(a, DEPTH, check_path, &c);
		rows += c.v->nrow;
		for (size_t k = 0; k < c.v->nrow; k++)
			patterns += c.v->row[k]->kind == VIEW_PATTERN;
		for (size_t k = 0; k < c.v->top[0]->nchild; k++)
			ways += c.v->top[0]->child[k]->kind == VIEW_WAY;
		arena_free(a);
	}
	/* The generator must make all kinds, or the test says little. */
	assert_true(rows > 2 * ROUNDS && patterns > ROUNDS / 4 && ways > ROUNDS / 100);
}

/* A row left out is a fault that the property finds. */
static void
a_missing_row_is_seen(void **state)
{
	size_t wrong = 0, tried = 0;
	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		struct arena *a = arena_new();
		struct prng r = { test_seed() + 17 * i };
		struct check c = { .a = a };
		const struct bound_policy *b = random_policy(a, &r);
		struct view *v = view_build(a, decide_fs_build(a, b));
		if (v->nrow > 1 && b->patterns.len == 0 &&
		    v->row[v->nrow - 1]->why.kind == WHY_ENTRY) {
			const struct view_row *last = v->row[--v->nrow];
			c.v = v;
			tried++;
			wrong += access_by_rows(&c, last->bound) != last->access;
		}
		arena_free(a);
	}
	assert_true(tried > 5);
	assert_true(wrong > tried / 2);
}

/* ---- portable policies, as they are shown ---- */

static struct view *
portable(struct fixture *x)
{
	struct bound_policy *b = bind_generic(x->a, &x->ir, TARGET_LINUX, &x->err);
	assert_non_null(b);
	return view_build(x->a, decide_fs_build(x->a, b));
}

/* "PATH ACCESS" for each row, in order. */
static void
expect(const struct view *v, const char *const *line, size_t n)
{
	for (size_t i = 0; i < v->nrow && i < n; i++) {
		char got[256];
		snprintf(got, sizeof(got), "%s %s%s", v->row[i]->path, access_name(v->row[i]->access),
		    v->row[i]->kind == VIEW_LIFTED ? " lifted" : "");
		assert_string_equal(got, line[i]);
	}
	assert_int_equal(v->nrow, n);
}

static void
anchors_stand_for_themselves(void **state)
{
	static const char *const host[] = { "d /w" };
	static const char *const want[] = {
		"/ read", "/tmp write",
		":workspace_roots write", ":workspace_roots/**/.env deny",
		":workspace_roots/.agents read", ":workspace_roots/.codex read",
		":workspace_roots/.git write lifted", ":workspace_roots/.git/hooks read",
		"~/.ssh deny", ":tmpdir write",
	};
	struct fixture *x = FIXTURE(host);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git/hooks", ACCESS_READ);
	entry(x, ANCHOR_HOME, ".ssh", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/usr", ACCESS_READ);
	pattern(x, ANCHOR_WORKSPACE, "**/.env");
	const struct view *v = portable(x);
	expect(v, want, NELEMS(want));
	assert_int_equal(v->ntop, 4);
	assert_string_equal(v->top[0]->label, "/");
	assert_string_equal(v->top[2]->label, "~");
	assert_int_equal(v->top[2]->kind, VIEW_WAY);
	assert_string_equal(v->top[2]->child[0]->label, ".ssh");
	assert_string_equal(v->top[1]->child[0]->label, "**/.env");
	assert_int_equal(view_run(v->top[1], 0), 1);
	assert_int_equal(view_run(v->top[1], 1), 2);
	assert_int_equal(v->nidle, 1);
	assert_string_equal(v->idle[0].origin->text, "/usr");
	fixture_free(x);
}

static void
chains_and_forks(void **state)
{
	static const char *const host[] = { "d /w" };
	struct fixture *x = FIXTURE(host);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/a/b/c", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/d/e/f", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/d/e/g/h", ACCESS_DENY);
	const struct view *v = portable(x);
	const struct view_row *root = v->top[0];
	assert_int_equal(root->nchild, 2);
	assert_string_equal(root->child[0]->label, "a/b/c");
	assert_string_equal(root->child[1]->label, "d/e");
	assert_int_equal(root->child[1]->kind, VIEW_WAY);
	assert_string_equal(root->child[1]->child[1]->label, "g/h");
	assert_int_equal(v->nrow, 4);
	fixture_free(x);
}

/* Only the special characters of the literal part are escaped. */
static void
patterns_in_a_literal_place(void **state)
{
	static const char *const host[] = { "d /w" };
	static const char *const want[] = { "/ read", "/a\\*b/{x,y}/**/c deny", "~/*.k deny" };
	struct fixture *x = FIXTURE(host);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	pattern(x, ANCHOR_ABS, "/a\\*b/{x,y}/**/c");
	pattern(x, ANCHOR_HOME, "*.k");
	expect(portable(x), want, NELEMS(want));
	fixture_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_determine_access),
		cmocka_unit_test(a_missing_row_is_seen),
		cmocka_unit_test(anchors_stand_for_themselves),
		cmocka_unit_test(chains_and_forks),
		cmocka_unit_test(patterns_in_a_literal_place),
	};
	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}

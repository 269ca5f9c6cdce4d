/* SPDX-License-Identifier: Apache-2.0 */
/* test_denial_entry.c - random policies: the entry that is suggested for a denial allows it, and nothing beside */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "denial.h"
#include "path.h"
#include "reference.h"

enum { POLICIES = 150, DEPTH = 3 };

struct trial {
	struct arena	*a;
	struct bound_policy *b;
	struct decide_fs *d;
	struct prng	*rng;
	size_t		 given, none;
};

/* The bound path of an entry, as host/bind.c would make it. */
static const char *
bound_path(struct trial *t, const struct denial_entry *e)
{
	const char *rest = e->subpath != NULL && strcmp(e->subpath, ".") != 0 ? e->subpath : "";

	if (strcmp(e->place, ":root") == 0)
		return "/";
	if (strcmp(e->place, ":workspace_roots") == 0)
		return path_join(t->a, t->b->cwd, rest);
	if (strcmp(e->place, ":tmpdir") == 0)
		return t->b->tmpdir;
	if (e->place[0] == '~')
		return path_join(t->a, t->b->home, e->place[1] == '/' ? e->place + 2 : "");
	assert_int_equal(e->place[0], '/');
	return e->place;
}

static bool
allowed(const struct bound_policy *b, const char *path, const struct denial *x)
{
	struct ref_verdict v = reference(b, path);

	switch (x->action) {
	case DENIAL_READ:	return v.readable;
	case DENIAL_REMOVE:	return v.writable && !v.pinned;
	default:		return v.writable;
	}
}

/* The policy with that entry more; shields stay what they are. */
static void
with_entry(struct trial *t, const struct denial_entry *e, struct bound_policy *out)
{
	static const struct ir_origin origin = { .text = "more" };
	const struct bound_entry more = {
		.path = bound_path(t, e), .spelt = bound_path(t, e), .source = BOUND_WRITTEN,
		.access = strcmp(e->access, "write") == 0 ? ACCESS_WRITE : ACCESS_READ, .origin = &origin,
	};

	*out = *t->b;
	out->entries.v = arena_array(t->a, t->b->entries.len + 1, sizeof(more));
	if (t->b->entries.len > 0)
		memcpy(out->entries.v, t->b->entries.v, t->b->entries.len * sizeof(more));
	out->entries.v[out->entries.len++] = more;
	out->entries.cap = out->entries.len;
}

static bool
has_deny(const struct bound_policy *b, const char *path)
{
	const struct bound_entry *best = NULL;

	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (path_within(path, e->path) && (best == NULL || path_below(e->path, best->path) ||
		    (strcmp(e->path, best->path) == 0 && e->access == ACCESS_DENY)))
			best = e;
	}
	return best != NULL && best->access == ACCESS_DENY;
}

static void
one_path(void *arg, const char *path)
{
	static const enum denial_action actions[] = { DENIAL_READ, DENIAL_WRITE, DENIAL_CREATE, DENIAL_REMOVE };
	struct trial *t = arg;

	for (size_t i = 0; i < NELEMS(actions); i++) {
		const struct denial x = {
			.action = actions[i], .object = DENIAL_PATH, .target = path, .process = "p",
			.operation = "o", .absent = actions[i] == DENIAL_CREATE,
		};
		if (strcmp(path, "/") == 0 || allowed(t->b, path, &x))
			continue;
		struct denial_entry e = denial_entry(t->a, t->d, &x);
		if (e.place == NULL) {
			assert_non_null(e.none);
			t->none++;
			continue;
		}
		t->given++;
		struct bound_policy more;
		with_entry(t, &e, &more);
		if (!allowed(&more, path, &x))
			fail_msg("%s %s: %s %s = %s does not allow it", denial_action_name(x.action), path,
			    e.place, e.subpath != NULL ? e.subpath : "", e.access);
		/* At the path, or its directory; and never below a deny. */
		const char *at = bound_path(t, &e);
		assert_true(path_within(path, at) && path_depth(path) - path_depth(at) <= 1);
		if (has_deny(t->b, at))
			fail_msg("%s %s: %s lies below a deny", denial_action_name(x.action), path, at);
		assert_string_equal(e.access, x.action == DENIAL_READ ? "read" : "write");
	}
}

static void
test_random(void **state)
{
	struct prng rng = { test_seed() };
	size_t given = 0, none = 0;

	(void)state;
	for (int n = 0; n < POLICIES; n++) {
		struct trial t = { .a = arena_new(), .rng = &rng };
		t.b = random_policy(t.a, &rng);
		t.d = decide_fs_build(t.a, t.b);
		each_path(t.a, DEPTH, one_path, &t);
		given += t.given;
		none += t.none;
		arena_free(t.a);
	}
	print_message("%zu entries, %zu times none\n", given, none);
	assert_true(given > 1000 && none > 1000);
}

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < DENIAL_ACTIONS; i++)
		assert_non_null(denial_action_name((enum denial_action)i));
	for (int i = 0; i < DENIAL_OBJECTS; i++)
		assert_non_null(denial_object_name((enum denial_object)i));
	for (int i = 0; i < DENIAL_KNOWNS; i++)
		assert_non_null(denial_known_name((enum denial_known)i));
	for (int i = 0; i < DENIAL_TABLES; i++)
		assert_non_null(denial_table_name((enum denial_table)i));
	assert_null(denial_error_name(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

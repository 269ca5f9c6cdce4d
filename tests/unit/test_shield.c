/* SPDX-License-Identifier: Apache-2.0 */
/* test_shield.c - protected names, gitdirs and policy files of a binding */
#include <config.h>

#include "bind_fixture.h"

#include "decide_fs.h"

static void
names_below_every_writable_directory(void **state)
{
	static const char *const lines[] = {
		"d /w/.git", "d /w/sub", "f /w/file x", "s /stub", "d /home/u",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "sub", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "file", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "missing", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/stub", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/home/u", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);
	static const char *const want[] = {
		"/w/.git", "/w/.agents", "/w/.codex", "/w/sub/.git", "/w/sub/.agents", "/w/sub/.codex",
	};
	assert_int_equal(b->shields.len, NELEMS(want));
	for (size_t i = 0; i < NELEMS(want); i++) {
		assert_string_equal(b->shields.v[i].path, want[i]);
		assert_int_equal(b->shields.v[i].kind, SHIELD_NAME);
		assert_string_equal(b->shields.v[i].name, strrchr(want[i], '/') + 1);
	}
	assert_ptr_equal(b->shields.v[0].origin, &x->ir.entries.v[0].origin);
	assert_int_equal(bound_fact(b, "/w/.git")->kind, NODE_DIR);
	assert_int_equal(bound_fact(b, "/w/.codex")->kind, NODE_MISSING);
	fixture_free(x);
}

static void
none_at_or_below_a_protected_name(void **state)
{
	static const char *const lines[] = {
		"d /w/.git/hooks", "d /w/.github", "d /w/a/.codex/x", "d /o/.git",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, ".git/hooks", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".github", ACCESS_WRITE);
	/* A name counts below a write entry only: neither /w/a nor /o is one. */
	entry(x, ANCHOR_WORKSPACE, "a/.codex/x", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/o/.git", ACCESS_WRITE);
	struct bound_policy *b = bind_ok(x);
	assert_null(shield_at(b, "/w/.git/.git"));
	assert_null(shield_at(b, "/w/.git/hooks/.git"));
	assert_non_null(shield_at(b, "/w/.git"));
	assert_non_null(shield_at(b, "/w/.github/.git"));
	assert_non_null(shield_at(b, "/w/a/.codex/x/.git"));
	assert_non_null(shield_at(b, "/o/.git/.git"));
	assert_int_equal(b->shields.len, 4 * 3);

	/* And what it all means. */
	const struct decide_fs *d = decide_fs_build(x->a, b);
	assert_true(decide_fs(d, "/w/.git/hooks/x").writable);
	assert_true(decide_fs(d, "/w/.git/.git/x").writable);
	assert_false(decide_fs(d, "/w/.codex").writable);
	fixture_free(x);
}

static void
shared_temporary_directories(void **state)
{
	static const char *const lines[] = {
		"d /w", "d /tmp/.git", "d /t", "s /tmp/.codex", "d /t/.agents",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.tmpdir = "/t";
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(b->shields.len, 2);
	assert_non_null(shield_at(b, "/tmp/.git"));
	assert_non_null(shield_at(b, "/t/.agents"));

	/* An entry of its own for the same directory protects as usual. */
	entry(x, ANCHOR_ABS, "/t", ACCESS_WRITE);
	b = bind_ok(x);
	assert_int_equal(b->shields.len, 4);
	assert_ptr_equal(shield_at(b, "/t/.agents")->origin, &x->ir.entries.v[2].origin);
	fixture_free(x);
}

/* A workspace below /tmp, and $TMPDIR in the workspace: each place keeps its own rule. */
static void
overlapping_anchors(void **state)
{
	static const char *const lines[] = { "d /tmp/ws/tmp", "d /tmp/ws/.git" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.cwd = "/tmp/ws";
	x->rq.tmpdir = "/tmp/ws/tmp";
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(b->shields.len, 3);
	assert_non_null(shield_at(b, "/tmp/ws/.agents"));
	/* $TMPDIR is the workspace itself. */
	x->rq.tmpdir = "/tmp/ws";
	b = bind_ok(x);
	assert_int_equal(b->shields.len, 3);
	assert_ptr_equal(b->shields.v[0].origin, &x->ir.entries.v[0].origin);
	fixture_free(x);
}

static void
free_policy_has_none(void **state)
{
	static const char *const lines[] = { "d /w/.git", "d /x", "l /l -> /x/p.toml", "f /x/p.toml x" };
	static const char *const files[] = { "/x/p.toml", "/x/p.toml.minisig" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	struct bound_policy *b = bind_ok(x);
	assert_true(bound_is_free(b));
	assert_int_equal(b->shields.len, 0);

	x->rq.shielded = files;
	x->rq.nshielded = 2;
	b = bind_ok(x);
	assert_int_equal(b->shields.len, 2);
	assert_string_equal(b->shields.v[0].path, "/x/p.toml");
	assert_int_equal(b->shields.v[0].kind, SHIELD_POLICY);

	entry(x, ANCHOR_ABS, "/x", ACCESS_READ);
	b = bind_ok(x);
	assert_false(bound_is_free(b));
	assert_int_equal(b->shields.len, 2 + 6);
	fixture_free(x);
}

static void
policy_file_through_a_link(void **state)
{
	static const char *const lines[] = { "d /w", "l /w/p.toml -> /x/p.toml", "f /x/p.toml x" };
	static const char *const file[] = { "/w/p.toml" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.shielded = file;
	x->rq.nshielded = 1;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_READ);
	assert_string_equal(bind_ok(x)->shields.v[0].path, "/x/p.toml");
	x->ir.entries.v[0].access = ACCESS_WRITE;
	bind_refused(x, "the policy file", "/w/p.toml -> /x/p.toml", NULL);
	fixture_free(x);
}

static void
gitdir_and_commondir(void **state)
{
	static const struct {
		const char *lines[5], *want[2];
	} rows[] = {
		/* a linked worktree, as git makes it */
		{ { "f /w/.git gitdir: /r/.git/worktrees/w\n", "d /r/.git/worktrees/w",
		    "f /r/.git/worktrees/w/commondir ../..\n" }, { "/r/.git/worktrees/w", "/r/.git" } },
		/* a submodule: relative to the file's directory, and no commondir */
		{ { "f /w/.git gitdir: ../r/.git/modules/m", "d /r/.git/modules/m" },
		    { "/r/.git/modules/m" } },
		{ { "f /w/.git gitdir: gd\r\n\n", "d /w/gd", "f /w/gd/commondir /c" }, { "/w/gd", "/c" } },
		/* links on the way are followed as the kernel does */
		{ { "f /w/.git gitdir: /l/../gd\n", "l /l -> /r/deep", "d /r/deep", "d /r/gd" }, { "/r/gd" } },
		/* a place that does not exist is protected too */
		{ { "f /w/.git gitdir: /none/such\n" }, { "/none/such" } },
		/* nothing that git would understand */
		{ { "f /w/.git hello" }, { NULL } },
		{ { "f /w/.git gitdir: \n\n" }, { NULL } },
		{ { "f /w/.git " }, { NULL } },
		{ { "d /w/.git", "f /w/.git/commondir /c" }, { NULL } },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		size_t n = 0, want = 0;
		while (n < NELEMS(rows[i].lines) && rows[i].lines[n] != NULL)
			n++;
		struct fixture *x = fixture_new(rows[i].lines, n);
		entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
		struct bound_policy *b = bind_ok(x);
		for (; want < 2 && rows[i].want[want] != NULL; want++) {
			const struct bound_shield *s = shield_at(b, rows[i].want[want]);
			if (s == NULL)
				fail_msg("row %zu: no shield at %s", i, rows[i].want[want]);
			assert_int_equal(s->kind, SHIELD_GITDIR);
			assert_ptr_equal(s->origin, &x->ir.entries.v[0].origin);
		}
		assert_int_equal(b->shields.len, 3 + want);
		fixture_free(x);
	}
}

static void
gitdir_that_cannot_be_trusted(void **state)
{
	static const struct { const char *lines[5]; const char *text[2]; } rows[] = {
		{ { "f /w/.git gitdir: l/gd\n", "l /w/l -> /r", "d /r/gd" },
		    { "the gitdir of \"workspace\"", "/w/l -> /r" } },
		{ { "f /w/.git gitdir: gd\n", "d /w/gd", "f /w/gd/commondir ../l\n", "l /w/l -> /r" },
		    { "the commondir of \"workspace\"", "/w/l -> /r" } },
		{ { "f /w/.git gitdir: a\n", "l /w/a -> a" }, { "the gitdir: a", "40 symbolic links" } },
		{ { "l /w/.git -> /r/.git", "d /r/.git" },
		    { "\".git\" below \"workspace\"", "/w/.git -> /r/.git" } },
		{ { "l /w/.codex -> nowhere", "d /w/.git" }, { "\".codex\" below", "/w/.codex -> nowhere" } },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		size_t n = 0;
		while (n < NELEMS(rows[i].lines) && rows[i].lines[n] != NULL)
			n++;
		struct fixture *x = fixture_new(rows[i].lines, n);
		entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
		bind_refused(x, rows[i].text[0], rows[i].text[1], NULL);
		assert_ptr_equal(x->err.origin, &x->ir.entries.v[0].origin);
		fixture_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_below_every_writable_directory),
		cmocka_unit_test(none_at_or_below_a_protected_name),
		cmocka_unit_test(shared_temporary_directories),
		cmocka_unit_test(overlapping_anchors),
		cmocka_unit_test(free_policy_has_none),
		cmocka_unit_test(policy_file_through_a_link),
		cmocka_unit_test(gitdir_and_commondir),
		cmocka_unit_test(gitdir_that_cannot_be_trusted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

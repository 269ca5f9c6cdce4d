/* SPDX-License-Identifier: Apache-2.0 */
/* test_macos.c - binding for macOS: /private, platform roots, names without regard to case */
#include <config.h>

#include "bind_fixture.h"
#include "compare.h"
#include "decide_fs.h"

static struct bound_policy *
bind_mac(struct fixture *x)
{
	x->rq.target = TARGET_MACOS;
	struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);
	if (b == NULL)
		fail_msg("%s", x->err.text);
	return b;
}

static struct fs_verdict
verdict(struct fixture *x, const struct bound_policy *b, const char *path)
{
	return decide_fs(decide_fs_build(x->a, b), path);
}

static void
private_links(void **state)
{
	static const char *const lines[] = { "d /var/w/src", "d /tmp/t", "f /etc/hosts x", "d /usr" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.cwd = "/var/w";
	x->rq.tmpdir = "/tmp/t";
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "src", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/etc/hosts", ACCESS_READ);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_READ);
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	struct bound_policy *b = bind_mac(x);
	assert_string_equal(b->cwd, "/private/var/w");
	assert_string_equal(b->tmpdir, "/private/tmp/t");
	assert_true(verdict(x, b, "/private/var/w/x").writable);
	assert_false(verdict(x, b, "/private/var/w/src/x").writable);
	assert_true(verdict(x, b, "/private/etc/hosts").readable);
	/* A platform root, while /bin, which this host lacks, is none. */
	assert_true(verdict(x, b, "/private/etc/passwd").readable);
	assert_true(verdict(x, b, "/usr/lib/x").readable);
	assert_false(verdict(x, b, "/bin/sh").readable);
	assert_false(verdict(x, b, "/private/tmp/t/x").writable);
	/* The links themselves are on the way to what is granted. */
	assert_true(verdict(x, b, "/etc").readable);
	assert_false(verdict(x, b, "/private/opt").readable);
	fixture_free(x);
}

/* On a Mac the links are there, and the paths are what they are. */
static void
mac_as_it_is(void **state)
{
	static const char *const lines[] = {
		"l /tmp -> private/tmp", "l /var -> private/var", "l /etc -> private/etc",
		"d /private/tmp/x", "d /w",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/tmp/x", ACCESS_READ);
	struct bound_policy *b = bind_mac(x);
	assert_string_equal(b->entries.v[0].path, "/private/tmp/x");
	fixture_free(x);
}

/* They lie on the system's volume: who may write "/" still cannot point them elsewhere. */
static void
sealed_links(void **state)
{
	static const char *const lines[] = { "d /w", "d /tmp/x", "l /opt -> usr", "l /w/l -> x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/tmp/x", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/opt", ACCESS_READ);
	bind_mac(x);
	entry(x, ANCHOR_ABS, "/w/l", ACCESS_READ);
	assert_null(bind_policy(x->a, &x->rq, x->host, &x->err));
	fixture_free(x);
}

static void
proc_is_a_name(void **state)
{
	static const char *const lines[] = { "d /w", "d /proc/x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/proc/x", ACCESS_READ);
	pattern(x, ANCHOR_ABS, "/proc/*");
	bind_mac(x);
	fixture_free(x);
}

static void
protected_in_every_spelling(void **state)
{
	static const char *const lines[] = { "d /w/.git", "d /w/sub/.GIT" };
	static const char *const names[] = { ".git", ".GIT", ".Git", ".gIt/x", ".CODEX", ".agents/y" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, ".git/hooks", ACCESS_WRITE);
	struct bound_policy *b = bind_mac(x);
	for (size_t i = 0; i < NELEMS(names); i++) {
		struct fs_verdict v = verdict(x, b, path_join(x->a, "/w", names[i]));
		assert_true(v.readable);
		assert_false(v.writable);
		assert_int_equal(v.why.kind, WHY_NAME);
	}
	assert_true(verdict(x, b, "/w/.gitx").writable);
	assert_true(verdict(x, b, "/w/sub/.GIT").writable);
	/* What exists keeps its stored case: only that spelling is lifted. */
	assert_true(verdict(x, b, "/w/.git/hooks/x").writable);
	assert_false(verdict(x, b, "/w/.GIT/hooks/x").writable);
	fixture_free(x);
}

static void
missing_in_every_spelling(void **state)
{
	static const char *const lines[] = { "d /w/Here" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "Here", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "Not/There", ACCESS_DENY);
	struct bound_policy *b = bind_mac(x);
	assert_false(verdict(x, b, "/w/Here/x").writable);
	assert_true(verdict(x, b, "/w/here/x").writable);
	assert_false(verdict(x, b, "/w/Not/There/x").readable);
	assert_false(verdict(x, b, "/w/nOT/tHERE/x").readable);
	assert_true(verdict(x, b, "/w/NOT").pinned);
	assert_true(verdict(x, b, "/w/not/there2").writable);
	fixture_free(x);
}

static void
patterns_in_every_spelling(void **state)
{
	static const char *const lines[] = { "d /w/Lib/a", "f /w/Lib/a/K.ENV x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	pattern(x, ANCHOR_WORKSPACE, "Lib/**/*.env");
	pattern(x, ANCHOR_WORKSPACE, "new/[k-m]?");
	struct bound_policy *b = bind_mac(x);
	assert_false(verdict(x, b, "/w/Lib/b/q.Env").readable);
	/* The literal part exists, and is what it is. */
	assert_true(verdict(x, b, "/w/lib/b/q.env").readable);
	assert_false(verdict(x, b, "/w/NEW/Lx").readable);
	assert_true(verdict(x, b, "/w/NEW/nx").readable);
	assert_true(verdict(x, b, "/w/New").pinned);
	/* A match in capitals pins what leads to it. */
	assert_true(verdict(x, b, "/w/Lib/a").pinned);
	fixture_free(x);
}

static struct comparison
compared(struct fixture *x, struct region *p, struct region *q, const char *glob)
{
	const char *why;
	struct comparison c;
	const struct pattern *g = glob != NULL ? pattern_parse(x->a, NULL, glob, &why) : NULL;
	struct compare_side s = { p, &g, NULL, glob != NULL }, t = { q, &g, NULL, glob != NULL };
	assert_int_equal(compare_fs(x->a, &s, &t, &c), 0);
	return c;
}

static struct region *
tree(struct fixture *x, const char *folded, const char *exact)
{
	struct region *r = region_root(x->a);
	r->self = r->below = ACCESS_WRITE;
	if (folded != NULL) {
		struct region *n = region_make_folded(x->a, r, folded, strlen(folded));
		n->self = n->below = ACCESS_READ;
	}
	if (exact != NULL) {
		struct region *n = region_make_child(x->a, r, exact, strlen(exact));
		n->self = n->below = ACCESS_READ;
	}
	return r;
}

/* One spelling that differs is found, beside globs too. */
static void
comparing_spellings(void **state)
{
	static const char *const globs[] = { NULL, "/*.x", "/[gG]*/y" };
	struct fixture *x = fixture_new(NULL, 0);
	(void)state;
	for (size_t i = 0; i < NELEMS(globs); i++) {
		struct comparison c = compared(x, tree(x, "Gi", NULL), tree(x, "gI", NULL), globs[i]);
		assert_true(c.equal);
		c = compared(x, tree(x, "gi", "gi"), tree(x, "gi", NULL), globs[i]);
		assert_true(c.equal);
		c = compared(x, tree(x, "gi", NULL), tree(x, NULL, "gi"), globs[i]);
		assert_false(c.equal);
		assert_true(c.b_allows_more && !c.a_allows_more);
		assert_int_equal(strlen(c.witness.path), 3);
		assert_string_not_equal(c.witness.path, "/gi");
		c = compared(x, tree(x, NULL, NULL), tree(x, "gi", NULL), globs[i]);
		assert_false(c.equal);
	}
	fixture_free(x);
}

static void
generic_binding(void **state)
{
	struct fixture *x = fixture_new(NULL, 0);
	(void)state;
	root(x, ANCHOR_ABS, "/var/proj");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	struct bound_policy *b = bind_generic(x->a, &x->ir, TARGET_MACOS, &x->err);
	assert_non_null(b);
	assert_int_equal(b->roots.len, 1);
	assert_string_equal(b->roots.v[0], "/private/var/proj");
	assert_true(verdict(x, b, "/private/tmp/x").writable);
	assert_int_equal(b->entries.len, 2 + 1 + 9);
	fixture_free(x);
}

/* A volume without regard to case: what is there is meant, by the name that it has. */
static void
stored_case_is_canonical(void **state)
{
	static const char *const lines[] = { "d /w/Secret/Deep", "d /w/.GIT", "f /w/Sub/.Git gitdir: ../../Git/Dir",
	    "d /git/dir", "l /w/Link -> secret", "d /Home/U", "c /" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.cwd = "/W";
	x->rq.home = "/home/u";
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "sub", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "SECRET/deep", ACCESS_DENY);
	entry(x, ANCHOR_WORKSPACE, "secret/New", ACCESS_DENY);
	entry(x, ANCHOR_HOME, "x", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, ".git/hooks", ACCESS_WRITE);
	pattern(x, ANCHOR_WORKSPACE, "seCret/*.x");
	struct bound_policy *b = bind_mac(x);
	assert_string_equal(b->cwd, "/w");
	assert_string_equal(b->entries.v[1].path, "/w/Sub");
	assert_string_equal(b->entries.v[2].path, "/w/Secret/Deep");
	assert_string_equal(b->entries.v[3].path, "/w/Secret/New");
	assert_string_equal(b->entries.v[4].path, "/Home/U/x");
	assert_string_equal(b->entries.v[5].path, "/w/.GIT/hooks");
	assert_string_equal(b->patterns.v[0].literal, "/w/Secret");
	assert_false(verdict(x, b, "/w/Secret/Deep/f").readable);
	assert_false(verdict(x, b, "/w/Secret/new").readable);
	assert_false(verdict(x, b, "/w/Secret/f.X").readable);
	assert_true(verdict(x, b, "/w/Secret/f").writable);
	assert_false(verdict(x, b, "/w/.GIT/config").writable);
	assert_true(verdict(x, b, "/w/.GIT/hooks/f").writable);
	assert_false(verdict(x, b, "/w/.git").writable);
	/* The file that a gitdir leads to is read by whichever name it has. */
	assert_false(verdict(x, b, "/w/Sub/.Git").writable);
	assert_non_null(bound_fact(b, "/git/dir"));
	assert_null(bound_fact(b, "/Git/Dir"));
	/* A link is one under any name. */
	entry(x, ANCHOR_WORKSPACE, "LINK/y", ACCESS_WRITE);
	bind_refused(x, "/w/Link", NULL);
	fixture_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_links),
		cmocka_unit_test(mac_as_it_is),
		cmocka_unit_test(sealed_links),
		cmocka_unit_test(proc_is_a_name),
		cmocka_unit_test(protected_in_every_spelling),
		cmocka_unit_test(missing_in_every_spelling),
		cmocka_unit_test(patterns_in_every_spelling),
		cmocka_unit_test(comparing_spellings),
		cmocka_unit_test(generic_binding),
		cmocka_unit_test(stored_case_is_canonical),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

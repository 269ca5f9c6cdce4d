/* SPDX-License-Identifier: Apache-2.0 */
/* test_profile.c - what a profile file says: spellings, inheritance, choice, and what is refused */
#include <config.h>

#include "profile_fixture.h"

#include "path_windows.h"
#include "prng.h"

/* ---- spellings ---- */

#define PROFILE	"default_permissions = \"p\"\n[permissions.p.filesystem]\n"

static const struct ir_entry *
only_entry(const struct fixture *x)
{
	assert_int_equal(x->out.ir->entries.len + x->out.ir->patterns.len, 1);
	return &x->out.ir->entries.v[0];
}

static void
one_place_in_many_spellings(void **state)
{
	static const struct {
		const char	*line;
		enum anchor	 anchor;
		const char	*path;
		enum access	 access;
	} rows[] = {
		{ "\":root\" = \"read\"", ANCHOR_ABS, "/", ACCESS_READ },
		{ "\"/\" = \"read\"", ANCHOR_ABS, "/", ACCESS_READ },
		{ "\"/**\" = \"read\"", ANCHOR_ABS, "/", ACCESS_READ },
		{ "\"//a/./b/../c//\" = \"write\"", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a\" = { \"c/\" = \"write\" }", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a/c/**\" = \"write\"", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a\" = { \"c/**\" = \"write\" }", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a/c\" = { \".\" = \"write\" }", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a/c\" = { \"**\" = \"write\" }", ANCHOR_ABS, "/a/c", ACCESS_WRITE },
		{ "\"/a\" = \"none\"", ANCHOR_ABS, "/a", ACCESS_DENY },
		{ "'/a\\*' = \"read\"", ANCHOR_ABS, "/a*", ACCESS_READ },
		{ "'/a\\*/**' = \"read\"", ANCHOR_ABS, "/a*", ACCESS_READ },
		{ "\"~\" = \"read\"", ANCHOR_HOME, "", ACCESS_READ },
		{ "\"~/\" = \"read\"", ANCHOR_HOME, "", ACCESS_READ },
		{ "\"~/**\" = \"read\"", ANCHOR_HOME, "", ACCESS_READ },
		{ "\"~/x/../y\" = \"read\"", ANCHOR_HOME, "y", ACCESS_READ },
		{ "\"~\" = { \"y\" = \"read\" }", ANCHOR_HOME, "y", ACCESS_READ },
		{ "\":cwd\" = \"write\"", ANCHOR_WORKSPACE, "", ACCESS_WRITE },
		{ "\":project_roots\" = { \"s//t\" = \"write\" }", ANCHOR_WORKSPACE, "s/t", ACCESS_WRITE },
		{ "\":workspace_roots\" = { \"s/t/**\" = \"write\" }", ANCHOR_WORKSPACE, "s/t", ACCESS_WRITE },
		{ "\":tmpdir\" = \"deny\"", ANCHOR_TMPDIR, "", ACCESS_DENY },
		{ "\":slash_tmp\" = \"write\"", ANCHOR_SLASH_TMP, "", ACCESS_WRITE },
		{ "\":minimal\" = \"read\"", ANCHOR_MINIMAL, "", ACCESS_READ },
		{ "'c:/x/../Y/' = \"read\"", ANCHOR_WINDOWS, "C:\\Y", ACCESS_READ },
		{ "'C:\\' = { 'a/b' = \"read\" }", ANCHOR_WINDOWS, "C:\\a\\b", ACCESS_READ },
		{ "'\\\\?\\C:\\a\\**' = \"read\"", ANCHOR_WINDOWS, "C:\\a", ACCESS_READ },
		{ "'C:\\**' = \"read\"", ANCHOR_WINDOWS, "C:\\", ACCESS_READ },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char text[512];
		snprintf(text, sizeof(text), PROFILE "%s\n", rows[i].line);
		struct fixture x = compile_good(text);
		const struct ir_entry *e = only_entry(&x);
		assert_int_equal(e->anchor, rows[i].anchor);
		assert_string_equal(e->path, rows[i].path);
		assert_int_equal(e->access, rows[i].access);
		assert_int_equal(e->origin.span.line, 3);
		assert_string_equal(e->origin.profile, "p");
		done(&x);
	}
}

static void
windows_paths(void **state)
{
	static const char *const good[][2] = {
		{ "C:\\", "C:\\" }, { "c:/", "C:\\" }, { "C:\\a\\..", "C:\\" },
		{ "C:\\..\\..\\a", "C:\\a" }, { "C:\\a\\.\\\\b\\", "C:\\a\\b" },
		{ "\\\\s\\h", "\\\\s\\h" }, { "\\\\s\\h\\..\\..\\x", "\\\\s\\h\\x" },
		{ "\\\\?\\c:\\x", "C:\\x" }, { "\\\\.\\C:\\x", "C:\\x" },
		{ "\\\\?\\unc\\s\\h\\x", "\\\\s\\h\\x" },
	};
	static const char *const bad[] = {
		"", "a", "/a", "\\a", "C:", "C:a", "\\\\", "\\\\s", "\\\\s\\", "\\\\.\\pipe\\x",
		"\\\\?\\Volume{0}\\", "\\\\..\\x\\y", "1:\\",
	};
	struct arena *a = arena_new();
	const char *why;
	(void)state;
	for (size_t i = 0; i < NELEMS(good); i++) {
		assert_string_equal(path_windows_normal(a, good[i][0], &why), good[i][1]);
		assert_string_equal(path_windows_normal(a, good[i][1], &why), good[i][1]);
	}
	for (size_t i = 0; i < NELEMS(bad); i++) {
		why = NULL;
		assert_null(path_windows_normal(a, bad[i], &why));
		assert_non_null(why);
	}
	arena_free(a);
}

/* ---- inheritance, against the plain definition ---- */

/*
 * Places that go by several spellings; what a profile may say of one.  Row 0 of
 * a place is the normal form.
 */
static const char *const spelling[][3] = {
	{ "/a", "/a/", "//a" },
	{ "/a/b", "/a/b/**", "/x/../a/b" },
	{ "~/c", "~//c", "~/c/." },
	{ "/", ":root", "/." },
	{ ":workspace_roots", ":cwd", ":project_roots" },
};
enum { PLACES = NELEMS(spelling), CHAIN = 4 };

static const char *const access_word[] = { "deny", "read", "write" };

/* One profile: for each place an access, or -1. */
static void
write_profile(struct sbuf *b, uint64_t *r, unsigned n, int *says)
{
	sbuf_printf(b, "[permissions.p%u]\n", n);
	if (n > 0)
		sbuf_printf(b, "extends = \"p%u\"\n", n - 1);
	sbuf_printf(b, "[permissions.p%u.filesystem]\n", n);
	for (size_t i = 0; i < PLACES; i++) {
		says[i] = (int)prng_below(r, 4) - 1;
		if (says[i] < 0)
			continue;
		/* "deny" on all below a place is a pattern, another thing. */
		size_t k = prng_below(r, 3);
		if (says[i] == ACCESS_DENY && strchr(spelling[i][k], '*') != NULL)
			k = 0;
		const char *word = says[i] == ACCESS_DENY && prng_below(r, 2) == 0 ? "none" :
		    access_word[says[i]];
		bool table = i < 3 && strchr(spelling[i][k], '*') == NULL && prng_below(r, 2) == 0;
		sbuf_printf(b, table ? "\"%s\" = { \".\" = \"%s\" }\n" : "\"%s\" = \"%s\"\n",
		    spelling[i][k], word);
	}
}

static int
found_access(const struct ir_policy *ir, size_t place)
{
	int found = -1;
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		const char *normal = spelling[place][0];
		bool same = e->anchor == ANCHOR_ABS ? strcmp(e->path, normal) == 0 :
		    e->anchor == ANCHOR_HOME ? strcmp(e->path, "c") == 0 && normal[0] == '~' :
		    normal[0] == ':';
		if (!same)
			continue;
		assert_int_equal(found, -1);
		found = (int)e->access;
	}
	return found;
}

static void
a_child_replaces_what_it_names(void **state)
{
	uint64_t seed = prng_seed(), r = seed;
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct sbuf b = SBUF_INIT;
		int says[CHAIN][PLACES];
		sbuf_printf(&b, "default_permissions = \"p%d\"\n", CHAIN - 1);
		for (unsigned n = 0; n < CHAIN; n++)
			write_profile(&b, &r, n, says[n]);
		struct fixture x = compile_good(sbuf_str(&b));
		for (size_t i = 0; i < PLACES; i++) {
			int expected = -1;
			for (unsigned n = 0; n < CHAIN; n++)
				expected = says[n][i] >= 0 ? says[n][i] : expected;
			if (found_access(x.out.ir, i) != expected)
				fail_msg("SEED=%llu round %d place %s:\n%s",
				    (unsigned long long)seed, round, spelling[i][0], sbuf_str(&b));
		}
		done(&x);
		sbuf_free(&b);
	}
}

static void
patterns_are_replaced_under_both_names(void **state)
{
	/* { parent's line, child's line, entries, patterns } */
	static const struct {
		const char	*parent, *child;
		size_t		 entries, patterns;
	} rows[] = {
		{ "\"/x/**\" = \"deny\"", "\"/x/**\" = \"read\"", 1, 0 },
		{ "\"/x/**\" = \"read\"", "\"/x/**\" = \"deny\"", 0, 1 },
		{ "\"/x/**\" = \"read\"", "\"/x\" = \"deny\"", 1, 0 },
		{ "\"/x\" = \"read\"", "\"/x/**\" = \"deny\"", 1, 1 },
		{ "\"/x/**\" = \"deny\"\n\"/x\" = \"read\"", "\"/x/**\" = \"write\"", 1, 0 },
		{ "\"/x/*.c\" = \"deny\"", "\"/x\" = { \"*.c\" = \"none\" }", 0, 1 },
		{ "'/[[]/*.c' = \"deny\"", "'/\\[' = { \"*.c\" = \"deny\" }", 0, 2 },
		{ "'C:\\A\\*.c' = \"deny\"", "'c:/a/*.C' = \"deny\"", 0, 1 },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char text[512];
		snprintf(text, sizeof(text), "default_permissions = \"c\"\n"
		    "[permissions.b.filesystem]\n%s\n[permissions.c]\nextends = \"b\"\n"
		    "[permissions.c.filesystem]\n%s\n", rows[i].parent, rows[i].child);
		struct fixture x = compile_good(text);
		assert_int_equal(x.out.ir->entries.len, rows[i].entries);
		assert_int_equal(x.out.ir->patterns.len, rows[i].patterns);
		done(&x);
	}
}

static void
chains_end(void **state)
{
	(void)state;
	for (unsigned n = LIMIT_EXTENDS_DEPTH - 1; n <= LIMIT_EXTENDS_DEPTH + 1; n++) {
		struct sbuf b = SBUF_INIT;
		sbuf_printf(&b, "default_permissions = \"p%u\"\n[permissions.p0.filesystem]\n"
		    "\"/\" = \"read\"\n", n);
		for (unsigned i = 1; i <= n; i++)
			sbuf_printf(&b, "[permissions.p%u]\nextends = \"p%u\"\n", i, i - 1);
		struct fixture x = compile(sbuf_str(&b));
		assert_int_equal(x.status, n < LIMIT_EXTENDS_DEPTH ? 0 : -1);
		assert_int_equal(diags_errors(x.d), n < LIMIT_EXTENDS_DEPTH ? 0 : 1);
		done(&x);
		sbuf_free(&b);
	}
}

/* ---- overrides and additions ---- */

static void
overrides_replace_by_meaning(void **state)
{
	static const char text[] = PROFILE "\"/srv\" = \"write\"\n\"/x/**\" = \"deny\"\n";
	static const char *const overrides[] = {
		"permissions.p.filesystem.\"/srv/\"=none",
		"permissions.p.filesystem.\"/x\"={\"**\"=\"read\"}",
		"permissions.p.filesystem.\"/x\"=\"write\"",
	};
	const struct addition additions[] = {
		{ ADD_READABLE, "/srv/." }, { ADD_WRITABLE, "/lit*" }, { ADD_PROTECT, ".hg" },
		{ ADD_PROTECT, ".git" }, { ADD_WORKSPACE_ROOT, "/w/" }, { ADD_UNIX_SOCKET, "/run//s" },
	};
	struct compile_request q = {
		.file = "dir/test.toml", .text = text, .len = strlen(text),
		.overrides = overrides, .noverrides = NELEMS(overrides),
	};
	(void)state;
	struct fixture x = compile_request(&q);
	assert_int_equal(x.status, 0);
	assert_int_equal(x.out.ir->entries.len, 2);
	assert_int_equal(x.out.ir->patterns.len, 0);
	assert_int_equal(x.out.ir->entries.v[0].access, ACCESS_DENY);
	assert_int_equal(x.out.ir->entries.v[1].access, ACCESS_WRITE);
	assert_string_equal(x.out.source_name, "test.toml");
	assert_string_equal(x.out.ir->sources.v[0].name, "-c#1");
	done(&x);

	q.additions = additions;
	q.nadditions = NELEMS(additions);
	x = compile_request(&q);
	assert_int_equal(x.status, 0);
	const struct ir_policy *ir = x.out.ir;
	assert_int_equal(ir->entries.len, 3);
	assert_int_equal(ir->entries.v[0].access, ACCESS_READ);
	assert_string_equal(ir->entries.v[2].path, "/lit*");
	assert_int_equal(ir->protected.len, 4);
	assert_string_equal(ir->protected.v[3].name, ".hg");
	assert_string_equal(ir->roots.v[0].path, "/w");
	assert_true(ir->network.has_sockets);
	assert_string_equal(ir->network.sockets.v[0].path, "/run/s");
	done(&x);
}

/* ---- the network's modes ---- */

static void
network_modes(void **state)
{
	static const struct {
		const char	*lines;
		enum ir_net_mode mode;
		bool		 warns;
	} rows[] = {
		{ "", NET_OFF, false },
		{ "enabled = false", NET_OFF, false },
		{ "enabled = true", NET_OPEN, false },
		{ "enabled = true\nmode = \"full\"", NET_OPEN, false },
		{ "enabled = true\nmode = \"limited\"", NET_PROXIED, false },
		{ "enabled = true\ndomains = {}", NET_PROXIED, false },
		{ "enabled = true\ndomains = { \"*\" = \"allow\" }", NET_PROXIED, false },
		{ "enabled = true\nunix_sockets = { \"/s\" = \"allow\" }", NET_OPEN, false },
		{ "unix_sockets = { \"/s\" = \"allow\" }", NET_OFF, false },
		{ "mode = \"limited\"", NET_OFF, true },
		{ "enabled = false\ndomains = { \"a\" = \"deny\" }", NET_OFF, true },
		{ "allow_local_binding = true", NET_OFF, true },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		char text[512];
		snprintf(text, sizeof(text), PROFILE "\"/\" = \"read\"\n[permissions.p.network]\n%s\n",
		    rows[i].lines);
		struct fixture x = compile_good(text);
		assert_int_equal(x.out.ir->network.mode, rows[i].mode);
		assert_int_equal(diags_count(x.d), rows[i].warns ? 1 : 0);
		done(&x);
	}
}

/* ---- choice ---- */

static void
one_profile_is_chosen(void **state)
{
	/* name: the policy's; else id: of the one error. */
	static const struct {
		const char	*text;
		struct compile_request q;
		const char	*name, *id;
	} rows[] = {
		{ "", { .profile = ":workspace" }, ":workspace", NULL },
		{ "", { .profile = ":danger-no-sandbox" }, ":danger-full-access", NULL },
		{ "", { .profile = "x" }, NULL, "profile-unknown" },
		{ "", { .profile = NULL }, NULL, "profile-none" },
		{ "", { .legacy = true }, NULL, "legacy-none" },
		{ "", { .full_auto = true }, "workspace-write", NULL },
		{ "default_permissions = \":read-only\"", { .profile = NULL }, ":read-only", NULL },
		{ "default_permissions = \":read-only\"", { .profile = ":workspace" }, ":workspace", NULL },
		{ "default_permissions = \":read-only\"", { .full_auto = true }, NULL, "full-auto" },
		{ "sandbox_mode = \"read-only\"", { .profile = NULL }, "read-only", NULL },
		{ "sandbox_mode = \"read-only\"", { .full_auto = true }, "workspace-write", NULL },
		{ "sandbox_mode = \"read-only\"", { .profile = ":workspace", .full_auto = true },
		    NULL, "full-auto" },
		{ "sandbox_mode = \"danger-full-access\"", { .profile = NULL }, "danger-full-access", NULL },
		{ "sandbox_mode = \"read-only\"\n[permissions.a]\nextends = \":workspace\"",
		    { .profile = NULL }, NULL, "both-forms" },
		{ "sandbox_mode = \"read-only\"\n[permissions.a]\nextends = \":workspace\"",
		    { .profile = "a" }, "a", NULL },
		{ "sandbox_mode = \"read-only\"\n[permissions.a]\nextends = \":workspace\"",
		    { .legacy = true }, "read-only", NULL },
		{ "sandbox_workspace_write = {}\ndefault_permissions = \":workspace\"",
		    { .profile = NULL }, NULL, "both-forms" },
		{ "sandbox_workspace_write = {}", { .profile = NULL }, NULL, "legacy-none" },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct compile_request q = rows[i].q;
		q.file = "test.toml";
		q.text = rows[i].text;
		q.len = strlen(q.text);
		struct fixture x = compile_request(&q);
		if (rows[i].name != NULL) {
			assert_int_equal(x.status, 0);
			assert_string_equal(x.out.ir->name, rows[i].name);
		} else {
			assert_int_equal(x.status, -1);
			assert_int_equal(diags_errors(x.d), 1);
			assert_string_equal(diag_id(diags_at(x.d, 0)->code), rows[i].id);
		}
		done(&x);
	}
}

/* raise(L) of spec 2.7: the same rules as the profile that it names. */
static void
legacy_form_means_a_profile(void **state)
{
	static const char *const pairs[][2] = {
		{ "sandbox_mode = \"read-only\"", "default_permissions = \":read-only\"" },
		{ "sandbox_mode = \"workspace-write\"", "default_permissions = \":workspace\"" },
		{ "sandbox_mode = \"workspace-write\"\n[sandbox_workspace_write]\n"
		  "writable_roots = [\"/b/\", \"~/a\", \"/b\"]\nexclude_slash_tmp = true\n"
		  "network_access = true",
		  "default_permissions = \"p\"\n[permissions.p]\nextends = \":read-only\"\n"
		  "[permissions.p.filesystem]\n"
		  "\":cwd\" = { \".\" = \"write\", \".git\" = \"read\", "
		  "\".agents\" = \"read\", \".codex\" = \"read\" }\n"
		  "\":tmpdir\" = \"write\"\n\"/b\" = \"write\"\n\"~/a\" = \"write\"\n"
		  "[permissions.p.network]\nenabled = true" },
		{ "sandbox_mode = \"danger-full-access\"",
		  "default_permissions = \"p\"\n[permissions.p.filesystem]\n\":root\" = \"write\"\n"
		  "[permissions.p.network]\nenabled = true" },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(pairs); i++) {
		struct fixture x = compile_good(pairs[i][0]), y = compile_good(pairs[i][1]);
		const struct ir_policy *p = x.out.ir, *q = y.out.ir;
		assert_int_equal(p->entries.len, q->entries.len);
		for (size_t k = 0; k < p->entries.len; k++) {
			assert_int_equal(p->entries.v[k].anchor, q->entries.v[k].anchor);
			assert_string_equal(p->entries.v[k].path, q->entries.v[k].path);
			assert_int_equal(p->entries.v[k].access, q->entries.v[k].access);
		}
		assert_int_equal(p->network.mode, q->network.mode);
		assert_false(p->unsandboxed);
		done(&x);
		done(&y);
	}
}

/* ---- large ones ---- */

/* Every name once more under another spelling: as many errors as entries, all counted. */
static void
ten_thousand_entries(void **state)
{
	enum { N = 10000 };
	struct sbuf b = SBUF_INIT;
	(void)state;
	sbuf_puts(&b, PROFILE);
	for (int i = 0; i < N; i++)
		sbuf_printf(&b, "\"/srv/d%d/e%d\" = \"read\"\n", i % 97, i);
	struct fixture x = compile_good(sbuf_str(&b));
	assert_int_equal(x.out.ir->entries.len, N);
	assert_string_equal(x.out.ir->entries.v[N - 1].path, "/srv/d8/e9999");
	done(&x);

	for (int i = 0; i < N; i++)
		sbuf_printf(&b, "\"/srv/d%d//e%d\" = \"read\"\n", i % 97, i);
	x = compile(sbuf_str(&b));
	assert_int_equal(x.status, -1);
	assert_int_equal(diags_errors(x.d), N);
	done(&x);
	sbuf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_place_in_many_spellings),
		cmocka_unit_test(windows_paths),
		cmocka_unit_test(a_child_replaces_what_it_names),
		cmocka_unit_test(patterns_are_replaced_under_both_names),
		cmocka_unit_test(chains_end),
		cmocka_unit_test(overrides_replace_by_meaning),
		cmocka_unit_test(network_modes),
		cmocka_unit_test(one_profile_is_chosen),
		cmocka_unit_test(legacy_form_means_a_profile),
		cmocka_unit_test(ten_thousand_entries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_seatbelt_model.c - Seatbelt profiles: what is refused, both readings, against a policy */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "backend.h"
#include "compare.h"
#include "pattern.h"
#include "region.h"
#include "sbuf.h"
#include "seatbelt_model.h"

#define HEAD	"(version 1)(deny default)"

static void
refused_as(const char *text, const char *want)
{
	struct arena *a = arena_new();
	const char *why = NULL;

	if (seatbelt_model_read(a, text, strlen(text), &why) != NULL)
		fail_msg("taken: %s", text);
	assert_non_null(why);
	if (strstr(why, want) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", want, why);
	arena_free(a);
}

static void
what_is_not_understood_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{ "", "begins with (version 1)" },
		{ "(version 2)", "begins with (version 1)" },
		{ "(deny default)", "begins with (version 1)" },
		{ HEAD "(import \"bsd.sb\")", "(import ...) is not understood" },
		{ HEAD "(define x 1)", "no definition but" },
		{ HEAD "(define)", "no definition but" },
		{ HEAD "(define (in-x path) path)", "no definition but" },
		{ HEAD "(define (in-x) (string-append \"/a\" path))", "no definition but" },
		{ HEAD "(define (in-x path y) (string-append \"/a\" path))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append path))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append path \"/a\"))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append \"/a\" (path)))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append \"/a\" y))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append path \"/a\" path))", "a string is expected" },
		{ HEAD "(define (subpath path) (string-append \"/a\" path))", "no definition but" },
		{ HEAD "(define (in-x path) (string-append (param \"X\") path))", "no parameter \"X\"" },
		{ HEAD "(define (in-x p) (string-append \"/a\" p))(define (in-x p) (string-append \"/b\" p))",
		    "in-x is defined twice" },
		{ HEAD "(define (in-x p) (string-append \"/a\" p))(allow file-read* (subpath (in-x)))",
		    "(in-x ...) is not understood as a string" },
		{ HEAD "(define (in-x p) (string-append \"/a\" p))(allow file-read* (subpath (in-x \"/\" \"b\")))",
		    "(in-x ...) is not understood as a string" },
		{ HEAD "(allow file-read* (subpath (in-x \"/b\")))(define (in-x p) (string-append \"/a\" p))",
		    "(in-x ...) is not understood as a string" },
		{ HEAD "\n (allow file-reed*)", "line 2, column 9 of the profile: the operation file-reed*" },
		{ HEAD "(allow)", "a rule without an operation" },
		{ HEAD "(allow file-read* (subpath \"/a\") file-write*)", "a filter is expected" },
		{ HEAD "(allow default file-read*)", "default stands alone" },
		{ HEAD "(allow file-read* (subpath))", "needs an argument" },
		{ HEAD "(allow file-read* (subpath #f))", "a string is expected" },
		{ HEAD "(allow file-read* (subpath (param \"X\")))", "no parameter \"X\"" },
		{ HEAD "(allow file-read* (subpath \"a\"))", "is not absolute" },
		{ HEAD "(allow file-read* (subpath \"/a/\"))", "is not normal" },
		{ HEAD "(allow file-read* (literal \"/a/../b\"))", "is not normal" },
		{ HEAD "(allow file-read* (literal \"/a\\nb\"))", "control byte" },
		{ HEAD "(allow file-read* (require-not (subpath \"/a\") (subpath \"/b\")))", "takes one filter" },
		{ HEAD "(allow file-read* (extension \"com.apple.app-sandbox.read\"))", "no extension but" },
		{ HEAD "(allow file-read* (file-mode #x1ff))", "(file-mode ...) is not understood" },
		{ HEAD "(allow file-read* (global-name \"x\"))", "is not understood on these" },
		{ HEAD "(allow mach-lookup (subpath \"/a\"))", "is not understood on these" },
		{ HEAD "(allow file-read* mach-lookup (subpath \"/a\"))", "is not understood on these" },
		{ HEAD "(allow file-read* (vnode-type HOLE))", "type of file is not known" },
		{ HEAD "(allow network-outbound (remote tcp \"example.org:80\"))", "only be * or localhost" },
		{ HEAD "(allow network-outbound (remote tcp \"*:99999\"))", "is no HOST:PORT" },
		{ HEAD "(allow file-read* (with send-signal SIGKILL))", "modifier is not understood" },
		{ HEAD "(allow file-read* (regex \"a{2}\"))", "unescaped '{'" },
		{ HEAD "(allow file-read* (regex \"(a\"))", "'(' without its ')'" },
		{ HEAD "(allow file-read* (regex \"a)\"))", "')' without its '('" },
		{ HEAD "(allow file-read* (regex \"*a\"))", "nothing to repeat" },
		{ HEAD "(allow file-read* (regex \"a*?\"))", "behind a quantifier" },
		{ HEAD "(allow file-read* (regex \"(|a)\"))", "empty alternative" },
		{ HEAD "(allow file-read* (regex \"(?:a)\"))", "nothing to repeat" },
		{ HEAD "(allow file-read* (regex \"^*\"))", "repeats ^ or $" },
		{ HEAD "(allow file-read* (regex \"[a\"))", "'[' without its ']'" },
		{ HEAD "(allow file-read* (regex \"[b-a]\"))", "a range that is none" },
		{ HEAD "(allow file-read* (regex \"[[:alpha:]]\"))", "a named class" },
		{ HEAD "(allow file-read* (regex #\"\\w\"))", "not before punctuation" },
		{ HEAD "(allow file-read* (regex #\"a\\\"))", "not before punctuation" },
		{ "(version 1)\n;; -D A=/x\n", "behind the first form" },
		{ ";; -D A=/x\n;; -D A=/y\n(version 1)", "two values" },
		{ ";; -D =/x\n(version 1)", "not ;; -D NAME=VALUE" },
		{ ";; -D A=/x\\y\n(version 1)", "an escape" },
		{ ";; -D A=/x\"y\n(version 1)", "quotation mark" },
		{ HEAD "(allow mach-lookup)(deny mach-lookup (global-name \"x\"))",
		    "mach-lookup is allowed by one rule and denied by another" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++)
		refused_as(cases[i][0], cases[i][1]);
}

static void
the_readings_differ(void **state)
{
	(void)state;
	refused_as(HEAD "(deny file-write-unlink (subpath \"/u\"))(allow file-write* (subpath \"/u/p\"))",
	    "file-write-unlink /u/p is denied by the order of operations, and allowed");
	refused_as(HEAD "(allow file-read-data (subpath \"/\"))(deny file-read* (literal \"/p/.env\"))",
	    "file-read-data /p/.env is allowed by");
	refused_as(HEAD "(deny file-write-unlink)(allow file-write* (subpath \"/w\"))",
	    "file-write-unlink /w is denied");
	refused_as(HEAD "(allow file-read-data)(deny file-read* (subpath \"/w\"))",
	    "file-read-data /w is allowed");
	refused_as(HEAD "(allow file-read-data (subpath \"/w\"))(deny file-read* (regex \"[.]env$\"))",
	    "file-read-data /w/.env is allowed");
}

static bool
allows(const char *text, const char *op, const char *path)
{
	struct arena *a = arena_new();
	const char *why = "";
	struct seatbelt_model *m = seatbelt_model_read(a, text, strlen(text), &why);

	if (m == NULL)
		fail_msg("%s", why);
	bool k = seatbelt_model_allows(m, op, path, true);
	assert_int_equal(k, seatbelt_model_allows(m, op, path, false));
	arena_free(a);
	return k;
}

static void
filters_and_parameters(void **state)
{
	static const char text[] =
	    "; head\n;; -D CWD=/w \\\"x\\\\\n(version 1)(deny default (with message \"m\"))\n"
	    "(allow file-read* (require-all (subpath (param \"CWD\"))"
	    " (require-not (regex (string-append \"^\" (regex-quote (param \"CWD\")) \"/[^/]*[.]e$\")))))\n"
	    "(allow file-read-metadata (path-ancestors \"/a/b/c\"))\n"
	    "(allow file-write-data (prefix \"/p/q\"))\n"
	    "(deny file-read* (subpath \"/w \\\"x\\\\/no\"))\n"
	    "(define (in-CWD path) (string-append \"/data\" (param \"CWD\") path))\n"
	    "(define (in-it p) (string-append (in-CWD \"/it\") p))\n"
	    "(allow file-write-mode (subpath (in-CWD \"/d\")) (literal (in-it \"/f\")))\n";

	(void)state;
	assert_true(allows(text, "file-write-mode", "/data/w \"x\\/d/f"));
	assert_false(allows(text, "file-write-mode", "/data/w \"x\\/e"));
	assert_false(allows(text, "file-write-mode", "/w \"x\\/d"));
	assert_true(allows(text, "file-write-mode", "/data/w \"x\\/it/f"));
	assert_true(allows(text, "file-read-data", "/w \"x\\"));
	assert_true(allows(text, "file-read-xattr", "/w \"x\\/f"));
	assert_false(allows(text, "file-read-data", "/w \"x\\/f.e"));
	assert_true(allows(text, "file-read-data", "/w \"x\\/d/f.e"));
	assert_false(allows(text, "file-read-data", "/w \"x\\/no/f"));
	assert_false(allows(text, "file-read-data", "/w"));
	assert_true(allows(text, "file-read-metadata", "/"));
	assert_true(allows(text, "file-read-metadata", "/a/b"));
	assert_false(allows(text, "file-read-metadata", "/a/b/c"));
	assert_true(allows(text, "file-write-data", "/p/qr"));
	assert_false(allows(text, "file-write-data", "/p/r"));
}

/* ---- against a policy ---- */

#define RD	"file-read* file-test-existence file-map-executable file-clone process-exec*"
#define CH	"file-write-data file-write-mode file-write-owner file-write-flags file-write-times " \
		"file-write-xattr file-write-acl file-write-setugid"
#define LINKS	"(allow file-read-metadata file-test-existence (literal \"/tmp\" \"/var\" \"/etc\" " \
		"\"/dev/stdin\" \"/dev/stdout\" \"/dev/stderr\"))"

/* /w writable, /w/ro read-only, /w/no denied, .git in every spelling, no *.env anywhere. */
static const char good[] = HEAD LINKS
    "(allow " RD " file-write* file-link (require-all (subpath \"/w\")"
    " (require-not (require-any (subpath \"/w/ro\" \"/w/no\") (regex \"^/[^/]+/[.][gG][iI][tT](/|$)\")))"
    " (require-not (literal \"/w\")) (require-not (regex \"^/w(/[^/]+)*/[^/]*[.]env(/|$)\"))))"
    "(allow " RD " " CH " (literal \"/w\"))"
    "(allow " RD " (require-all (require-any (subpath \"/w/ro\")"
    " (require-all (subpath \"/w\") (regex \"^/[^/]+/[.][gG][iI][tT](/|$)\")))"
    " (require-not (regex \"^/w(/[^/]+)*/[^/]*[.]env(/|$)\"))))"
    "(allow file-read-metadata file-test-existence (path-ancestors \"/w\"))";

static struct region *
node(struct arena *a, struct region *root, const char *path, enum access access)
{
	struct region *r = region_make(a, root, path);
	r->self = r->below = access;
	return r;
}

static bool
here(const void *arg, const struct region *r)
{
	(void)arg, (void)r;
	return true;
}

/* The witness, or NULL where they are equal. */
static const char *
differ(struct arena *a, const char *text)
{
	const char *why = NULL;
	struct region *root = region_root(a);
	const struct pattern *env = pattern_parse(a, "/w", "**/*.env", &why);
	struct compare_side side = { .root = root, .pattern = &env, .npatterns = 1 };
	struct refusal out = { NULL, NULL, NULL };

	struct region *w = node(a, root, "/w", ACCESS_WRITE);
	w->pinned = true;
	node(a, root, "/w/ro", ACCESS_READ);
	node(a, root, "/w/no", ACCESS_DENY);
	struct region *git = region_make_folded(a, w, ".git", 4);
	git->self = git->below = ACCESS_READ;
	struct seatbelt_model *m = seatbelt_model_read(a, text, strlen(text), &why);
	if (m == NULL)
		return why;
	if (seatbelt_model_check_with(a, m, &side, here, NULL, &out) == 0)
		return NULL;
	assert_non_null(out.reason);
	return out.witness;
}

static void
expect_witness(const char *text, const char *want)
{
	struct arena *a = arena_new();
	const char *have = differ(a, text);

	if (have == NULL || strcmp(have, want) != 0)
		fail_msg("%s, not %s, for %s", have != NULL ? have : "equal", want, text);
	arena_free(a);
}

/* The good text with one piece of it, at its nth place, replaced. */
static void
mutant(const char *from, unsigned nth, const char *to, const char *want)
{
	struct sbuf b = SBUF_INIT;
	const char *at = strstr(good, from);

	while (at != NULL && --nth > 0)
		at = strstr(at + 1, from);
	if (at == NULL)
		fail_msg("no %s", from);
	sbuf_add(&b, good, (size_t)(at - good));
	sbuf_puts(&b, to);
	sbuf_puts(&b, at + strlen(from));
	expect_witness(sbuf_str(&b), want);
	sbuf_free(&b);
}

static void
mutations_are_noticed(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_null(differ(a, good));
	arena_free(a);
	mutant("\"/w/ro\" \"/w/no\"", 1, "\"/w/ro\"", "read /w/no");
	mutant("\"/w/ro\" \"/w/no\"", 1, "\"/w/no\"", "write /w/ro");
	mutant("\"/w/ro\" \"/w/no\"", 1, "\"/w/ro\" \"/w/no\" \"/w/x\"", "read /w/x");
	mutant("[tT]", 1, "[t]", "write /w/.GIT");
	mutant("(/|$)", 1, "$", "write /w/.GIT/A");
	mutant("(/|$)", 1, "", "read /w/.GITA");
	mutant("^/[^/]+/[.]", 1, "/[.]", "read /w/A/.GIT");
	mutant("[.]env", 1, "env", "read /w/env");
	mutant("[.]env", 1, ".env", "read /w/Aenv");
	mutant("[.]env", 1, "[.]enV", "read /w/.enV");
	mutant("(/[^/]+)*", 1, "", "read /w/A/.env");
	mutant("(/[^/]+)*", 2, "(/[^/]+)?", "read /w/ro/A/.env");
	mutant(" (require-not (literal \"/w\"))", 1, "", "rename /w");
	mutant("(require-not (literal \"/w\"))", 1, "(require-not (literal \"/w\" \"/w/q\"))", "read /w/q");
	mutant(" file-link", 1, "", "rename /w/A");
	mutant(" file-clone", 1, "", "read /w/A");
	mutant(" file-clone", 2, "", "read /w");
	mutant(CH, 1, CH " file-write-create", "rename /w");
	mutant(CH, 1, CH " file-write-unlink", "rename /w");
	mutant(CH, 1, "file-write-data", "write /w");
	mutant("(path-ancestors \"/w\")", 1, "(literal \"/q\")", "read /");
	mutant("(path-ancestors \"/w\")", 1, "(subpath \"/\")", "read /A");
	mutant("(path-ancestors \"/w\")", 1, "(vnode-type DIRECTORY)", "read /");
	mutant("(literal \"/tmp\" ", 1, "(literal ", "read /tmp");
	mutant("(deny default)", 1, "(allow default)", "read /");
}

static void
further_rules_are_noticed(void **state)
{
	static const char *const cases[][2] = {
		{ "(allow file-read-data (subpath \"/w/no/a/b\"))", "read /w/no/a/b" },
		{ "(allow file-write-times (literal \"/w/ro/x\"))", "write /w/ro/x" },
		{ "(allow file-read-xattr (regex \"/zz$\"))", "read /zz" },
		{ "(allow file-mount)", "write /" },
		{ "(allow file-issue-extension (subpath \"/w/ro\"))", "write /w/ro" },
		{ "(allow process-exec (prefix \"/usr/bi\"))", "read /usr/bi" },
		{ "(allow file* (vnode-type SOCKET))", "read /" },
		{ "(allow file-read-data (require-all (subpath \"/w/no\") (extension \"com.apple.sandbox.pty\")))",
		    "read /w/no" },
		{ "(allow file-read-data (require-all (regex \"^/dev/t\") (extension \"com.apple.sandbox.pty\")))",
		    "read /dev/t" },
		{ "(allow file-link (subpath \"/w/ro\"))", "write /w/ro" },
		{ "(deny file-read* (subpath \"/w/d\"))", "line" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i + 1 < NELEMS(cases); i++) {
		char *text = arena_printf(a, "%s%s", good, cases[i][0]);
		expect_witness(text, cases[i][1]);
	}
	/* The one terminal that is the program's own. */
	assert_null(differ(a, arena_printf(a, "%s%s", good, "(allow file-read* file-write-data file-ioctl "
	    "(require-all (regex \"^/dev/ttys[0-9]+$\") (extension \"com.apple.sandbox.pty\")))")));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(the_readings_differ),
		cmocka_unit_test(filters_and_parameters),
		cmocka_unit_test(mutations_are_noticed),
		cmocka_unit_test(further_rules_are_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

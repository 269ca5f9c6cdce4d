/* SPDX-License-Identifier: Apache-2.0 */
/* test_toml_limits.c - TOML: depth, number of keys, time */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "toml_doc.h"

static struct sbuf
repeat(const char *before, const char *piece, size_t n, const char *after)
{
	struct sbuf b = SBUF_INIT;
	size_t len = strlen(piece);

	sbuf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		sbuf_add(&b, piece, len);
	sbuf_puts(&b, after);
	return b;
}

/* A tree at the limit, or no tree and one error that names the limit. */
static void
expect_depth(struct sbuf b, bool ok)
{
	struct doc d = parse_len(b.p, b.len);

	assert_int_equal(diags_count(d.diags), ok ? 0 : 1);
	if (!ok) {
		assert_int_equal(diags_at(d.diags, 0)->code, D_TOML_DEPTH);
		assert_string_equal(diags_at(d.diags, 0)->text,
		    "nested deeper than 128 levels");
	}
	assert_true((d.root != NULL) == ok);
	doc_end(&d);
	sbuf_free(&b);
}

static void
nesting_is_limited_however_it_is_written(void **state)
{
	struct sbuf b;

	(void)state;
	b = repeat("a = ", "[", 128, "");
	for (int i = 0; i < 128; i++)
		sbuf_addc(&b, ']');
	expect_depth(b, true);
	expect_depth(repeat("a = ", "[", 129, ""), false);
	expect_depth(repeat("a = ", "[", 100000, ""), false);
	expect_depth(repeat("a = ", "{a=", 100000, ""), false);
	expect_depth(repeat("a = ", "[{a=", 100000, ""), false);
	expect_depth(repeat("a", ".a", 127, " = 1"), true);
	expect_depth(repeat("a", ".a", 128, " = 1"), false);
	expect_depth(repeat("[a", ".a", 127, "]"), true);
	expect_depth(repeat("[a", ".a", 128, "]"), false);
	expect_depth(repeat("[a", ".a", 100000, "]"), false);
	expect_depth(repeat("[[a", ".a", 126, "]]"), true);
	expect_depth(repeat("[[a", ".a", 127, "]]"), false);
	/* Also where the line is wrong already. */
	b = repeat("a b", "[", 100000, "");
	struct doc d = parse_len(b.p, b.len);
	assert_null(d.root);
	assert_string_equal(errors(&d), "1:3 toml-syntax; 1:132 toml-depth");
	doc_end(&d);
	sbuf_free(&b);
	/* Taken together. */
	expect_depth(repeat("[a", ".a", 99, "]\nb.c = {d.e = [[[1]]]}"), true);
	expect_depth(repeat("[a", ".a", 120, "]\nb.c = {d.e = [[[1]]]}"), true);
	expect_depth(repeat("[a", ".a", 121, "]\nb.c = {d.e = [[[1]]]}"), false);
}

static void
keys_are_limited(void **state)
{
	struct sbuf b = SBUF_INIT;

	(void)state;
	for (int i = 0; i < LIMIT_TOML_KEYS; i++)
		sbuf_printf(&b, "k%d=1\n", i);
	struct doc d = parse_len(b.p, b.len);
	assert_int_equal(diags_count(d.diags), 0);
	assert_int_equal(d.root->table->keys.len, LIMIT_TOML_KEYS);
	assert_int_equal(toml_get(d.root, "k777777")->value->integer, 1);
	assert_null(toml_get(d.root, "k1000000"));
	doc_end(&d);

	sbuf_puts(&b, "one.more = 1\n");
	d = parse_len(b.p, b.len);
	assert_null(d.root);
	assert_string_equal(errors(&d), "1000001:1 toml-keys");
	doc_end(&d);
	sbuf_free(&b);
}

static double
seconds(const char *before, const char *piece, size_t bytes, const char *after)
{
	struct sbuf b = repeat(before, piece, bytes / strlen(piece), after);
	clock_t t = clock();
	struct doc d = parse_len(b.p, b.len);
	double s = (double)(clock() - t) / CLOCKS_PER_SEC;

	doc_end(&d);
	sbuf_free(&b);
	return s;
}

/* Ten times the text takes about ten times as long; quadratic would be 100. */
static void
time_is_linear_in_the_text(void **state)
{
	static const struct { const char *before, *piece, *after; } cases[] = {
		{ "a = \"", "x", "\"" },
		{ "a = \"", "x", "" },
		{ "a = \"", "\\u00e9", "\"" },
		{ "a = \"\"\"", "\"\"x\n", "\"\"\"" },
		{ "a = ", "b", "" },
		{ "", "k", " = 1" },
		{ "a = 0.", "1", "" },
		{ "a = [", "1,", "]" },
		{ "a = {", "\n", "}" },
		{ "a = [\n", "x\n\n", "]" },
		{ "", "a = \"x\n", "" },
		{ "", "a = [\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		double small = seconds(cases[i].before, cases[i].piece, 1000000,
		    cases[i].after);
		double large = seconds(cases[i].before, cases[i].piece, 10000000,
		    cases[i].after);
		if (large > 40 * (small > 0.005 ? small : 0.005))
			fail_msg("case %zu: %.3f s for 1 MB, %.3f s for 10 MB", i,
			    small, large);
	}
}

/* Where a value does not fit, it is text; a key has to. */
static void
overrides_have_the_same_limits(void **state)
{
	struct sbuf b = repeat("a=", "[", 100000, "");
	struct doc d = parse_override(b.p);

	(void)state;
	assert_int_equal(diags_count(d.diags), 0);
	assert_int_equal(toml_get(d.root, "a")->value->type, TOML_STRING);
	assert_int_equal(toml_get(d.root, "a")->value->string.len, 100000);
	doc_end(&d);
	sbuf_free(&b);

	b = repeat("a", ".a", 128, "=1");
	d = parse_override(b.p);
	assert_null(d.root);
	assert_string_equal(errors(&d), "1:257 toml-depth");
	doc_end(&d);
	sbuf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_is_limited_however_it_is_written),
		cmocka_unit_test(keys_are_limited),
		cmocka_unit_test(time_is_linear_in_the_text),
		cmocka_unit_test(overrides_have_the_same_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_toml_format.c - tokens, spellings of strings, and the canonical form of a document */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "prng.h"
#include "sbuf.h"
#include "source.h"
#include "toml.h"
#include "toml_format.h"
#include "toml_quote.h"
#include "toml_token.h"
#include "utf8.h"

struct parsed {
	struct arena	*a;
	struct sources	*sources;
	struct diags	*d;
};

static struct parsed
begin(void)
{
	struct parsed p = { .a = arena_new() };

	p.sources = sources_new(p.a);
	p.d = diags_new(p.a, p.sources);
	return p;
}

static const struct source *
source(struct parsed *p, const char *text, size_t len)
{
	const struct source *s = sources_add(p->sources, p->d, "test", text, len);
	assert_non_null(s);
	return s;
}

static void
tokens_are_those_of_the_text(void **state)
{
	static const char text[] = "# c\n[a.'b']\r\nk = [1, # c\n {}]\n[[c]]";
	static const struct { enum toml_token_kind kind; const char *text; } want[] = {
		{ TOML_TOKEN_NEWLINE, "\n" }, { TOML_TOKEN_OPEN_ARRAY, "[" }, { TOML_TOKEN_KEY, "a" },
		{ TOML_TOKEN_DOT, "." }, { TOML_TOKEN_KEY, "'b'" }, { TOML_TOKEN_CLOSE_ARRAY, "]" },
		{ TOML_TOKEN_NEWLINE, "\r\n" }, { TOML_TOKEN_KEY, "k" }, { TOML_TOKEN_EQUALS, "=" },
		{ TOML_TOKEN_OPEN_ARRAY, "[" }, { TOML_TOKEN_SCALAR, "1" }, { TOML_TOKEN_COMMA, "," },
		{ TOML_TOKEN_OPEN_TABLE, "{" }, { TOML_TOKEN_CLOSE_TABLE, "}" }, { TOML_TOKEN_CLOSE_ARRAY, "]" },
		{ TOML_TOKEN_NEWLINE, "\n" }, { TOML_TOKEN_OPEN_ARRAY_HEADER, "[[" }, { TOML_TOKEN_KEY, "c" },
		{ TOML_TOKEN_CLOSE_ARRAY_HEADER, "]]" }, { TOML_TOKEN_END, "" },
	};
	struct parsed p = begin();
	struct toml_tokens tokens;
	const struct source *s = source(&p, text, strlen(text));

	(void)state;
	assert_int_equal(toml_tokens(p.a, p.d, s, &tokens), 0);
	assert_int_equal(tokens.len, NELEMS(want));
	for (size_t i = 0; i < tokens.len; i++) {
		const struct toml_token *t = &tokens.v[i];
		assert_int_equal(t->kind, want[i].kind);
		assert_int_equal(t->span.end - t->span.start, strlen(want[i].text));
		assert_memory_equal(s->text + (t->span.start - s->base), want[i].text, strlen(want[i].text));
	}
	assert_string_equal(tokens.v[4].name.p, "b");
	assert_int_equal(tokens.v[10].scalar->integer, 1);
	assert_int_equal(toml_tokens(p.a, p.d, source(&p, "a = tru", 7), &tokens), -1);
	assert_int_equal(toml_tokens(p.a, p.d, source(&p, "a = [", 5), &tokens), -1);
	arena_free(p.a);
}

static void
strings_have_one_spelling(void **state)
{
	static const struct { const char *text; size_t len; const char *string, *key; } cases[] = {
		{ "", 0, "\"\"", "\"\"" }, { "a-B_9", 5, "\"a-B_9\"", "a-B_9" }, { "a b", 3, "\"a b\"", "\"a b\"" },
		{ "a\"b", 3, "'a\"b'", "'a\"b'" }, { "C:\\x", 4, "'C:\\x'", "'C:\\x'" },
		{ "it's", 4, "\"it's\"", "\"it's\"" }, { "\"'", 2, "\"\\\"'\"", "\"\\\"'\"" },
		{ "\0", 1, "\"\\u0000\"", "\"\\u0000\"" }, { "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"", "\"\\b\\t\\n\\f\\r\"" },
		{ "\u00e4", 2, "\"\u00e4\"", "\"\u00e4\"" }, { "\u200b\\", 4, "\"\\u200B\\\\\"", "\"\\u200B\\\\\"" },
		{ "\U000e0041", 4, "\"\\U000E0041\"", "\"\\U000E0041\"" }, { "a.b", 3, "\"a.b\"", "\"a.b\"" },
	};
	struct sbuf b = SBUF_INIT;

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct slice s = { cases[i].text, cases[i].len };
		b.len = 0;
		toml_quote(&b, s);
		assert_string_equal(sbuf_str(&b), cases[i].string);
		b.len = 0;
		toml_quote_key(&b, s);
		assert_string_equal(sbuf_str(&b), cases[i].key);
	}
	sbuf_free(&b);
}

/* Whatever the characters: read back they are the same, and nothing hidden is in the text. */
static void
any_string_comes_back(void **state)
{
	enum { ROUNDS = 3000, CHARACTERS = 12 };
	static const char special[] = "\"'\\\n\r\t #=[]{}.,\x7f";
	uint64_t seed = prng_seed();

	(void)state;
	print_message("SEED=%llu\n", (unsigned long long)seed);
	for (int i = 0; i < ROUNDS; i++) {
		struct parsed p = begin();
		struct sbuf text = SBUF_INIT, line = SBUF_INIT;
		for (size_t n = prng_below(&seed, CHARACTERS); n > 0; n--) {
			char utf8[4];
			size_t len = 0;
			if (prng_below(&seed, 2) == 0)
				sbuf_addc(&text, special[prng_below(&seed, sizeof(special))]);
			else
				len = utf8_encode((uint32_t)prng_below(&seed,
				    prng_below(&seed, 2) == 0 ? 0x3000 : 0x110000), utf8);
			sbuf_add(&text, utf8, len);
		}
		struct slice s = { sbuf_str(&text), text.len };
		toml_quote_key(&line, s);
		sbuf_puts(&line, " = ");
		toml_quote(&line, s);
		const struct toml_node *root = toml_parse(p.a, p.d, source(&p, sbuf_str(&line), line.len));
		assert_int_equal(diags_errors(p.d), 0);
		const struct toml_key *k = &root->table->keys.v[0];
		assert_int_equal(k->name.len, text.len);
		assert_memory_equal(k->name.p, s.p, text.len);
		assert_int_equal(k->value->string.len, text.len);
		assert_memory_equal(k->value->string.p, s.p, text.len);
		for (size_t at = 0, len; at < line.len; at += len) {
			uint32_t cp;
			len = utf8_decode(line.p + at, line.len - at, &cp);
			assert_true(len > 0 && !utf8_is_hidden(cp));
		}
		sbuf_free(&text);
		sbuf_free(&line);
		arena_free(p.a);
	}
}

static void
documents_are_the_same_or_not(void **state)
{
	static const struct { const char *a, *b; bool same; } cases[] = {
		{ "a = 1", "a=0x1", true }, { "a = 1\nb = 2", "b = 2\na = 1", false }, { "a = 1", "a = 2", false },
		{ "a = 1", "a = 1.0", false }, { "a = 'x'", "a = \"x\"", true }, { "a = 'x'", "a = 'y'", false },
		{ "a = [1, 2]", "a = [1, 2,]", true }, { "a = [1]", "a = [1, 1]", false }, { "a = [1]", "a = [2]", false },
		{ "a.b = 1", "[a]\nb = 1", true }, { "a = {}", "a = []", false }, { "a = nan", "a = nan", true },
		{ "a = 0.0", "a = -0.0", false }, { "a = true", "a = false", false }, { "a = 1", "a = 1\nb = 1", false },
		{ "a = 1979-05-27", "a = '1979-05-27'", false }, { "a = {b = 1}", "a = {b = 2}", false },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct parsed p = begin();
		const struct toml_node *a = toml_parse(p.a, p.d, source(&p, cases[i].a, strlen(cases[i].a)));
		const struct toml_node *b = toml_parse(p.a, p.d, source(&p, cases[i].b, strlen(cases[i].b)));
		assert_int_equal(diags_errors(p.d), 0);
		assert_int_equal(toml_same(a, b), cases[i].same);
		assert_int_equal(toml_same(b, a), cases[i].same);
		arena_free(p.a);
	}
}

static void
a_form_is_appended_or_an_error_told(void **state)
{
	struct parsed p = begin();
	struct sbuf b = SBUF_INIT;

	(void)state;
	sbuf_puts(&b, "before\n");
	assert_int_equal(toml_format(p.a, p.sources, p.d, source(&p, "a=[1 ]#c", 8), &b), 0);
	assert_string_equal(sbuf_str(&b), "before\na = [1]  #c\n");
	assert_int_equal(toml_format(p.a, p.sources, p.d, source(&p, "", 0), &b), 0);
	assert_int_equal(diags_errors(p.d), 0);
	assert_int_equal(toml_format(p.a, p.sources, p.d, source(&p, "a=", 2), &b), -1);
	assert_int_equal(diags_errors(p.d), 1);
	sbuf_free(&b);
	arena_free(p.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_those_of_the_text),
		cmocka_unit_test(strings_have_one_spelling),
		cmocka_unit_test(any_string_comes_back),
		cmocka_unit_test(documents_are_the_same_or_not),
		cmocka_unit_test(a_form_is_appended_or_an_error_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

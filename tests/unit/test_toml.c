/* SPDX-License-Identifier: Apache-2.0 */
/* test_toml.c - TOML: places, errors, overrides, merging */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "toml_doc.h"

/* The text that a span covers. */
static const char *
under(const struct doc *d, struct span s)
{
	assert_true(s.start >= d->src->base && s.end >= s.start);
	assert_true(s.end <= d->src->base + d->src->len);
	return arena_strndup(d->a, d->src->text + (s.start - d->src->base),
	    s.end - s.start);
}

/* Keys, one after the other; an array is entered at its last element. */
static const struct toml_key *
get(const struct doc *d, const char *const *path)
{
	const struct toml_node *n = d->root;
	const struct toml_key *k = NULL;

	for (; *path != NULL; path++) {
		if (n->type == TOML_ARRAY)
			n = n->array.v[n->array.len - 1];
		k = toml_get(n, *path);
		if (k == NULL)
			fail_msg("no key %s", *path);
		n = k->value;
	}
	return k;
}
#define GET(d, ...)	get((d), (const char *const[]){ __VA_ARGS__, NULL })

static void
spans_cover_exactly_keys_and_values(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf# comment\n"
	    "plain = 1\r\n"
	    "  \"quo\\u0074ed\"\t=\t\"v\\n\" # x\n"
	    "a.'b c'.d = [1, [2.5], {x.y = true, z = 'q'}\n , 4,]\n"
	    "when = 1979-05-27 07:32:00z\n"
	    "long = \"\"\"\none\\\n   two\"\"\"\n"
	    "[ t . \"u\" ]\n"
	    "k = inf\n"
	    "[[t.list]]\n"
	    "[[t.list]]\n"
	    "m = 0x_no\n";
	struct doc d = parse(text);
	const struct toml_key *k;

	(void)state;
	assert_string_equal(errors(&d), "14:5 toml-value");
	k = GET(&d, "plain");
	assert_string_equal(under(&d, k->span), "plain");
	assert_string_equal(under(&d, k->value->span), "1");
	k = GET(&d, "quoted");
	assert_string_equal(under(&d, k->span), "\"quo\\u0074ed\"");
	assert_string_equal(under(&d, k->value->span), "\"v\\n\"");
	assert_string_equal(k->value->string.p, "v\n");
	k = GET(&d, "a", "b c", "d");
	assert_string_equal(under(&d, k->span), "d");
	assert_string_equal(under(&d, k->value->span),
	    "[1, [2.5], {x.y = true, z = 'q'}\n , 4,]");
	assert_string_equal(under(&d, GET(&d, "a", "b c")->span), "'b c'");
	assert_int_equal(k->value->array.len, 4);
	assert_string_equal(under(&d, k->value->array.v[1]->span), "[2.5]");
	const struct toml_node *in = k->value->array.v[2];
	assert_string_equal(under(&d, in->span), "{x.y = true, z = 'q'}");
	assert_string_equal(under(&d, toml_get(in, "z")->span), "z");
	assert_string_equal(under(&d, toml_get(in, "z")->value->span), "'q'");
	k = GET(&d, "when");
	assert_string_equal(under(&d, k->value->span), "1979-05-27 07:32:00z");
	assert_string_equal(k->value->string.p, "1979-05-27T07:32:00Z");
	k = GET(&d, "long");
	assert_string_equal(under(&d, k->value->span), "\"\"\"\none\\\n   two\"\"\"");
	assert_string_equal(k->value->string.p, "onetwo");
	k = GET(&d, "t", "u");
	assert_string_equal(under(&d, k->span), "\"u\"");
	assert_string_equal(under(&d, k->value->span), "[ t . \"u\" ]");
	k = GET(&d, "t", "list");
	assert_int_equal(k->value->array.len, 2);
	assert_string_equal(under(&d, k->value->span), "[[t.list]]");
	doc_end(&d);
}

/* One run tells all independent faults, and none that follows from another. */
static void
errors_are_those_and_no_others(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "a = 1\n", "" },
		{ "a =\nb = 2\nc\n= 3\n[d\ne = 4\nf = \n",
		    "1:4 toml-syntax; 3:2 toml-syntax; 5:3 toml-syntax; 7:5 toml-syntax" },
		{ "a = tru\nb = 01\nc = 2021-02-29\nd = \"\\q\"\ne = 9223372036854775808\n",
		    "1:5 toml-value; 2:5 toml-value; 3:5 toml-date; 4:6 toml-escape; "
		    "5:5 toml-integer-range" },
		/* One on a line. */
		{ "a = foo bar = \"baz\nb = read only, please\n",
		    "1:5 toml-value; 2:5 toml-value" },
		{ "key with blanks = x y z\n\xe2\x80\x9cq\xe2\x80\x9d = \xe2\x80\x9cw\xe2\x80\x9d\n",
		    "1:5 toml-syntax; 2:1 toml-syntax" },
		{ "a = 1 b = 2 c = 1e b\n", "1:7 toml-syntax" },
		{ "a = ]\nb = }\nc = ,\nd = =\n", "1:5 toml-syntax; 2:5 toml-syntax; "
		    "3:5 toml-syntax; 4:5 toml-syntax" },
		/* Brackets that are left open end before the next line that is one. */
		{ "a = [1, 2\nb = 3\nc = [\n[d]\ne = x\n",
		    "2:1 toml-unclosed; 4:1 toml-unclosed; 5:5 toml-value" },
		{ "a = [1, [2, {b = 1\nc = tru\n", "1:19 toml-unclosed; 2:5 toml-value" },
		{ "a = {b = 1\nc = 2\n", "1:11 toml-unclosed" },
		{ "a = [ {b = 1}, {c = 2\n, {d = tru} ]\ne = fals\n",
		    "1:22 toml-syntax; 2:3 toml-syntax; 3:5 toml-value" },
		{ "a = [1, {b = 2], 3\nc = 4\n", "1:15 toml-unclosed" },
		{ "a = [1 2\n, 3, [4, 5] 6]\nb = no\n", "1:8 toml-syntax; 3:5 toml-value" },
		/* Tables over several lines are read to their end. */
		{ "a = {\n  b = 1,\n  c = 2\n}\nd = x\n", "1:6 toml-syntax; 5:5 toml-value" },
		{ "a = {\n  b = 1\n  c = 2\n}\nd = x\n", "1:6 toml-syntax; 5:5 toml-value" },
		{ "a {\n  b = 1\n}\nd = x\n", "1:3 toml-syntax; 4:5 toml-value" },
		/* Strings that are left open. */
		{ "a = \"x\nb = 'y\nc = 1\n", "1:5 toml-unclosed; 2:5 toml-unclosed" },
		{ "a = [\"x, 'y']\nb = tru\n", "1:6 toml-unclosed; 2:5 toml-value" },
		{ "a = \"one\ntwo\"\nb = tru\n", "1:5 toml-unclosed; 3:5 toml-value" },
		{ "a = \"\"\"x\nb = tru\n", "1:5 toml-unclosed" },
		/* A header that is lost takes no blame with it. */
		{ "[a]\nx = 1\n[a b]\nx = 1\n[c]\nx = 1\n", "3:4 toml-syntax" },
		{ "[[a]\nx = 1\n[a.b]\n[[a]]\n[a.b]\n", "1:4 toml-syntax" },
		{ "[!!\n[[f]]\n[f.g]\n", "1:2 toml-syntax" },
		{ "[[f\"]]\n[f.g]\n[[f]]\n", "1:4 toml-unclosed" },
		/* What is defined twice. */
		{ "a = 1\na = 2\na = 3\n", "2:1 toml-duplicate-key; 3:1 toml-duplicate-key" },
		{ "[a]\nb = 1\n[a]\nb = 1\n[a.c]\n[a.b]\n",
		    "3:2 toml-duplicate-table; 6:4 toml-not-table" },
		{ "f = []\n[[f]]\n[f.g]\n[[f]]\n[f.g]\n", "2:3 toml-closed" },
		{ "a.b.c = 1\n[a]\n[a.b]\n[a.b.d]\n",
		    "2:2 toml-duplicate-table; 3:4 toml-duplicate-table" },
		{ "a = {b = 1}\n[a.c]\n", "2:2 toml-closed" },
		{ "[a.b]\nx = 1\n[a]\nb.y = 2\n", "4:1 toml-closed" },
		/* Characters. */
		{ "a = 1\rb = 2\nc = tru\n", "1:6 toml-character; 2:5 toml-value" },
		{ "a = 1 # \x01 x \x02\nb = '\x7f'\n", "1:9 toml-character; 2:6 toml-character" },
		{ "a = \"\\u12\" # \x01\n", "1:6 toml-escape; 1:14 toml-character" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse(cases[i].text);
		if (strcmp(errors(&d), cases[i].want) != 0)
			fail_msg("%s\nhas  %s\nwant %s", cases[i].text, errors(&d),
			    cases[i].want);
		doc_end(&d);
	}
}

static void
messages_say_what_to_write(void **state)
{
	static const struct { const char *text, *message, *hint; } cases[] = {
		{ "[a\n", "unexpected newline, expected ']' or '.'", NULL },
		{ "[[a]\n", "unexpected ']', expected ']]' or '.'", "close it with ]]" },
		{ "a = b\n", "invalid value \"b\"", "a string needs quotes: \"b\"" },
		{ "a = True\n", "invalid value \"True\"", "write true" },
		{ "a = [1 2]\n", "unexpected text, expected ',' or ']'",
		    "is a ',' missing before this?" },
		{ "a = {b = 1,}\n", "unexpected '}', expected a key",
		    "an inline table must not end with a comma" },
		{ "a\n", "unexpected newline, expected '.' or '='", "write KEY = VALUE" },
		{ "a", "unexpected end of file, expected '.' or '='", "write KEY = VALUE" },
		{ "a == 1\n", "unexpected '=', expected a value",
		    "one '=' joins key and value" },
		{ "a: 1\n",
		    "only A-Z a-z 0-9 _ and - may stand in a key without quotes",
		    "key and value are joined by '='" },
		{ "/srv = 1\n",
		    "only A-Z a-z 0-9 _ and - may stand in a key without quotes",
		    "write \"/srv\"" },
		{ "a b = 1\n", "unexpected key, expected '.' or '='",
		    "quote a key as a whole" },
		{ "a = \xe2\x80\x9cx\xe2\x80\x9d\n",
		    "typographic quotation marks do not make a string",
		    "use plain ones: \"...\"" },
		{ "a = \"b\"c\"\n", "unexpected text, expected the end of the line",
		    "inside a string, a quotation mark is written \\\"" },
		{ "= 1\n", "unexpected '=', expected a key or a [table]",
		    "a key is missing before this" },
		{ "a = [1,\n", "unexpected end of file, expected a value or ']'", NULL },
		{ "a = 2021-02-29\n", "day 29 is not in 01 to 28", NULL },
		{ "a = 1_\n", "invalid number \"1_\": an underscore must stand between two digits",
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse(cases[i].text);
		assert_int_equal(diags_count(d.diags), 1);
		const struct diag *e = diags_at(d.diags, 0);
		assert_string_equal(e->text, cases[i].message);
		if (cases[i].hint == NULL)
			assert_null(e->hint);
		else
			assert_string_equal(e->hint, cases[i].hint);
		doc_end(&d);
	}
}

static void
a_second_definition_shows_the_first(void **state)
{
	static const struct { const char *text, *at, *note; } cases[] = {
		{ "a = 1\nb = 2\n\"a\" = 3\n", "\"a\"", "a" },
		{ "[x.a]\n[b]\n[x . a]\n", "a", "[x.a]" },
		{ "[[x]]\n[x]\n", "x", "[[x]]" },
		{ "u.v = 1\n[u.v.w]\n", "v", "v" },
		{ "i = {j = {}}\n[i.j.k]\n", "i", "i" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse(cases[i].text);
		assert_int_equal(diags_count(d.diags), 1);
		const struct diag *e = diags_at(d.diags, 0);
		assert_string_equal(under(&d, e->span), cases[i].at);
		assert_int_equal(e->notes.len, 1);
		assert_string_equal(under(&d, e->notes.v[0].span), cases[i].note);
		assert_true(e->notes.v[0].span.start < e->span.start);
		doc_end(&d);
	}
}

/* What is wrong does not take what is right with it. */
static void
the_tree_holds_what_was_understood(void **state)
{
	struct doc d = parse("a = 1\nb = oops\nc = [1 2]\n[t\nlost = 1\n[u]\nv = \"\\q\"\n");

	(void)state;
	assert_int_equal(GET(&d, "a")->value->integer, 1);
	assert_string_equal(GET(&d, "b")->value->string.p, "oops");
	assert_int_equal(GET(&d, "c")->value->type, TOML_ARRAY);
	assert_string_equal(GET(&d, "u", "v")->value->string.p, "\\q");
	assert_null(toml_get(d.root, "lost"));
	assert_null(toml_get(GET(&d, "a")->value, "x"));
	doc_end(&d);
}

static void
strings_may_hold_nul(void **state)
{
	struct doc d = parse("a = \"x\\u0000y\"\n\"k\\u0000\" = 1\nk = 2\n");

	(void)state;
	assert_int_equal(diags_count(d.diags), 0);
	assert_int_equal(GET(&d, "a")->value->string.len, 3);
	assert_memory_equal(GET(&d, "a")->value->string.p, "x\0y", 4);
	assert_int_equal(toml_getn(d.root, "k\0", 2)->value->integer, 1);
	assert_int_equal(toml_get(d.root, "k")->value->integer, 2);
	doc_end(&d);
}

static void
leap_seconds_end_a_day_in_utc(void **state)
{
	static const struct { const char *text; bool ok; } cases[] = {
		{ "a = 1990-12-31T23:59:60Z", true },
		{ "a = 1990-12-31T15:59:60-08:00", true },
		{ "a = 2016-01-01 05:29:60.5+05:30", true },
		{ "a = 23:59:60", true },
		{ "a = 1990-12-31T23:58:60Z", false },
		{ "a = 1990-12-31T23:59:60+01:00", false },
		{ "a = 1990-12-31T23:59:61Z", false },
		{ "a = 2000-02-29", true },
		{ "a = 1900-02-29", false },
		{ "a = 2004-02-30", false },
		{ "a = 2004-04-31", false },
		{ "a = 2004-00-01", false },
		{ "a = 24:00:00", false },
		{ "a = 2004-01-01T00:00:00+24:00", false },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse(cases[i].text);
		assert_string_equal(errors(&d), cases[i].ok ? "" : "1:5 toml-date");
		doc_end(&d);
	}
}

static void
overrides_are_one_path_to_one_value(void **state)
{
	struct doc d;

	(void)state;
	d = parse_override("permissions.ci.filesystem.\"/srv\"=\"read\"");
	const struct toml_key *k = GET(&d, "permissions", "ci", "filesystem", "/srv");
	assert_string_equal(k->value->string.p, "read");
	assert_string_equal(under(&d, k->span), "\"/srv\"");
	assert_string_equal(under(&d, k->value->span), "\"read\"");
	doc_end(&d);

	d = parse_override(" a . b = [1, {c = 2.5}] ");
	assert_int_equal(GET(&d, "a", "b")->value->array.len, 2);
	doc_end(&d);
	d = parse_override("a=true");
	assert_int_equal(GET(&d, "a")->value->type, TOML_BOOLEAN);
	doc_end(&d);
	d = parse_override("a=\"\"\"x\ny\"\"\"");
	assert_string_equal(GET(&d, "a")->value->string.p, "x\ny");
	doc_end(&d);
}

static void
override_values_may_be_bare_text(void **state)
{
	static const struct { const char *text, *value; } cases[] = {
		{ "a=read", "read" },
		{ "a = read only ", "read only" },
		{ "a=", "" },
		{ "a=b=c", "b=c" },
		{ "a=[1", "[1" },
		{ "a=1 2", "1 2" },
		{ "a=#fff", "#fff" },
		{ "a=\"x", "\"x" },
		{ "a=1\nb=2", "1\nb=2" },
		{ "a=\"\\q\"", "\"\\q\"" },
		{ "a=99999999999999999999", "99999999999999999999" },
		{ "a={b=1,b=2}", "{b=1,b=2}" },
		{ "a=2021-02-30", "2021-02-30" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse_override(cases[i].text);
		assert_int_equal(diags_count(d.diags), 0);
		const struct toml_key *k = GET(&d, "a");
		assert_int_equal(k->value->type, TOML_STRING);
		assert_string_equal(k->value->string.p, cases[i].value);
		assert_string_equal(under(&d, k->value->span), cases[i].value);
		assert_int_equal(d.root->table->keys.len, 1);
		doc_end(&d);
	}
}

static void
override_keys_have_one_error(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "", "1:1 toml-syntax" },
		{ "a", "1:2 toml-syntax" },
		{ "=1", "1:1 toml-syntax" },
		{ "a.=1", "1:3 toml-syntax" },
		{ "a b=1", "1:3 toml-syntax" },
		{ "/srv=1", "1:1 toml-syntax" },
		{ "[a]=1", "1:1 toml-syntax" },
		{ "\"\\q\\w\".\"\\q\"=1", "1:2 toml-escape" },
		{ "\"a=1", "1:1 toml-unclosed" },
		{ "a\nb=1", "1:2 toml-syntax" },
		{ "a {", "1:3 toml-syntax" },
		{ "# a=1", "1:6 toml-syntax" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct doc d = parse_override(cases[i].text);
		assert_null(d.root);
		assert_string_equal(errors(&d), cases[i].want);
		doc_end(&d);
	}
}

static void
merging_goes_table_by_table(void **state)
{
	struct doc d = parse("a = 1\n[t]\nx = 1\ny = {p = 1}\nz = [1]\n");
	struct sources *set = sources_new(d.a);
	static const char over[] = "b = 2\nt = {x = 'new', y = {q = 2}, z = [2, 3]}\na = {c = 3}\n";
	struct diags *diags = diags_new(d.a, set);
	struct toml_node *o = toml_parse(d.a, diags,
	    sources_add(set, diags, "o", over, strlen(over)));

	(void)state;
	assert_int_equal(diags_count(diags), 0);
	toml_merge(d.a, d.root, o);
	toml_merge(d.a, d.root, o);
	assert_int_equal(d.root->table->keys.len, 3);
	assert_int_equal(GET(&d, "a", "c")->value->integer, 3);
	assert_int_equal(GET(&d, "b")->value->integer, 2);
	assert_string_equal(GET(&d, "t", "x")->value->string.p, "new");
	assert_int_equal(GET(&d, "t", "y", "p")->value->integer, 1);
	assert_int_equal(GET(&d, "t", "y", "q")->value->integer, 2);
	assert_int_equal(GET(&d, "t", "z")->value->array.len, 2);
	doc_end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_cover_exactly_keys_and_values),
		cmocka_unit_test(errors_are_those_and_no_others),
		cmocka_unit_test(messages_say_what_to_write),
		cmocka_unit_test(a_second_definition_shows_the_first),
		cmocka_unit_test(the_tree_holds_what_was_understood),
		cmocka_unit_test(strings_may_hold_nul),
		cmocka_unit_test(leap_seconds_end_a_day_in_utc),
		cmocka_unit_test(overrides_are_one_path_to_one_value),
		cmocka_unit_test(override_values_may_be_bare_text),
		cmocka_unit_test(override_keys_have_one_error),
		cmocka_unit_test(merging_goes_table_by_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

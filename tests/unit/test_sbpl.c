/* SPDX-License-Identifier: Apache-2.0 */
/* test_sbpl.c - SBPL text to forms: kinds, places, errors, limits */
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
#include "diag.h"
#include "sbpl.h"
#include "sbuf.h"
#include "source.h"

struct doc {
	struct arena	*a;
	struct sources	*sources;
	struct diags	*diags;
	const struct source *src;
	struct sbpl_form *root;
};

static struct doc
parse_bytes(const char *text, size_t len)
{
	struct doc d = { .a = arena_new() };

	d.sources = sources_new(d.a);
	d.diags = diags_new(d.a, d.sources);
	d.src = sources_add(d.sources, d.diags, "p.sb", text, len);
	if (d.src != NULL)
		d.root = sbpl_parse(d.a, d.diags, d.src);
	return d;
}

static struct doc
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void
print(struct sbuf *b, const struct sbpl_form *f)
{
	switch (f->kind) {
	case SBPL_LIST:
		sbuf_addc(b, '(');
		for (const struct sbpl_form *c = f->list.first; c != NULL; c = c->next) {
			if (c != f->list.first)
				sbuf_addc(b, ' ');
			print(b, c);
		}
		sbuf_addc(b, ')');
		break;
	case SBPL_SYMBOL:
		sbuf_puts(b, f->text.p);
		break;
	case SBPL_STRING:
		sbuf_printf(b, "<%s>", f->text.p);
		break;
	case SBPL_NUMBER:
		sbuf_printf(b, "%lld", (long long)f->number);
		break;
	case SBPL_BOOLEAN:
		sbuf_puts(b, f->boolean ? "#t" : "#f");
		break;
	}
}

/* The forms of a text in one plain spelling, and that it has no error. */
static void
reads_as(const char *text, const char *want)
{
	struct doc d = parse(text);
	struct sbuf b = SBUF_INIT;

	assert_int_equal(diags_count(d.diags), 0);
	assert_non_null(d.root);
	print(&b, d.root);
	assert_string_equal(sbuf_str(&b), want);
	sbuf_free(&b);
	arena_free(d.a);
}

/* "LINE:COL: text" of each error in turn, and what could be read nevertheless. */
static void
fails_as(const char *text, const char *want, const char *rest)
{
	struct doc d = parse(text);
	struct sbuf b = SBUF_INIT;

	for (size_t i = 0; i < diags_count(d.diags); i++) {
		const struct diag *g = diags_at(d.diags, i);
		struct place_in_source p = source_locate(d.sources, g->span);
		sbuf_printf(&b, "%s%u:%u+%u: %s", i == 0 ? "" : "; ", p.line, p.column,
		    p.length, g->text);
	}
	assert_string_equal(sbuf_str(&b), want);
	sbuf_free(&b);
	if (rest == NULL) {
		assert_null(d.root);
	} else {
		assert_non_null(d.root);
		print(&b, d.root);
		assert_string_equal(sbuf_str(&b), rest);
	}
	sbuf_free(&b);
	arena_free(d.a);
}

static void
forms_of_every_kind(void **state)
{
	(void)state;
	reads_as("", "()");
	reads_as("(version 1)\n(deny default (with message \"t\"))",
	    "((version 1) (deny default (with message <t>)))");
	reads_as("() a-b* -17 +3 #x1F #t #f - + ...", "(() a-b* -17 3 31 #t #f - + ...)");
	reads_as("'a `(b ,c ,@d)",
	    "((quote a) (quasiquote (b (unquote c) (unquote-splicing d))))");
	reads_as("; one ( \" \n(a ; two\n b) #| three ( #| four |# \" |# c #||#", "((a b) c)");
	reads_as("a(b)c\"d\"e(#\"f\")", "(a (b) c <d> e (<f>))");
	reads_as("9223372036854775807 -9223372036854775807",
	    "(9223372036854775807 -9223372036854775807)");
}

static void
strings_and_their_escapes(void **state)
{
	(void)state;
	reads_as("\"\" \"a;(\" \"\\\"\\\\\"", "(<> <a;(> <\"\\>)");
	reads_as("\"\\x41\\102\\7z\\n\"", "(<AB\7z\n>)");
	reads_as("#\"^/a\\.b\\\\(/|$)\"", "(<^/a\\.b\\\\(/|$)>)");
	reads_as("#\"ends\\\" x", "(<ends\\> x)");
	reads_as("\"\xc3\xbc\" \xc3\xbc", "(<\xc3\xbc> \xc3\xbc)");
}

static void
errors_name_their_place(void **state)
{
	(void)state;
	fails_as("(a)\n b)\n(c)", "2:3+1: there is no '(' for this ')'", "((a) b (c))");
	fails_as("(a (b\n  (c)\n", "1:4+1: this list has no end", "((a (b (c))))");
	fails_as("(a \"b", "1:4+1: this string has no end; 1:1+1: this list has no end", "((a))");
	fails_as("(a #\"b", "1:4+2: this string has no end; 1:1+1: this list has no end", "((a))");
	fails_as("a #| #| |# ", "1:3+2: this comment has no end", "(a)");
	fails_as("(a \"x\\.y\" b)",
	    "1:6+1: this escape is not known, and would lose its backslash", "((a b))");
	fails_as("\"\\x0g\" \"\\0\" \"\\400\"",
	    "1:2+1: this escape is not known, and would lose its backslash; "
	    "1:9+1: this escape is not known, and would lose its backslash; "
	    "1:14+1: this escape is not known, and would lose its backslash", "()");
	fails_as("\"a\nb\" c", "1:3+0: a control character (0x0a) in a string", "(c)");
	fails_as("(a . b) [c] |d|", "1:4+1: dotted pairs are not taken; "
	    "1:9+1: '[' has no meaning here; 1:11+1: ']' has no meaning here; "
	    "1:13+1: '|' has no meaning here; 1:15+1: '|' has no meaning here",
	    "((a b) c d)");
	fails_as("1.5 12x #\\a #(1) 9223372036854775808",
	    "1:1+3: 1.5 is no integer, or too large for one; "
	    "1:5+3: 12x is no integer, or too large for one; "
	    "1:9+3: #\\a is not known: #t, #f, #x... and #\"...\" are; "
	    "1:13+1: # is not known: #t, #f, #x... and #\"...\" are; "
	    "1:18+19: 9223372036854775808 is no integer, or too large for one", "((1))");
	fails_as("a#\"b\"", "1:1+2: a '#' inside a word", "(<b>)");
	fails_as("(a ')\n(b)", "1:5+1: a quote must stand before a form", "((a) (b))");
	fails_as("'", "1:2+0: a quote must stand before a form", "()");
	fails_as("a\001b", "1:2+1: a control character (0x01) in the text", "(a b)");
}

static void
limits_end_the_reading(void **state)
{
	char text[2 * LIMIT_SBPL_STRING + 10];

	(void)state;
	memset(text, '(', LIMIT_SBPL_DEPTH);
	memset(text + LIMIT_SBPL_DEPTH, ')', LIMIT_SBPL_DEPTH);
	text[2 * LIMIT_SBPL_DEPTH] = '\0';
	struct doc d = parse(text);
	assert_int_equal(diags_count(d.diags), 0);
	assert_non_null(d.root);
	arena_free(d.a);
	memset(text, '(', LIMIT_SBPL_DEPTH + 1);
	fails_as(text, "1:129+1: lists are nested deeper than 128 levels", NULL);

	/* Quotes nest as lists do, without parentheses. */
	char *many = malloc(1000001);
	assert_non_null(many);
	memset(many, '\'', 1000000);
	many[1000000] = '\0';
	d = parse(many);
	assert_null(d.root);
	assert_int_equal(diags_errors(d.diags), 1);
	arena_free(d.a);
	free(many);

	memset(text, 'a', sizeof(text));
	text[0] = '"';
	strcpy(text + LIMIT_SBPL_STRING + 1, "\"");
	d = parse(text);
	assert_int_equal(diags_count(d.diags), 0);
	arena_free(d.a);
	text[LIMIT_SBPL_STRING + 1] = 'a';
	strcpy(text + LIMIT_SBPL_STRING + 2, "\"");
	fails_as(text, "1:1+1027: a string of 1025 bytes; macOS takes no more than 1024", "()");
}

static void
spans_cover_the_forms(void **state)
{
	struct doc d = parse("; c\n(allow file*\n  (literal \"/a\"))");
	const struct sbpl_form *list = d.root->list.first;
	struct place_in_source p = source_locate(d.sources, list->span);

	(void)state;
	assert_int_equal(p.line, 2);
	assert_int_equal(p.column, 1);
	assert_true(sbpl_is_symbol(list, "allow"));
	assert_false(sbpl_is_symbol(list, "deny"));
	const struct sbpl_form *literal = list->list.first->next->next;
	p = source_locate(d.sources, literal->span);
	assert_int_equal(p.line, 3);
	assert_int_equal(p.column, 3);
	assert_int_equal(p.length, 14);
	p = source_locate(d.sources, literal->list.first->next->span);
	assert_int_equal(p.column, 12);
	assert_int_equal(p.length, 4);
	arena_free(d.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_every_kind),
		cmocka_unit_test(strings_and_their_escapes),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(limits_end_the_reading),
		cmocka_unit_test(spans_cover_the_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

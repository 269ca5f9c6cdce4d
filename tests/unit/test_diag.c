/* SPDX-License-Identifier: Apache-2.0 */
/* test_diag.c - source texts, and what diagnostics about them look like */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "json.h"
#include "sbuf.h"
#include "source.h"

struct fixture {
	struct arena	*a;
	struct sources	*set;
	struct diags	*ds;
	char		*printed;
};

static int
begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->a = arena_new();
	f->set = sources_new(f->a);
	f->ds = diags_new(f->a, f->set);
	*state = f;
	return 0;
}

static int
end(void **state)
{
	struct fixture *f = *state;

	arena_free(f->a);
	free(f->printed);
	free(f);
	return 0;
}

static const char *
print(struct fixture *f, enum diag_format format, bool colour)
{
	size_t len;

	free(f->printed);
	f->printed = NULL;
	FILE *out = open_memstream(&f->printed, &len);
	assert_non_null(out);
	diags_print(f->ds, out, format, colour, "cdxpc");
	assert_int_equal(fclose(out), 0);
	return f->printed;
}

static const struct source *
add(struct fixture *f, const char *name, const char *text)
{
	const struct source *s = sources_add(f->set, f->ds, name, text, strlen(text));
	assert_non_null(s);
	return s;
}

static struct span
span_of(const struct source *s, const char *piece)
{
	const char *p = strstr(s->text, piece);

	assert_non_null(p);
	uint32_t at = s->base + (uint32_t)(p - s->text);
	return (struct span){ at, at + (uint32_t)strlen(piece) };
}

static void
places_are_lines_and_columns(void **state)
{
	struct fixture *f = *state;
	const struct source *one = add(f, "one", "ab\n\ncde\r\nf");
	const struct source *none = add(f, "none", "");
	const struct source *two = add(f, "two", "x\n");
	static const struct { uint32_t at, line, column, line_len; } cases[] = {
		{ 0, 1, 1, 2 }, { 2, 1, 3, 2 }, { 3, 2, 1, 0 }, { 4, 3, 1, 3 },
		{ 7, 3, 4, 3 }, { 8, 3, 5, 3 }, { 9, 4, 1, 1 }, { 10, 4, 2, 1 },
	};

	for (size_t i = 0; i < NELEMS(cases); i++) {
		uint32_t at = one->base + cases[i].at;
		struct place_in_source w = source_locate(f->set, (struct span){ at, at + 1 });
		assert_ptr_equal(w.source, one);
		assert_int_equal(w.line, cases[i].line);
		assert_int_equal(w.column, cases[i].column);
		assert_int_equal(w.line_len, cases[i].line_len);
	}
	struct place_in_source w = source_locate(f->set, (struct span){ none->base, none->base });
	assert_ptr_equal(w.source, none);
	assert_int_equal(w.line, 1);
	assert_int_equal(w.length, 0);
	w = source_locate(f->set, (struct span){ two->base + 2, two->base + 2 });
	assert_ptr_equal(w.source, two);
	assert_int_equal(w.line, 2);
	/* a span over several lines is marked on its first */
	w = source_locate(f->set, (struct span){ one->base, one->base + 9 });
	assert_int_equal(w.length, 2);
	assert_null(source_locate(f->set, (struct span){ 0, 0 }).source);
	assert_null(source_locate(f->set, (struct span){ two->base + 3, two->base + 3 }).source);
}

static void
text_form_is_the_specs(void **state)
{
	struct fixture *f = *state;
	struct sbuf text = SBUF_INIT;

	for (int i = 0; i < 13; i++)
		sbuf_puts(&text, "#\n");
	sbuf_puts(&text, "\"src/*.c\" = \"write\"\n");
	const struct source *s = add(f, "profile.toml", sbuf_str(&text));
	struct diag *d = diag_add(f->ds, D_IO, span_of(s, "\"src/*.c\""),
	    "filesystem pattern \"%s\" takes only \"deny\"", "src/*.c");
	diag_hint(f->ds, d, "grant the directory (\"%s\" or \"%s/**\"), or list the files", "src", "src");
	diag_note(f->ds, d, span_of(s, "\"write\""), "granted here");
	diag_note(f->ds, d, (struct span){ 0, 0 }, "nowhere in particular");
	assert_string_equal(print(f, DIAG_TEXT, false),
	    "profile.toml:14:1: error: filesystem pattern \"src/*.c\" takes only \"deny\" [io]\n"
	    "   14 | \"src/*.c\" = \"write\"\n"
	    "      | ^~~~~~~~~ grant the directory (\"src\" or \"src/**\"), or list the files\n"
	    "profile.toml:14:13: note: granted here\n"
	    "   14 | \"src/*.c\" = \"write\"\n"
	    "      |             ^~~~~~~\n"
	    "profile.toml:14:1: note: nowhere in particular\n");
	sbuf_free(&text);
}

static void
without_a_place_the_program_is_named(void **state)
{
	struct fixture *f = *state;
	struct diag *d = diag_add(f->ds, D_IO, (struct span){ 0, 0 }, "x: gone");

	diag_hint(f->ds, d, "look elsewhere");
	add(f, "-c#2", "a.b = tru");
	const struct source *s = add(f, "-c#3", "k = \"\"\"\nzzz");
	diag_add(f->ds, D_IO, span_of(s, "k"), "first");
	diag_add(f->ds, D_IO, span_of(s, "zzz"), "second");
	assert_string_equal(print(f, DIAG_TEXT, false),
	    "cdxpc: error: x: gone [io]\n"
	    "cdxpc: note: look elsewhere\n"
	    "-c#3:1: error: first [io]\n"
	    "    1 | k = \"\"\"\n"
	    "      | ^\n"
	    "-c#3:2:1: error: second [io]\n"
	    "    2 | zzz\n"
	    "      | ^~~\n");
}

static void
carets_stand_under_what_they_mean(void **state)
{
	static const struct { const char *line, *what, *quoted, *under; } cases[] = {
		{ "\ta = 1", "a", "        a = 1", "        ^" },
		{ "ab\tcd = 1", "cd", "ab      cd = 1", "        ^~" },
		{ "\"\u00e4\u00f6\" = x", "x", "\"\u00e4\u00f6\" = x", "       ^" },
		{ "\"\u00e4\u00f6\" = x", "\u00e4\u00f6", "\"\u00e4\u00f6\" = x", " ^~" },
		{ "\u4e2d\u6587 = x", "x", "\u4e2d\u6587 = x", "       ^" },
		{ "\u4e2d\u6587 = x", "\u6587", "\u4e2d\u6587 = x", "  ^~" },
		{ "e\u0301 = x", "x", "e\u0301 = x", "    ^" },
		{ "\033[31m = x", "x", "\\u001B[31m = x", "             ^" },
		{ "a\u202eb = x", "b", "a\\u202Eb = x", "       ^" },
		{ "a\xc2\x9b" "b = x", "\xc2\x9b" "b", "a\\u009Bb = x", " ^~~~~~~" },
		{ "\t\u4e2d\tx", "x", "        \u4e2d      x", "                ^" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < NELEMS(cases); i++) {
		char want[200];
		f->ds = diags_new(f->a, f->set);
		const struct source *s = add(f, "f", cases[i].line);
		diag_add(f->ds, D_IO, span_of(s, cases[i].what), "m");
		const char *got = strchr(print(f, DIAG_TEXT, false), '\n') + 1;
		snprintf(want, sizeof(want), "    1 | %s\n      | %s\n", cases[i].quoted, cases[i].under);
		assert_string_equal(got, want);
	}
}

static void
messages_cannot_write_on_the_terminal(void **state)
{
	struct fixture *f = *state;

	diag_add(f->ds, D_IO, (struct span){ 0, 0 }, "%s", "a\nb\t\033[2J\xff\xc2\x9b\u202e\u00e9");
	assert_string_equal(print(f, DIAG_TEXT, false),
	    "cdxpc: error: a\\u000Ab\\t\\u001B[2J\\xff\\u009B\\u202E\u00e9 [io]\n");
	assert_non_null(strstr(print(f, DIAG_TEXT, true), "\033[1;31merror: \033[m"));
}

/* The line is quoted in part; the caret is under its character all the same. */
static void
long_lines_are_cut_around_the_caret(void **state)
{
	enum { LEN = 10 * 1024 * 1024 };
	static const char *const fill[] = { "a", "\u00e9", "\u4e2d" };
	struct fixture *f = *state;

	for (size_t i = 0; i < NELEMS(fill); i++) {
		struct sbuf text = SBUF_INIT;
		while (text.len < LEN)
			sbuf_puts(&text, fill[i]);
		sbuf_puts(&text, "HERE");
		while (text.len < LEN + 1000)
			sbuf_puts(&text, fill[i]);
		f->ds = diags_new(f->a, f->set);
		const struct source *s = add(f, "f", text.p);
		sbuf_free(&text);
		struct span whole = { span_of(s, "HERE").start, s->base + (uint32_t)s->len };
		diag_add(f->ds, D_IO, span_of(s, "HERE"), "m");
		diag_add(f->ds, D_IO, whole, "%.*s", LEN, s->text);
		print(f, DIAG_TEXT, false);
		assert_in_range(strlen(f->printed), 300, 40000);

		const char *quoted = strstr(f->printed, "    1 | ...");
		assert_non_null(quoted);
		const char *here = strstr(quoted, "HERE");
		const char *newline = strchr(quoted, '\n');
		assert_true(here != NULL && here < newline);
		assert_memory_equal(newline - 3, "...", 3);
		assert_null(memchr(quoted, '\\', (size_t)(newline - quoted)));
		size_t before = (size_t)(here - quoted) - strlen("    1 | ...");
		size_t columns = before / strlen(fill[i]) * (i == 2 ? 2 : 1);
		const char *caret = strchr(newline, '^');
		assert_int_equal(caret - newline - 1, strlen("      | ...") + columns);
		assert_memory_equal(caret, "^~~~\n", 5);
	}
}

static void
bad_texts_are_refused_once(void **state)
{
	static const struct { const char *text; size_t len; const char *printed; } cases[] = {
		{ "a\nb\0c", 5, "f:2:2: error: NUL byte at line 2, column 2 [source-nul]\n"
		    "    2 | b\\u0000c\n"
		    "      |  ^~~~~~\n" },
		{ "ab\xffz\0", 5, "f:1:3: error: byte 0xff at line 1, column 3 is not UTF-8 [source-utf8]\n"
		    "    1 | ab\\xffz\\u0000\n"
		    "      |   ^~~~\n" },
		{ "\xef\xbb\xbf\xc3", 4, "f:1:1: error: byte 0xc3 at line 1, column 1 is not UTF-8 [source-utf8]\n"
		    "    1 | \\xc3\n"
		    "      | ^~~~\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < NELEMS(cases); i++) {
		f->ds = diags_new(f->a, f->set);
		assert_null(sources_add(f->set, f->ds, "f", cases[i].text, cases[i].len));
		assert_int_equal(diags_errors(f->ds), 1);
		assert_string_equal(print(f, DIAG_TEXT, false), cases[i].printed);
	}
	const struct source *s = add(f, "bom", "\xef\xbb\xbfok");
	assert_string_equal(s->text, "ok");
	assert_int_equal(s->len, 2);
}

static void
sizes_are_limited(void **state)
{
	struct fixture *f = *state;
	char *text = malloc((size_t)LIMIT_SOURCE_BYTES + 1);

	assert_non_null(text);
	memset(text, '\n', (size_t)LIMIT_SOURCE_BYTES + 1);
	assert_non_null(sources_add(f->set, f->ds, "f", text, LIMIT_SOURCE_BYTES));
	assert_null(sources_add(f->set, f->ds, "f", text, (size_t)LIMIT_SOURCE_BYTES + 1));
	free(text);
	assert_string_equal(print(f, DIAG_TEXT, false),
	    "cdxpc: error: f: larger than the limit of 16777216 bytes [source-size]\n");
}

static void
files_are_read_or_an_error_says_why(void **state)
{
	struct fixture *f = *state;
	char name[] = "/tmp/test_diag.XXXXXX";
	int fd = mkstemp(name);
	bool io;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "k = 1\n", 6), 6);
	const struct source *s = sources_read(f->set, f->ds, name, &io);
	assert_non_null(s);
	assert_string_equal(s->text, "k = 1\n");
	assert_string_equal(s->name, name);
	assert_int_equal(write(fd, "\xff", 1), 1);
	assert_null(sources_read(f->set, f->ds, name, &io));
	assert_false(io);
	close(fd);
	assert_int_equal(unlink(name), 0);
	f->ds = diags_new(f->a, f->set);
	assert_null(sources_read(f->set, f->ds, "/nonexistent/file", &io));
	assert_true(io);
	assert_null(sources_read(f->set, f->ds, "/", &io));
	assert_true(io);
	assert_null(sources_read(f->set, f->ds, "/dev/zero", &io));
	assert_false(io);
	assert_string_equal(print(f, DIAG_TEXT, false),
	    "cdxpc: error: /nonexistent/file: No such file or directory [io]\n"
	    "cdxpc: error: /: Is a directory [io]\n"
	    "cdxpc: error: /dev/zero: larger than the limit of 16777216 bytes [source-size]\n");
}

static void
what_is_over_the_limit_is_counted(void **state)
{
	struct fixture *f = *state;
	const struct source *s = add(f, "f", "x");
	struct diag *last = NULL;

	for (int i = 0; i < LIMIT_DIAGS + 7; i++) {
		last = diag_add(f->ds, D_IO, span_of(s, "x"), "number %d", i);
		diag_note(f->ds, last, span_of(s, "x"), "a note");
		diag_hint(f->ds, last, "a hint");
	}
	assert_non_null(last);
	assert_int_equal(diags_errors(f->ds), LIMIT_DIAGS + 7);
	assert_int_equal(diags_count(f->ds), LIMIT_DIAGS);
	print(f, DIAG_TEXT, false);
	assert_non_null(strstr(f->printed, "number 99 "));
	assert_null(strstr(f->printed, "number 100 "));
	const char *tail = strstr(f->printed, "cdxpc: ");
	assert_non_null(tail);
	assert_string_equal(tail,
	    "cdxpc: note: 7 more errors not shown (the limit is 100 of each) [diagnostic-limit]\n");
	assert_non_null(strstr(print(f, DIAG_JSON, false), "\"id\":\"diagnostic-limit\""));
}

static void
json_form_is_canonical(void **state)
{
	struct fixture *f = *state;
	const struct source *s = add(f, "a\"b.toml", "x\nkey = 1\n");
	struct diag *d = diag_add(f->ds, D_IO, span_of(s, "key"), "bad \xff");

	diag_hint(f->ds, d, "h");
	diag_note(f->ds, d, span_of(s, "x"), "n");
	diag_add(f->ds, D_SOURCE_NUL, (struct span){ 0, 0 }, "second");
	assert_string_equal(print(f, DIAG_JSON, true),
	    "[{\"hint\":\"h\",\"id\":\"io\",\"notes\":[{\"place\":{\"column\":1,\"file\":\"a\\\"b.toml\","
	    "\"length\":1,\"line\":1},\"text\":\"n\"}],\"place\":{\"column\":1,\"file\":\"a\\\"b.toml\","
	    "\"length\":3,\"line\":2},\"severity\":\"error\",\"text\":\"bad \\\\xff\"},"
	    "{\"id\":\"source-nul\",\"notes\":[],\"severity\":\"error\",\"text\":\"second\"}]\n");
	f->ds = diags_new(f->a, f->set);
	assert_string_equal(print(f, DIAG_JSON, false), "[]\n");
	assert_string_equal(print(f, DIAG_TEXT, false), "");
}

static void
regions_count_characters_over_lines(void **state)
{
	struct fixture *f = *state;
	/* \xff: a text that was refused is quoted all the same */
	static const struct { const char *text, *what; uint32_t line, column, end_line, end_column; } cases[] = {
		{ "ab", "b", 1, 2, 1, 3 }, { "\u00e4b", "b", 1, 2, 1, 3 },
		{ "\u4e2d\U0001f600b", "b", 1, 3, 1, 4 }, { "x\n\u00e4\u00e4 y\n", "\u00e4 y", 2, 2, 2, 5 },
		{ "x\u00e4\ny\u00e4\u00e4z", "\u00e4\ny\u00e4", 1, 2, 2, 3 }, { "a\r\nb", "a\r\n", 1, 1, 2, 1 },
		{ "a\r\nb", "\n", 1, 3, 2, 1 }, { "e\u0301x", "x", 1, 3, 1, 4 },
	};

	for (size_t i = 0; i < NELEMS(cases); i++) {
		const struct source *s = add(f, "f", cases[i].text);
		struct region_in_source r = source_region(f->set, span_of(s, cases[i].what));
		assert_ptr_equal(r.source, s);
		assert_int_equal(r.line, cases[i].line);
		assert_int_equal(r.column, cases[i].column);
		assert_int_equal(r.end_line, cases[i].end_line);
		assert_int_equal(r.end_column, cases[i].end_column);
	}
	assert_null(sources_add(f->set, f->ds, "bad", "\xff\xfe", 2));
	struct span at = diags_at(f->ds, 0)->span;
	struct region_in_source r = source_region(f->set, at);
	assert_int_equal(r.column, 1);
	assert_int_equal(r.end_column, 2);
	assert_null(source_region(f->set, (struct span){ 0, 0 }).source);
	assert_null(source_region(NULL, at).source);
}

static void
sarif_and_github_forms(void **state)
{
	struct fixture *f = *state;
	const struct source *s = add(f, "./d/a b.toml", "x\nk\u00e4y = 1\n");
	struct diag *d = diag_add(f->ds, D_NETWORK_OFF, span_of(s, "k\u00e4y"), "50%% {\xff}\n");

	diag_hint(f->ds, d, "h");
	diag_note(f->ds, d, span_of(s, "x"), "n");
	diag_note(f->ds, d, (struct span){ 0, 0 }, "m");
	assert_string_equal(print(f, DIAG_GITHUB, true),
	    "::warning file=./d/a b.toml,line=2,col=1,endColumn=3,title=network-off::"
	    "50%25 {\\xff}%0A%0Ah%0A./d/a b.toml:1:1: note: n%0Anote: m\n");
	assert_string_equal(print(f, DIAG_SARIF, true),
	    "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\","
	    "\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\"invocations\":[{\"executionSuccessful\":true,"
	    "\"toolExecutionNotifications\":[]}],\"results\":[{\"level\":\"warning\",\"locations\":[{"
	    "\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"d/a%20b.toml\"},\"region\":{\"endColumn\":4,"
	    "\"endLine\":2,\"startColumn\":1,\"startLine\":2}}}],\"message\":{\"text\":\"50% {{\\\\xff}}\\n\\nh\\nnote: m\"},"
	    "\"relatedLocations\":[{\"message\":{\"text\":\"n\"},\"physicalLocation\":{\"artifactLocation\":{"
	    "\"uri\":\"d/a%20b.toml\"},\"region\":{\"endColumn\":2,\"endLine\":1,\"startColumn\":1,\"startLine\":1}}}],"
	    "\"ruleId\":\"network-off\",\"ruleIndex\":0}],\"tool\":{\"driver\":{\"name\":\"cdxpc\",\"rules\":[{"
	    "\"defaultConfiguration\":{\"level\":\"warning\"},\"id\":\"network-off\",\"shortDescription\":{"
	    "\"text\":\"a network that is off has further settings\"}}],\"version\":\"" PACKAGE_VERSION "\"}}}],"
	    "\"version\":\"2.1.0\"}\n");
	f->ds = diags_new(f->a, NULL);
	assert_string_equal(print(f, DIAG_GITHUB, false), "");
	diag_add(f->ds, D_IO, (struct span){ 0, 0 }, "x: gone");
	assert_string_equal(print(f, DIAG_GITHUB, false), "::error title=io::x: gone\n");
	assert_non_null(strstr(print(f, DIAG_SARIF, false), "\"executionSuccessful\":false"));
}

static void
forms_have_names(void **state)
{
	enum diag_format format = DIAG_TEXT;

	(void)state;
	assert_true(diag_format_named("github", &format));
	assert_int_equal(format, DIAG_GITHUB);
	assert_false(diag_format_named("", &format));
	assert_false(diag_format_named("git", &format));
	assert_int_equal(format, DIAG_GITHUB);
}

/* Some warning of the table, to try the flags on. */
static enum diag_code
a_warning(struct fixture *f)
{
	for (int code = 0; code < DIAG_CODES; code++) {
		struct diag *d = diag_add(f->ds, (enum diag_code)code, (struct span){ 0, 0 }, "m");
		if (d->severity == DIAG_WARNING)
			return (enum diag_code)code;
	}
	return DIAG_CODES;
}

static void
flags_are_gccs(void **state)
{
	/* %s: the id; the severity that comes out, or -1: nothing does */
	static const struct { const char *flags[3]; int severity; } cases[] = {
		{ { NULL }, DIAG_WARNING },
		{ { "-w" }, -1 }, { { "-Wno-%s" }, -1 }, { { "-Wno-%s", "-W%s" }, DIAG_WARNING },
		{ { "-Werror" }, DIAG_ERROR }, { { "-Werror", "-Wno-error" }, DIAG_WARNING },
		{ { "-Werror=%s" }, DIAG_ERROR }, { { "-Wno-%s", "-Werror=%s" }, DIAG_ERROR },
		{ { "-Wno-error=%s", "-Werror" }, DIAG_WARNING },
		{ { "-Werror=%s", "-Wno-error" }, DIAG_ERROR },
		{ { "-Werror=%s", "-Wno-%s" }, -1 }, { { "-Werror=%s", "-w" }, -1 },
	};
	static const char *const refused[] = {
		"-Wno-such", "-W", "-Wno-", "-Werror=", "-Wno-io", "-Werror=io", "-Wio", "-x", "",
	};
	struct fixture *f = *state;
	enum diag_code code = a_warning(f);

	for (size_t i = 0; i < NELEMS(refused); i++)
		assert_int_equal(diags_flag(f->ds, refused[i]), -1);
	if (code == DIAG_CODES)
		skip();
	for (size_t i = 0; i < NELEMS(cases); i++) {
		f->ds = diags_new(f->a, f->set);
		for (size_t k = 0; k < 3 && cases[i].flags[k] != NULL; k++) {
			struct sbuf flag = SBUF_INIT;
			for (const char *c = cases[i].flags[k]; *c != '\0'; c++) {
				if (strncmp(c, "%s", 2) == 0) {
					sbuf_puts(&flag, diag_id(code));
					c++;
				} else {
					sbuf_addc(&flag, *c);
				}
			}
			assert_int_equal(diags_flag(f->ds, flag.p), 0);
			sbuf_free(&flag);
		}
		diag_add(f->ds, code, (struct span){ 0, 0 }, "m");
		if (cases[i].severity < 0) {
			assert_int_equal(diags_count(f->ds), 0);
			continue;
		}
		assert_int_equal(diags_count(f->ds), 1);
		assert_int_equal(diags_at(f->ds, 0)->severity, cases[i].severity);
		assert_int_equal(diags_errors(f->ds), cases[i].severity == DIAG_ERROR);
	}
}

/* An id is what users write in -W and grep for: lower case, one of each. */
static void
ids_are_unique_and_plain(void **state)
{
	(void)state;
	for (int i = 0; i < DIAG_CODES; i++) {
		const char *id = diag_id((enum diag_code)i);
		assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(id));
		assert_true(strlen(id) > 1 && strncmp(id, "no-", 3) != 0 && strncmp(id, "error", 6) != 0);
		assert_true(strlen(diag_meaning((enum diag_code)i)) > 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(id, diag_id((enum diag_code)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_are_lines_and_columns, begin, end),
		cmocka_unit_test_setup_teardown(text_form_is_the_specs, begin, end),
		cmocka_unit_test_setup_teardown(without_a_place_the_program_is_named, begin, end),
		cmocka_unit_test_setup_teardown(carets_stand_under_what_they_mean, begin, end),
		cmocka_unit_test_setup_teardown(messages_cannot_write_on_the_terminal, begin, end),
		cmocka_unit_test_setup_teardown(long_lines_are_cut_around_the_caret, begin, end),
		cmocka_unit_test_setup_teardown(bad_texts_are_refused_once, begin, end),
		cmocka_unit_test_setup_teardown(sizes_are_limited, begin, end),
		cmocka_unit_test_setup_teardown(files_are_read_or_an_error_says_why, begin, end),
		cmocka_unit_test_setup_teardown(what_is_over_the_limit_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(json_form_is_canonical, begin, end),
		cmocka_unit_test_setup_teardown(regions_count_characters_over_lines, begin, end),
		cmocka_unit_test_setup_teardown(sarif_and_github_forms, begin, end),
		cmocka_unit_test_setup_teardown(forms_have_names, begin, end),
		cmocka_unit_test_setup_teardown(flags_are_gccs, begin, end),
		cmocka_unit_test_setup_teardown(ids_are_unique_and_plain, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

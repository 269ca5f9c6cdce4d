/* SPDX-License-Identifier: Apache-2.0 */
/* toml_repair.c - open brackets, and the tokens that are missing from a text */
#include <config.h>

#include "toml_repair.h"

#include <string.h>

#include "source.h"
#include "toml_ctx.h"
#include "toml_parse.h"
#include "toml_report.h"

bool
toml_repair_push(struct toml_ctx *x, char open, struct span span)
{
	struct toml_scan_state *s = &x->scan;

	if (s->depth == NELEMS(s->frames)) {
		toml_report_limit(x, D_TOML_DEPTH, span,
		    "nested deeper than %d levels", LIMIT_TOML_DEPTH);
		return false;
	}
	s->frames[s->depth++] = (struct toml_frame){ .span = span, .open = open };
	return true;
}

char
toml_repair_top(const struct toml_ctx *x)
{
	const struct toml_scan_state *s = &x->scan;

	return s->depth == 0 ? '\0' : s->frames[s->depth - 1].open;
}

static void
pop_to(struct toml_ctx *x, unsigned depth, int after, struct span span)
{
	x->scan.popping = true;
	x->scan.pop_to = depth;
	x->scan.after = after;
	x->scan.pop_span = span;
}

void
toml_repair_pop_all(struct toml_ctx *x, struct span span)
{
	pop_to(x, 0, 0, span);
}

bool
toml_repair_pop(struct toml_ctx *x, struct span *span, int *token)
{
	struct toml_scan_state *s = &x->scan;

	if (!s->popping)
		return false;
	*span = s->pop_span;
	if (s->depth > s->pop_to) {
		*token = s->frames[--s->depth].open == '[' ? TOK_RBRACKET : TOK_RBRACE;
		if (s->depth == 0)
			s->doubt = false;
		return true;
	}
	s->popping = false;
	*token = s->after;
	return s->after != 0;
}

static const char *
name(char open)
{
	return open == '[' ? "array" : "inline table";
}

/* What the grammar wants after the last token inside the innermost bracket. */
static const char *
wanted(const struct toml_ctx *x)
{
	char top = toml_repair_top(x);

	switch (x->scan.last) {
	case TOK_LBRACKET:
		return "a value or ']'";
	case TOK_LBRACE:
		return "a key or '}'";
	case TOK_EQUALS:
		return "a value";
	case TOK_DOT:
		return "a key";
	case TOK_COMMA:
		return top == '{' ? "a key" : "a value or ']'";
	case TOK_KEY:
		return "'.' or '='";
	default:
		return top == '{' ? "',' or '}'" : "',' or ']'";
	}
}

/* Nothing is said where a broken string may hide the bracket. */
static void
unclosed(struct toml_ctx *x, struct span span, const char *what)
{
	const struct toml_frame *f = &x->scan.frames[x->scan.depth - 1];

	if (x->scan.doubt)
		return;
	struct diag *d = toml_report_syntax(x, D_TOML_UNCLOSED, span,
	    "unexpected %s, expected %s", what, wanted(x));
	toml_report_note(x, d, f->span, "this %s is not closed", name(f->open));
}

bool
toml_repair_close(struct toml_ctx *x, char close, struct span span)
{
	struct toml_scan_state *s = &x->scan;
	char open = close == ']' ? '[' : '{';
	unsigned i = s->depth;

	while (i > 0 && s->frames[i - 1].open != open)
		i--;
	if (i == 0)
		return false;
	if (i < s->depth) {
		unclosed(x, span, close == ']' ? "']'" : "'}'");
		pop_to(x, i - 1, 0, span);
		return true;
	}
	s->depth--;
	if (s->depth == 0)
		s->doubt = false;
	return false;
}

bool
toml_repair_end(struct toml_ctx *x, struct span span)
{
	if (x->scan.depth == 0)
		return false;
	unclosed(x, span, "end of file");
	toml_repair_pop_all(x, span);
	return true;
}

static bool
is_bare(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Past a dotted key without quotes; NULL: there is none. */
static const char *
skip_key(const char *p)
{
	for (;;) {
		p = skip_blanks(p);
		if (!is_bare(*p))
			return NULL;
		while (is_bare(*p))
			p++;
		p = skip_blanks(p);
		if (*p != '.')
			return p;
		p++;
	}
}

/* [name] alone on a line, where the name cannot be a value. */
static bool
is_header(const char *p)
{
	static const char *const values[] = { "true", "false", "inf", "nan" };
	size_t n = p[1] == '[' ? 2 : 1;
	const char *key = skip_blanks(p + n), *end = skip_key(key);

	if (end == NULL || *end != ']' || (n == 2 && end[1] != ']'))
		return false;
	if ((*key >= '0' && *key <= '9') || *key == '-')
		return false;
	for (size_t i = 0; i < NELEMS(values); i++) {
		size_t len = strlen(values[i]);
		if (strncmp(key, values[i], len) == 0 && !is_bare(key[len]) &&
		    key[len] != '.')
			return false;
	}
	end = skip_blanks(end + n);
	return *end == '\0' || *end == '\n' || *end == '\r' || *end == '#';
}

/* This line starts something new, whatever is wrong before it. */
static bool
is_statement(const char *p)
{
	p = skip_blanks(p);
	if (*p == '[')
		return is_header(p);
	const char *end = skip_key(p);
	return end != NULL && *end == '=';
}

bool
toml_repair_wants_value(const struct toml_ctx *x)
{
	int last = x->scan.last;

	return last == TOK_EQUALS || last == TOK_LBRACKET || last == TOK_COMMA;
}

static const char *
text_at(const struct toml_ctx *x, uint32_t offset)
{
	return x->src->text + (offset - x->src->base);
}

static uint32_t
offset_of(const struct toml_ctx *x, const char *p)
{
	return x->src->base + (uint32_t)(p - x->src->text);
}

void
toml_repair_item_skipped(struct toml_ctx *x, uint32_t at)
{
	const char *p = text_at(x, at);

	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '#')
			break;
		p += strcspn(p, "\n");
	}
	uint32_t end = offset_of(x, p);
	if (*p != '\0' && !is_statement(p) && x->quiet_until <= end)
		x->quiet_until = end + 1;
}

void
toml_repair_line_cut(struct toml_ctx *x, uint32_t next, bool want_value)
{
	const char *p = skip_blanks(text_at(x, next));

	if (want_value ? !is_statement(p) && *p != '#' && *p != '\n' && *p != '\r' :
	    *p != '\0' && strchr("=.,]}", *p) != NULL)
		toml_report_quiet(x, next);
}

/*
 * A string was not closed on its line.  If one of the next lines has its other
 * quotation mark, and none before that begins anew, it was meant to span them:
 * nothing is said of these lines.
 */
static void
string_cut(struct toml_ctx *x, uint32_t at, char quote)
{
	const char *p = text_at(x, at);

	for (int lines = 0; lines < 8; lines++) {
		p += strcspn(p, "\n");
		if (*p == '\0' || is_statement(++p))
			return;
		unsigned marks = 0;
		const char *q = p;
		for (; *q != '\0' && *q != '\n'; q++)
			marks += *q == quote;
		if (marks % 2 == 1) {
			toml_report_quiet(x, offset_of(x, p));
			return;
		}
	}
}

bool
toml_repair_open_string(struct toml_ctx *x, struct span span, char quote, bool multi)
{
	uint32_t n = multi ? 3 : 1;
	struct diag *d = toml_report_syntax(x, D_TOML_UNCLOSED,
	    (struct span){ span.start, span.start + n },
	    multi ? "string is not closed before the end of the file" :
	    "string is not closed before the end of the line");

	if (multi)
		toml_report_hint(x, d, "it ends with %c%c%c", quote, quote, quote);
	else
		toml_report_hint(x, d, "it ends with %c", quote);
	if (d != NULL && !multi)
		string_cut(x, span.end, quote);
	x->scan.doubt = x->scan.depth > 0;
	return !multi && x->scan.depth == 0 && x->scan.last == TOK_EQUALS;
}

/*
 * Inside an array, a line `key =' or `[header]' can only mean that the array
 * should have ended before it.
 */
static bool
newline_in_array(struct toml_ctx *x, uint32_t next)
{
	const char *p = x->src->text + (next - x->src->base);
	const char *end = *p == '[' ? NULL : skip_key(p);
	bool pair = end != NULL && *end == '=', head = *p == '[' && is_header(p);

	if (!pair && !head)
		return false;
	uint32_t n = pair ? (uint32_t)(end - p) : 1;
	while (pair && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	unclosed(x, (struct span){ next, next + n }, pair ? "key" : "table header");
	pop_to(x, 0, TOK_NEWLINE, (struct span){ next, next });
	return true;
}

/*
 * TOML 1.0 wants an inline table on one line.  Two faults look like that: the
 * closing brace was forgotten, or the table was laid out over several lines on
 * purpose; in the second case it is read to its end with that one complaint.
 */
static bool
newline_in_table(struct toml_ctx *x, struct span span, uint32_t next)
{
	struct toml_scan_state *s = &x->scan;
	struct toml_frame *f = &s->frames[s->depth - 1];
	const char *p = x->src->text + (next - x->src->base);
	bool inside = s->last == TOK_LBRACE || s->last == TOK_COMMA;
	bool goes_on = inside || *p == '}' || *p == ',';

	if (next >= x->src->base + s->len)
		return false;			/* toml_repair_end() */
	if (*p == '[' || s->doubt) {
		unclosed(x, span, "newline");
		pop_to(x, 0, TOK_NEWLINE, span);
		return true;
	}
	if (f->multiline)
		return !goes_on;
	if (goes_on) {
		struct diag *d = toml_report_syntax(x, D_TOML_SYNTAX, span,
		    "newline in an inline table");
		toml_report_hint(x, d, "join the lines, or use a [table]");
		toml_report_note(x, d, f->span, "the inline table begins here");
		f->multiline = true;
		return false;
	}
	unclosed(x, span, "newline");
	unsigned depth = is_statement(p) ? 0 : s->depth - 1;
	pop_to(x, depth, depth == 0 ? TOK_NEWLINE : 0, span);
	return true;
}

bool
toml_repair_newline(struct toml_ctx *x, struct span span, uint32_t next)
{
	return toml_repair_top(x) == '[' ? newline_in_array(x, next) :
	    newline_in_table(x, span, next);
}

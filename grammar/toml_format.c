/* SPDX-License-Identifier: Apache-2.0 */
/* toml_format.c - from the tokens of a document to its canonical lines */
#include <config.h>

#include "toml_format.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "source.h"
#include "toml.h"
#include "toml_gap.h"
#include "toml_lines.h"
#include "toml_quote.h"
#include "toml_token.h"
#include "utf8.h"

struct formatter {
	struct arena	*a;
	const struct source *src;
	struct toml_tokens tokens;
	size_t		*match;		/* of an opening bracket: the token that closes it */
	size_t		 i;		/* the next token */
	struct toml_lines lines;
	struct sbuf	 flat;		/* scratch */
};

static void	put_value(struct formatter *, unsigned indent, bool in_table);

static const struct toml_token *
token(const struct formatter *f, size_t i)
{
	return &f->tokens.v[i];
}

static enum toml_token_kind
kind(const struct formatter *f)
{
	return f->tokens.v[f->i].kind;
}

static struct slice
text_of(const struct formatter *f, const struct toml_token *t)
{
	return (struct slice){ f->src->text + (t->span.start - f->src->base),
	    t->span.end - t->span.start };
}

/* What lies between token i and the next one. */
static struct toml_gap
gap_after(const struct formatter *f, size_t i)
{
	return toml_gap(f->src, token(f, i), token(f, i + 1));
}

/* Brackets of values come in pairs; what looks like one in a header does no harm. */
static void
match_brackets(struct formatter *f)
{
	size_t open[LIMIT_TOML_DEPTH + 2], depth = 0;

	f->match = arena_array(f->a, f->tokens.len, sizeof(*f->match));
	for (size_t i = 0; i < f->tokens.len; i++) {
		enum toml_token_kind k = token(f, i)->kind;
		if ((k == TOML_TOKEN_OPEN_ARRAY || k == TOML_TOKEN_OPEN_TABLE) && depth < NELEMS(open))
			open[depth++] = i;
		else if ((k == TOML_TOKEN_CLOSE_ARRAY || k == TOML_TOKEN_CLOSE_TABLE) && depth > 0)
			f->match[open[--depth]] = i;
	}
}

/* ---- on one line ---- */

static bool
is_multi_line(struct slice text)
{
	return text.len >= 6 && (memcmp(text.p, "\"\"\"", 3) == 0 || memcmp(text.p, "'''", 3) == 0);
}

/*
 * A string of several lines stays as it was written, its layout being the
 * author's; so do the spellings of numbers and dates.
 */
static void
add_scalar(const struct formatter *f, struct sbuf *out, const struct toml_token *t)
{
	struct slice text = text_of(f, t);

	if (t->scalar->type != TOML_STRING ||
	    (is_multi_line(text) && (memchr(text.p, '\n', text.len) != NULL ||
	    !toml_quote_is_plain(t->scalar->string))))
		sbuf_add(out, text.p, text.len);
	else
		toml_quote(out, t->scalar->string);
}

/*
 * Quotes that an author gave a key stay, needed or not: in a table of paths
 * some keys need them, and the others look alike.
 */
static void
add_key(const struct formatter *f, struct sbuf *out, const struct toml_token *t)
{
	char first = text_of(f, t).p[0];

	if (first == '"' || first == '\'')
		toml_quote(out, t->name);
	else
		toml_quote_key(out, t->name);
}

/* The author broke this array, and ended it with a comma: it stays broken. */
static bool
is_held_open(const struct formatter *f, size_t close)
{
	struct toml_gap g = gap_after(f, close - 1);

	return token(f, close - 1)->kind == TOML_TOKEN_COMMA && toml_gap_has_newline(&g);
}

static void
add_flat_token(const struct formatter *f, struct sbuf *out, size_t i)
{
	const struct toml_token *t = token(f, i);
	bool before_close = token(f, i + 1)->kind == TOML_TOKEN_CLOSE_ARRAY;

	switch (t->kind) {
	case TOML_TOKEN_KEY:
		add_key(f, out, t);
		break;
	case TOML_TOKEN_SCALAR:
		add_scalar(f, out, t);
		break;
	case TOML_TOKEN_EQUALS:
		sbuf_puts(out, " = ");
		break;
	case TOML_TOKEN_COMMA:
		sbuf_puts(out, before_close ? "" : ", ");
		break;
	case TOML_TOKEN_OPEN_TABLE:
		sbuf_puts(out, f->match[i] == i + 1 ? "{" : "{ ");
		break;
	case TOML_TOKEN_CLOSE_TABLE:
		sbuf_puts(out, token(f, i - 1)->kind == TOML_TOKEN_OPEN_TABLE ? "}" : " }");
		break;
	default: {
		struct slice text = text_of(f, t);
		sbuf_add(out, text.p, text.len);
	}
	}
}

/*
 * The array at `open' on one line, in f->flat.  False where it cannot be: it
 * has a comment or a newline, is held open, or is wider than `room'.
 */
static bool
flatten(struct formatter *f, size_t open, size_t room)
{
	size_t close = f->match[open], columns = 0;

	f->flat.len = 0;
	for (size_t i = open; i <= close; i++) {
		struct toml_gap g = gap_after(f, i);
		size_t before = f->flat.len;
		if (i < close && toml_gap_has_comment(&g))
			return false;
		if (token(f, i)->kind == TOML_TOKEN_CLOSE_ARRAY && is_held_open(f, i))
			return false;
		add_flat_token(f, &f->flat, i);
		if (f->flat.len > before &&
		    memchr(f->flat.p + before, '\n', f->flat.len - before) != NULL)
			return false;
		columns += f->flat.len > before ?
		    utf8_columns(f->flat.p + before, f->flat.len - before) : 0;
		if (columns > room)
			return false;
	}
	return true;
}

/* ---- over several lines ---- */

/*
 * What stands in a gap.  The first comment, where it stands on the line that
 * is open, goes to its end (*ended); the others have lines of their own.
 */
static void
put_gap(struct formatter *f, struct toml_gap g, unsigned indent, bool *ended)
{
	static const struct slice nothing = { "", 0 };
	struct toml_comment c;

	while (toml_gap_next(&g, &c)) {
		bool same_line = !*ended && !c.own_line;
		if (!*ended)
			toml_lines_end(&f->lines, same_line ? c.text : nothing);
		*ended = true;
		if (same_line)
			continue;
		if (c.blank)
			toml_lines_blank(&f->lines);
		toml_lines_comment(&f->lines, indent, c.text);
	}
	if (g.newlines > 1)
		toml_lines_blank(&f->lines);
}

/* The same, and the line is ended whatever stands there. */
static void
put_last_gap(struct formatter *f, struct toml_gap g, unsigned indent, bool ended)
{
	put_gap(f, g, indent, &ended);
	if (!ended)
		toml_lines_end(&f->lines, (struct slice){ "", 0 });
}

/* One item with its comma, and what stands before the next one. */
static void
put_item(struct formatter *f, unsigned indent)
{
	bool ended = false;

	toml_lines_begin(&f->lines, indent);
	put_value(f, indent, false);
	toml_lines_puts(&f->lines, ",");
	if (kind(f) == TOML_TOKEN_COMMA) {
		put_gap(f, gap_after(f, f->i - 1), indent, &ended);
		f->i++;
	}
	put_last_gap(f, gap_after(f, f->i - 1), indent, ended);
}

static void
put_broken_array(struct formatter *f, unsigned indent)
{
	toml_lines_puts(&f->lines, "[");
	toml_lines_open(&f->lines);
	f->i++;
	put_last_gap(f, gap_after(f, f->i - 1), indent + TOML_FORMAT_INDENT, false);
	while (kind(f) != TOML_TOKEN_CLOSE_ARRAY)
		put_item(f, indent + TOML_FORMAT_INDENT);
	f->i++;
	toml_lines_close(&f->lines, indent);
	toml_lines_puts(&f->lines, "]");
}

static void
put_array(struct formatter *f, unsigned indent, bool in_table)
{
	size_t column = in_table ? 0 : f->lines.column;
	size_t room = column < TOML_FORMAT_COLUMNS ? TOML_FORMAT_COLUMNS - column : 0;

	/* An empty one is never too wide. */
	if (f->match[f->i] == f->i + 1 && room < 2)
		room = 2;
	if (!flatten(f, f->i, room)) {
		put_broken_array(f, indent);
		return;
	}
	toml_lines_add(&f->lines, sbuf_str(&f->flat), f->flat.len);
	f->i = f->match[f->i] + 1;
}

/* A dotted key; of its tokens none is left. */
static void
put_path(struct formatter *f)
{
	for (; kind(f) == TOML_TOKEN_KEY || kind(f) == TOML_TOKEN_DOT; f->i++) {
		f->flat.len = 0;
		if (kind(f) == TOML_TOKEN_KEY)
			add_key(f, &f->flat, token(f, f->i));
		else
			sbuf_addc(&f->flat, '.');
		toml_lines_add(&f->lines, f->flat.p, f->flat.len);
	}
}

/* TOML 1.0 has no newlines in these but inside the values. */
static void
put_inline_table(struct formatter *f, unsigned indent)
{
	bool empty = f->match[f->i] == f->i + 1;

	toml_lines_puts(&f->lines, empty ? "{" : "{ ");
	for (f->i++; kind(f) != TOML_TOKEN_CLOSE_TABLE; ) {
		put_path(f);
		toml_lines_puts(&f->lines, " = ");
		f->i++;
		put_value(f, indent, true);
		if (kind(f) == TOML_TOKEN_COMMA) {
			toml_lines_puts(&f->lines, ", ");
			f->i++;
		}
	}
	toml_lines_puts(&f->lines, empty ? "}" : " }");
	f->i++;
}

/* Recursion as deep as the nesting, which is limited. */
static void
put_value(struct formatter *f, unsigned indent, bool in_table)
{
	switch (kind(f)) {
	case TOML_TOKEN_OPEN_ARRAY:
		put_array(f, indent, in_table);
		return;
	case TOML_TOKEN_OPEN_TABLE:
		put_inline_table(f, indent);
		return;
	default:
		f->flat.len = 0;
		add_scalar(f, &f->flat, token(f, f->i++));
		toml_lines_add(&f->lines, f->flat.p, f->flat.len);
	}
}

static void
put_pair(struct formatter *f)
{
	put_path(f);
	toml_lines_puts(&f->lines, " = ");
	f->i++;
	put_value(f, 0, false);
}

static void
put_header(struct formatter *f)
{
	bool array = kind(f) == TOML_TOKEN_OPEN_ARRAY_HEADER;

	toml_lines_puts(&f->lines, array ? "[[" : "[");
	toml_lines_alone(&f->lines);
	f->i++;
	put_path(f);
	toml_lines_puts(&f->lines, array ? "]]" : "]");
	f->i++;
}

/*
 * What stands before the next line.  A header, with the comments right above
 * it, has a blank line before it.
 */
static void
put_gap_before_line(struct formatter *f, struct toml_gap g)
{
	bool ended = true;
	bool header = kind(f) == TOML_TOKEN_OPEN_ARRAY || kind(f) == TOML_TOKEN_OPEN_ARRAY_HEADER;

	if (header && !toml_gap_has_blank(g))
		toml_lines_blank(&f->lines);
	put_gap(f, g, 0, &ended);
}

static void
put_document(struct formatter *f)
{
	while (kind(f) == TOML_TOKEN_NEWLINE)
		f->i++;
	put_gap_before_line(f, toml_gap_first(f->src, token(f, f->i)));
	while (kind(f) != TOML_TOKEN_END) {
		if (kind(f) == TOML_TOKEN_NEWLINE) {
			f->i++;
			put_gap_before_line(f, gap_after(f, f->i - 1));
			continue;
		}
		toml_lines_begin(&f->lines, 0);
		if (kind(f) == TOML_TOKEN_KEY)
			put_pair(f);
		else
			put_header(f);
		put_last_gap(f, gap_after(f, f->i - 1), 0, false);
	}
}

/* ---- and back ---- */

/* The same comments in the same order, whatever stands between them. */
static bool
same_comments(const struct formatter *a, const struct formatter *b)
{
	struct toml_gap ga = toml_gap_first(a->src, token(a, 0)), gb = toml_gap_first(b->src, token(b, 0));
	struct toml_comment ca, cb;
	bool more_a, more_b;
	size_t i = 0, j = 0;

	do {
		while (!(more_a = toml_gap_next(&ga, &ca)) && i + 1 < a->tokens.len)
			ga = gap_after(a, i++);
		while (!(more_b = toml_gap_next(&gb, &cb)) && j + 1 < b->tokens.len)
			gb = gap_after(b, j++);
		if (more_a && more_b && (ca.text.len != cb.text.len ||
		    memcmp(ca.text.p, cb.text.p, ca.text.len) != 0))
			return false;
	} while (more_a && more_b);
	return more_a == more_b;
}

/* Parse what was printed: it must be the same document. */
static int
check(const struct formatter *f, struct sources *sources, struct diags *d,
    const struct toml_node *root, const char *text, size_t len)
{
	struct formatter back = { .a = f->a };
	struct diags *quiet = diags_new(f->a, sources);
	const struct toml_node *again = NULL;

	back.src = sources_add(sources, quiet, f->src->name, text, len);
	if (back.src != NULL)
		again = toml_parse(f->a, quiet, back.src);
	if (again != NULL && diags_errors(quiet) == 0 &&
	    toml_tokens(f->a, quiet, back.src, &back.tokens) == 0 && toml_same(root, again) &&
	    same_comments(f, &back))
		return 0;
	struct diag *e = diag_add(d, D_FORMAT_CHANGED, (struct span){ 0, 0 },
	    "%s: its canonical form would have another meaning", f->src->name);
	diag_hint(d, e, "the file is left as it is; this is a mistake in the program, please report it");
	return -1;
}

int
toml_format(struct arena *a, struct sources *sources, struct diags *d, const struct source *src,
    struct sbuf *out)
{
	struct formatter f = { .a = a, .src = src, .lines = { .a = a } };
	size_t before = diags_errors(d), start = out->len;
	const struct toml_node *root = toml_parse(a, d, src);

	if (root == NULL || diags_errors(d) > before || toml_tokens(a, d, src, &f.tokens) != 0)
		return -1;
	match_brackets(&f);
	put_document(&f);
	toml_lines_join(&f.lines, out);
	sbuf_free(&f.lines.code);
	sbuf_free(&f.flat);
	return check(&f, sources, d, root, sbuf_str(out) + start, out->len - start);
}

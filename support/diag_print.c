/* SPDX-License-Identifier: Apache-2.0 */
/* diag_print.c - the queue as text with carets, or as JSON; the choice of a form */
#include <config.h>

#include "diag.h"

#include <string.h>

#include "arena.h"
#include "diag_queue.h"
#include "json.h"
#include "sbuf.h"
#include "source.h"
#include "utf8.h"

/* A quoted line longer than QUOTE_BYTES is cut to about that, around the caret. */
enum { QUOTE_BYTES = 160, QUOTE_BEFORE = 60, TAB = 8 };

static const char *const word[] = {
	[DIAG_NOTE] = "note",
	[DIAG_WARNING] = "warning",
	[DIAG_ERROR] = "error",
};

struct printer {
	struct sbuf	 out;
	const struct sources *sources;
	const char	*prog;
	bool		 colour;
};

static const char *
severity_colour(enum diag_severity severity)
{
	static const char *const colour[] = {
		[DIAG_NOTE] = "\033[1;36m",
		[DIAG_WARNING] = "\033[1;35m",
		[DIAG_ERROR] = "\033[1;31m",
	};
	return colour[severity];
}

static void
paint(struct printer *p, const char *sequence)
{
	if (p->colour)
		sbuf_puts(&p->out, sequence);
}

/*
 * Add the first character of n > 0 bytes in a form that is safe on a terminal;
 * sets the columns it takes and returns its bytes.  What is no character is
 * shown as \xNN, a harmful one as \uNNNN, a tab as spaces up to the next stop.
 */
static size_t
show_char(struct sbuf *out, const char *s, size_t n, size_t column, size_t *width)
{
	size_t before = out->len;
	uint32_t cp;
	size_t len = utf8_decode(s, n, &cp);

	if (len == 0) {
		sbuf_printf(out, "\\x%02x", (unsigned char)*s);
		len = 1;
	} else if (cp == '\t') {
		sbuf_printf(out, "%*s", (int)(TAB - column % TAB), "");
	} else if (utf8_is_harmful(cp)) {
		sbuf_printf(out, "\\u%04X", (unsigned)cp);
	} else {
		sbuf_add(out, s, len);
		*width = utf8_width(cp);
		return len;
	}
	*width = out->len - before;
	return len;
}

/* Add n bytes; returns the columns taken, the first of them being `column'. */
static size_t
show(struct sbuf *out, const char *s, size_t n, size_t column)
{
	size_t start = column, width;

	while (n > 0) {
		size_t len = show_char(out, s, n, column, &width);
		s += len;
		n -= len;
		column += width;
	}
	return column - start;
}

/* A message: one line, whatever a path in it contains. */
static void
show_text(struct sbuf *out, const char *s)
{
	for (size_t n = strlen(s); n > 0; ) {
		size_t width, len;
		if (*s == '\t') {
			sbuf_puts(out, "\\t");
			len = 1;
		} else {
			len = show_char(out, s, n, 0, &width);
		}
		s += len;
		n -= len;
	}
}

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The part of the line to be quoted: [*from, *to), cut between characters. */
static void
choose_part(const struct place_in_source *w, size_t at, size_t *from, size_t *to)
{
	*from = 0;
	*to = w->line_len;
	if (w->line_len <= QUOTE_BYTES)
		return;
	if (at > QUOTE_BYTES - QUOTE_BEFORE)
		*from = at - QUOTE_BEFORE;
	if (w->line_len - *from > QUOTE_BYTES)
		*to = *from + QUOTE_BYTES;
	/* At most three steps each in UTF-8, and a bound where it is not. */
	for (int i = 0; i < 3 && *from > 0 && continues(w->line_text[*from]); i++)
		--*from;
	for (int i = 0; i < 3 && *to < w->line_len && continues(w->line_text[*to]); i++)
		++*to;
}

/* The quoted line, and under it the caret and the hint. */
static void
print_quote(struct printer *p, const struct place_in_source *w,
    enum diag_severity severity, const char *hint)
{
	static const char cut[] = "...";
	struct sbuf under = SBUF_INIT, over = SBUF_INIT;
	/* A place behind the line's text: at its newline, or in a "\r\n". */
	size_t at = w->column - 1 < w->line_len ? w->column - 1 : w->line_len;
	size_t from, to;

	choose_part(w, at, &from, &to);
	size_t stop = at + w->length < to ? at + w->length : to;
	size_t column = 0;
	if (from > 0) {
		sbuf_puts(&over, cut);
		column = strlen(cut);
	}
	column += show(&over, w->line_text + from, at - from, column);
	size_t marked = show(&over, w->line_text + at, stop - at, column);
	show(&over, w->line_text + stop, to - stop, column + marked);
	if (to < w->line_len)
		sbuf_puts(&over, cut);

	sbuf_printf(&p->out, "%5u | %s\n      | %*s", (unsigned)w->line, sbuf_str(&over),
	    (int)column, "");
	sbuf_addc(&under, '^');
	for (size_t i = 1; i < marked; i++)
		sbuf_addc(&under, '~');
	paint(p, severity_colour(severity));
	sbuf_puts(&p->out, sbuf_str(&under));
	paint(p, "\033[m");
	if (hint != NULL) {
		sbuf_addc(&p->out, ' ');
		show_text(&p->out, hint);
	}
	sbuf_addc(&p->out, '\n');
	sbuf_free(&under);
	sbuf_free(&over);
}

void
diag_quote(struct sbuf *out, const struct place_in_source *where, enum diag_severity severity,
    bool colour)
{
	struct printer p = { *out, NULL, "", colour };
	print_quote(&p, where, severity, NULL);
	*out = p.out;
}

void
diag_show(struct sbuf *out, const char *text)
{
	show_text(out, text);
}

/* "file:line:col: "; the text of an option ("-c#1") has no lines to count. */
static void
print_place(struct printer *p, const struct place_in_source *w)
{
	paint(p, "\033[1m");
	if (w->source == NULL) {
		show_text(&p->out, p->prog);
	} else {
		const char *name = w->source->name;
		show_text(&p->out, name);
		if (name[0] != '-' || w->line > 1)
			sbuf_printf(&p->out, ":%u", (unsigned)w->line);
		sbuf_printf(&p->out, ":%u", (unsigned)w->column);
	}
	sbuf_puts(&p->out, ": ");
	paint(p, "\033[m");
}

static void
print_message(struct printer *p, const struct place_in_source *w,
    enum diag_severity severity, const char *text, const char *id)
{
	print_place(p, w);
	paint(p, severity_colour(severity));
	sbuf_printf(&p->out, "%s: ", word[severity]);
	paint(p, "\033[m");
	show_text(&p->out, text);
	if (id != NULL)
		sbuf_printf(&p->out, " [%s]", id);
	sbuf_addc(&p->out, '\n');
}

static struct place_in_source
locate(const struct printer *p, struct span span)
{
	struct place_in_source none = { .source = NULL };

	return p->sources == NULL ? none : source_locate(p->sources, span);
}

static void
print_diag(struct printer *p, const struct diag *d)
{
	struct place_in_source w = locate(p, d->span);

	print_message(p, &w, d->severity, d->text, diag_id(d->code));
	if (w.source != NULL)
		print_quote(p, &w, d->severity, d->hint);
	else if (d->hint != NULL)
		print_message(p, &w, DIAG_NOTE, d->hint, NULL);
	for (size_t i = 0; i < d->notes.len; i++) {
		const struct diag_note *n = &d->notes.v[i];
		struct place_in_source at = locate(p, n->span);
		/* A note without a place stands where its diagnostic does. */
		print_message(p, at.source == NULL ? &w : &at, DIAG_NOTE, n->text, NULL);
		if (at.source != NULL)
			print_quote(p, &at, DIAG_NOTE, NULL);
	}
}

/* "12 more errors and 1 more warning", or an empty string. */
static const char *
dropped(const struct diags *ds, struct sbuf *b)
{
	size_t errors = ds->dropped_errors, others = ds->dropped_others;

	if (errors > 0)
		sbuf_printf(b, "%zu more error%s", errors, errors == 1 ? "" : "s");
	if (errors > 0 && others > 0)
		sbuf_puts(b, " and ");
	if (others > 0)
		sbuf_printf(b, "%zu more warning%s", others, others == 1 ? "" : "s");
	if (errors + others > 0)
		sbuf_printf(b, " not shown (the limit is %d of each)", LIMIT_DIAGS);
	return sbuf_str(b);
}

static void
print_text(const struct diags *ds, struct printer *p, const char *more)
{
	struct place_in_source none = { .source = NULL };

	for (size_t i = 0; i < ds->queue.len; i++)
		print_diag(p, ds->queue.v[i]);
	if (*more != '\0')
		print_message(p, &none, DIAG_NOTE, more, diag_id(D_DIAG_LIMIT));
}

static void
add(cJSON *object, const char *key, cJSON *value)
{
	if (value == NULL || !cJSON_AddItemToObject(object, key, value))
		out_of_memory();
}

void
diag_add_text(struct sbuf *b, const char *s)
{
	uint32_t cp;

	for (size_t n = strlen(s); n > 0; ) {
		size_t len = utf8_decode(s, n, &cp);
		if (len == 0)
			sbuf_printf(b, "\\x%02x", (unsigned char)*s);
		else
			sbuf_add(b, s, len);
		s += len == 0 ? 1 : len;
		n -= len == 0 ? 1 : len;
	}
}

static cJSON *
json_text(const char *s)
{
	struct sbuf b = SBUF_INIT;

	diag_add_text(&b, s);
	cJSON *v = cJSON_CreateString(sbuf_str(&b));
	sbuf_free(&b);
	return v;
}

static cJSON *
json_object(void)
{
	cJSON *v = cJSON_CreateObject();
	if (v == NULL)
		out_of_memory();
	return v;
}

static void
add_place(const struct printer *p, cJSON *object, struct span span)
{
	struct place_in_source w = locate(p, span);

	if (w.source == NULL)
		return;
	cJSON *place = json_object();
	add(place, "file", json_text(w.source->name));
	add(place, "line", cJSON_CreateNumber(w.line));
	add(place, "column", cJSON_CreateNumber(w.column));
	add(place, "length", cJSON_CreateNumber(w.length));
	add(object, "place", place);
}

static cJSON *
json_message(const char *text, const char *id, enum diag_severity severity)
{
	cJSON *v = json_object();

	add(v, "text", json_text(text));
	add(v, "id", cJSON_CreateString(id));
	add(v, "severity", cJSON_CreateString(word[severity]));
	return v;
}

static cJSON *
json_diag(const struct printer *p, const struct diag *d)
{
	cJSON *v = json_message(d->text, diag_id(d->code), d->severity);
	cJSON *notes = cJSON_CreateArray();

	add_place(p, v, d->span);
	if (d->hint != NULL)
		add(v, "hint", json_text(d->hint));
	for (size_t i = 0; i < d->notes.len; i++) {
		cJSON *note = json_object();
		add(note, "text", json_text(d->notes.v[i].text));
		add_place(p, note, d->notes.v[i].span);
		if (!cJSON_AddItemToArray(notes, note))
			out_of_memory();
	}
	add(v, "notes", notes);
	return v;
}

static void
print_json(const struct diags *ds, struct printer *p, const char *more)
{
	cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < ds->queue.len; i++)
		if (!cJSON_AddItemToArray(all, json_diag(p, ds->queue.v[i])))
			out_of_memory();
	if (*more != '\0') {
		cJSON *last = json_message(more, diag_id(D_DIAG_LIMIT), DIAG_NOTE);
		add(last, "notes", cJSON_CreateArray());
		if (!cJSON_AddItemToArray(all, last))
			out_of_memory();
	}
	/* Made of checked text and small numbers: cannot be refused. */
	if (json_write(&p->out, all) != 0)
		out_of_memory();
	sbuf_addc(&p->out, '\n');
	cJSON_Delete(all);
}

bool
diag_format_named(const char *s, enum diag_format *out)
{
	static const char *const names[] = {
		[DIAG_TEXT] = "text",
		[DIAG_JSON] = "json",
		[DIAG_SARIF] = "sarif",
		[DIAG_GITHUB] = "github",
	};

	for (size_t i = 0; i < NELEMS(names); i++)
		if (strcmp(s, names[i]) == 0) {
			*out = (enum diag_format)i;
			return true;
		}
	return false;
}

void
diags_print(const struct diags *ds, FILE *f, enum diag_format format, bool colour, const char *prog)
{
	struct printer p = { SBUF_INIT, ds->sources, prog, colour && format == DIAG_TEXT };
	struct sbuf b = SBUF_INIT;
	const char *more = dropped(ds, &b);

	switch (format) {
	case DIAG_TEXT:
		print_text(ds, &p, more);
		break;
	case DIAG_JSON:
		print_json(ds, &p, more);
		break;
	case DIAG_SARIF:
		diag_sarif(ds, &p.out, prog, more);
		break;
	case DIAG_GITHUB:
		diag_github(ds, &p.out, more);
		break;
	}
	fwrite(sbuf_str(&p.out), 1, p.out.len, f);
	sbuf_free(&p.out);
	sbuf_free(&b);
}

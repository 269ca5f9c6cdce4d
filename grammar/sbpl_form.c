/* SPDX-License-Identifier: Apache-2.0 */
/* sbpl_form.c - SBPL forms: making them, decoding words and strings */
#include <config.h>

#include "sbpl.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "hex.h"
#include "sbpl_ctx.h"
#include "source.h"

bool
sbpl_is_symbol(const struct sbpl_form *f, const char *name)
{
	if (f->kind == SBPL_LIST) {
		f = f->list.first;
		if (f == NULL)
			return false;
	}
	return f->kind == SBPL_SYMBOL && strcmp(f->text.p, name) == 0;
}

struct sbpl_form *
sbpl_form_new(struct sbpl_ctx *x, enum sbpl_kind kind, struct span span)
{
	if (++x->forms > LIMIT_SBPL_FORMS) {
		diag_add(x->diags, D_SBPL_FORMS, span, "the text has more than %d forms",
		    LIMIT_SBPL_FORMS);
		x->limit = true;
		return NULL;
	}
	struct sbpl_form *f = arena_alloc(x->arena, sizeof(*f));
	f->kind = kind;
	f->span = span;
	return f;
}

void
sbpl_form_append(struct sbpl_chain *c, struct sbpl_form *f)
{
	if (c->last == NULL)
		c->first = f;
	else
		c->last->next = f;
	c->last = f;
	c->len++;
}

struct sbpl_form *
sbpl_form_list(struct sbpl_ctx *x, const struct sbpl_chain *c, struct span span)
{
	struct sbpl_form *f = sbpl_form_new(x, SBPL_LIST, span);

	if (f != NULL) {
		f->list.first = c->first;
		f->list.len = c->len;
	}
	return f;
}

struct sbpl_form *
sbpl_form_quoted(struct sbpl_ctx *x, const char *symbol, struct sbpl_form *of, struct span span)
{
	struct sbpl_chain c = { .len = 0 };
	struct sbpl_form *s = sbpl_form_new(x, SBPL_SYMBOL, span);

	if (s == NULL)
		return NULL;
	s->text = (struct slice){ symbol, strlen(symbol) };
	sbpl_form_append(&c, s);
	sbpl_form_append(&c, of);
	return sbpl_form_list(x, &c, span);
}

/* An integer that fits; false where the text is none, or too large. */
static bool
read_integer(const char *p, const char *end, int radix, int64_t *out)
{
	bool minus = p < end && *p == '-';
	uint64_t n = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end; p++) {
		int d = hex_digit(*p);
		if (d < 0 || d >= radix || n > (uint64_t)(INT64_MAX - d) / (unsigned)radix)
			return false;
		n = n * (unsigned)radix + (unsigned)d;
	}
	*out = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

static struct sbpl_form *
number(struct sbpl_ctx *x, const char *text, size_t len, size_t skip, int radix, struct span span)
{
	int64_t n;

	if (!read_integer(text + skip, text + len, radix, &n)) {
		diag_add(x->diags, D_SBPL_SYNTAX, span, "%.*s is no integer, or too large for one",
		    (int)(len < 60 ? len : 60), text);
		return NULL;
	}
	struct sbpl_form *f = sbpl_form_new(x, SBPL_NUMBER, span);
	if (f != NULL)
		f->number = n;
	return f;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The text of a symbol, shared with the last one like it. */
static const char *
word_text(struct sbpl_ctx *x, const char *text, size_t len)
{
	size_t hash = len * 31 + (unsigned char)text[0] * 7 + (unsigned char)text[len - 1];
	struct slice *last = &x->word[hash % NELEMS(x->word)];

	if (last->len != len || memcmp(last->p, text, len) != 0)
		*last = (struct slice){ arena_strndup(x->arena, text, len), len };
	return last->p;
}

struct sbpl_form *
sbpl_form_word(struct sbpl_ctx *x, const char *text, size_t len, struct span span)
{
	struct sbpl_form *f;

	if (text[0] == '#') {
		if (len == 2 && (text[1] == 't' || text[1] == 'f')) {
			f = sbpl_form_new(x, SBPL_BOOLEAN, span);
			if (f != NULL)
				f->boolean = text[1] == 't';
			return f;
		}
		if (len > 2 && text[1] == 'x')
			return number(x, text, len, 2, 16, span);
		diag_add(x->diags, D_SBPL_SYNTAX, span, "%.*s is not known: #t, #f, #x... and #\"...\" are",
		    (int)(len < 60 ? len : 60), text);
		return NULL;
	}
	if (is_digit(text[0]) ||
	    (len > 1 && (text[0] == '-' || text[0] == '+') && is_digit(text[1])))
		return number(x, text, len, 0, 10, span);
	if (len == 1 && text[0] == '.') {
		diag_add(x->diags, D_SBPL_SYNTAX, span, "dotted pairs are not taken");
		return NULL;
	}
	if (memchr(text, '#', len) != NULL) {
		diag_add(x->diags, D_SBPL_SYNTAX, span, "a '#' inside a word");
		return NULL;
	}
	f = sbpl_form_new(x, SBPL_SYMBOL, span);
	if (f != NULL)
		f->text = (struct slice){ word_text(x, text, len), len };
	return f;
}

/*
 * One escape, whose backslash is at *p: the byte, and *p behind it.  -1 where
 * it is none that keeps its meaning everywhere.
 */
static int
escape(const char **p, const char *end)
{
	const char *s = *p + 1;
	int value = 0;

	if (s == end)
		return -1;
	*p = s + 1;
	switch (*s) {
	case '"':
	case '\\':
		return *s;
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'x':
		if (end - s < 3 || hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0)
			return -1;
		*p = s + 3;
		value = hex_digit(s[1]) * 16 + hex_digit(s[2]);
		return value != 0 ? value : -1;
	default:
		break;
	}
	if (*s < '0' || *s > '7')
		return -1;
	for (*p = s; *p < end && *p < s + 3 && **p >= '0' && **p <= '7'; ++*p)
		value = value * 8 + (**p - '0');
	return value > 0 && value < 256 ? value : -1;
}

static struct sbpl_form *
bad_byte(struct sbpl_ctx *x, struct span span, size_t quotes, const char *text, const char *at)
{
	struct span s = { span.start + (uint32_t)(quotes + (size_t)(at - text)), 0 };

	s.end = s.start + 1;
	if (*at == '\\') {
		struct diag *d = diag_add(x->diags, D_SBPL_ESCAPE, s,
		    "this escape is not known, and would lose its backslash");
		diag_hint(x->diags, d, "write two backslashes, or a raw string #\"...\"");
	} else {
		diag_add(x->diags, D_SBPL_STRING, s, "a control character (0x%02x) in a string",
		    (unsigned char)*at);
	}
	return NULL;
}

struct sbpl_form *
sbpl_form_string(struct sbpl_ctx *x, const char *text, size_t len, bool raw, struct span span)
{
	const size_t quotes = raw ? 2 : 1;
	const char *end = text + len;

	if (len > LIMIT_SBPL_STRING) {
		diag_add(x->diags, D_SBPL_STRING, span,
		    "a string of %zu bytes; macOS takes no more than %d", len, LIMIT_SBPL_STRING);
		return NULL;
	}
	char *out = arena_alloc(x->arena, len + 1);
	size_t n = 0;
	for (const char *p = text; p < end;) {
		const char *plain = p;
		while (p < end && (unsigned char)*p >= 0x20 && *p != 0x7f && (raw || *p != '\\'))
			p++;
		memcpy(out + n, plain, (size_t)(p - plain));
		n += (size_t)(p - plain);
		if (p == end)
			break;
		if (*p != '\\')
			return bad_byte(x, span, quotes, text, p);
		const char *at = p;
		int byte = escape(&p, end);
		if (byte < 0)
			return bad_byte(x, span, quotes, text, at);
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	struct sbpl_form *f = sbpl_form_new(x, SBPL_STRING, span);
	if (f != NULL)
		f->text = (struct slice){ out, n };
	return f;
}

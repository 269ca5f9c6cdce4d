/* SPDX-License-Identifier: Apache-2.0 */
/* toml_value.c - strings with their escapes, numbers, booleans */
#include <config.h>

#include "toml_value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "hex.h"
#include "sbuf.h"
#include "toml_ctx.h"
#include "toml_date.h"
#include "toml_report.h"
#include "utf8.h"

size_t
toml_value_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= 0x20 ? c != 0x7f : c == '\t' || c == '\n')
			continue;
		if (c == '\r' && text[i + 1] == '\n')
			continue;
		return i;
	}
	return len;
}

void
toml_value_control_error(struct toml_ctx *x, unsigned char c, uint32_t at,
    const char *where)
{
	struct span span = { at, at + 1 };

	if (c == '\r') {
		struct diag *d = toml_report_syntax(x, D_TOML_CHARACTER, span,
		    "carriage return without a newline %s", where);
		toml_report_hint(x, d, "end lines with a newline");
		return;
	}
	toml_report_syntax(x, D_TOML_CHARACTER, span,
	    "control character U+%04X %s", c, where);
}

bool
toml_value_smart_quote(const char *s, size_t len)
{
	return len >= 3 && memcmp(s, "\xe2\x80", 2) == 0 &&
	    (unsigned char)s[2] >= 0x98 && (unsigned char)s[2] <= 0x9f;
}

/* What a string is decoded from and to; `out' is as large as the text. */
struct decode {
	struct toml_ctx	*x;
	const char	*p;
	size_t		 len;
	size_t		 i;		/* read */
	uint32_t	 at;
	char		*out;
	size_t		 n;		/* written */
	bool		 told;
};

/* An escape of `n' bytes is wrong; it is kept as it was written. */
static void
bad_escape(struct decode *d, size_t n, const char *what, const char *hint)
{
	struct span span = { d->at + (uint32_t)d->i, d->at + (uint32_t)(d->i + n) };

	if (!d->told) {
		struct diag *e = toml_report_value(d->x, D_TOML_ESCAPE, span, "%s", what);
		toml_report_hint(d->x, e, "%s", hint);
	}
	d->told = true;
	memcpy(d->out + d->n, d->p + d->i, n);
	d->n += n;
	d->i += n;
}

static void
decode_unicode(struct decode *d, size_t digits)
{
	uint32_t cp = 0;
	size_t k = 0;

	for (; k < digits && d->i + 2 + k < d->len; k++) {
		int h = hex_digit(d->p[d->i + 2 + k]);
		if (h < 0)
			break;
		cp = cp << 4 | (uint32_t)h;
	}
	if (k < digits) {
		bad_escape(d, 2 + k, digits == 4 ?
		    "\\u takes four hexadecimal digits" :
		    "\\U takes eight hexadecimal digits",
		    "write \\\\ for a backslash, or use '...', where it is an ordinary character");
		return;
	}
	char utf8[4];
	size_t n = utf8_encode(cp, utf8);
	if (n == 0) {
		bad_escape(d, 2 + k, "this escape is no Unicode character",
		    "0000 to D7FF and E000 to 10FFFF are");
		return;
	}
	memcpy(d->out + d->n, utf8, n);
	d->n += n;
	d->i += 2 + k;
}

/*
 * A backslash at the end of a line takes all blanks and newlines after it
 * along.  False where something else stands on the line.
 */
static bool
decode_line_end(struct decode *d)
{
	size_t i = d->i + 1;

	while (i < d->len && (d->p[i] == ' ' || d->p[i] == '\t'))
		i++;
	if (i < d->len && d->p[i] == '\r')
		i++;
	if (i >= d->len || d->p[i] != '\n')
		return false;
	while (i < d->len && strchr(" \t\r\n", d->p[i]) != NULL)
		i++;
	d->i = i;
	return true;
}

static void
decode_escape(struct decode *d, bool multi)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	char c = d->i + 1 < d->len ? d->p[d->i + 1] : '\0';
	const char *known = c == '\0' ? NULL : strchr(from, c);

	if (known != NULL) {
		d->out[d->n++] = to[known - from];
		d->i += 2;
		return;
	}
	if (c == 'u' || c == 'U') {
		decode_unicode(d, c == 'u' ? 4 : 8);
		return;
	}
	if (multi && decode_line_end(d))
		return;

	uint32_t cp;
	size_t left = d->len - d->i - 1;
	size_t n = left == 0 ? 0 : utf8_decode(d->p + d->i + 1, left, &cp);
	char what[48];
	if (multi && (c == ' ' || c == '\t'))
		snprintf(what, sizeof(what), "text after a line-ending backslash");
	else if (c > ' ' && c < 0x7f)
		snprintf(what, sizeof(what), "unknown escape \\%c", c);
	else
		snprintf(what, sizeof(what), "unknown escape");
	bad_escape(d, 1 + n,
	    what, "write \\\\ for a backslash, or use '...', where it is an ordinary character");
}

/*
 * Only a control character, or a carriage return, is looked at twice: the
 * common case is one pass and one copy.
 */
struct slice
toml_value_string(struct toml_ctx *x, const char *raw, size_t len, uint32_t at,
    unsigned kind)
{
	bool basic = (kind & TOML_BASIC) != 0, multi = (kind & TOML_MULTI) != 0;
	size_t bad = toml_value_control(raw, len);

	if (bad < len) {
		unsigned c = (unsigned char)raw[bad];
		struct span span = { at + (uint32_t)bad, at + (uint32_t)bad + 1 };
		struct diag *d = c == '\r' ?
		    toml_report_value(x, D_TOML_CHARACTER, span,
			"carriage return without a newline in a string") :
		    toml_report_value(x, D_TOML_CHARACTER, span,
			"control character U+%04X in a string", c);
		if (basic)
			toml_report_hint(x, d, "write \\u%04X", c);
	}

	size_t skip = 0;
	if (multi && len > 0 && raw[0] == '\n')
		skip = 1;
	else if (multi && len > 1 && raw[0] == '\r' && raw[1] == '\n')
		skip = 2;
	raw += skip;
	len -= skip;
	if (!basic || memchr(raw, '\\', len) == NULL)
		return (struct slice){ arena_strndup(x->arena, raw, len), len };

	struct decode d = {
		.x = x, .p = raw, .len = len, .at = at + (uint32_t)skip,
		.out = arena_alloc(x->arena, len + 1), .told = bad < len + skip,
	};
	while (d.i < len) {
		const char *esc = memchr(raw + d.i, '\\', len - d.i);
		size_t plain = esc == NULL ? len - d.i : (size_t)(esc - raw) - d.i;
		memcpy(d.out + d.n, raw + d.i, plain);
		d.n += plain;
		d.i += plain;
		if (esc != NULL)
			decode_escape(&d, multi);
	}
	return (struct slice){ d.out, d.n };
}

/* A number that is being read; `why' is set at the first thing wrong. */
struct number {
	const char	*p;
	size_t		 len;
	size_t		 i;
	const char	*why;
};

static char
peek(const struct number *n)
{
	return n->i < n->len ? n->p[n->i] : '\0';
}

static bool
is_digit(char c, int base)
{
	int h = hex_digit(c);

	return h >= 0 && h < base;
}

/* Digits with single underscores between them. */
static void
take_digits(struct number *n, int base, const char *none)
{
	if (n->why != NULL)
		return;
	if (!is_digit(peek(n), base)) {
		n->why = peek(n) == '_' ?
		    "an underscore must stand between two digits" : none;
		return;
	}
	while (is_digit(peek(n), base)) {
		n->i++;
		if (peek(n) != '_')
			continue;
		n->i++;
		if (!is_digit(peek(n), base)) {
			n->why = "an underscore must stand between two digits";
			return;
		}
	}
}

static bool
fail_number(struct toml_ctx *x, struct slice text, struct span span, const char *why)
{
	toml_report_syntax(x, D_TOML_VALUE, span, "invalid number %s: %s",
	    toml_report_quote(x, text), why);
	return false;
}

/* The digits are known to be right. */
static void
integer(struct toml_ctx *x, const char *p, size_t len, int base, bool minus,
    struct span span, struct toml_node *out)
{
	const uint64_t limit = (uint64_t)INT64_MAX + (minus ? 1 : 0);
	uint64_t v = 0;

	out->type = TOML_INTEGER;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '_')
			continue;
		uint64_t digit = (uint64_t)hex_digit(p[i]);
		if (v > (limit - digit) / (uint64_t)base) {
			toml_report_value(x, D_TOML_INTEGER_RANGE, span,
			    "integer outside -9223372036854775808 to 9223372036854775807");
			v = limit;
			break;
		}
		v = v * (uint64_t)base + digit;
	}
	if (minus)
		out->integer = v == limit ? INT64_MIN : -(int64_t)v;
	else
		out->integer = (int64_t)v;
}

/* strtod() reads the "C" locale's form: no program of ours sets LC_NUMERIC. */
static void
real(struct toml_ctx *x, const char *p, size_t len, struct span span,
    struct toml_node *out)
{
	struct sbuf b = SBUF_INIT;

	for (size_t i = 0; i < len; i++)
		if (p[i] != '_')
			sbuf_addc(&b, p[i]);
	out->type = TOML_FLOAT;
	out->real = strtod(sbuf_str(&b), NULL);
	if (out->real > DBL_MAX || out->real < -DBL_MAX)
		toml_report_value(x, D_TOML_FLOAT_RANGE, span,
		    "float too large for 64 bits");
	sbuf_free(&b);
}

static bool
number(struct toml_ctx *x, const char *p, size_t len, struct span span,
    struct toml_node *out)
{
	struct number n = { p, len, 0, NULL };
	const struct slice text = { p, len };
	bool sign = *p == '+' || *p == '-', minus = *p == '-', is_real = false;

	n.i = sign ? 1 : 0;
	if (peek(&n) == '0' && n.i + 1 < len && strchr("xobXOB", p[n.i + 1]) != NULL) {
		char c = p[n.i + 1];
		int base = c == 'x' || c == 'X' ? 16 : c == 'o' || c == 'O' ? 8 : 2;
		if (sign)
			return fail_number(x, text, span,
			    "only decimal numbers may have a sign");
		if (c < 'a')
			return fail_number(x, text, span,
			    "the prefix is written 0x, 0o or 0b");
		n.i = 2;
		take_digits(&n, base, "digits are missing after the prefix");
		if (n.why == NULL && n.i < len)
			n.why = base == 16 ? "the digits are 0 to 9 and a to f" :
			    base == 8 ? "the digits are 0 to 7" : "the digits are 0 and 1";
		if (n.why != NULL)
			return fail_number(x, text, span, n.why);
		integer(x, p + 2, len - 2, base, false, span, out);
		return true;
	}

	size_t begin = n.i;
	take_digits(&n, 10, "a digit must stand before the point");
	if (n.why == NULL && p[begin] == '0' && n.i > begin + 1)
		n.why = "a number must not begin with 0";
	if (n.why == NULL && peek(&n) == '.') {
		is_real = true;
		n.i++;
		take_digits(&n, 10, "a digit must follow the point");
	}
	if (n.why == NULL && (peek(&n) == 'e' || peek(&n) == 'E')) {
		is_real = true;
		n.i++;
		if (peek(&n) == '+' || peek(&n) == '-')
			n.i++;
		take_digits(&n, 10, "the exponent has no digits");
	}
	if (n.why == NULL && n.i < len)
		n.why = peek(&n) == '_' ? "an underscore must stand between two digits" :
		    "this is neither an integer nor a float";
	if (n.why != NULL) {
		struct diag *d = toml_report_syntax(x, D_TOML_VALUE, span,
		    "invalid number %s: %s", toml_report_quote(x, text), n.why);
		if (n.i < len && strchr("0123456789._+-eE", peek(&n)) == NULL)
			toml_report_hint(x, d, "a string needs quotes: %s",
			    toml_report_quote(x, text));
		return false;
	}
	if (is_real)
		real(x, p, len, span, out);
	else
		integer(x, p + begin, len - begin, 10, minus, span, out);
	return true;
}

static bool
is_word(const char *p, size_t len, const char *word, bool any_case)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = p[i];
		if (any_case && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != word[i])
			return false;
	}
	return true;
}

/* Text that nothing else recognised: say what was most likely meant. */
static bool
fail_word(struct toml_ctx *x, const char *p, size_t len, struct span span)
{
	static const char *const lower[] = { "true", "false", "inf", "nan" };
	static const char *const nothing[] = { "null", "nil", "none" };
	const char *quoted = toml_report_quote(x, (struct slice){ p, len });
	bool smart = toml_value_smart_quote(p, len);
	struct diag *d = toml_report_syntax(x, D_TOML_VALUE, span,
	    smart ? "typographic quotation marks do not make a string" :
	    "invalid value %s", quoted);

	if (smart) {
		toml_report_hint(x, d, "use plain ones: \"...\"");
		return false;
	}
	size_t sign = *p == '+' || *p == '-' ? 1 : 0;
	for (size_t i = 0; i < NELEMS(lower); i++) {
		if (is_word(p + sign, len - sign, lower[i], true)) {
			toml_report_hint(x, d, "write %s", lower[i]);
			return false;
		}
	}
	for (size_t i = 0; i < NELEMS(nothing); i++) {
		if (is_word(p, len, nothing[i], true)) {
			toml_report_hint(x, d,
			    "a string needs quotes; for no value, leave the key out");
			return false;
		}
	}
	toml_report_hint(x, d, "a string needs quotes: %s", quoted);
	return false;
}

bool
toml_value_word(struct toml_ctx *x, const char *p, size_t len, struct span span,
    struct toml_node *out)
{
	if (is_word(p, len, "true", false) || is_word(p, len, "false", false)) {
		out->type = TOML_BOOLEAN;
		out->boolean = *p == 't';
		return true;
	}
	size_t sign = *p == '+' || *p == '-' ? 1 : 0;
	bool is_inf = is_word(p + sign, len - sign, "inf", false);
	if (is_inf || is_word(p + sign, len - sign, "nan", false)) {
		out->type = TOML_FLOAT;
		out->real = is_inf ? (double)INFINITY : (double)NAN;
		if (*p == '-')
			out->real = -out->real;
		return true;
	}

	size_t bad = toml_value_control(p, len);
	if (bad < len) {
		toml_value_control_error(x, (unsigned char)p[bad],
		    span.start + (uint32_t)bad, "in a value");
		return false;
	}
	if (toml_date_looks_like(p, len))
		return toml_date_read(x, p, len, span, out);
	if (sign < len && (is_digit(p[sign], 10) ||
	    (p[sign] == '.' && sign + 1 < len && is_digit(p[sign + 1], 10))))
		return number(x, p, len, span, out);
	return fail_word(x, p, len, span);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_report.c - which of a text's faults are told, and how often */
#include <config.h>

#include "toml_report.h"

#include <stdarg.h>
#include <string.h>

#include "arena.h"
#include "sbuf.h"
#include "source.h"
#include "toml_ctx.h"

enum { QUOTE_BYTES = 60 };

static struct diag *
report(struct toml_ctx *x, enum diag_code code, struct span span,
    const char *fmt, va_list ap)
{
	char text[1024];

	if (x->only_one && x->errors > 0)
		return NULL;
	x->errors++;
	vsnprintf(text, sizeof(text), fmt, ap);
	return diag_add(x->diags, code, span, "%s", text);
}

struct diag *
toml_report(struct toml_ctx *x, enum diag_code code, struct span span,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct diag *d = report(x, code, span, fmt, ap);
	va_end(ap);
	return d;
}

struct diag *
toml_report_value(struct toml_ctx *x, enum diag_code code, struct span span,
    const char *fmt, ...)
{
	va_list ap;

	if (span.start < x->quiet_until)
		return NULL;
	va_start(ap, fmt);
	struct diag *d = report(x, code, span, fmt, ap);
	va_end(ap);
	return d;
}

void
toml_report_quiet(struct toml_ctx *x, uint32_t offset)
{
	if (offset < x->quiet_until)
		return;
	const struct source *src = x->src;
	size_t at = offset - src->base;
	const char *nl = at >= src->len ? NULL :
	    memchr(src->text + at, '\n', src->len - at);
	size_t end = nl == NULL ? src->len + 1 : (size_t)(nl - src->text) + 1;
	x->quiet_until = src->base + (uint32_t)end;
}

struct diag *
toml_report_syntax(struct toml_ctx *x, enum diag_code code, struct span span,
    const char *fmt, ...)
{
	va_list ap;

	if (span.start < x->quiet_until)
		return NULL;
	va_start(ap, fmt);
	struct diag *d = report(x, code, span, fmt, ap);
	va_end(ap);
	toml_report_quiet(x, span.start);
	return d;
}

void
toml_report_hint(struct toml_ctx *x, struct diag *d, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (d == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_hint(x->diags, d, "%s", text);
}

void
toml_report_note(struct toml_ctx *x, struct diag *d, struct span span,
    const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (d == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_note(x->diags, d, span, "%s", text);
}

void
toml_report_limit(struct toml_ctx *x, enum diag_code code, struct span span,
    const char *fmt, ...)
{
	va_list ap;

	if (!x->limit) {
		va_start(ap, fmt);
		report(x, code, span, fmt, ap);
		va_end(ap);
	}
	x->limit = true;
	x->scan.ended = true;
	x->scan.popping = false;
	x->quiet_until = UINT32_MAX;
}

const char *
toml_report_quote(struct toml_ctx *x, struct slice s)
{
	size_t n = s.len;

	if (n > QUOTE_BYTES) {
		n = QUOTE_BYTES;
		while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
	}
	struct sbuf b = SBUF_INIT;
	sbuf_addc(&b, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == 0x7f)
			sbuf_printf(&b, "\\u%04X", c);
		else
			sbuf_addc(&b, (char)c);
	}
	sbuf_puts(&b, n < s.len ? "...\"" : "\"");
	const char *text = arena_strdup(x->arena, sbuf_str(&b));
	sbuf_free(&b);
	return text;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_quote.c - text to TOML: the one spelling of a string and of a key */
#include <config.h>

#include "toml_quote.h"

#include <string.h>

#include "utf8.h"

/* Does the text hold a character that cannot be seen? */
static bool
has_hidden(struct slice s)
{
	uint32_t cp;

	for (size_t len; s.len > 0; s.p += len, s.len -= len) {
		len = utf8_decode(s.p, s.len, &cp);
		if (len == 0 || utf8_is_hidden(cp))
			return true;
	}
	return false;
}

static bool
has(struct slice s, char c)
{
	return s.len > 0 && memchr(s.p, c, s.len) != NULL;
}

bool
toml_quote_is_plain(struct slice s)
{
	return !has(s, '"') && !has(s, '\\') && !has_hidden(s);
}

static void
add_escaped(struct sbuf *out, uint32_t cp)
{
	static const char from[] = "\b\t\n\f\r\"\\", to[] = "btnfr\"\\";
	const char *p = cp != 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;

	if (p != NULL)
		sbuf_printf(out, "\\%c", to[p - from]);
	else
		sbuf_printf(out, cp > 0xffff ? "\\U%08X" : "\\u%04X", (unsigned)cp);
}

static void
add_basic(struct sbuf *out, struct slice s)
{
	uint32_t cp;

	sbuf_addc(out, '"');
	for (size_t len; s.len > 0; s.p += len, s.len -= len) {
		len = utf8_decode(s.p, s.len, &cp);
		if (len > 0 && (utf8_is_hidden(cp) || cp == '"' || cp == '\\')) {
			add_escaped(out, cp);
			continue;
		}
		/* Every text of a source is UTF-8; what is not stays as it is. */
		len = len == 0 ? 1 : len;
		sbuf_add(out, s.p, len);
	}
	sbuf_addc(out, '"');
}

void
toml_quote(struct sbuf *out, struct slice s)
{
	if (toml_quote_is_plain(s) || has(s, '\'') || has_hidden(s)) {
		add_basic(out, s);
		return;
	}
	sbuf_addc(out, '\'');
	sbuf_add(out, s.p, s.len);
	sbuf_addc(out, '\'');
}

void
toml_quote_key(struct sbuf *out, struct slice s)
{
	static const char bare[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = 0;

	while (n < s.len && s.p[n] != '\0' && strchr(bare, s.p[n]) != NULL)
		n++;
	if (n == s.len && n > 0)
		sbuf_add(out, s.p, s.len);
	else
		toml_quote(out, s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* utf16.c - UTF-8 to UTF-16 and back, refusing what is neither */
#include <config.h>

#include "utf16.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

static bool
is_high(uint16_t u)
{
	return u >= 0xD800 && u < 0xDC00;
}

static bool
is_low(uint16_t u)
{
	return u >= 0xDC00 && u < 0xE000;
}

/* The three bytes of a surrogate, which utf8_decode() does not know. */
static size_t
decode_surrogate(const char *s, size_t left, uint32_t *cp)
{
	const unsigned char *b = (const unsigned char *)s;

	if (left < 3 || b[0] != 0xED || b[1] < 0xA0 || b[1] > 0xBF || b[2] < 0x80 || b[2] > 0xBF)
		return 0;
	*cp = 0xD000u | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
	return 3;
}

static uint16_t *
from_bytes(struct arena *a, const char *s, size_t *len, bool surrogates)
{
	size_t left = strlen(s), n = 0, used;
	/* No character has more units than bytes. */
	uint16_t *out = arena_array(a, left + 1, sizeof(*out));

	for (uint32_t cp; left > 0; s += used, left -= used) {
		used = utf8_decode(s, left, &cp);
		if (used == 0 && surrogates) {
			used = decode_surrogate(s, left, &cp);
			if (used != 0 && n > 0 && is_high(out[n - 1]) && is_low((uint16_t)cp))
				return NULL;
		}
		if (used == 0)
			return NULL;
		if (cp < 0x10000) {
			out[n++] = (uint16_t)cp;
			continue;
		}
		out[n++] = (uint16_t)(0xD800 + ((cp - 0x10000) >> 10));
		out[n++] = (uint16_t)(0xDC00 + (cp & 0x3FF));
	}
	if (len != NULL)
		*len = n;
	return out;
}

static size_t
encode_surrogate(uint32_t u, char out[4])
{
	out[0] = (char)0xED;
	out[1] = (char)(0x80 | (u >> 6 & 0x3F));
	out[2] = (char)(0x80 | (u & 0x3F));
	return 3;
}

static char *
to_bytes(struct arena *a, const uint16_t *s, size_t n, bool surrogates)
{
	/* At most three bytes for a unit; a pair of units gives four, and encoding may touch a fourth. */
	char *out = arena_alloc(a, n * 3 + 4);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t cp = s[i];
		bool pair = is_high(s[i]) && i + 1 < n && is_low(s[i + 1]);
		if (!pair && (is_high(s[i]) || is_low(s[i]))) {
			if (!surrogates)
				return NULL;
			len += encode_surrogate(cp, out + len);
			continue;
		}
		if (pair)
			cp = 0x10000 + ((cp - 0xD800) << 10) + (s[++i] - 0xDC00u);
		len += utf8_encode(cp, out + len);
	}
	out[len] = '\0';
	return out;
}

uint16_t *
utf16_from_utf8(struct arena *a, const char *s, size_t *len)
{
	return from_bytes(a, s, len, false);
}

char *
utf16_to_utf8(struct arena *a, const uint16_t *s, size_t n)
{
	return to_bytes(a, s, n, false);
}

uint16_t *
utf16_from_wtf8(struct arena *a, const char *s, size_t *len)
{
	return from_bytes(a, s, len, true);
}

char *
utf16_to_wtf8(struct arena *a, const uint16_t *s, size_t n)
{
	return to_bytes(a, s, n, true);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* utf16.c - UTF-8 to UTF-16 and back, refusing what is neither */
#include <config.h>

#include "utf16.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

uint16_t *
utf16_from_utf8(struct arena *a, const char *s, size_t *len)
{
	size_t left = strlen(s), n = 0, used;
	/* No character has more units than bytes. */
	uint16_t *out = arena_array(a, left + 1, sizeof(*out));

	for (uint32_t cp; left > 0; s += used, left -= used) {
		used = utf8_decode(s, left, &cp);
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

char *
utf16_to_utf8(struct arena *a, const uint16_t *s, size_t n)
{
	/* At most three bytes for a unit; a pair of units gives four. */
	char *out = arena_array(a, n + 1, 3);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t cp = s[i];
		if (is_low(s[i]) || (is_high(s[i]) && (i + 1 == n || !is_low(s[i + 1]))))
			return NULL;
		if (is_high(s[i])) {
			cp = 0x10000 + ((cp - 0xD800) << 10) + (s[i + 1] - 0xDC00u);
			i++;
		}
		len += utf8_encode(cp, out + len);
	}
	out[len] = '\0';
	return out;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* idn.c - lower case for the scripts that need no tables, and Punycode */
#include <config.h>

#include "idn.h"

#include <string.h>

#include "utf8.h"

/* How a range of characters comes to lower case. */
enum fold {
	KEEP,			/* it is, or has no case */
	PLUS,			/* add `by' */
	EVEN,			/* even ones are upper case of the next */
	ODD,			/* odd ones are */
};

struct range {
	uint16_t	 first, last;
	uint8_t		 fold;
	uint8_t		 by;
};

/*
 * Once folded all of these are their own NFC form, alone and in any row of
 * them.  What would break that or has a compatibility mapping is left out:
 * dotted capital I, ligatures, long s, l with a middle dot.
 */
static const struct range ranges[] = {
	{ 0x00c0, 0x00d6, PLUS, 0x20 }, { 0x00d8, 0x00de, PLUS, 0x20 },
	{ 0x00df, 0x00f6, KEEP, 0 }, { 0x00f8, 0x00ff, KEEP, 0 },
	{ 0x0100, 0x012f, EVEN, 0 }, { 0x0131, 0x0131, KEEP, 0 },
	{ 0x0134, 0x0137, EVEN, 0 }, { 0x0138, 0x0138, KEEP, 0 },
	{ 0x0139, 0x013e, ODD, 0 }, { 0x0141, 0x0148, ODD, 0 },
	{ 0x014a, 0x0177, EVEN, 0 }, { 0x0179, 0x017e, ODD, 0 },
	{ 0x0388, 0x038a, PLUS, 0x25 }, { 0x0386, 0x0386, PLUS, 0x26 },
	{ 0x038c, 0x038c, PLUS, 0x40 }, { 0x038e, 0x038f, PLUS, 0x3f },
	{ 0x0390, 0x0390, KEEP, 0 }, { 0x0391, 0x03a1, PLUS, 0x20 },
	{ 0x03a3, 0x03ab, PLUS, 0x20 }, { 0x03ac, 0x03ce, KEEP, 0 },
	{ 0x0400, 0x040f, PLUS, 0x50 }, { 0x0410, 0x042f, PLUS, 0x20 },
	{ 0x0430, 0x045f, KEEP, 0 }, { 0x0460, 0x0481, EVEN, 0 },
	{ 0x048a, 0x04bf, EVEN, 0 }, { 0x04c0, 0x04c0, PLUS, 0x0f },
	{ 0x04c1, 0x04ce, ODD, 0 }, { 0x04cf, 0x04cf, KEEP, 0 },
	{ 0x04d0, 0x052f, EVEN, 0 },
	{ 0x05d0, 0x05ea, KEEP, 0 }, { 0x0621, 0x063a, KEEP, 0 },
	{ 0x0641, 0x064a, KEEP, 0 },
	{ 0x3041, 0x3096, KEEP, 0 }, { 0x309d, 0x309e, KEEP, 0 },
	{ 0x30a1, 0x30fa, KEEP, 0 }, { 0x30fc, 0x30fe, KEEP, 0 },
	{ 0x3400, 0x4dbf, KEEP, 0 }, { 0x4e00, 0x9fff, KEEP, 0 },
	{ 0xac00, 0xd7a3, KEEP, 0 },
};

/* The lower-case form, or 0 where the character is not taken. */
static uint32_t
fold(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 0x20;
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
		return c;
	for (size_t i = 0; i < NELEMS(ranges); i++) {
		const struct range *r = &ranges[i];
		if (c < r->first || c > r->last)
			continue;
		switch ((enum fold)r->fold) {
		case KEEP:
			return c;
		case PLUS:
			return c + r->by;
		case EVEN:
			return c | 1;
		case ODD:
			return c + (c & 1);
		}
	}
	return 0;
}

/* RFC 3492 6.1 with the parameters of section 5. */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static bool
put(char *out, size_t *n, uint32_t digit)
{
	if (*n == IDN_LABEL_MAX)
		return false;
	out[(*n)++] = (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);
	return true;
}

/* A delta as a variable-length integer (RFC 3492 3.3). */
static bool
put_delta(char *out, size_t *n, uint32_t delta, uint32_t bias)
{
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		if (delta < t)
			return put(out, n, delta);
		if (!put(out, n, t + (delta - t) % (36 - t)))
			return false;
		delta = (delta - t) / (36 - t);
	}
}

/*
 * RFC 3492 6.3.  With at most 63 code points of at most 0xffff no sum here
 * comes near 2^32.  Returns the length, or 0 where it would exceed 63.
 */
static size_t
punycode(const uint32_t *cp, size_t len, char out[IDN_LABEL_MAX + 1])
{
	uint32_t n = 0x80, delta = 0, bias = 72;
	size_t used = 4, done = 0;

	memcpy(out, "xn--", used);
	for (size_t i = 0; i < len; i++) {
		if (cp[i] >= 0x80)
			continue;
		if (used == IDN_LABEL_MAX)
			return 0;
		out[used++] = (char)cp[i];
		done++;
	}
	const size_t basic = done;
	if (basic > 0) {
		if (used == IDN_LABEL_MAX)
			return 0;
		out[used++] = '-';
	}
	for (; done < len; n++, delta++) {
		uint32_t next = UINT32_MAX;
		for (size_t i = 0; i < len; i++)
			if (cp[i] >= n && cp[i] < next)
				next = cp[i];
		delta += (next - n) * (uint32_t)(done + 1);
		n = next;
		for (size_t i = 0; i < len; i++) {
			delta += cp[i] < n;
			if (cp[i] != n)
				continue;
			if (!put_delta(out, &used, delta, bias))
				return 0;
			bias = adapt(delta, (uint32_t)done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	out[used] = '\0';
	return used;
}

size_t
idn_label(const char *label, size_t len, char out[IDN_LABEL_MAX + 1],
    const char **why)
{
	uint32_t cp[IDN_LABEL_MAX];
	size_t n = 0;
	bool ascii = true;

	if (len == 0) {
		*why = "has an empty label";
		return 0;
	}
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t step = utf8_decode(label + i, len - i, &c);
		uint32_t low = step > 0 ? fold(c) : 0;
		if (low == 0) {
			*why = step > 0 && c < 0x80 ? "has a character that no host name holds" :
			    "has a character that must be written in the \"xn--\" form";
			return 0;
		}
		if (n == IDN_LABEL_MAX) {
			*why = "has a label longer than 63 bytes";
			return 0;
		}
		ascii = ascii && low < 0x80;
		cp[n++] = low;
		i += step;
	}
	if (ascii) {
		for (size_t i = 0; i < n; i++)
			out[i] = (char)cp[i];
		out[n] = '\0';
		return n;
	}
	/* RFC 5891 4.2.3.1: these would decode to something that is no U-label. */
	if (cp[0] == '-' || cp[n - 1] == '-' || (n > 3 && cp[2] == '-' && cp[3] == '-')) {
		*why = "has a label with hyphens where an international name has none";
		return 0;
	}
	n = punycode(cp, n, out);
	if (n == 0)
		*why = "has a label longer than 63 bytes";
	return n;
}

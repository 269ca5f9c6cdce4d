/* SPDX-License-Identifier: Apache-2.0 */
/* address.c - IP addresses: every spelling in, one out, and which of them are not public */
#include <config.h>

#include "address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "hex.h"

struct net_address
address_from_bytes(const uint8_t *bytes, bool v6)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct net_address a = { .v6 = v6 };

	if (v6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		a.v6 = false;
		bytes += sizeof(mapped);
	}
	memcpy(a.b, bytes, a.v6 ? 16 : 4);
	return a;
}

bool
address_equal(const struct net_address *x, const struct net_address *y)
{
	return x->v6 == y->v6 && memcmp(x->b, y->b, sizeof(x->b)) == 0;
}

/* One number of inet_aton(3): decimal, "0" and octal, or "0x" and hex; at most 2^32 - 1. */
static bool
aton_number(const char *p, size_t len, uint32_t *out)
{
	uint64_t n = 0;
	int base = 10;

	if (len > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
		len -= 2;
	} else if (len > 1 && p[0] == '0') {
		base = 8;
	}
	for (size_t i = 0; i < len; i++) {
		int d = hex_digit(p[i]);
		if (d < 0 || d >= base)
			return false;
		n = n * (uint64_t)base + (uint64_t)d;
		if (n > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)n;
	return len > 0;
}

/* One to four numbers; the last fills the bytes that are left. */
static bool
parse_v4(const char *p, size_t len, uint8_t out[4])
{
	uint64_t value = 0;

	for (int i = 0; i < 4; i++) {
		const char *dot = len > 0 ? memchr(p, '.', len) : NULL;
		size_t n = dot != NULL ? (size_t)(dot - p) : len;
		uint32_t part;
		if (!aton_number(p, n, &part))
			return false;
		if (dot == NULL) {
			if (part > UINT32_MAX >> 8 * i)
				return false;
			value |= part;
			for (int k = 0; k < 4; k++)
				out[k] = (uint8_t)(value >> 8 * (3 - k));
			return true;
		}
		if (part > 255)
			return false;
		value |= (uint64_t)part << 8 * (3 - i);
		p += n + 1;
		len -= n + 1;
	}
	return false;
}

/* Dotted decimal as it ends an IPv6 text: four numbers, no leading zeros. */
static bool
parse_v4_strict(const char *p, size_t len, uint8_t out[4])
{
	int dots = 0;

	for (size_t i = 0; i < len; i++) {
		bool first = i == 0 || p[i - 1] == '.';
		dots += p[i] == '.';
		if (!(p[i] >= '0' && p[i] <= '9') && p[i] != '.')
			return false;
		if (first && p[i] == '0' && i + 1 < len && p[i + 1] != '.')
			return false;
	}
	return dots == 3 && parse_v4(p, len, out);
}

/* Groups of 16 bits; returns how many, or -1.  A dotted end counts as two. */
static int
parse_groups(const char *p, size_t len, uint8_t out[16])
{
	int n = 0;

	if (len == 0)
		return 0;
	for (;;) {
		const char *colon = memchr(p, ':', len);
		size_t g = colon != NULL ? (size_t)(colon - p) : len;
		if (colon == NULL && memchr(p, '.', len) != NULL) {
			if (n > 6 || !parse_v4_strict(p, len, out + 2 * n))
				return -1;
			return n + 2;
		}
		unsigned value = 0;
		if (n == 8 || g == 0 || g > 4)
			return -1;
		for (size_t i = 0; i < g; i++) {
			if (hex_digit(p[i]) < 0)
				return -1;
			value = value * 16 + (unsigned)hex_digit(p[i]);
		}
		out[2 * n] = (uint8_t)(value >> 8);
		out[2 * n + 1] = (uint8_t)value;
		n++;
		if (colon == NULL)
			return n;
		p += g + 1;
		len -= g + 1;
		if (len == 0)
			return -1;
	}
}

static bool
parse_v6(const char *p, size_t len, uint8_t out[16])
{
	uint8_t tail[16] = { 0 };
	size_t head_len = 0;

	memset(out, 0, 16);
	while (head_len + 1 < len && (p[head_len] != ':' || p[head_len + 1] != ':'))
		head_len++;
	if (head_len + 1 >= len)
		return parse_groups(p, len, out) == 8;
	size_t tail_len = len - head_len - 2;
	/* Dots may only end the whole; "::" stands for one group at least. */
	if (memchr(p, '.', head_len) != NULL)
		return false;
	int head = parse_groups(p, head_len, out);
	int n = parse_groups(p + head_len + 2, tail_len, tail);
	if (head < 0 || n < 0 || head + n > 7)
		return false;
	memcpy(out + 16 - 2 * n, tail, (size_t)(2 * n));
	return true;
}

static bool
is_zone(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (hex_digit(p[i]) < 0 && !(p[i] >= 'a' && p[i] <= 'z') &&
		    !(p[i] >= 'A' && p[i] <= 'Z') && memchr("._~%-", p[i], 5) == NULL)
			return false;
	return len > 0;
}

bool
address_parse(const char *p, size_t len, struct net_address *out, bool *zone)
{
	uint8_t bytes[16];
	bool zoned = false;

	if (len == 0)
		return false;
	if (memchr(p, ':', len) == NULL) {
		if (!parse_v4(p, len, bytes))
			return false;
		*out = address_from_bytes(bytes, false);
	} else {
		const char *percent = memchr(p, '%', len);
		zoned = percent != NULL;
		if (zoned) {
			if (!is_zone(percent + 1, len - (size_t)(percent - p) - 1))
				return false;
			len = (size_t)(percent - p);
		}
		if (!parse_v6(p, len, bytes))
			return false;
		*out = address_from_bytes(bytes, true);
	}
	if (zone != NULL)
		*zone = zoned;
	return true;
}

bool
address_is_meant(const char *host, size_t len)
{
	size_t from = len;
	int base = 10;

	while (from > 0 && host[from - 1] != '.')
		from--;
	if (len - from >= 2 && host[from] == '0' && (host[from + 1] | 0x20) == 'x') {
		base = 16;
		from += 2;
	} else if (from == len) {
		return false;
	}
	while (from < len && hex_digit(host[from]) >= 0 && hex_digit(host[from]) < base)
		from++;
	return from == len;
}

const char *
address_text(struct arena *a, const struct net_address *x)
{
	uint16_t g[8];
	int best = -1, best_len = 1;	/* RFC 5952 4.2.2: one group is not shortened */

	if (!x->v6)
		return arena_printf(a, "%u.%u.%u.%u", x->b[0], x->b[1], x->b[2], x->b[3]);
	for (int i = 0; i < 8; i++)
		g[i] = (uint16_t)(x->b[2 * i] << 8 | x->b[2 * i + 1]);
	for (int i = 0, run; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && g[i + run] == 0; run++)
			;
		if (run > best_len) {
			best = i;
			best_len = run;
		}
	}
	char text[48];
	size_t n = 0;
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			text[n++] = ':';
			text[n++] = ':';
			i += best_len - 1;
			continue;
		}
		bool colon = n > 0 && text[n - 1] != ':';
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%x", colon ? ":" : "", g[i]);
	}
	return arena_strndup(a, text, n);
}

struct block {
	uint8_t		 b[6];
	uint8_t		 bits;
	const char	*name;
};

/* The first that holds the address counts; none: public. */
static const struct block v4_blocks[] = {
	{ { 0, 0, 0, 0 }, 32, "unspecified" },
	{ { 0 }, 8, "reserved" },
	{ { 10 }, 8, "private" },
	{ { 100, 64 }, 10, "CGNAT" },
	{ { 127 }, 8, "loopback" },
	{ { 169, 254 }, 16, "link-local" },
	{ { 172, 16 }, 12, "private" },
	{ { 192, 0, 0 }, 24, "reserved" },
	{ { 192, 0, 2 }, 24, "documentation" },
	{ { 192, 88, 99 }, 24, "reserved" },
	{ { 192, 168 }, 16, "private" },
	{ { 198, 18 }, 15, "benchmark" },
	{ { 198, 51, 100 }, 24, "documentation" },
	{ { 203, 0, 113 }, 24, "documentation" },
	{ { 224 }, 4, "multicast" },
	{ { 240 }, 4, "reserved" },
};

static const struct block v6_blocks[] = {
	{ { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, "private" },	/* RFC 8215 */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "documentation" },
	{ { 0x20, 0x01, 0x00, 0x02, 0x00, 0x00 }, 48, "benchmark" },
	{ { 0x20, 0x01, 0x00 }, 23, "reserved" },	/* RFC 2928; Teredo among them */
	{ { 0x20, 0x02 }, 16, "reserved" },		/* 6to4 */
	{ { 0x3f, 0xff, 0x00 }, 20, "documentation" },	/* RFC 9637 */
	{ { 0xfc }, 7, "private" },
	{ { 0xfe, 0x80 }, 10, "link-local" },
	{ { 0xfe, 0xc0 }, 10, "private" },		/* site-local, RFC 3879 */
	{ { 0xff }, 8, "multicast" },
};

static const char *
in_blocks(const struct block *v, size_t n, const uint8_t *b)
{
	for (size_t i = 0; i < n; i++) {
		size_t whole = v[i].bits / 8;
		unsigned rest = v[i].bits % 8;
		if (memcmp(v[i].b, b, whole) == 0 &&
		    (rest == 0 || (v[i].b[whole] ^ b[whole]) >> (8 - rest) == 0))
			return v[i].name;
	}
	return NULL;
}

const char *
address_special(const struct net_address *x)
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t zero[15] = { 0 };

	if (!x->v6)
		return in_blocks(v4_blocks, NELEMS(v4_blocks), x->b);
	if (memcmp(x->b, nat64, sizeof(nat64)) == 0)
		return in_blocks(v4_blocks, NELEMS(v4_blocks), x->b + sizeof(nat64));
	if (memcmp(x->b, zero, sizeof(zero)) == 0 && x->b[15] <= 1)
		return x->b[15] == 0 ? "unspecified" : "loopback";
	const char *name = in_blocks(v6_blocks, NELEMS(v6_blocks), x->b);
	if (name == NULL && x->b[0] >> 5 != 1)
		return "reserved";
	return name;
}

unsigned
address_loopback_port(const char *url)
{
	static const char *const host[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *p = strstr(url, "://");

	for (size_t i = 0; p != NULL && i < NELEMS(host); i++) {
		size_t n = strlen(host[i]);
		if (strncmp(p + 3, host[i], n) != 0 || p[3 + n] != ':')
			continue;
		const char *port = p + 3 + n + 1;
		size_t len = strspn(port, "0123456789");
		unsigned long value = len > 0 && len <= 5 ? strtoul(port, NULL, 10) : 0;
		if (port[0] != '0' && value <= 65535 && (port[len] == '\0' || port[len] == '/'))
			return (unsigned)value;
	}
	return 0;
}

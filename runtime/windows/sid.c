/* SPDX-License-Identifier: Apache-2.0 */
/* sid.c - security identifiers as text, as bytes, compared */
#include <config.h>

#include "sid.h"

#include <stdio.h>
#include <string.h>

#include "hex.h"

const struct sid sid_everyone = { .authority = 1, .n = 1, .sub = { 0 } };
const struct sid sid_owner_rights = { .authority = 3, .n = 1, .sub = { 4 } };
const struct sid sid_authenticated = { .authority = 5, .n = 1, .sub = { 11 } };
const struct sid sid_system = { .authority = 5, .n = 1, .sub = { 18 } };
const struct sid sid_administrators = { .authority = 5, .n = 2, .sub = { 32, 544 } };
const struct sid sid_users = { .authority = 5, .n = 2, .sub = { 32, 545 } };

/*
 * A decimal number at the beginning of *s, which is moved behind it.  NULL, or
 * a phrase.  It has at most ten digits, so that it cannot overflow.
 */
static const char *
number(struct slice *s, uint64_t *out)
{
	size_t n = 0;

	*out = 0;
	for (; n < s->len && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		if (n == 10)
			return "has a number above 4294967295";
		*out = *out * 10 + (uint64_t)(s->p[n] - '0');
	}
	if (n == 0)
		return "has a dash without a number";
	if (n > 1 && s->p[0] == '0')
		return "has a number with a leading zero";
	if (*out > UINT32_MAX)
		return "has a number above 4294967295";
	s->p += n;
	s->len -= n;
	return NULL;
}

static const char *
authority(struct slice *s, uint64_t *out)
{
	if (s->len < 2 || s->p[0] != '0' || s->p[1] != 'x')
		return number(s, out);
	*out = 0;
	for (size_t i = 2; i < 14; i++) {
		int d = i < s->len ? hex_digit(s->p[i]) : -1;
		if (d < 0)
			return "has an authority \"0x\" without 12 hexadecimal digits";
		*out = *out << 4 | (unsigned)d;
	}
	if (*out <= UINT32_MAX)
		return "has an authority in hexadecimal that needs none";
	s->p += 14;
	s->len -= 14;
	return NULL;
}

const char *
sid_parse(const char *text, size_t len, struct sid *out)
{
	struct slice s = { text, len };
	struct sid sid = { 0 };
	const char *why;

	if (len < 4 || memcmp(text, "S-1-", 4) != 0)
		return "does not begin with \"S-1-\"";
	s.p += 4;
	s.len -= 4;
	if ((why = authority(&s, &sid.authority)) != NULL)
		return why;
	while (s.len > 0) {
		uint64_t sub;
		if (s.p[0] != '-')
			return "has something else than numbers and dashes";
		if (sid.n == SID_SUBS_MAX)
			return "has more than 15 sub-authorities";
		s.p++;
		s.len--;
		if ((why = number(&s, &sub)) != NULL)
			return why;
		sid.sub[sid.n++] = (uint32_t)sub;
	}
	if (sid.n == 0)
		return "has no sub-authority";
	*out = sid;
	return NULL;
}

const char *
sid_text(const struct sid *sid, char out[SID_TEXT_MAX])
{
	const char *form = sid->authority > UINT32_MAX ? "S-1-0x%012llX" : "S-1-%llu";
	int len = snprintf(out, SID_TEXT_MAX, form, (unsigned long long)sid->authority);

	for (unsigned i = 0; i < sid->n && i < SID_SUBS_MAX; i++)
		len += snprintf(out + len, SID_TEXT_MAX - (size_t)len, "-%lu", (unsigned long)sid->sub[i]);
	return out;
}

int
sid_order(const struct sid *x, const struct sid *y)
{
	if (x->authority != y->authority)
		return x->authority < y->authority ? -1 : 1;
	for (unsigned i = 0; i < x->n && i < y->n; i++)
		if (x->sub[i] != y->sub[i])
			return x->sub[i] < y->sub[i] ? -1 : 1;
	return (int)x->n - (int)y->n;
}

bool
sid_equal(const struct sid *x, const struct sid *y)
{
	return sid_order(x, y) == 0;
}

/* The authority is big-endian, the rest little-endian: so it is. */
size_t
sid_read(const uint8_t *p, size_t n, struct sid *out)
{
	struct sid sid = { 0 };

	if (n < 8 || p[0] != 1 || p[1] == 0 || p[1] > SID_SUBS_MAX || n < 8 + 4 * (size_t)p[1])
		return 0;
	for (unsigned i = 2; i < 8; i++)
		sid.authority = sid.authority << 8 | p[i];
	for (; sid.n < p[1]; sid.n++) {
		const uint8_t *q = p + 8 + 4 * (size_t)sid.n;
		sid.sub[sid.n] = (uint32_t)q[0] | (uint32_t)q[1] << 8 | (uint32_t)q[2] << 16 | (uint32_t)q[3] << 24;
	}
	*out = sid;
	return 8 + 4 * (size_t)sid.n;
}

size_t
sid_write(const struct sid *sid, uint8_t out[SID_BYTES_MAX])
{
	out[0] = 1;
	out[1] = sid->n;
	for (unsigned i = 0; i < 6; i++)
		out[2 + i] = (uint8_t)(sid->authority >> (40 - 8 * i));
	for (unsigned i = 0; i < sid->n; i++)
		for (unsigned b = 0; b < 4; b++)
			out[8 + 4 * i + b] = (uint8_t)(sid->sub[i] >> 8 * b);
	return 8 + 4 * (size_t)sid->n;
}

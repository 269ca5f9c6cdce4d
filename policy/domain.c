/* SPDX-License-Identifier: Apache-2.0 */
/* domain.c - hosts and domain patterns in one spelling */
#include <config.h>

#include "domain.h"

#include <string.h>

#include "arena.h"
#include "idn.h"

enum { HOST_MAX = 253 };		/* RFC 1035 2.3.4, as text without the last dot */

static int
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return -1;
}

static struct slice
trim(const char *p, size_t len)
{
	static const char space[] = " \t\r\n\v\f";

	while (len > 0 && memchr(space, p[0], sizeof(space) - 1) != NULL) {
		p++;
		len--;
	}
	while (len > 0 && memchr(space, p[len - 1], sizeof(space) - 1) != NULL)
		len--;
	return (struct slice){ p, len };
}

static int
parse_port(struct slice s, uint32_t *port, const char **why)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i == 5)
			return fail(why, "has a port that is not a number from 1 to 65535");
		n = n * 10 + (uint32_t)(s.p[i] - '0');
	}
	if (n < 1 || n > 65535)
		return fail(why, "has a port that is not a number from 1 to 65535");
	*port = n;
	return 0;
}

/* Take a port off the end of *s.  `v6': what is left is the text of an IPv6 address. */
static int
split_port(struct slice *s, struct domain *out, bool *v6, const char **why)
{
	const char *colon = memchr(s->p, ':', s->len), *end = s->p + s->len;

	*v6 = false;
	if (s->p[0] == '[') {
		const char *close = memchr(s->p, ']', s->len);
		if (close == NULL)
			return fail(why, "has a [ without its ]");
		struct slice rest = { close + 1, (size_t)(end - close - 1) };
		*s = (struct slice){ s->p + 1, (size_t)(close - s->p - 1) };
		*v6 = true;
		if (rest.len == 0)
			return 0;
		if (rest.p[0] != ':')
			return fail(why, "has something other than a port behind the ]");
		return parse_port((struct slice){ rest.p + 1, rest.len - 1 }, &out->port, why);
	}
	if (colon == NULL)
		return 0;
	if (memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL) {
		*v6 = true;
		return 0;
	}
	s->len = (size_t)(colon - s->p);
	return parse_port((struct slice){ colon + 1, (size_t)(end - colon - 1) }, &out->port, why);
}

/* Take "*." or "**." off the front of *host. */
static int
split_stars(struct slice *host, enum domain_kind *kind, const char **why)
{
	static const struct { const char *text; enum domain_kind kind; } t[] = {
		{ "*.", DOMAIN_BELOW }, { "**.", DOMAIN_WITHIN },
	};

	*kind = DOMAIN_HOST;
	if (host->len == 2 && memcmp(host->p, "**", 2) == 0)
		return fail(why, "is not a pattern (\"*\" stands for every host)");
	if (host->len == 1 && host->p[0] == '*') {
		*kind = DOMAIN_ANY;
		return 0;
	}
	for (size_t i = 0; i < NELEMS(t); i++) {
		size_t n = strlen(t[i].text);
		if (host->len >= n && memcmp(host->p, t[i].text, n) == 0) {
			*kind = t[i].kind;
			*host = (struct slice){ host->p + n, host->len - n };
		}
	}
	if (memchr(host->p, '*', host->len) != NULL)
		return fail(why, "has a * elsewhere than as its whole first label");
	return 0;
}

/* Length of the dot at p: ".", or one that IDNA takes for it (RFC 3490 3.1); 0: none. */
static size_t
dot_at(const char *p, size_t len)
{
	static const char wide[][4] = { "\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xbd\xa1" };

	if (len > 0 && p[0] == '.')
		return 1;
	for (size_t i = 0; i < NELEMS(wide); i++)
		if (len >= 3 && memcmp(p, wide[i], 3) == 0)
			return 3;
	return 0;
}

/* All labels, normalised, into out; returns the length or 0. */
static size_t
normalise_host(struct slice h, char out[HOST_MAX + 1], const char **why)
{
	size_t n = 0;

	for (;;) {
		char label[IDN_LABEL_MAX + 1];
		size_t len = 0, dot = 0;
		while (len < h.len && (dot = dot_at(h.p + len, h.len - len)) == 0)
			len++;
		size_t k = idn_label(h.p, len, label, why);
		if (k == 0)
			return 0;
		if (n + (n > 0) + k > HOST_MAX) {
			*why = "is longer than 253 bytes";
			return 0;
		}
		if (n > 0)
			out[n++] = '.';
		memcpy(out + n, label, k);
		n += k;
		h = (struct slice){ h.p + len + dot, h.len - len - dot };
		if (h.len == 0)
			break;		/* the end, or behind the trailing dot */
	}
	out[n] = '\0';
	return n;
}

static int
finish_address(struct arena *a, const char *p, size_t len, struct domain *out,
    const char **why)
{
	if (!address_parse(p, len, &out->address, &out->zone))
		return fail(why, "is not an IP address, though it has the form of one");
	out->kind = DOMAIN_ADDRESS;
	out->pattern = out->host = address_text(a, &out->address);
	return 0;
}

int
domain_normalise(struct arena *a, const char *raw, size_t len,
    struct domain *out, const char **why)
{
	struct slice s = trim(raw, len);
	char host[HOST_MAX + 1];
	bool v6;

	memset(out, 0, sizeof(*out));
	if (s.len == 0)
		return fail(why, "is empty");
	if (memchr(s.p, '/', s.len) != NULL)
		return fail(why, "has a / (write a host, not a URL or a range of addresses)");
	if (split_port(&s, out, &v6, why) != 0)
		return -1;
	if (v6) {
		if (s.len == 0 || memchr(s.p, ':', s.len) == NULL)
			return fail(why, "is not an IPv6 address, though it has the form of one");
		return finish_address(a, s.p, s.len, out, why);
	}
	if (s.len == 0)
		return fail(why, "has a port but no host");
	if (split_stars(&s, &out->kind, why) != 0)
		return -1;
	if (out->kind == DOMAIN_ANY) {
		out->pattern = out->host = "*";
		return 0;
	}
	size_t n = normalise_host(s, host, why);
	if (n == 0)
		return -1;
	if (address_is_meant(host, n)) {
		if (out->kind != DOMAIN_HOST)
			return fail(why, "puts a * before an IP address");
		return finish_address(a, host, n, out, why);
	}
	const char *stars = out->kind == DOMAIN_BELOW ? "*." :
	    out->kind == DOMAIN_WITHIN ? "**." : "";
	out->pattern = arena_printf(a, "%s%s", stars, host);
	out->host = out->pattern + strlen(stars);
	return 0;
}

int
domain_read(struct arena *a, const char *pattern, uint32_t port,
    struct domain *out)
{
	const char *why;

	if (port > 65535 ||
	    domain_normalise(a, pattern, strlen(pattern), out, &why) != 0 ||
	    out->port != 0 || strcmp(out->pattern, pattern) != 0)
		return -1;
	out->port = port;
	return 0;
}

static bool
is_below(const char *name, const char *host)
{
	size_t n = strlen(name), k = strlen(host);

	return n > k + 1 && name[n - k - 1] == '.' && strcmp(name + n - k, host) == 0;
}

bool
domain_match(const struct domain *pattern, const struct domain *dest)
{
	if (pattern->port != 0 && pattern->port != dest->port)
		return false;
	if (pattern->kind == DOMAIN_ANY)
		return true;
	if (pattern->kind == DOMAIN_ADDRESS)
		return dest->kind == DOMAIN_ADDRESS &&
		    address_equal(&pattern->address, &dest->address);
	if (dest->kind != DOMAIN_HOST)
		return false;
	if (pattern->kind != DOMAIN_BELOW && strcmp(pattern->host, dest->host) == 0)
		return true;
	return pattern->kind != DOMAIN_HOST && is_below(dest->host, pattern->host);
}

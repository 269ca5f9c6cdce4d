/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_url.c - taking a proxy's URL apart */
#include <config.h>

#include "proxy_url.h"

#include <string.h>

#include "arena.h"

static int
fail(const char **why, const char *phrase)
{
	*why = phrase;
	return -1;
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL where a % is not followed by two digits, or gives a NUL or a line end. */
static const char *
decoded(struct arena *a, const char *p, size_t len)
{
	char *out = arena_strndup(a, p, len), *to = out;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)p[i];
		if (p[i] == '%') {
			if (len - i < 3)
				return NULL;
			int high = hex(p[i + 1]), low = high < 0 ? -1 : hex(p[i + 2]);
			if (low < 0)
				return NULL;
			c = high << 4 | low;
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return NULL;
		*to++ = (char)c;
	}
	*to = '\0';
	return out;
}

int
proxy_url_read(struct arena *a, const char *url, struct proxy_url *out, const char **why)
{
	const char *mark = strstr(url, "://"), *rest = mark != NULL ? mark + 3 : url;
	size_t len = strcspn(rest, "/?#");

	*out = (struct proxy_url){ .scheme = "http" };
	if (mark != NULL)
		out->scheme = arena_strndup(a, url, (size_t)(mark - url));
	if (rest[len] != '\0' && strcmp(rest + len, "/") != 0)
		return fail(why, "has more than a host and a port");
	const char *at = rest + len;
	while (at > rest && at[-1] != '@')
		at--;
	if (at-- > rest) {
		out->user = decoded(a, rest, (size_t)(at - rest));
		if (out->user == NULL)
			return fail(why, "has a user name that cannot be read");
		len -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	if (domain_normalise(a, rest, len, &out->host, why) != 0)
		return -1;
	if (out->host.kind != DOMAIN_HOST && out->host.kind != DOMAIN_ADDRESS)
		return fail(why, "names no host");
	return 0;
}

bool
proxy_url_listens(const struct proxy_url *u, struct net_address *address)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };

	if (u->host.port == 0)
		return false;
	if (u->host.kind == DOMAIN_HOST) {
		*address = address_from_bytes(loopback, false);
		return strcmp(u->host.host, "localhost") == 0;
	}
	*address = u->host.address;
	const char *kind = address_special(address);
	return kind != NULL && (strcmp(kind, "loopback") == 0 || strcmp(kind, "unspecified") == 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* past_proxy.c - NO_PROXY's list of names, addresses and networks */
#include <config.h>

#include "past_proxy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_in_network(const struct net_address *x, const char *item, size_t len)
{
	const char *slash = memchr(item, '/', len);
	size_t n = slash != NULL ? (size_t)(slash - item) : len;
	struct net_address net;

	if (!address_parse(item, n, &net, NULL) || net.v6 != x->v6)
		return false;
	unsigned all = x->v6 ? 128 : 32, bits = all;
	if (slash != NULL) {
		char number[4] = "";
		if (len - n - 1 < 1 || len - n - 1 > 3)
			return false;
		memcpy(number, slash + 1, len - n - 1);
		bits = (unsigned)strtoul(number, NULL, 10);
	}
	if (bits > all)
		return false;
	unsigned rest = bits % 8;
	return memcmp(net.b, x->b, bits / 8) == 0 &&
	    (rest == 0 || (net.b[bits / 8] ^ x->b[bits / 8]) >> (8 - rest) == 0);
}

static bool
name_matches(const struct domain *dest, const char *item, size_t len)
{
	while (len > 0 && (*item == '*' || *item == '.')) {
		item++;
		len--;
	}
	const char *colon = memchr(item, ':', len);
	if (colon != NULL) {
		if (strtoul(colon + 1, NULL, 10) != dest->port)
			return false;
		len = (size_t)(colon - item);
	}
	size_t k = strlen(dest->host);
	return len > 0 && k >= len && strncasecmp(dest->host + k - len, item, len) == 0 &&
	    (k == len || dest->host[k - len - 1] == '.');
}

bool
past_proxy(const char *no_proxy, const struct domain *dest)
{
	for (const char *p = no_proxy; p != NULL && *p != '\0';) {
		size_t skip = strspn(p, ", \t"), len = strcspn(p += skip, ", \t");
		if (len == 1 && *p == '*')
			return true;
		if (dest->kind == DOMAIN_ADDRESS ? is_in_network(&dest->address, p, len) :
		    name_matches(dest, p, len))
			return true;
		p += len;
	}
	return false;
}

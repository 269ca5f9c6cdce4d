/* SPDX-License-Identifier: Apache-2.0 */
/* socks.c - reading and writing the messages of SOCKS 5 */
#include <config.h>

#include "socks.h"

#include <string.h>

enum { ATYP_V4 = 1, ATYP_NAME = 3, ATYP_V6 = 4 };

ptrdiff_t
socks_offer_read(const uint8_t *p, size_t len, uint8_t method, bool *offered)
{
	*offered = false;
	if (len > 0 && p[0] != SOCKS_VERSION)
		return -1;
	if (len >= 2 && p[1] == 0)
		return -1;
	if (len < 2 || len < 2u + p[1])
		return 0;
	for (size_t i = 0; i < p[1]; i++)
		*offered |= p[2 + i] == method;
	return 2 + p[1];
}

ptrdiff_t
socks_login_read(const uint8_t *p, size_t len, struct slice *user, struct slice *password)
{
	if ((len > 0 && p[0] != 1) || (len > 1 && p[1] == 0))
		return -1;
	const size_t at = len > 1 ? 2u + p[1] : 2;	/* of the password's length */
	if (len <= at)
		return 0;
	if (p[at] == 0)
		return -1;
	if (len - at - 1 < p[at])
		return 0;
	*user = (struct slice){ (const char *)p + 2, p[1] };
	*password = (struct slice){ (const char *)p + at + 1, p[at] };
	return (ptrdiff_t)(at + 1 + p[at]);
}

/* Behind the address type: *used bytes; 0 more needed, -1 none, 1 read. */
static int
read_dest(const uint8_t *p, size_t len, struct socks_dest *d, size_t *used, bool *bad_type)
{
	size_t n;

	*bad_type = false;
	if (len < 1)
		return 0;
	switch (p[0]) {
	case ATYP_V4:
		n = 4;
		break;
	case ATYP_V6:
		n = 16;
		break;
	case ATYP_NAME:
		if (len < 2)
			return 0;
		n = 1u + p[1];
		break;
	default:
		*bad_type = true;
		return -1;
	}
	if (len < 1 + n + 2)
		return 0;
	d->is_name = p[0] == ATYP_NAME;
	if (d->is_name) {
		if (n == 1 || memchr(p + 2, 0, n - 1) != NULL)
			return -1;
		memcpy(d->name, p + 2, n - 1);
		d->name[n - 1] = '\0';
	} else {
		d->address = address_from_bytes(p + 1, n == 16);
	}
	d->port = (uint16_t)(p[1 + n] << 8 | p[2 + n]);
	*used = 1 + n + 2;
	return 1;
}

ptrdiff_t
socks_request_read(const uint8_t *p, size_t len, int *command, struct socks_dest *d,
    enum socks_reply *reply)
{
	size_t used = 0;
	bool bad_type = false;

	memset(d, 0, sizeof(*d));
	*reply = SOCKS_FAILED;
	if ((len > 0 && p[0] != SOCKS_VERSION) || (len > 2 && p[2] != 0))
		return -1;
	if (len < 4)
		return 0;
	int rc = read_dest(p + 3, len - 3, d, &used, &bad_type);
	if (rc < 0 && bad_type)
		*reply = SOCKS_NO_ADDRESS_TYPE;
	if (rc <= 0)
		return rc;
	*command = p[1];
	return (ptrdiff_t)(3 + used);
}

ptrdiff_t
socks_datagram_read(const uint8_t *p, size_t len, struct socks_dest *d)
{
	size_t used = 0;
	bool bad_type;

	memset(d, 0, sizeof(*d));
	if (len < 4 || p[0] != 0 || p[1] != 0 || p[2] != 0 ||
	    read_dest(p + 3, len - 3, d, &used, &bad_type) != 1)
		return -1;
	return (ptrdiff_t)(3 + used);
}

static size_t
write_address(uint8_t *out, const struct net_address *a, uint16_t port)
{
	size_t n = a->v6 ? 16 : 4;

	out[0] = a->v6 ? ATYP_V6 : ATYP_V4;
	memcpy(out + 1, a->b, n);
	out[1 + n] = (uint8_t)(port >> 8);
	out[2 + n] = (uint8_t)port;
	return n + 3;
}

size_t
socks_reply_write(uint8_t *out, enum socks_reply reply, const struct net_address *a, uint16_t port)
{
	static const struct net_address zero;

	out[0] = SOCKS_VERSION;
	out[1] = (uint8_t)reply;
	out[2] = 0;
	return 3 + write_address(out + 3, a != NULL ? a : &zero, port);
}

size_t
socks_datagram_write(uint8_t *out, const struct net_address *a, uint16_t port)
{
	memset(out, 0, 3);
	return 3 + write_address(out + 3, a, port);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* socks.h - the messages of SOCKS 5 (RFC 1928) */
#ifndef CDXP_SOCKS_H
#define CDXP_SOCKS_H

#include "address.h"
#include "base.h"

enum { SOCKS_VERSION = 5, SOCKS_MAX_MESSAGE = 4 + 1 + 255 + 2, SOCKS_UDP_HEAD = 4 + 1 + 255 + 2 };

enum socks_method { SOCKS_BY_NOTHING = 0, SOCKS_BY_PASSWORD = 2 };

enum socks_command { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_UDP_ASSOCIATE = 3 };

enum socks_reply {
	SOCKS_OK, SOCKS_FAILED, SOCKS_NOT_ALLOWED, SOCKS_NET_UNREACHABLE, SOCKS_HOST_UNREACHABLE,
	SOCKS_REFUSED, SOCKS_EXPIRED, SOCKS_NO_COMMAND, SOCKS_NO_ADDRESS_TYPE,
};

/* A destination as a message has it: a name, or an address in host form. */
struct socks_dest {
	bool		 is_name;
	char		 name[256];	/* as sent, NUL-terminated; any byte but NUL */
	struct net_address address;
	uint16_t	 port;
};

/*
 * Each returns how many bytes the message takes, 0 where more are needed, -1
 * where it is none.
 */

/* The client's offer; *offered: that method is in it. */
ptrdiff_t	socks_offer_read(const uint8_t *, size_t len, uint8_t method, bool *offered);

/* Name and password (RFC 1929), which point into the bytes. */
ptrdiff_t	socks_login_read(const uint8_t *, size_t len, struct slice *user, struct slice *password);

/* A request; *reply is what to answer where it is -1. */
ptrdiff_t	socks_request_read(const uint8_t *, size_t len, int *command,
		    struct socks_dest *, enum socks_reply *reply);

/* The head of a datagram; -1 for fragments too, which nobody sends. */
ptrdiff_t	socks_datagram_read(const uint8_t *, size_t len, struct socks_dest *);

/* A reply, or the head of a datagram: length written; `out' holds SOCKS_MAX_MESSAGE. */
size_t	socks_reply_write(uint8_t *out, enum socks_reply, const struct net_address *, uint16_t port);
size_t	socks_datagram_write(uint8_t *out, const struct net_address *, uint16_t port);

#endif

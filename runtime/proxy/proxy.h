/* SPDX-License-Identifier: Apache-2.0 */
/* proxy.h - what the parts of the proxy share */
#ifndef CDXP_PROXY_H
#define CDXP_PROXY_H

#include "judge.h"
#include "proxy_config.h"

struct event_base;
struct resolver;
struct client;
struct udp_relay;

/* Every wait ends, and nothing grows without end. */
enum {
	PROXY_MAX_CLIENTS	= 16 * 1024,
	PROXY_HANDSHAKE_S	= 30,		/* a whole head, or the handshake of SOCKS */
	PROXY_REST_S		= 10 * 60,	/* between requests; before the first byte */
	PROXY_ATTEMPT_S		= 5,		/* one address, where there are more */
	PROXY_CONNECT_S		= 30,		/* all of it, names included */
	PROXY_EXCHANGE_S	= 10 * 60,	/* no byte of a request or its answer */
	PROXY_TUNNEL_S		= 2 * 60 * 60,	/* no byte either way; open connections may rest */
	PROXY_HALF_OPEN_S	= 10 * 60,	/* the same once one side has ended */
	PROXY_LINGER_S		= 2,		/* for a client to read what it was answered last */
	PROXY_SPARE_PIPES	= 8,
	PROXY_PIECE		= 64 * 1024,	/* one read; at most this is kept for a peer that is slow */
};

struct proxy {
	struct arena	*arena;		/* of what lasts as long as we do */
	struct event_base *base;
	const struct proxy_config *config;
	const char	*authorization;	/* the token as HTTP has it, or NULL */
	struct judge	 judge;
	struct resolver	*resolver;
	struct udp_relay *udp;		/* or NULL */
	int		 audit;		/* or -1 */
	int		 control[2];	/* from whoever started us, and to him */
	struct client	*clients;
	size_t		 nclients;
	struct acceptor	*acceptor[PROXY_MAX_LISTENERS];
	int		 spare[PROXY_SPARE_PIPES][2];	/* pipes that are empty */
	char		*spare_piece[PROXY_SPARE_PIPES];	/* or memory */
	size_t		 nspare, npipes;
	char		*piece;		/* PROXY_PIECE bytes, for whoever reads, until he returns */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* client.h - one connection of a client, from its first byte to its last */
#ifndef CDXP_CLIENT_H
#define CDXP_CLIENT_H

#include <event2/event_struct.h>

#include "dial.h"
#include "http_head.h"

struct exchange;

enum client_state {
	CLIENT_FIRST,		/* nothing has come yet: which protocol? */
	CLIENT_HTTP,		/* reading a head */
	CLIENT_OFFER, CLIENT_LOGIN, CLIENT_REQUEST,	/* of SOCKS */
	CLIENT_DIALLING,
	CLIENT_EXCHANGE,	/* a request of HTTP is under way */
	CLIENT_UDP,		/* holds an association of datagrams */
	CLIENT_LAST_WORDS,	/* an answer goes out, and then the connection ends */
	CLIENT_AWAY,		/* a tunnel has the socket */
};

struct client {
	struct proxy	*proxy;
	struct client	*next, **link;		/* of proxy->clients */
	const struct proxy_listener *listener;
	evutil_socket_t	 fd;
	enum client_state state;
	struct event	 readable, writable, timer;
	char		*in;			/* what has come and is not used yet */
	size_t		 nin, in_cap;
	char		*out;			/* CLIENT_LAST_WORDS: what is to go out */
	size_t		 nout, sent;
	bool		 said;			/* it is out: reading to the end */
	struct http_scan scan;
	bool		 socks;
	struct arena	*arena;			/* of the current request, or NULL */
	struct judgement judged;
	struct http_head *head;			/* of the current request, in the arena */
	struct slice	 path;
	struct dial	*dial;
	struct exchange	*exchange;
};

/* Takes the socket over; closes it where there is no room. */
void	client_start(struct proxy *, const struct proxy_listener *, evutil_socket_t);

/* Ends and frees it. */
void	client_end(struct client *);

/* The client's address, "127.0.0.1:40112". */
const char *client_address(const struct client *, char text[64]);

/* The request begins: its arena is there, and those of earlier ones are gone. */
struct arena *client_arena(struct client *);

/* Wait for what the state waits for, at most so long. */
void	client_wait(struct client *, int seconds);

/* Say this and end; the bytes are copied. */
void	client_last_words(struct client *, const void *, size_t len);

/* Forget the first n bytes that have come. */
void	client_used(struct client *, size_t n);

/* Keep these, which have come ahead of their time. */
void	client_keep(struct client *, const char *, size_t len);

/* From the connection to the client and back, until the end; the socket is the tunnel's then. */
void	client_tunnel(struct client *, const struct dialed *);

/* ---- client_http.c, client_socks.c ---- */

/* More has come; afterwards the client may be gone. */
void	client_http_read(struct client *);
void	client_socks_read(struct client *);

/* The same bytes; how long it takes tells nothing of them. */
bool	client_knows(struct slice shown, const char *secret);

/* Answer with an error of ours and end; `header' may be NULL. */
void	client_http_fail(struct client *, int status, const char *header, const char *text);

/* What became of the connection for this request. */
void	client_http_dialed(void *client, const struct dialed *);
void	client_socks_dialed(void *client, const struct dialed *);

#endif

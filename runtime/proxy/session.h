/* SPDX-License-Identifier: Apache-2.0 */
/* session.h - one connection of a client, from its first byte to its last */
#ifndef CDXP_SESSION_H
#define CDXP_SESSION_H

#include <event2/event_struct.h>

#include "dial.h"
#include "http_head.h"

struct exchange;

enum session_state {
	SESSION_FIRST,		/* nothing has come yet: which protocol? */
	SESSION_HTTP,		/* reading a head */
	SESSION_OFFER, SESSION_REQUEST,	/* of SOCKS */
	SESSION_DIALLING,
	SESSION_EXCHANGE,	/* a request of HTTP is under way */
	SESSION_UDP,		/* holds an association of datagrams */
	SESSION_LAST_WORDS,	/* an answer goes out, and then the connection ends */
	SESSION_AWAY,		/* a tunnel has the socket */
};

struct session {
	struct proxy	*proxy;
	struct session	*next, **link;		/* of proxy->sessions */
	const struct proxy_listener *listener;
	int		 fd;
	enum session_state state;
	struct event	 readable, writable, timer;
	char		*in;			/* what has come and is not used yet */
	size_t		 nin, in_cap;
	char		*out;			/* SESSION_LAST_WORDS: what is to go out */
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
void	session_start(struct proxy *, const struct proxy_listener *, int fd);

/* Ends and frees it. */
void	session_end(struct session *);

/* The client's address, "127.0.0.1:40112". */
const char *session_client(const struct session *, char text[64]);

/* The request begins: its arena is there, and those of earlier ones are gone. */
struct arena *session_arena(struct session *);

/* Wait for what the state waits for, at most so long. */
void	session_wait(struct session *, int seconds);

/* Say this and end; the bytes are copied. */
void	session_last_words(struct session *, const void *, size_t len);

/* Forget the first n bytes that have come. */
void	session_used(struct session *, size_t n);

/* Keep these, which have come ahead of their time. */
void	session_keep(struct session *, const char *, size_t len);

/* From `fd' to the client and back, until the end; the session goes on as the tunnel's. */
void	session_tunnel(struct session *, const struct dialed *);

/* ---- session_http.c, session_socks.c ---- */

/* More has come; false: that was the end, and the session is gone or has last words. */
void	session_http_read(struct session *);
void	session_socks_read(struct session *);

/* Answer with an error of ours and end; `header' may be NULL. */
void	session_http_fail(struct session *, int status, const char *header, const char *text);

/* What became of the connection for this request. */
void	session_http_dialed(void *session, const struct dialed *);
void	session_socks_dialed(void *session, const struct dialed *);

#endif

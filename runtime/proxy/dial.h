/* SPDX-License-Identifier: Apache-2.0 */
/* dial.h - from an allowed name to a connection, by way of checked addresses */
#ifndef CDXP_DIAL_H
#define CDXP_DIAL_H

#include <event2/util.h>

#include "proxy.h"

enum dial_outcome {
	DIAL_CONNECTED,
	DIAL_BLOCKED,		/* allowed by name, but at none of its addresses: see the judgement */
	DIAL_NO_NAME,		/* it has no address */
	DIAL_FAILED,		/* `error' */
	DIAL_EXPIRED,
	DIAL_UPSTREAM,		/* the caller's own proxy says no */
};

struct dialed {
	enum dial_outcome outcome;
	evutil_socket_t	 fd;		/* DIAL_CONNECTED: the receiver's now */
	bool		 through;	/* by way of an upstream proxy */
	struct net_address address;	/* that was judged */
	int		 error;
	const char	*text;		/* a few words, or NULL */
	const char	*early;		/* what the other side has sent already, until the receiver returns */
	size_t		 nearly;
};

/*
 * Resolve, judge each address, tell the audit, connect to one that is allowed:
 * never to a name.  `d' has been judged by judge_request() and is allowed; its
 * judgement is completed here.  `tunnel': a connection that carries anything;
 * false: one request of HTTP, which an upstream proxy takes as it is.  `done' is
 * called once, never before this returns; not after dial_end().
 */
struct dial;
struct dial	*dial_start(struct proxy *, struct judgement *d, bool tunnel, const char *client,
		    void (*done)(void *arg, const struct dialed *), void *arg);
void	dial_end(struct dial *);

/* The same for what --forward leads to: this port of the host's loopback. */
struct dial	*dial_forward(struct proxy *, struct judgement *d, const char *client,
		    void (*done)(void *arg, const struct dialed *), void *arg);

#endif

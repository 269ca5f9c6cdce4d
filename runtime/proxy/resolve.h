/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - names to addresses, as this host resolves them, without waiting */
#ifndef CDXP_RESOLVE_H
#define CDXP_RESOLVE_H

#include "address.h"

struct event_base;
struct resolver;

enum {
	RESOLVE_MAX_ADDRESSES	= 16,
	RESOLVE_MAX_THREADS	= 8,
	RESOLVE_MAX_WAITING	= 4096,
};

struct resolved {
	struct net_address address[RESOLVE_MAX_ADDRESSES];
	size_t		 n;
	const char	*error;		/* where n is 0: why, static text */
};

/*
 * Threads with getaddrinfo(3) behind an event: hosts files, name services and
 * resolvers that retry over TCP are the host's.  NULL with errno.
 */
struct resolver	*resolver_new(struct event_base *);

/*
 * Look `name' up; `done' is called once from the event loop, never before
 * this returns.  NULL: too many wait already.  A result that is forgotten
 * does not come any more.
 */
struct lookup;
struct lookup	*resolver_ask(struct resolver *, const char *name,
		    void (*done)(void *arg, const struct resolved *), void *arg);
void	resolver_forget(struct lookup *);

#endif

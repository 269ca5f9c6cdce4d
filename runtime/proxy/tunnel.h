/* SPDX-License-Identifier: Apache-2.0 */
/* tunnel.h - bytes from one socket to another and back, until both have ended */
#ifndef CDXP_TUNNEL_H
#define CDXP_TUNNEL_H

#include <event2/util.h>

#include "proxy.h"

/*
 * Without copying: through a pipe of the kernel, which a direction holds only
 * while something is under way.  What a side does not take is not read from
 * the other.  The end of one direction is passed on, and so is a reset.
 */
struct tunnel;

struct tunnel_side {
	evutil_socket_t	 fd;		/* the tunnel's from now on */
	const char	*early;		/* what it has sent already */
	size_t		 nearly;
};

/* `done' is called once, from the event loop, when nothing is left of it.  NULL: no memory. */
struct tunnel	*tunnel_start(struct proxy *, const struct tunnel_side *client,
		    const struct tunnel_side *server, void (*done)(void *), void *arg);

#endif

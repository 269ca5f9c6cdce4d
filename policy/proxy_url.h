/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_url.h - where a proxy is: the URLs of 1.5, and those of HTTP_PROXY and its like */
#ifndef CDXP_PROXY_URL_H
#define CDXP_PROXY_URL_H

#include "domain.h"

struct proxy_url {
	const char	*scheme;	/* as written, "http"; "http" where none is */
	const char	*user;		/* "name:password" with %XX decoded, or NULL */
	struct domain	 host;		/* DOMAIN_HOST or DOMAIN_ADDRESS; port 0: none written */
};

/*
 * SCHEME://[USER@]HOST[:PORT][/].  0, or -1 with *why, a static phrase to put
 * behind the URL; all in the arena.
 */
int	proxy_url_read(struct arena *, const char *url, struct proxy_url *, const char **why);

/*
 * An address that a sandbox with nothing but a loopback can listen on: one of
 * its own, "localhost", or the unspecified address, and a port.
 */
bool	proxy_url_listens(const struct proxy_url *, struct net_address *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* domain.h - hosts and domain patterns in one spelling (spec 1.5) */
#ifndef CDXP_DOMAIN_H
#define CDXP_DOMAIN_H

#include "address.h"
#include "base.h"

struct arena;

enum domain_kind {
	DOMAIN_HOST,		/* "host": that name */
	DOMAIN_BELOW,		/* "*.host": every name below it, at any depth */
	DOMAIN_WITHIN,		/* "**.host": the name and every name below it */
	DOMAIN_ANY,		/* "*": everything; the caller refuses it beside "deny" */
	DOMAIN_ADDRESS,		/* an address literal */
};

struct domain {
	enum domain_kind kind;
	/*
	 * Normalised: lower case, A-labels, no trailing dot, no brackets, no
	 * port: "host", "*.host", "**.host", "*", "10.0.0.1", "2001:db8::1".
	 * This is what ir_domain.pattern holds; two patterns are the same
	 * exactly when text and port are.
	 */
	const char	*pattern;
	const char	*host;		/* `pattern' behind its "*." or "**."; "*" for ANY */
	uint32_t	 port;		/* 0: any */
	bool		 zone;		/* an IPv6 zone ("%eth0") was written; it is dropped, */
					/* so that "allow" would mean more than was written */
	struct net_address address;	/* ADDRESS only */
};

/*
 * `raw' is a key of the domains table, or a destination that somebody asks
 * about: HOST, HOST:PORT, "*.HOST", ... in any spelling of 1.5.  Returns 0, or
 * -1 with *why set to a static phrase to put behind the quoted text ("has an
 * empty label"); *out is then unspecified.
 *
 * Which IDN labels are taken is told in idn.h, which hosts are addresses in
 * address.h.  More than one colon outside brackets: an IPv6 address that has
 * no port.
 */
int	domain_normalise(struct arena *, const char *raw, size_t len,
	    struct domain *out, const char **why);

/* Read back what ir_domain holds; -1: not a normalised pattern and a port. */
int	domain_read(struct arena *, const char *pattern, uint32_t port,
	    struct domain *out);

/*
 * Pattern against a destination (HOST or ADDRESS).  A destination whose port
 * is 0 is one of no particular port: only patterns without a port match it.
 */
bool	domain_match(const struct domain *pattern, const struct domain *dest);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* decide_net.h - destinations and Unix sockets (spec 1.5, 2.6) */
#ifndef CDXP_DECIDE_NET_H
#define CDXP_DECIDE_NET_H

#include "base.h"
#include "bound.h"
#include "domain.h"

struct arena;

enum net_reason {
	NET_BY_MODE,		/* the network is off, or open */
	NET_BY_RULE,		/* a domain or socket rule says so */
	NET_BY_SWITCH,		/* allow_local_binding, dangerously_allow_all_unix_sockets */
	NET_NO_RULE,		/* nothing allows it */
	NET_BY_ADDRESS,		/* allowed by name, but not at that address */
};

struct net_decision {
	bool		 allow;
	enum net_reason	 reason;
	/* The rule, or the network table; never NULL. */
	const struct ir_origin *origin;
	const char	*kind;		/* NET_BY_ADDRESS: "loopback", ...: see address_special() */
	/*
	 * Allowed as far as the name goes: whoever connects must ask again
	 * with the address, and connect to that very address.
	 */
	bool		 pending;
};

/* The domain rules, read once. */
struct net_rules;

/* NULL where a pattern is not in normal form: the caller has not checked its IR. */
struct net_rules *net_rules_new(struct arena *, const struct ir_network *);

/*
 * May the sandbox reach `dest' (HOST or ADDRESS; port 0: no particular one)?
 * `resolved' is what its name was resolved to, or NULL where that is not known;
 * not needed where dest is an address.
 *
 * With a proxied network: a rule that denies, by name or by address, beats
 * all; then some rule must allow the destination; then the address must be
 * public, or allow_local_binding be set, or a rule allow that literal.
 */
struct net_decision decide_net(const struct net_rules *, const struct domain *dest,
	    const struct net_address *resolved);

/* mode = "limited" lets these methods through: GET, HEAD, OPTIONS (case matters, RFC 9110 9.1). */
bool	decide_net_method(const struct ir_network *, const char *method);

/*
 * May a Unix socket of the host at `path' (normal, canonical) be connected to?
 * The sandbox's own sockets are not asked about here.  A rule for a directory
 * covers what is below it, and deny wins at any depth.  Rules hold in every
 * mode; without a rule only an open network with no unix_sockets table lets
 * all through.
 */
struct net_decision decide_net_socket(const struct bound_policy *, const char *path);

#endif

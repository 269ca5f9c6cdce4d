/* SPDX-License-Identifier: Apache-2.0 */
/* compare_net.h - where two policies differ for destinations and Unix sockets (spec 1.5, 2.6) */
#ifndef CDXP_COMPARE_NET_H
#define CDXP_COMPARE_NET_H

#include "base.h"
#include "bound.h"
#include "decide_net.h"
#include "delta.h"

struct arena;

enum net_topic {
	NET_DESTINATION,	/* what can be reached */
	NET_METHOD,		/* mode = "limited" */
	NET_UNCONFINED,		/* an open network has more than destinations: UDP, DNS, abstract sockets */
	NET_SWITCH,		/* what the proxy is told: `what' is the key */
	NET_SOCKET,		/* a Unix socket of the host */
};

/* What one side says of the sample. */
struct net_view {
	bool		 allow;		/* NET_SWITCH: nothing */
	const char	*value;		/* NET_SWITCH: as text; NULL: not set */
	struct net_decision decision;	/* not for NET_SWITCH: .origin alone */
};

struct net_difference {
	enum net_topic	 topic;
	enum delta_class class;		/* DELTA_CHANGED: only NET_SWITCH */
	/*
	 * The destinations, as one pattern ("*.example.com:8443"), or in words;
	 * the path of a socket and all below it; the key of a switch.
	 */
	const char	*what;
	const char	*sample;	/* a concrete "host:port", "GET ..." or socket path */
	const char	*resolved;	/* only where the sample's name resolves to this; or NULL */
	struct { const char **v; size_t len, cap; } except;	/* in the same spelling as `what' */
	struct net_view	 side[2];	/* 0 old, 1 new */
};

struct net_comparison {
	struct { struct net_difference *v; size_t len, cap; } v;	/* empty: equal */
	const char	*why;		/* where it failed: a phrase */
};

/*
 * Exact for all destinations, whatever their names resolve to, and all socket
 * paths, written down or not.  A region is a maximal subtree of names (or of
 * paths) with one pair of decisions, less its exceptions.  Only what can have
 * an effect counts: rules under a network that is off, or a proxy's address
 * where neither side has a proxy, are no difference.  -1 with out->why set
 * where a rule is not in normal form (the IR was not checked), or so many
 * rules speak of the same hosts that it would take too long; else 0.
 */
int	compare_net(struct arena *, const struct bound_policy *old,
	    const struct bound_policy *new, struct net_comparison *out);

/* The part of it that concerns Unix sockets (2.6): it appends. */
void	compare_sockets(struct arena *, const struct bound_policy *old,
	    const struct bound_policy *new, struct net_comparison *out);

/* What the proxies of both are told beyond that (1.5): it appends. */
void	compare_switches(struct arena *, const struct ir_network *const side[2],
	    struct net_comparison *out);

#endif

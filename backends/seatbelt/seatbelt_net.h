/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_net.h - the network as Seatbelt enforces it, and whether a profile's text does so */
#ifndef CDXP_SEATBELT_NET_H
#define CDXP_SEATBELT_NET_H

#include "base.h"

struct arena;
struct artifact;
struct bound_policy;
struct refusal;
struct region;
struct seatbelt_model;

/*
 * The effective policy (spec 2.6, with the rewritings of 3.3).  An outbound
 * connection is decided by its far end, a socket that is bound or listens by
 * its own; `localhost' is what Seatbelt calls so, and TCP and UDP are alike.
 */
struct seatbelt_net {
	bool		 everywhere;	/* every address, out and in */
	bool		 loopback;	/* localhost, out and in, at every port */
	const char	*http, *socks;	/* ports of the proxy on localhost, out alone; or NULL */
	bool		 services;	/* what programs with a network ask the system: certificates, routes */
	bool		 names;		/* and to look up hosts, which only an open network has */
	/*
	 * Unix sockets by path: WRITE may be connected to, bound and listened
	 * at, READ only connected to.
	 */
	const struct region *sockets;
};

/*
 * Rewrites: no-loopback (localhost is refused where nothing opens it),
 * own-sockets (the sandbox's own Unix sockets are those of paths that may be
 * connected to), udp-destination (nothing but localhost is told from the rest,
 * so that only the proxy's ports are left).  Deviations are appended to *out,
 * a refusal is put there.  NULL where it refuses.
 */
const struct seatbelt_net *seatbelt_net_build(struct arena *, const struct bound_policy *,
	    struct artifact *out);

/* The socket by which names of hosts are looked up. */
extern const char seatbelt_resolver[];

/*
 * The text against it, under both readings: every destination as finitely many
 * (localhost or not, IPv4 or IPv6, each port that either side names and one
 * that none does, TCP and UDP, out, in and bind), every path of a Unix socket,
 * and sockets of neither kind.  0, or -1 with a refusal that holds a witness.
 */
int	seatbelt_net_check(struct arena *, const struct seatbelt_model *,
	    const struct seatbelt_net *, struct refusal *out);

/*
 * Everything that is neither a file nor the network: Mach services, signals,
 * settings, ...  The text must allow what the list in seatbelt_services.c has,
 * by those names, and nothing beside it.  0, or -1 with a refusal.
 */
int	seatbelt_services_check(struct arena *, const struct seatbelt_model *,
	    const struct seatbelt_net *, struct refusal *out);

#endif

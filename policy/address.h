/* SPDX-License-Identifier: Apache-2.0 */
/* address.h - IP addresses: every spelling in, one out, and which of them are not public */
#ifndef CDXP_ADDRESS_H
#define CDXP_ADDRESS_H

#include "base.h"

struct arena;

/*
 * IPv4 in bytes 0 to 3 (the rest 0), IPv6 in all sixteen.  IPv4-mapped IPv6
 * (::ffff:a.b.c.d, RFC 4291 2.5.5.2) is IPv4 here: both reach the same host.
 */
struct net_address {
	bool		 v6;
	uint8_t		 b[16];
};

/* From 4 or 16 bytes in network order. */
struct net_address address_from_bytes(const uint8_t *, bool v6);
bool	address_equal(const struct net_address *, const struct net_address *);

/*
 * Address text alone, no brackets, no port.  IPv4 in every spelling of
 * inet_aton(3): 127.0.0.1, 127.1, 0x7f000001, 0177.0.0.1, 2130706433.  IPv6 as
 * in RFC 4291, a zone ("%eth0") allowed; *zone tells of one and may be NULL.
 */
bool	address_parse(const char *, size_t len, struct net_address *out, bool *zone);

/*
 * A host whose last label is a number (decimal, or "0x" and hex digits) must
 * be an IPv4 address or nothing, as in the WHATWG URL standard: resolvers do
 * not agree on the rest.
 */
bool	address_is_meant(const char *host, size_t len);

/* Canonical text: dotted decimal, or RFC 5952. */
const char *address_text(struct arena *, const struct net_address *);

/*
 * NULL for a public unicast address, else the name of its kind: "loopback",
 * "private", "link-local", "multicast", "CGNAT", "benchmark", "documentation",
 * "unspecified", "reserved" (static).  From the IANA registries of
 * special-purpose addresses (RFC 6890, 8190); an assignment that may or may
 * not be public counts as reserved, as does all of IPv6 outside 2000::/3, and
 * the old ways of carrying IPv4 (6to4, Teredo, IPv4-compatible).  NAT64
 * (RFC 6052, 64:ff9b::/96) is judged by the IPv4 address that it carries.
 */
const char *address_special(const struct net_address *);

/* The port of a URL that leads to this machine, as the proxies' do; 0 where it does not, or has none. */
unsigned address_loopback_port(const char *url);

#endif

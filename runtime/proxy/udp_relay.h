/* SPDX-License-Identifier: Apache-2.0 */
/* udp_relay.h - datagrams of SOCKS (RFC 1928 7) */
#ifndef CDXP_UDP_RELAY_H
#define CDXP_UDP_RELAY_H

#include <event2/util.h>

#include "proxy.h"

struct client;

/* Every association uses the one socket in the sandbox; they are told apart by where they send from. */
struct udp_relay *udp_relay_new(struct proxy *, evutil_socket_t fd, const struct proxy_listener *);

/* A client asks for an association: where to send to, or false. */
bool	udp_relay_join(struct udp_relay *, struct client *, struct net_address *, uint16_t *port);

/* The client ends; nothing where it has none.  The relay may be NULL. */
void	udp_relay_leave(struct udp_relay *, const struct client *);

#endif

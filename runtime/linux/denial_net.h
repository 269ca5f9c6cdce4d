/* SPDX-License-Identifier: Apache-2.0 */
/* denial_net.h - sockets and destinations that were refused, as denials */
#ifndef CDXP_DENIAL_NET_H
#define CDXP_DENIAL_NET_H

#include <sys/socket.h>

#include "base.h"

enum { DENIAL_ADDRESS_TEXT = 80 };

/*
 * "1.2.3.4:443", "[2001:db8::1]:53"; false for what is no address beyond the
 * sandbox's own: its loopback, no address at all, another family.
 */
bool	denial_address_text(const struct sockaddr *, size_t len, char out[DENIAL_ADDRESS_TEXT]);

/* "AF_PACKET", "AF_UNIX SOCK_DGRAM", "AF_NETLINK 7"; static or in `out'. */
const char *denial_socket_text(const uint64_t *args, char out[DENIAL_ADDRESS_TEXT]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* denial_net.c - addresses and kinds of sockets as text */
#include <config.h>

#include "denial_net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool
v4_outside(uint32_t address)
{
	return address != INADDR_ANY && address >> 24 != 127;
}

static bool
v6_outside(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_V4MAPPED(a)) {
		uint32_t v4;
		memcpy(&v4, a->s6_addr + 12, sizeof(v4));
		return v4_outside(ntohl(v4));
	}
	return !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_UNSPECIFIED(a);
}

bool
denial_address_text(const struct sockaddr *sa, size_t len, char out[DENIAL_ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (len >= sizeof(v4) && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		if (!v4_outside(ntohl(v4.sin_addr.s_addr)) || v4.sin_port == 0)
			return false;
		inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
		snprintf(out, DENIAL_ADDRESS_TEXT, "%s:%u", host, (unsigned)ntohs(v4.sin_port));
		return true;
	}
	if (len >= offsetof(struct sockaddr_in6, sin6_scope_id) && sa->sa_family == AF_INET6) {
		memset(&v6, 0, sizeof(v6));
		memcpy(&v6, sa, len < sizeof(v6) ? len : sizeof(v6));
		if (!v6_outside(&v6.sin6_addr) || v6.sin6_port == 0)
			return false;
		inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
		snprintf(out, DENIAL_ADDRESS_TEXT, "[%s]:%u", host, (unsigned)ntohs(v6.sin6_port));
		return true;
	}
	return false;
}

const char *
denial_socket_text(const uint64_t *args, char out[DENIAL_ADDRESS_TEXT])
{
	static const struct { unsigned family; const char *name; } t[] = {
		{ AF_PACKET, "AF_PACKET" }, { AF_VSOCK, "AF_VSOCK" }, { AF_ALG, "AF_ALG" },
		{ AF_BLUETOOTH, "AF_BLUETOOTH" }, { AF_CAN, "AF_CAN" }, { AF_TIPC, "AF_TIPC" },
		{ AF_INET, "AF_INET" }, { AF_INET6, "AF_INET6" }, { AF_KEY, "AF_KEY" },
	};
	unsigned family = (unsigned)args[0];

	if (family == AF_UNIX)
		return ((unsigned)args[1] & 0xf) == SOCK_DGRAM ? "AF_UNIX SOCK_DGRAM" : "AF_UNIX SOCK_RAW";
	if (family == AF_NETLINK) {
		snprintf(out, DENIAL_ADDRESS_TEXT, "AF_NETLINK %u", (unsigned)args[2]);
		return out;
	}
	for (size_t i = 0; i < NELEMS(t); i++)
		if (t[i].family == family)
			return t[i].name;
	snprintf(out, DENIAL_ADDRESS_TEXT, "address family %u", family);
	return out;
}

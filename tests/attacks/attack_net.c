/* SPDX-License-Identifier: Apache-2.0 */
/* attack_net.c - the host's network, with the network off */
#include <config.h>

#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
host4(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)given_number(port)) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

static struct sockaddr_in6
host6(const char *port)
{
	return (struct sockaddr_in6){ .sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)given_number(port)), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
}

/* Whoever answers there begins with the secret. */
static enum outcome
greeted(int s)
{
	struct pollfd p = { .fd = s, .events = POLLIN };

	if (s < 0)
		return BLOCKED;
	return poll(&p, 1, 1000) == 1 ? secret_in(s) : BLOCKED;
}

static enum outcome
tcp(const struct sockaddr *to, socklen_t len)
{
	int s = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, to, len) != 0)
		return BLOCKED;
	return greeted(s);
}

/* No answer within a moment is a block too: a datagram is sent wherever it goes. */
static enum outcome
udp(const struct sockaddr *to, socklen_t len)
{
	struct pollfd p = { .fd = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), .events = POLLIN };

	if (p.fd < 0 || sendto(p.fd, "x", 1, 0, to, len) != 1 || poll(&p, 1, is_control() ? 2000 : 50) != 1)
		return BLOCKED;
	return secret_in(p.fd);
}

static enum outcome
tcp4(void)
{
	struct sockaddr_in a = host4("ATTACK_TCP4");

	return tcp((struct sockaddr *)&a, sizeof(a));
}

static enum outcome
tcp6(void)
{
	struct sockaddr_in6 a = host6("ATTACK_TCP6");

	return a.sin6_port == 0 ? cannot(EAFNOSUPPORT) : tcp((struct sockaddr *)&a, sizeof(a));
}

static enum outcome
udp4(void)
{
	struct sockaddr_in a = host4("ATTACK_UDP4");

	return udp((struct sockaddr *)&a, sizeof(a));
}

static enum outcome
udp6(void)
{
	struct sockaddr_in6 a = host6("ATTACK_UDP6");

	return a.sin6_port == 0 ? cannot(EAFNOSUPPORT) : udp((struct sockaddr *)&a, sizeof(a));
}

/* A connection that no connect(2) makes. */
static enum outcome
fast_open(void)
{
	struct sockaddr_in a = host4("ATTACK_TCP4");
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || sendto(s, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&a, sizeof(a)) != 1)
		return BLOCKED;
	return greeted(s);
}

/* Not the loopback: an address of the host itself, if it has one. */
static enum outcome
other_address(void)
{
	struct sockaddr_in a = host4("ATTACK_TCP4");

	if (inet_pton(AF_INET, given("ATTACK_ADDRESS4"), &a.sin_addr) != 1)
		return cannot(EADDRNOTAVAIL);
	a.sin_port = htons((uint16_t)given_number("ATTACK_ANY4"));
	return tcp((struct sockaddr *)&a, sizeof(a));
}

static enum outcome
can_open(int family, int type, int protocol)
{
	int s = socket(family, type | SOCK_CLOEXEC, protocol);

	if (s < 0 && is_control() && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT))
		return CANNOT;
	return outcome_of(s >= 0);
}

static enum outcome
raw(void)
{
	return can_open(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static enum outcome
raw6(void)
{
	return can_open(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
}

static enum outcome
packets(void)
{
	return can_open(AF_PACKET, SOCK_DGRAM, 0);
}

static enum outcome
socket_diagnosis(void)
{
	return can_open(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
}

static enum outcome
kernel_events(void)
{
	return can_open(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
}

static enum outcome
generic_netlink(void)
{
	return can_open(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
}

static enum outcome
packet_filter(void)
{
	return can_open(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

static enum outcome
audit_log(void)
{
	return can_open(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
}

static enum outcome
hypervisor(void)
{
	return can_open(AF_VSOCK, SOCK_STREAM, 0);
}

static enum outcome
kernel_crypto(void)
{
	return can_open(AF_ALG, SOCK_SEQPACKET, 0);
}

static enum outcome
key_management(void)
{
	enum { PF_KEY_V2 = 2 };

	return can_open(AF_KEY, SOCK_RAW, PF_KEY_V2);
}

static enum outcome
change_interface(void)
{
	struct ifreq r = { .ifr_flags = 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(r.ifr_name, "lo");
	if (s < 0 || ioctl(s, SIOCGIFFLAGS, &r) != 0)
		return BLOCKED;
	return outcome_of(ioctl(s, SIOCSIFFLAGS, &r) == 0);
}

/* More than the loopback to be seen is a network that is not the sandbox's own. */
static enum outcome
see_interfaces(void)
{
	struct if_nameindex *all = if_nameindex();
	bool more = false;

	for (size_t i = 0; all != NULL && all[i].if_name != NULL; i++)
		more = more || strcmp(all[i].if_name, "lo") != 0;
	if_freenameindex(all);
	errno = 0;
	return is_control() && !more ? cannot(ENODEV) : outcome_of(more);
}

const struct attack attacks_net[] = {
	{ "tcp4", "", "connect to a port of the host's loopback", tcp4, 0 },
	{ "tcp6", "", "connect to a port of the host's loopback over IPv6", tcp6, 0 },
	{ "udp4", "", "send a datagram to the host's loopback and have an answer", udp4, 0 },
	{ "udp6", "", "the same over IPv6", udp6, 0 },
	{ "fast-open", "", "connect by sendto with MSG_FASTOPEN", fast_open, 0 },
	{ "other-address", "", "connect to an address of the host that is not loopback", other_address, 0 },
	{ "raw", "ns", "a raw socket", raw, CLONE_NEWNET },
	{ "raw6", "ns", "a raw socket of IPv6", raw6, CLONE_NEWNET },
	{ "packets", "ns", "a packet socket", packets, CLONE_NEWNET },
	{ "socket-diagnosis", "", "netlink: the host's sockets", socket_diagnosis, 0 },
	{ "kernel-events", "", "netlink: events of devices", kernel_events, 0 },
	{ "generic-netlink", "", "netlink: the generic family", generic_netlink, 0 },
	{ "packet-filter", "", "netlink: the packet filter", packet_filter, 0 },
	{ "audit-log", "", "netlink: the audit log", audit_log, 0 },
	{ "hypervisor", "", "a socket to the hypervisor", hypervisor, 0 },
	{ "kernel-crypto", "", "a socket to the kernel's cryptography", kernel_crypto, 0 },
	{ "key-management", "root", "a socket to the keys of IPsec", key_management, 0 },
	{ "change-interface", "ns", "set the flags of an interface, to what they are", change_interface,
	    CLONE_NEWNET },
	{ "see-interfaces", "landlock:no network namespace", "see interfaces of the host", see_interfaces, 0 },
	{ .name = NULL },
};

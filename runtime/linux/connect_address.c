/* SPDX-License-Identifier: Apache-2.0 */
/* connect_address.c - tells paths from abstract names, and both from what is the kernel's to judge */
#include <config.h>

#include "connect_address.h"

#include <errno.h>
#include <string.h>

static int
read_unix(struct connect_address *a)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_un un;

	/* As unix_validate_addr() of the kernel. */
	if (a->len <= head || a->len > sizeof(un) || a->u.any.sa_family != AF_UNIX)
		return EINVAL;
	memcpy(&un, &a->u, a->len);
	if (un.sun_path[0] == '\0') {
		a->kind = CONNECT_ABSTRACT;
		return 0;
	}
	size_t n = strnlen(un.sun_path, a->len - head);
	memcpy(a->path, un.sun_path, n);
	a->path[n] = '\0';
	a->kind = CONNECT_PATH;
	return 0;
}

int
connect_address_read(struct connect_address *a, int domain)
{
	const size_t family = offsetof(struct sockaddr, sa_family) + sizeof(a->u.any.sa_family);

	a->kind = CONNECT_KERNEL;
	switch (domain) {
	case AF_UNIX:
		/* Takes a peer away, for the kinds that have such a thing; names none. */
		if (a->len >= family && a->u.any.sa_family == AF_UNSPEC)
			return 0;
		return read_unix(a);
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
		return 0;
	default:
		a->kind = CONNECT_FOREIGN;
		return 0;
	}
}

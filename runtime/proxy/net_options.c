/* SPDX-License-Identifier: Apache-2.0 */
/* net_options.c - what is set on a socket, by the same names on every system */
#include <config.h>

#include "net.h"

#ifndef _WIN32
#include <netinet/tcp.h>
#endif

/* Windows has the value as const char *. */
static void
set(evutil_socket_t fd, int level, int option, const void *value, size_t len)
{
	setsockopt(fd, level, option, value, (socklen_t)len);
}

void
net_reset(evutil_socket_t fd)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	set(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

void
net_no_delay(evutil_socket_t fd)
{
	const int on = 1;

	set(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void
net_keep_alive(evutil_socket_t fd)
{
	const int on = 1;

	set(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

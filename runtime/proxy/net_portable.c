/* SPDX-License-Identifier: Apache-2.0 */
/* net_portable.c - the same with what every system has, and libevent where they differ */
#include <config.h>

#include "net.h"

#include <stdlib.h>

#include "proxy.h"

const short net_watch = 0;

void
net_await(struct event *e)
{
	event_add(e, NULL);
}

/* No program is started here, so that nothing inherits it; -1: it would wait. */
static evutil_socket_t
unwaiting(evutil_socket_t fd)
{
	if (fd < 0) {
		net_errno();
		return -1;
	}
	if (evutil_make_socket_nonblocking(fd) == 0)
		return fd;
	net_errno();
	evutil_closesocket(fd);
	return -1;
}

evutil_socket_t
net_accept(evutil_socket_t listener)
{
	return unwaiting(accept(listener, NULL, NULL));
}

evutil_socket_t
net_open(int family, int type)
{
	return unwaiting(socket(family, type, 0));
}

ptrdiff_t
net_send(evutil_socket_t fd, const void *bytes, size_t len)
{
	ptrdiff_t n = send(fd, bytes, (int)(len < PROXY_PIECE ? len : PROXY_PIECE), 0);

	if (n < 0)
		net_errno();
	return n;
}

/* ---- memory ---- */

/* Some are kept for who comes next. */
void
carrier_rest(struct proxy *p, struct carrier *c)
{
	if (c->bytes != NULL && p->nspare < PROXY_SPARE_PIPES)
		p->spare_piece[p->nspare++] = c->bytes;
	else
		free(c->bytes);
	*c = (struct carrier){ .there = false };
}

ptrdiff_t
carrier_fill(struct proxy *p, struct carrier *c, evutil_socket_t from)
{
	if (c->bytes == NULL)
		c->bytes = p->nspare > 0 ? p->spare_piece[--p->nspare] : malloc(PROXY_PIECE);
	if (c->bytes == NULL)
		return -1;
	ptrdiff_t n = net_recv(from, c->bytes, PROXY_PIECE);
	c->at = 0;
	c->held = n > 0 ? (size_t)n : 0;
	return n;
}

ptrdiff_t
carrier_empty(struct carrier *c, evutil_socket_t to)
{
	ptrdiff_t n = net_send(to, c->bytes + c->at, c->held);

	c->at += n > 0 ? (size_t)n : 0;
	c->held -= n > 0 ? (size_t)n : 0;
	return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* net_linux.c - accept4(2), splice(2) and edge-triggered events */
#include <config.h>

#include "net.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "proxy.h"

enum { PIPE_BYTES = 1024 * 1024, LARGE_PIPES = 32 };

const short net_watch = EV_ET | EV_PERSIST;

void
net_await(struct event *e)
{
	(void)e;
}

evutil_socket_t
net_accept(evutil_socket_t listener)
{
	return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

evutil_socket_t
net_open(int family, int type)
{
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

ptrdiff_t
net_send(evutil_socket_t fd, const void *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL);
}

/* ---- pipes ---- */

/* Empty ones are kept for who comes next; the first few are large, as most kinds of use have few. */
void
carrier_rest(struct proxy *p, struct carrier *c)
{
	if (c->there && c->held == 0 && p->nspare < PROXY_SPARE_PIPES) {
		memcpy(p->spare[p->nspare++], c->pipe, sizeof(c->pipe));
	} else if (c->there) {
		p->npipes--;
		close(c->pipe[0]);
		close(c->pipe[1]);
	}
	c->there = false;
	c->held = 0;
}

static bool
has_pipe(struct proxy *p, struct carrier *c)
{
	if (c->there)
		return true;
	c->there = true;
	if (p->nspare > 0) {
		memcpy(c->pipe, p->spare[--p->nspare], sizeof(c->pipe));
		return true;
	}
	if (pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		return c->there = false;
	/* Where the kernel has enough of them it stays as small as it is. */
	if (++p->npipes <= LARGE_PIPES)
		fcntl(c->pipe[1], F_SETPIPE_SZ, PIPE_BYTES);
	return true;
}

ptrdiff_t
carrier_fill(struct proxy *p, struct carrier *c, evutil_socket_t from)
{
	if (!has_pipe(p, c))
		return -1;
	ptrdiff_t n = splice(from, NULL, c->pipe[1], NULL, PIPE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	c->held = n > 0 ? (size_t)n : 0;
	return n;
}

ptrdiff_t
carrier_empty(struct carrier *c, evutil_socket_t to)
{
	ptrdiff_t n = splice(c->pipe[0], NULL, to, NULL, c->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	c->held -= n > 0 ? (size_t)n : 0;
	return n;
}

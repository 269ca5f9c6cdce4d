/* SPDX-License-Identifier: Apache-2.0 */
/* tunnel.c - bytes both ways between two sockets, until both have ended */
#include <config.h>

#include "tunnel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event_struct.h>

#include "net.h"

enum { TURNS = 4 };

/*
 * Who comes to the end of what can be read, or written, notes it, and is told
 * when that has changed.  Where events can be edge-triggered both sockets are
 * watched once and for all, else for what is waited for.
 */
struct flow {
	evutil_socket_t	 from, to;
	struct event	 readable, writable;	/* of `from', of `to' */
	bool		 can_read, can_write;	/* as far as is known */
	char		*early;
	size_t		 nearly, sent;
	struct carrier	 carrier;
	bool		 eof, done;
};

struct tunnel {
	struct proxy	*proxy;
	struct flow	 flow[2];		/* from the client; to it */
	evutil_socket_t	 fd[2];
	struct event	 timer;
	bool		 moved;			/* something, since the timer was set */
	void		(*done)(void *);
	void		*arg;
};

static void
end(struct tunnel *t, bool reset)
{
	for (size_t i = 0; i < NELEMS(t->flow); i++) {
		struct flow *f = &t->flow[i];
		event_del(&f->readable);
		event_del(&f->writable);
		carrier_rest(t->proxy, &f->carrier);
		free(f->early);
	}
	event_del(&t->timer);
	for (size_t i = 0; i < NELEMS(t->fd); i++) {
		if (reset)
			net_reset(t->fd[i]);
		net_close(t->fd[i]);
	}
	t->done(t->arg);
	free(t);
}

/* ---- one direction ---- */

enum pumped { PUMP_AGAIN, PUMP_WAIT, PUMP_DONE, PUMP_RESET };

static bool
would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* The other side takes no more: what comes is of no use, but its own direction may still be. */
static enum pumped
unwanted(struct proxy *p, struct flow *f)
{
	carrier_rest(p, &f->carrier);
	f->nearly = f->sent = 0;
	f->done = true;
	return PUMP_DONE;
}

static enum pumped
pump_in(struct proxy *p, struct flow *f)
{
	ptrdiff_t n = carrier_fill(p, &f->carrier, f->from);

	if (n < 0) {
		f->can_read = false;
		return would_block() ? PUMP_WAIT : PUMP_RESET;
	}
	f->eof = n == 0;
	return PUMP_AGAIN;
}

static enum pumped
pump_out(struct proxy *p, struct flow *f)
{
	ptrdiff_t n = f->sent < f->nearly ?
	    net_send(f->to, f->early + f->sent, f->nearly - f->sent) : carrier_empty(&f->carrier, f->to);

	if (n < 0) {
		f->can_write = false;
		return would_block() ? PUMP_WAIT : unwanted(p, f);
	}
	if (f->sent < f->nearly)
		f->sent += (size_t)n;
	return PUMP_AGAIN;
}

static bool
has_bytes(const struct flow *f)
{
	return f->sent < f->nearly || f->carrier.held > 0;
}

/* PUMP_AGAIN: others have their turn first. */
static enum pumped
pump(struct proxy *x, struct flow *f)
{
	enum pumped p = PUMP_AGAIN;

	for (int turn = 0; p == PUMP_AGAIN && turn < 2 * TURNS; turn++) {
		if (f->done) {
			p = PUMP_DONE;
		} else if (has_bytes(f)) {
			p = f->can_write ? pump_out(x, f) : PUMP_WAIT;
		} else if (f->eof) {
			net_shut(f->to);
			f->done = true;
			p = PUMP_DONE;
		} else {
			p = f->can_read ? pump_in(x, f) : PUMP_WAIT;
		}
	}
	if (f->carrier.held == 0)
		carrier_rest(x, &f->carrier);
	return p;
}

/* ---- both ---- */

static void
rest(struct tunnel *t)
{
	const struct timeval open = { PROXY_TUNNEL_S, 0 }, half = { PROXY_HALF_OPEN_S, 0 };

	t->moved = false;
	event_add(&t->timer, t->flow[0].done || t->flow[1].done ? &half : &open);
}

static void
run(struct tunnel *t, struct flow *f)
{
	bool was_done = f->done;

	t->moved = true;
	switch (pump(t->proxy, f)) {
	case PUMP_RESET:
		end(t, true);
		return;
	case PUMP_AGAIN:
		event_active(&f->readable, EV_READ, 0);
		break;
	case PUMP_WAIT:
		net_await(has_bytes(f) ? &f->writable : &f->readable);
		break;
	case PUMP_DONE:
		break;
	}
	if (t->flow[0].done && t->flow[1].done)
		end(t, false);
	else if (f->done && !was_done)
		rest(t);
}

static struct flow *
flow_of(struct tunnel *t, evutil_socket_t from)
{
	return &t->flow[from == t->flow[0].from ? 0 : 1];
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct flow *f = flow_of(arg, fd);

	(void)what;
	f->can_read = true;
	if (!f->done)
		run(arg, f);
}

static void
writable(evutil_socket_t fd, short what, void *arg)
{
	struct tunnel *t = arg;
	struct flow *f = flow_of(t, fd == t->fd[0] ? t->fd[1] : t->fd[0]);

	(void)what;
	f->can_write = true;
	if (!f->done && has_bytes(f))
		run(t, f);
}

/* Twice the time at most. */
static void
expired(evutil_socket_t fd, short what, void *arg)
{
	struct tunnel *t = arg;

	(void)fd;
	(void)what;
	if (t->moved)
		rest(t);
	else
		end(t, true);
}

static bool
begin_flow(struct tunnel *t, size_t i, const struct tunnel_side *from, evutil_socket_t to)
{
	struct flow *f = &t->flow[i];

	*f = (struct flow){ .from = from->fd, .to = to, .nearly = from->nearly };
	event_assign(&f->readable, t->proxy->base, from->fd, (short)(EV_READ | net_watch), readable, t);
	event_assign(&f->writable, t->proxy->base, to, (short)(EV_WRITE | net_watch), writable, t);
	if (from->nearly == 0)
		return true;
	f->early = malloc(from->nearly);
	if (f->early != NULL)
		memcpy(f->early, from->early, from->nearly);
	return f->early != NULL;
}

struct tunnel *
tunnel_start(struct proxy *p, const struct tunnel_side *client, const struct tunnel_side *server,
    void (*done)(void *), void *arg)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	*t = (struct tunnel){ .proxy = p, .fd = { client->fd, server->fd }, .done = done, .arg = arg };
	event_assign(&t->timer, p->base, -1, 0, expired, t);
	if (!begin_flow(t, 0, client, server->fd) || !begin_flow(t, 1, server, client->fd)) {
		free(t->flow[0].early);
		free(t->flow[1].early);
		free(t);
		return NULL;
	}
	rest(t);
	/* What is there already is told too, so that `done' comes from the loop alone. */
	for (size_t i = 0; i < NELEMS(t->flow); i++) {
		event_add(&t->flow[i].readable, NULL);
		event_add(&t->flow[i].writable, NULL);
	}
	return t;
}

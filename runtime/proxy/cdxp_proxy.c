/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_proxy.c - the program cdxp-proxy: decides about and makes the connections of one sandbox */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "arena.h"
#include "client.h"
#include "door.h"
#include "net.h"
#include "proxy_plan.h"
#include "resolve.h"
#include "udp_relay.h"

/*
 * Started by cdxp-run with one end of a socket pair, or two pipes, and nothing
 * else: see proxy_config.h.  It runs on the host's side.  On Linux it listens
 * within the sandbox: the sockets were made there.  It ends with cdxp-run.
 */

enum { EXIT_USAGE = 2, BACKLOG_TURN = 64, RETRY_MS = 100 };

struct acceptor {
	struct proxy	*proxy;
	const struct proxy_listener *listener;
	evutil_socket_t	 fd;
	struct event	 event, retry;
};

_Noreturn void
proxy_die(const char *what)
{
	fprintf(stderr, "cdxp-proxy: %s\n", what);
	exit(EXIT_USAGE);
}

/* ---- connections ---- */

/*
 * What is too much, of connections or of descriptors, waits in the backlog,
 * and is looked for again when some may have been given back.
 */
static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval later = { 0, RETRY_MS * 1000 };
	struct acceptor *a = arg;

	(void)fd;
	(void)what;
	for (int i = 0; i < BACKLOG_TURN && a->proxy->nclients < PROXY_MAX_CLIENTS; i++) {
		evutil_socket_t client = net_accept(a->fd);
		if (client < 0 && errno != EINTR && errno != ECONNABORTED) {
			if (errno == EAGAIN)
				event_add(&a->event, NULL);
			else
				event_add(&a->retry, &later);
			return;
		}
		if (client >= 0)
			client_start(a->proxy, a->listener, client);
	}
	if (a->proxy->nclients < PROXY_MAX_CLIENTS)
		event_add(&a->event, NULL);
	else
		event_add(&a->retry, &later);
}

/* ---- the beginning ---- */

static void
open_listener(struct proxy *p, size_t i, evutil_socket_t fd)
{
	const struct proxy_listener *l = &p->config->listener[i];

	if (l->datagrams) {
		p->udp = udp_relay_new(p, fd, l);
		return;
	}
	struct acceptor *a = calloc(1, sizeof(*a));
	if (a == NULL)
		proxy_die("no memory");
	*a = (struct acceptor){ .proxy = p, .listener = l, .fd = fd };
	event_assign(&a->event, p->base, fd, EV_READ, on_connection, a);
	event_assign(&a->retry, p->base, -1, 0, on_connection, a);
	event_add(&a->event, NULL);
	p->acceptor[i] = a;
}

static struct event_base *
new_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c != NULL) {
		/* One thread uses it. */
		event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK);
		base = event_base_new_with_config(c);
		event_config_free(c);
	}
	return base;
}

int
main(int argc, char **argv)
{
	struct proxy p = { .arena = arena_new(), .audit = -1 };

	if (net_begin() != 0)
		proxy_die("what it was started with cannot be let go of");
	door_open(&p, argc, argv);
	if (p.config->token != NULL)
		p.authorization = proxy_basic(p.arena, arena_printf(p.arena, PROXY_USER ":%s",
		    p.config->token));
	if (!judge_init(&p.judge, p.arena, p.config->ir))
		proxy_die("the rules are not in normal form");
	p.base = new_base();
	p.piece = malloc(PROXY_PIECE);
	if (p.base == NULL || p.piece == NULL || (p.resolver = resolver_new(p.base)) == NULL)
		proxy_die("no memory");
	for (size_t i = 0; i < p.config->nlisteners; i++)
		open_listener(&p, i, door_listener(&p, i));
	door_ready(&p);
	event_base_dispatch(p.base);
	return EXIT_SUCCESS;
}

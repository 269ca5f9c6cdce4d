/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_proxy.c - the program cdxp-proxy: decides about and makes the connections of one sandbox */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "arena.h"
#include "confine.h"
#include "inner_plan.h"
#include "proxy.h"
#include "proxy_plan.h"
#include "resolve.h"
#include "client.h"
#include "udp_relay.h"

/*
 * Started by cdxp-run with one end of a socket pair and nothing else: see
 * proxy_config.h.  It runs on the host's side, and listens within the
 * sandbox: the sockets were made there.  It ends with cdxp-run.
 */

enum { EXIT_USAGE = 2, BACKLOG_TURN = 64, RETRY_MS = 100 };

struct acceptor {
	struct proxy	*proxy;
	const struct proxy_listener *listener;
	int		 fd;
	struct event	 event, retry;
};

static _Noreturn void
die(const char *what)
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
		int client = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
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

static void
on_control(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what;
	(void)arg;
	if (recv(fd, &byte, 1, MSG_DONTWAIT) == 0)
		exit(EXIT_SUCCESS);
}

/* ---- the beginning ---- */

static const struct proxy_config *
receive_config(struct arena *a, int control, bool *audit)
{
	uint8_t head[4];
	const char *why = NULL;

	if (inner_receive(control, head, sizeof(head)) != 0)
		exit(EXIT_SUCCESS);	/* whoever started us has given up */
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len > LIMIT_BUNDLE_BYTES)
		die("the configuration is too long");
	char *text = arena_alloc(a, len + 1);
	if (inner_receive(control, text, len) != 0)
		exit(EXIT_SUCCESS);
	const struct proxy_config *c = proxy_config_read(a, text, len, audit, &why);
	if (c == NULL)
		die(why);
	return c;
}

static int
receive_fd(int control)
{
	int fd = inner_receive_fd(control);

	if (fd < 0)
		exit(EXIT_SUCCESS);
	return fd;
}

static void
open_listener(struct proxy *p, size_t i, int fd)
{
	const struct proxy_listener *l = &p->config->listener[i];

	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		die("a listener cannot be used");
	if (l->datagrams) {
		p->udp = udp_relay_new(p, fd, l);
		return;
	}
	struct acceptor *a = calloc(1, sizeof(*a));
	if (a == NULL)
		die("no memory");
	*a = (struct acceptor){ .proxy = p, .listener = l, .fd = fd };
	event_assign(&a->event, p->base, fd, EV_READ, on_connection, a);
	event_assign(&a->retry, p->base, -1, 0, on_connection, a);
	event_add(&a->event, NULL);
	p->acceptor[i] = a;
}

/* A connection takes two descriptors, and two more while much goes through it. */
static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	rlim_t want = 4 * PROXY_MAX_CLIENTS;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* Nothing of the caller's is held: a pipe ends for its reader when the command does. */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		die("/dev/null cannot be opened");
	if (null > STDERR_FILENO)
		close(null);
	if (chdir("/") != 0)
		die("/ cannot be entered");
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
	struct event control_event;
	bool audit;
	char *end = NULL;
	long control = argc == 2 ? strtol(argv[1], &end, 10) : -1;

	if (control <= STDERR_FILENO || end == argv[1] || *end != '\0') {
		fputs("cdxp-proxy is started by cdxp-run, for a network that is proxied; it has no use "
		    "of its own\n", stderr);
		return EXIT_USAGE;
	}
	raise_limits();
	let_go();
	if (confine_proxy() != 0)
		die("rights cannot be given up");
	p.config = receive_config(p.arena, (int)control, &audit);
	if (p.config->token != NULL)
		p.authorization = proxy_basic(p.arena, arena_printf(p.arena, PROXY_USER ":%s",
		    p.config->token));
	if (!judge_init(&p.judge, p.arena, p.config->ir))
		die("the rules are not in normal form");
	p.base = new_base();
	p.piece = malloc(PROXY_PIECE);
	if (p.base == NULL || p.piece == NULL || (p.resolver = resolver_new(p.base)) == NULL)
		die("no memory");
	if (audit)
		p.audit = receive_fd((int)control);
	for (size_t i = 0; i < p.config->nlisteners; i++)
		open_listener(&p, i, receive_fd((int)control));
	event_assign(&control_event, p.base, (int)control, EV_READ | EV_PERSIST, on_control, NULL);
	event_add(&control_event, NULL);
	event_base_dispatch(p.base);
	return EXIT_SUCCESS;
}

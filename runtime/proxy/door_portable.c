/* SPDX-License-Identifier: Apache-2.0 */
/* door_portable.c - listeners of the proxy's own on the host's loopback, whose ports it tells */
#include <config.h>

#include "door.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "net.h"

enum { BACKLOG = 1024 };

/* 0, or -1 where whoever started us has given up. */
static int
receive(int fd, void *to, size_t len)
{
	for (char *p = to; len > 0;) {
		ptrdiff_t n = read(fd, p, (unsigned)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static const struct proxy_config *
receive_config(struct arena *a, int control)
{
	uint8_t head[4];
	const char *why = NULL;
	bool audit;

	if (receive(control, head, sizeof(head)) != 0)
		exit(EXIT_SUCCESS);
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len > LIMIT_BUNDLE_BYTES)
		proxy_die("the configuration is too long");
	char *text = arena_alloc(a, len + 1);
	if (receive(control, text, len) != 0)
		exit(EXIT_SUCCESS);
	const struct proxy_config *c = proxy_config_read(a, text, len, &audit, &why);
	if (c == NULL)
		proxy_die(why);
	/* Others of the host reach what we listen on. */
	if (c->token == NULL || audit)
		proxy_die("the configuration is that of another system");
	return c;
}

static long
number(const char *text)
{
	char *end = NULL;
	long n = strtol(text, &end, 10);

	return n > STDERR_FILENO && n < 1 << 20 && *end == '\0' ? n : -1;
}

/*
 * A descriptor, and perhaps one for decisions; none where the streams are what
 * is spoken through.
 */
void
door_open(struct proxy *p, int argc, char **argv)
{
	long control = argc > 1 ? number(argv[1]) : STDIN_FILENO, audit = argc > 2 ? number(argv[2]) : -1;

	if (argc > 3 || control < 0 || (argc > 2 && audit < 0))
		proxy_die("this is started by cdxp-run, for a network that is proxied; it has no use of its own");
	p->control[0] = (int)control;
	p->control[1] = argc > 1 ? (int)control : STDOUT_FILENO;
	p->audit = (int)audit;
	p->config = receive_config(p->arena, (int)control);
	if (p->config->audit_file == NULL)
		return;
	p->audit = net_append(p->arena, p->config->audit_file);
	if (p->audit < 0)
		proxy_die(arena_printf(p->arena, "--audit %s: %s", p->config->audit_file, net_error_text(errno)));
}

static evutil_socket_t
listen_at(const struct proxy_listener *l, uint16_t *port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(l->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(l->port) };
	struct sockaddr *sa = l->address.v6 ? (void *)&v6 : (void *)&v4;
	socklen_t len = l->address.v6 ? sizeof(v6) : sizeof(v4);
	evutil_socket_t fd = net_open(sa->sa_family, SOCK_STREAM);

	memcpy(&v4.sin_addr, l->address.b, 4);
	memcpy(&v6.sin6_addr, l->address.b, 16);
	if (fd < 0)
		return -1;
	net_alone(fd);
	if (bind(fd, sa, len) == 0 && listen(fd, BACKLOG) == 0 && getsockname(fd, sa, &len) == 0) {
		*port = ntohs(l->address.v6 ? v6.sin6_port : v4.sin_port);
		return fd;
	}
	net_errno();
	return -1;
}

evutil_socket_t
door_listener(struct proxy *p, size_t i)
{
	const struct proxy_listener *l = &p->config->listener[i];
	uint16_t port = 0;
	evutil_socket_t fd = l->datagrams ? -1 : listen_at(l, &port);
	const uint8_t told[2] = { (uint8_t)(port >> 8), (uint8_t)port };

	if (l->datagrams)
		proxy_die("datagrams show no token");
	if (fd < 0)
		proxy_die(arena_printf(p->arena, "it cannot listen on %s, port %u: %s",
		    address_text(p->arena, &l->address), (unsigned)l->port, net_error_text(errno)));
	if (write(p->control[1], told, sizeof(told)) != (ptrdiff_t)sizeof(told))
		exit(EXIT_SUCCESS);
	return fd;
}

/* Nothing more is said: this is for the end. */
static void *
await_end(void *arg)
{
	const struct proxy *p = arg;
	char byte;

	while (receive(p->control[0], &byte, 1) == 0)
		continue;
	_exit(EXIT_SUCCESS);
	return NULL;
}

void
door_ready(struct proxy *p)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, await_end, p) != 0)
		proxy_die("no memory");
}

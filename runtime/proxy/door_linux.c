/* SPDX-License-Identifier: Apache-2.0 */
/* door_linux.c - all of it through a socket pair: the listeners were made in the sandbox */
#include <config.h>

#include "door.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "arena.h"
#include "confine.h"
#include "inner_plan.h"

static const struct proxy_config *
receive_config(struct arena *a, int control, bool *audit)
{
	uint8_t head[4];
	const char *why = NULL;

	if (inner_receive(control, head, sizeof(head)) != 0)
		exit(EXIT_SUCCESS);	/* whoever started us has given up */
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (len > LIMIT_BUNDLE_BYTES)
		proxy_die("the configuration is too long");
	char *text = arena_alloc(a, len + 1);
	if (inner_receive(control, text, len) != 0)
		exit(EXIT_SUCCESS);
	const struct proxy_config *c = proxy_config_read(a, text, len, audit, &why);
	if (c == NULL)
		proxy_die(why);
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

void
door_open(struct proxy *p, int argc, char **argv)
{
	bool audit;
	char *end = NULL;
	long control = argc == 2 ? strtol(argv[1], &end, 10) : -1;

	if (control <= STDERR_FILENO || end == argv[1] || *end != '\0')
		proxy_die("this is started by cdxp-run, for a network that is proxied; it has no use of its own");
	if (confine_proxy() != 0)
		proxy_die("rights cannot be given up");
	p->control[0] = p->control[1] = (int)control;
	p->config = receive_config(p->arena, (int)control, &audit);
	if (audit)
		p->audit = receive_fd((int)control);
}

evutil_socket_t
door_listener(struct proxy *p, size_t i)
{
	int fd = receive_fd(p->control[0]);

	(void)i;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		proxy_die("a listener cannot be used");
	return fd;
}

static void
on_control(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what, (void)arg;
	if (recv(fd, &byte, 1, MSG_DONTWAIT) == 0)
		exit(EXIT_SUCCESS);
}

void
door_ready(struct proxy *p)
{
	struct event *e = event_new(p->base, p->control[0], EV_READ | EV_PERSIST, on_control, NULL);

	if (e == NULL || event_add(e, NULL) != 0)
		proxy_die("no memory");
}

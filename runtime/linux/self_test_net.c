/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_net.c - destinations of each class, and sockets of the host, that are tried */
#include <config.h>

#include "self_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "launch_landlock.h"

enum { BACKLOG = 8 };

/* A listener that nobody serves: whoever connects has reached it. */
static int
listen_at(int family, const void *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (bind(fd, address, len) != 0 || listen(fd, BACKLOG) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void
add(struct arena *a, struct self_test *t, enum probe_op op, const char *target, bool expected)
{
	struct probe p = {
		.op = op, .target = target, .expected = expected, .rule = t->net_rule, .at = t->net_at,
		.element = op == PROBE_ABSTRACT || op == PROBE_SOCKET ? t->socket_element : t->net_element,
	};

	const struct probe_result outside = op == PROBE_LOOPBACK ? (struct probe_result){ .worked = true } :
	    probe_make(&p);
	p.outside = outside.error;
	if (!outside.worked)
		p.void_because = "which fails without a sandbox, too";
	VEC_PUSH(a, &t->probes, p);
}

static void
add_host_port(struct arena *a, struct self_test *t, bool expected)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	t->tcp = listen_at(AF_INET, &at, sizeof(at));
	if (t->tcp >= 0 && getsockname(t->tcp, (struct sockaddr *)&at, &len) == 0)
		add(a, t, PROBE_TCP, arena_printf(a, "127.0.0.1:%u", (unsigned)ntohs(at.sin_port)), expected);
}

static void
add_abstract(struct arena *a, struct self_test *t, bool expected)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *name = arena_printf(a, "cdxp-self-test.%ld", (long)getpid());

	memcpy(at.sun_path + 1, name, strlen(name));
	t->abstract = listen_at(AF_UNIX, &at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1));
	if (t->abstract >= 0)
		add(a, t, PROBE_ABSTRACT, name, expected);
}

/* Whether or not the sandbox shows it: what no rule allows is out of reach. */
static void
add_file(struct arena *a, struct self_test *t, const struct bound_policy *b)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char *dir = arena_strdup(a, "/tmp/cdxp-self-test.XXXXXX");

	if (mkdtemp(dir) == NULL)
		return;
	t->directory = dir;
	const char *path = arena_printf(a, "%s/socket", dir);
	if (decide_net_socket(b, path).allow)
		return;
	memcpy(at.sun_path, path, strlen(path));
	t->socket = path;
	t->path = listen_at(AF_UNIX, &at, sizeof(at));
	if (t->path >= 0)
		add(a, t, PROBE_SOCKET, path, false);
}

/* Those that the profile names, as far as they are sockets now. */
static void
add_named(struct arena *a, struct self_test *t, const struct bound_policy *b)
{
	struct stat st;

	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (stat(s->path, &st) != 0 || !S_ISSOCK(st.st_mode))
			continue;
		const struct net_decision d = decide_net_socket(b, s->path);
		add(a, t, PROBE_SOCKET, s->path, d.allow);
		struct probe *p = &t->probes.v[t->probes.len - 1];
		p->rule = arena_printf(a, "%s \"%s\" in unix_sockets", d.allow ? "allowed by" : "denied by",
		    d.origin->text != NULL ? d.origin->text : s->path);
		p->at = why_place(a, b, &(struct why){ WHY_ENTRY, d.origin, NULL });
	}
}

void
self_test_add_network(struct arena *a, const struct launch *l, struct self_test *t)
{
	/* For documentation (RFC 5737, 3849), private, and where clouds tell their secrets. */
	static const char *const classes[] = { "192.0.2.1", "2001:db8::1", "10.0.0.1", "169.254.169.254" };
	const struct bound_policy *b = l->request->bound;
	bool open = l->request->ir->network.mode == NET_OPEN, landlock = launch_is_landlock(l);

	add_host_port(a, t, open);
	for (size_t i = 0; i < NELEMS(classes); i++)
		add(a, t, PROBE_UDP, classes[i], open);
	add(a, t, PROBE_LOOPBACK, "127.0.0.1", open || !landlock);
	if (open)
		return;
	add_abstract(a, t, false);
	add_file(a, t, b);
	add_named(a, t, b);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_net.c - destinations of each class, and sockets of the host, that are tried */
#include <config.h>

#include "self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
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
#include "self_test_bait.h"

enum { BACKLOG = 8 };

/* ---- the bait ---- */

/* Whoever connects has reached it. */
int
bait_listen(int family, const void *address, unsigned len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd >= 0 && (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || bind(fd, address, len) != 0 || listen(fd, BACKLOG) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int
bait_listen_port(unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = bait_listen(AF_INET, &at, sizeof(at));

	if (fd >= 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0)
		*port = ntohs(at.sin_port);
	return fd;
}

int
bait_listen_file(char path[BAIT_NAME_BYTES], char dir[BAIT_NAME_BYTES])
{
	const char *tmp = getenv("TMPDIR");
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	/* An address of a socket is short. */
	bool usable = tmp != NULL && tmp[0] == '/' && strlen(tmp) < BAIT_NAME_BYTES / 2;

	snprintf(dir, BAIT_NAME_BYTES, "%s/cdxp-self-test.XXXXXX", usable ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL) {
		dir[0] = '\0';
		return -1;
	}
	size_t len = strlen(dir);
	memcpy(at.sun_path, dir, len);
	memcpy(at.sun_path + len, "/socket", sizeof("/socket"));
	int fd = bait_listen(AF_UNIX, &at, sizeof(at));
	if (fd >= 0)
		memcpy(path, at.sun_path, BAIT_NAME_BYTES);
	return fd;
}

void
bait_hold(struct arena *a, struct bait_held *h, struct self_test_bait *b)
{
	char path[BAIT_NAME_BYTES] = "";

	*b = (struct self_test_bait){ .gone = -1 };
	h->port = bait_listen_port(&b->port);
	h->socket = bait_listen_file(path, h->dir);
	b->socket = path[0] != '\0' ? arena_strdup(a, path) : NULL;
	h->path = b->socket;
}

void
bait_let_go(struct bait_held *h)
{
	if (h->port >= 0)
		close(h->port);
	if (h->socket >= 0)
		close(h->socket);
	if (h->path != NULL)
		unlink(h->path);
	if (h->dir[0] != '\0')
		rmdir(h->dir);
}

/* ---- what is tried at it ---- */

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
self_test_add_network(struct arena *a, const struct launch *l, const struct self_test_bait *bait,
    bool loopback, struct self_test *t)
{
	/* For documentation (RFC 5737, 3849), private, and where clouds tell their secrets. */
	static const char *const classes[] = { "192.0.2.1", "2001:db8::1", "10.0.0.1", "169.254.169.254" };
	const struct bound_policy *b = l->request->bound;
	bool open = l->request->ir->network.mode == NET_OPEN;

	if (bait->port != 0)
		add(a, t, PROBE_TCP, arena_printf(a, "127.0.0.1:%u", bait->port), open);
	for (size_t i = 0; i < NELEMS(classes); i++)
		add(a, t, PROBE_UDP, classes[i], open);
	add(a, t, PROBE_LOOPBACK, "127.0.0.1", open || loopback);
	if (open)
		return;
	if (bait->abstract != NULL)
		add(a, t, PROBE_ABSTRACT, bait->abstract, false);
	/* Whether or not the sandbox shows it: what no rule allows is out of reach. */
	if (bait->socket != NULL && !decide_net_socket(b, bait->socket).allow)
		add(a, t, PROBE_SOCKET, bait->socket, false);
	add_named(a, t, b);
}

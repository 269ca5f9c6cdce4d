/* SPDX-License-Identifier: Apache-2.0 */
/* udp_relay.c - associations, their destinations, and datagrams both ways */
#include <config.h>

#include "udp_relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event_struct.h>

#include "arena.h"
#include "audit.h"
#include "net.h"
#include "resolve.h"
#include "socks.h"

enum {
	MAX_ASSOCIATIONS = 256,
	MAX_DESTS	= 64,		/* of one association; the one that was used least recently gives way */
	MAX_DATAGRAM	= 64 * 1024,
	BURST		= 32,		/* datagrams at a time */
};

struct dest {
	bool		 used, allowed;
	struct socks_dest asked;
	struct net_address address;
	struct lookup	*lookup;	/* its name is being resolved: */
	char		*held;		/* one datagram waits for that; others are lost */
	size_t		 nheld;
	uint64_t	 last;
	struct association *of;
};

struct association {
	struct udp_relay *relay;
	const struct client *client;
	struct association *next;
	bool		 known;		/* its source is */
	struct sockaddr_storage source;
	socklen_t	 source_len;
	evutil_socket_t	 fd[2];		/* IPv4 and IPv6, of the host */
	struct event	 event[2];
	struct dest	*dest;		/* MAX_DESTS, once there is one */
};

struct udp_relay {
	struct proxy	*proxy;
	evutil_socket_t	 fd;
	struct net_address address;
	uint16_t	 port;
	struct event	 event;
	struct association *first;
	size_t		 n;
	uint64_t	 clock;
	char		*datagram;	/* MAX_DATAGRAM, and before it room for a head */
};

/* ---- destinations ---- */

static bool
same_dest(const struct socks_dest *x, const struct socks_dest *y)
{
	return x->is_name == y->is_name && x->port == y->port &&
	    (x->is_name ? strcmp(x->name, y->name) == 0 : address_equal(&x->address, &y->address));
}

static void
clear_dest(struct dest *d)
{
	if (d->lookup != NULL)
		resolver_forget(d->lookup);
	free(d->held);
	*d = (struct dest){ .used = false };
}

static void
send_to(struct association *as, const struct dest *d, const void *bytes, size_t len)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(d->asked.port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(d->asked.port) };
	evutil_socket_t fd = as->fd[d->address.v6];
	ptrdiff_t n;

	if (fd < 0)
		return;
	memcpy(&v4.sin_addr, d->address.b, 4);
	memcpy(&v6.sin6_addr, d->address.b, 16);
	n = d->address.v6 ? net_send_to(fd, bytes, len, (struct sockaddr *)&v6, sizeof(v6)) :
	    net_send_to(fd, bytes, len, (struct sockaddr *)&v4, sizeof(v4));
	(void)n;		/* a datagram may get lost */
}

static void
client_text(const struct association *as, char text[64])
{
	const struct sockaddr_in *v4 = (const void *)&as->source;
	const struct sockaddr_in6 *v6 = (const void *)&as->source;
	char host[INET6_ADDRSTRLEN] = "?";

	if (as->source.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
	snprintf(text, 64, "%s:%u", host, (unsigned)ntohs(as->source.ss_family == AF_INET6 ?
	    v6->sin6_port : v4->sin_port));
}

static void
tell(const struct association *as, const struct judgement *j)
{
	char client[64];

	client_text(as, client);
	audit_write(as->relay->proxy->audit, &as->relay->proxy->judge, j, client);
}

static void	name_resolved(void *, const struct resolved *);

/* Judge by name; by addresses too where they are known, and take the first that is allowed. */
static void
judge(struct dest *d, const struct resolved *r)
{
	struct association *as = d->of;
	struct proxy *p = as->relay->proxy;
	struct arena *a = arena_new();
	struct judgement j = { .protocol = JUDGE_SOCKS_UDP };
	const char *why, *host = d->asked.is_name ? d->asked.name : address_text(a, &d->asked.address);

	d->allowed = false;
	if (d->asked.port == 0 || judge_dest(a, host, strlen(host), d->asked.port, &j.dest, &why) != 0 ||
	    j.dest.port != d->asked.port) {
		arena_free(a);
		return;
	}
	judge_request(&p->judge, &j);
	if (j.net.allow && j.dest.kind == DOMAIN_ADDRESS) {
		d->address = j.dest.address;
		d->allowed = true;
	} else if (j.net.allow && r != NULL) {
		for (size_t i = 0; i < r->n && !d->allowed; i++) {
			judge_address(&p->judge, &j, &r->address[i]);
			d->address = r->address[i];
			d->allowed = j.net.allow;
		}
	}
	bool ask = j.net.allow && r == NULL && !d->allowed;
	if (!ask)
		tell(as, &j);
	d->lookup = ask ? resolver_ask(p->resolver, j.dest.host, name_resolved, d) : NULL;
	arena_free(a);
}

static void
name_resolved(void *arg, const struct resolved *r)
{
	struct dest *d = arg;

	d->lookup = NULL;
	judge(d, r);
	if (d->allowed && d->held != NULL)
		send_to(d->of, d, d->held, d->nheld);
	free(d->held);
	d->held = NULL;
}

/* The one that is asked for, made and judged where it is new; NULL: no memory. */
static struct dest *
dest_for(struct association *as, const struct socks_dest *asked)
{
	struct dest *oldest = NULL;

	if (as->dest == NULL && (as->dest = calloc(MAX_DESTS, sizeof(*as->dest))) == NULL)
		return NULL;
	for (size_t i = 0; i < MAX_DESTS; i++) {
		struct dest *d = &as->dest[i];
		if (d->used && same_dest(&d->asked, asked))
			return d;
		if (oldest == NULL || !d->used || (oldest->used && d->last < oldest->last))
			oldest = d;
	}
	clear_dest(oldest);
	*oldest = (struct dest){ .used = true, .asked = *asked, .of = as };
	judge(oldest, NULL);
	return oldest;
}

/* ---- from the sandbox ---- */

static bool
same_source(const struct association *as, const struct sockaddr_storage *from, socklen_t len)
{
	return as->known && as->source_len == len && memcmp(&as->source, from, len) == 0;
}

/* Who sends from there; else the association that has waited longest for its first datagram. */
static struct association *
whose(struct udp_relay *u, const struct sockaddr_storage *from, socklen_t len)
{
	struct association *waiting = NULL;

	for (struct association *as = u->first; as != NULL; as = as->next) {
		if (same_source(as, from, len))
			return as;
		if (!as->known)
			waiting = as;
	}
	if (waiting != NULL) {
		waiting->known = true;
		memcpy(&waiting->source, from, len);
		waiting->source_len = len;
	}
	return waiting;
}

static void
from_sandbox(struct udp_relay *u, const struct sockaddr_storage *from, socklen_t from_len,
    const char *bytes, size_t len)
{
	struct socks_dest asked;
	struct association *as = whose(u, from, from_len);
	ptrdiff_t head = socks_datagram_read((const uint8_t *)bytes, len, &asked);
	struct dest *d = as == NULL || head < 0 ? NULL : dest_for(as, &asked);

	if (d == NULL)
		return;
	d->last = ++u->clock;
	bytes += head;
	len -= (size_t)head;
	if (d->allowed) {
		send_to(as, d, bytes, len);
	} else if (d->lookup != NULL && d->held == NULL && (d->held = malloc(len + 1)) != NULL) {
		memcpy(d->held, bytes, len);
		d->nheld = len;
	}
}

static void
sandbox_readable(evutil_socket_t fd, short what, void *arg)
{
	struct udp_relay *u = arg;
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };

	(void)what;
	for (int i = 0; i < BURST; i++) {
		socklen_t len = sizeof(from);
		ptrdiff_t n = net_recv_from(fd, u->datagram, MAX_DATAGRAM, &from, &len);
		if (n < 0)
			return;
		from_sandbox(u, &from, len, u->datagram, (size_t)n);
	}
}

/* ---- from the host ---- */

/* Only who was sent something may answer. */
static bool
is_expected(const struct association *as, const struct net_address *from, uint16_t port)
{
	for (size_t i = 0; as->dest != NULL && i < MAX_DESTS; i++) {
		const struct dest *d = &as->dest[i];
		if (d->used && d->allowed && d->asked.port == port && address_equal(&d->address, from))
			return true;
	}
	return false;
}

static void
host_readable(evutil_socket_t fd, short what, void *arg)
{
	struct association *as = arg;
	struct udp_relay *u = as->relay;
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	const struct sockaddr_in *v4 = (const void *)&from;
	const struct sockaddr_in6 *v6 = (const void *)&from;

	(void)what;
	for (int i = 0; i < BURST; i++) {
		socklen_t len = sizeof(from);
		ptrdiff_t n = net_recv_from(fd, u->datagram + SOCKS_UDP_HEAD, MAX_DATAGRAM - SOCKS_UDP_HEAD,
		    &from, &len);
		if (n < 0 && errno != ECONNREFUSED)
			return;
		if (n < 0)
			continue;
		bool is_v6 = from.ss_family == AF_INET6;
		struct net_address a = is_v6 ? address_from_bytes((const uint8_t *)&v6->sin6_addr, true) :
		    address_from_bytes((const uint8_t *)&v4->sin_addr, false);
		uint16_t port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
		uint8_t head[SOCKS_MAX_MESSAGE];
		if (!is_expected(as, &a, port))
			continue;
		size_t k = socks_datagram_write(head, &a, port);
		char *out = u->datagram + SOCKS_UDP_HEAD - k;
		memcpy(out, head, k);
		ptrdiff_t sent = net_send_to(u->fd, out, k + (size_t)n, (struct sockaddr *)&as->source,
		    as->source_len);
		(void)sent;
	}
}

/* ---- associations ---- */

static bool
open_sockets(struct association *as)
{
	static const int family[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < NELEMS(family); i++) {
		as->fd[i] = net_open(family[i], SOCK_DGRAM);
		if (as->fd[i] < 0)
			continue;
		const int on = 1;
		if (family[i] == AF_INET6)
			setsockopt(as->fd[i], IPPROTO_IPV6, IPV6_V6ONLY, (const void *)&on, sizeof(on));
		event_assign(&as->event[i], as->relay->proxy->base, as->fd[i], EV_READ | EV_PERSIST,
		    host_readable, as);
		event_add(&as->event[i], NULL);
	}
	return as->fd[0] >= 0 || as->fd[1] >= 0;
}

bool
udp_relay_join(struct udp_relay *u, struct client *s, struct net_address *address, uint16_t *port)
{
	struct association *as;

	if (u == NULL || u->n == MAX_ASSOCIATIONS || (as = calloc(1, sizeof(*as))) == NULL)
		return false;
	*as = (struct association){ .relay = u, .client = s, .fd = { -1, -1 } };
	if (!open_sockets(as)) {
		free(as);
		return false;
	}
	as->next = u->first;
	u->first = as;
	u->n++;
	*address = u->address;
	*port = u->port;
	return true;
}

void
udp_relay_leave(struct udp_relay *u, const struct client *s)
{
	struct association **link = u != NULL ? &u->first : NULL;

	while (link != NULL && *link != NULL && (*link)->client != s)
		link = &(*link)->next;
	if (link == NULL || *link == NULL)
		return;
	struct association *as = *link;
	*link = as->next;
	u->n--;
	for (size_t i = 0; i < NELEMS(as->fd); i++)
		if (as->fd[i] >= 0) {
			event_del(&as->event[i]);
			net_close(as->fd[i]);
		}
	for (size_t i = 0; as->dest != NULL && i < MAX_DESTS; i++)
		clear_dest(&as->dest[i]);
	free(as->dest);
	free(as);
}

struct udp_relay *
udp_relay_new(struct proxy *p, evutil_socket_t fd, const struct proxy_listener *l)
{
	struct udp_relay *u = calloc(1, sizeof(*u));

	if (u == NULL || (u->datagram = malloc(MAX_DATAGRAM)) == NULL) {
		free(u);
		return NULL;
	}
	u->proxy = p;
	u->fd = fd;
	u->address = l->address;
	u->port = l->port;
	event_assign(&u->event, p->base, fd, EV_READ | EV_PERSIST, sandbox_readable, u);
	event_add(&u->event, NULL);
	return u;
}

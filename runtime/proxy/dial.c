/* SPDX-License-Identifier: Apache-2.0 */
/* dial.c - resolving, judging, connecting; the caller's proxy where there is one */
#include <config.h>

#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event_struct.h>

#include "arena.h"
#include "audit.h"
#include "http_head.h"
#include "net.h"
#include "past_proxy.h"
#include "resolve.h"

enum { CLIENT_BYTES = 64, NAME_BYTES = 256 };

struct dial {
	struct proxy	*proxy;
	struct judgement *judged;
	bool		 tunnel, judged_all;
	char		 client[CLIENT_BYTES];
	void		(*done)(void *, const struct dialed *);
	void		*arg;
	struct lookup	*lookup;
	const struct proxy_upstream *upstream;	/* or NULL */
	struct net_address target;	/* judged */
	struct resolved	 to;		/* what to try, from `next' on */
	size_t		 next;
	uint16_t	 port;
	evutil_socket_t	 fd;
	int		 error;
	struct event	 event, timer;
	bool		 has_event;
	/* The handshake with an upstream proxy. */
	char		*ask;
	size_t		 nask, asked;
	char		*answer;
	size_t		 nanswer;
	struct http_scan scan;
};

static const struct timeval attempt_time = { PROXY_ATTEMPT_S, 0 };
static const struct timeval whole_time = { PROXY_CONNECT_S, 0 };
static const struct timeval at_once = { 0, 0 };

static void
forget_event(struct dial *d)
{
	if (d->has_event)
		event_del(&d->event);
	d->has_event = false;
}

void
dial_end(struct dial *d)
{
	if (d == NULL)
		return;
	forget_event(d);
	event_del(&d->timer);
	if (d->lookup != NULL)
		resolver_forget(d->lookup);
	if (d->fd >= 0)
		net_close(d->fd);
	free(d->ask);
	free(d->answer);
	free(d);
}

/* The dial is gone when the receiver has it. */
static void
finish(struct dial *d, const struct dialed *result)
{
	struct dialed r = *result;

	if (r.outcome == DIAL_CONNECTED) {
		r.fd = d->fd;
		d->fd = -1;
		r.address = d->target;
		r.through = d->upstream != NULL;
	}
	d->done(d->arg, &r);
	dial_end(d);
}

static void
fail(struct dial *d, enum dial_outcome outcome, int error, const char *text)
{
	const struct dialed r = { .outcome = outcome, .fd = -1, .error = error, .text = text };

	finish(d, &r);
}

static void
tell(struct dial *d)
{
	audit_write(d->proxy->audit, &d->proxy->judge, d->judged, d->client);
}

/* ---- connecting ---- */

static socklen_t
socket_address(struct sockaddr_storage *ss, const struct net_address *a, uint16_t port)
{
	struct sockaddr_in *v4 = (void *)ss;
	struct sockaddr_in6 *v6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (a->v6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, a->b, 16);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	memcpy(&v4->sin_addr, a->b, 4);
	return sizeof(*v4);
}

static void	try_next(struct dial *);
static void	ask_upstream(struct dial *);

static void
connected(struct dial *d)
{
	net_no_delay(d->fd);
	net_keep_alive(d->fd);
	if (d->upstream != NULL && d->tunnel) {
		ask_upstream(d);
		return;
	}
	const struct dialed r = { .outcome = DIAL_CONNECTED };
	finish(d, &r);
}

static void
next_after(struct dial *d, int error)
{
	d->error = error;
	net_close(d->fd);
	d->fd = -1;
	try_next(d);
}

static void
came(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;
	int error = (what & EV_WRITE) != 0 ? net_outcome(fd) : ETIMEDOUT;

	d->has_event = false;
	if (error == 0)
		connected(d);
	else
		next_after(d, error);
}

static void
wait_for(struct dial *d, short what, event_callback_fn call, const struct timeval *time)
{
	event_assign(&d->event, d->proxy->base, d->fd, what, call, d);
	d->has_event = event_add(&d->event, time) == 0;
}

static void
try_next(struct dial *d)
{
	struct sockaddr_storage ss;

	while (d->next < d->to.n) {
		const struct net_address *a = &d->to.address[d->next++];
		socklen_t len = socket_address(&ss, a, d->port);
		if (d->upstream == NULL)
			d->target = *a;
		d->fd = net_open(a->v6 ? AF_INET6 : AF_INET, SOCK_STREAM);
		if (d->fd < 0) {
			d->error = errno;
			continue;
		}
		if (net_connect(d->fd, (struct sockaddr *)&ss, len) == 0) {
			connected(d);
			return;
		}
		if (errno == EINPROGRESS) {
			wait_for(d, EV_WRITE, came, d->next < d->to.n ? &attempt_time : &whole_time);
			return;
		}
		d->error = errno;
		net_close(d->fd);
		d->fd = -1;
	}
	fail(d, d->error == ETIMEDOUT ? DIAL_EXPIRED : DIAL_FAILED, d->error, NULL);
}

/* ---- through the caller's proxy ---- */

static void
got_answer(struct dial *d, size_t head)
{
	struct http_head h;
	const char *why;

	if (http_response_read(d->answer + d->scan.start, head - d->scan.start, false, &h, &why) != 0) {
		fail(d, DIAL_UPSTREAM, 0, "it answered with what is no HTTP");
		return;
	}
	if (h.status < 200 || h.status > 299) {
		fail(d, DIAL_UPSTREAM, 0, h.status == 407 ? "it wants a user name and a password "
		    "(http://NAME:PASSWORD@...)" : "it refused");
		return;
	}
	const struct dialed r = { .outcome = DIAL_CONNECTED, .early = d->answer + head,
	    .nearly = d->nanswer - head };
	finish(d, &r);
}

static void
answered(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;
	const char *why;
	int status;

	d->has_event = false;
	ptrdiff_t n = (what & EV_READ) == 0 ? 0 :
	    net_recv(fd, d->answer + d->nanswer, HTTP_HEAD_BYTES - d->nanswer);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		wait_for(d, EV_READ, answered, NULL);
		return;
	}
	if (n <= 0) {
		fail(d, DIAL_UPSTREAM, 0, "it broke off");
		return;
	}
	d->nanswer += (size_t)n;
	switch (http_scan(&d->scan, d->answer, d->nanswer, &why, &status)) {
	case HTTP_DONE:
		got_answer(d, d->scan.at);
		return;
	case HTTP_BAD:
		fail(d, DIAL_UPSTREAM, 0, "it answered with what is no HTTP");
		return;
	case HTTP_MORE:
		break;
	}
	if (d->nanswer == HTTP_HEAD_BYTES)
		fail(d, DIAL_UPSTREAM, 0, "its answer is too long");
	else
		wait_for(d, EV_READ, answered, NULL);
}

static void
asking(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;

	(void)what;
	d->has_event = false;
	ptrdiff_t n = net_send(fd, d->ask + d->asked, d->nask - d->asked);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		fail(d, DIAL_UPSTREAM, 0, "it broke off");
		return;
	}
	d->asked += n > 0 ? (size_t)n : 0;
	wait_for(d, d->asked < d->nask ? EV_WRITE : EV_READ, d->asked < d->nask ? asking : answered,
	    NULL);
}

/* For the address that was judged: a name could mean another one there. */
static void
ask_upstream(struct dial *d)
{
	const struct proxy_upstream *u = d->upstream;
	struct arena *a = arena_new();
	const char *host = address_text(a, &d->target);
	const bool v6 = d->target.v6;
	const char *authority = arena_printf(a, "%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "",
	    (unsigned)d->judged->dest.port);
	const char *ask = arena_printf(a, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", authority,
	    authority, u->authorization != NULL ? "Proxy-Authorization: " : "",
	    u->authorization != NULL ? u->authorization : "", u->authorization != NULL ? "\r\n" : "");

	d->ask = strdup(ask);
	arena_free(a);
	d->answer = malloc(HTTP_HEAD_BYTES);
	if (d->ask == NULL || d->answer == NULL) {
		fail(d, DIAL_FAILED, ENOMEM, NULL);
		return;
	}
	d->nask = strlen(d->ask);
	asking(d->fd, EV_WRITE, d);
}

static void
upstream_resolved(void *arg, const struct resolved *r)
{
	struct dial *d = arg;

	d->lookup = NULL;
	if (r->n == 0) {
		fail(d, DIAL_UPSTREAM, 0, "its name has no address");
		return;
	}
	d->to = *r;
	try_next(d);
}

static void
go_upstream(struct dial *d)
{
	const struct proxy_upstream *u = d->upstream;
	struct net_address address;

	d->target = d->to.address[0];
	d->port = u->port;
	if (address_parse(u->host, strlen(u->host), &address, NULL)) {
		d->to = (struct resolved){ .address = { address }, .n = 1 };
		try_next(d);
		return;
	}
	d->lookup = resolver_ask(d->proxy->resolver, u->host, upstream_resolved, d);
	if (d->lookup == NULL)
		fail(d, DIAL_FAILED, EAGAIN, NULL);
}

/* ---- judging ---- */

static void
proceed(struct dial *d)
{
	const struct proxy_config *c = d->proxy->config;
	const struct proxy_upstream *u = d->tunnel ? &c->https : &c->http;

	d->next = 0;
	d->port = (uint16_t)d->judged->dest.port;
	if (u->host != NULL && d->judged->protocol != JUDGE_FORWARD &&
	    !past_proxy(c->no_proxy, &d->judged->dest)) {
		d->upstream = u;
		go_upstream(d);
		return;
	}
	try_next(d);
}

/* What is allowed of the addresses stays; the judgement is that of the first of them, or of the first. */
static void
judge_all(struct dial *d, const struct resolved *r)
{
	struct judgement one = *d->judged, refused = one;
	bool any = false;

	d->to.n = 0;
	for (size_t i = 0; i < r->n; i++) {
		judge_address(&d->proxy->judge, &one, &r->address[i]);
		if (!one.net.allow) {
			if (!any)
				refused = one;
			any = true;
			continue;
		}
		if (d->to.n == 0)
			d->judged->net = one.net;
		d->to.address[d->to.n++] = r->address[i];
	}
	if (d->to.n == 0)
		d->judged->net = refused.net;
	d->judged->mixed = any && d->to.n > 0;
}

static void
resolved(void *arg, const struct resolved *r)
{
	struct dial *d = arg;

	d->lookup = NULL;
	if (r->n == 0) {
		tell(d);
		fail(d, DIAL_NO_NAME, 0, r->error);
		return;
	}
	judge_all(d, r);
	tell(d);
	if (d->to.n == 0)
		fail(d, DIAL_BLOCKED, 0, NULL);
	else
		proceed(d);
}

static void
expired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fail(arg, DIAL_EXPIRED, ETIMEDOUT, NULL);
}

static void
begin(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;
	const struct domain *dest = &d->judged->dest;

	(void)fd;
	(void)what;
	event_assign(&d->timer, d->proxy->base, -1, 0, expired, d);
	event_add(&d->timer, &whole_time);
	if (d->to.n > 0) {
		tell(d);
		proceed(d);
		return;
	}
	if (dest->kind == DOMAIN_ADDRESS) {
		d->to = (struct resolved){ .address = { dest->address }, .n = 1 };
		tell(d);
		proceed(d);
		return;
	}
	d->lookup = resolver_ask(d->proxy->resolver, dest->host, resolved, d);
	if (d->lookup == NULL)
		fail(d, DIAL_FAILED, EAGAIN, NULL);
}

struct dial *
dial_start(struct proxy *p, struct judgement *judged, bool tunnel, const char *client,
    void (*done)(void *, const struct dialed *), void *arg)
{
	struct dial *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	*d = (struct dial){ .proxy = p, .judged = judged, .tunnel = tunnel, .done = done, .arg = arg,
	    .fd = -1, .error = EHOSTUNREACH };
	snprintf(d->client, sizeof(d->client), "%s", client);
	event_assign(&d->timer, p->base, -1, 0, begin, d);
	event_add(&d->timer, &at_once);
	return d;
}

struct dial *
dial_forward(struct proxy *p, struct judgement *judged, const char *client,
    void (*done)(void *, const struct dialed *), void *arg)
{
	static const uint8_t v4[4] = { 127, 0, 0, 1 }, v6[16] = { [15] = 1 };
	struct dial *d = dial_start(p, judged, true, client, done, arg);

	if (d != NULL)
		d->to = (struct resolved){ .address = { address_from_bytes(v4, false),
		    address_from_bytes(v6, true) }, .n = 2 };
	return d;
}

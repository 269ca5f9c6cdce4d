/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.c - passing one request on, and its answer back */
#include <config.h>

#include "exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "http_body.h"
#include "net.h"
#include "sbuf.h"
#include "client.h"

enum { MAX_INTERIM = 16, TURNS = 8 };

/* What could not be sent yet: at most one piece and a head, as nothing is read meanwhile. */
struct pending {
	struct sbuf	 bytes;
	size_t		 sent;
};

struct exchange {
	struct client	*s;
	evutil_socket_t	 server;
	struct event	 client_in, client_out, server_in, server_out, timer;
	struct http_body request, response;
	struct pending	 to_client, to_server;
	struct sbuf	 head;		/* of the answer, until it is whole */
	struct http_scan scan;
	unsigned	 nheads;	/* of the answer */
	bool		 answered;	/* its head has gone to the client */
	bool		 to_head, old;	/* the request is a HEAD; of HTTP/1.0 */
	bool		 keep;		/* the client may send another one */
	bool		 deaf;		/* the server takes no more of the request */
	bool		*gone;		/* set when it ends, where somebody wants to know */
};

static void
renew_timer(struct exchange *e)
{
	const struct timeval time = { PROXY_EXCHANGE_S, 0 };

	event_add(&e->timer, &time);
}

void
exchange_end(struct exchange *e)
{
	if (e == NULL)
		return;
	if (e->gone != NULL)
		*e->gone = true;
	event_del(&e->client_in);
	event_del(&e->client_out);
	event_del(&e->server_in);
	event_del(&e->server_out);
	event_del(&e->timer);
	net_close(e->server);
	sbuf_free(&e->to_client.bytes);
	sbuf_free(&e->to_server.bytes);
	sbuf_free(&e->head);
	free(e);
}

/* The answer cannot be completed: the client must not take it for whole. */
static void
break_off(struct exchange *e)
{
	struct client *s = e->s;

	net_reset(s->fd);
	client_end(s);
}

static void
fail(struct exchange *e, int status, const char *text)
{
	struct client *s = e->s;

	if (e->answered) {
		break_off(e);
		return;
	}
	s->exchange = NULL;
	exchange_end(e);
	client_http_fail(s, status, NULL, arena_printf(s->arena, "%s %s",
	    judge_dest_text(s->arena, &s->judged.dest), text));
}

/* ---- what goes out ---- */

static bool
is_empty(const struct pending *p)
{
	return p->sent == p->bytes.len;
}

/* 0, or -1 where the other side takes no more. */
static int
flush(struct pending *p, evutil_socket_t fd)
{
	while (!is_empty(p)) {
		ptrdiff_t n = net_send(fd, p->bytes.p + p->sent, p->bytes.len - p->sent);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		p->sent += (size_t)n;
	}
	sbuf_free(&p->bytes);
	p->sent = 0;
	return 0;
}

static int
pass_on(struct pending *p, evutil_socket_t fd, const char *bytes, size_t len)
{
	if (is_empty(p) && len > 0) {
		ptrdiff_t n = net_send(fd, bytes, len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	if (len > 0)
		sbuf_add(&p->bytes, bytes, len);
	return 0;
}

/* ---- heads ---- */

static void
add_fields(struct sbuf *out, const struct http_head *h)
{
	for (size_t i = 0; i < h->nfields; i++) {
		const struct http_field *f = &h->field[i];
		if (http_is_hop_by_hop(h, f) || http_name_is(f->name, "host"))
			continue;
		sbuf_add(out, f->name.p, f->name.len);
		sbuf_puts(out, ": ");
		sbuf_add(out, f->value.p, f->value.len);
		sbuf_puts(out, "\r\n");
	}
}

/* With a proxy before the server, the whole URL, of the address that was judged. */
static void
write_request(struct exchange *e, const struct dialed *r, struct sbuf *out)
{
	const struct client *s = e->s;
	const struct http_head *h = s->head;
	const struct domain *dest = &s->judged.dest;
	const struct proxy_upstream *u = &s->proxy->config->http;
	const char *path = s->path.len == 0 && !http_name_is(h->method, "options") ? "/" :
	    s->path.len == 0 && !r->through ? "*" : s->path.len > 0 && s->path.p[0] == '?' ? "/" : "";

	sbuf_add(out, h->method.p, h->method.len);
	sbuf_addc(out, ' ');
	if (r->through) {
		const char *host = address_text(s->arena, &r->address);
		sbuf_printf(out, r->address.v6 ? "http://[%s]:%u" : "http://%s:%u", host,
		    (unsigned)dest->port);
	}
	sbuf_puts(out, path);
	sbuf_add(out, s->path.p, s->path.len);
	sbuf_printf(out, " HTTP/1.%u\r\nHost: ", h->minor);
	const char *named = judge_dest_text(s->arena, dest);
	sbuf_add(out, named, strlen(named) - (dest->port == 80 ? strlen(":80") : 0));
	sbuf_puts(out, "\r\n");
	add_fields(out, h);
	if (r->through && u->authorization != NULL)
		sbuf_printf(out, "Proxy-Authorization: %s\r\n", u->authorization);
	sbuf_puts(out, "Connection: close\r\n\r\n");
}

static void
write_answer(struct exchange *e, const struct http_head *h, struct sbuf *out)
{
	bool interim = h->status < 200;

	sbuf_printf(out, "HTTP/1.1 %d ", h->status);
	sbuf_add(out, h->reason.p, h->reason.len);
	sbuf_puts(out, "\r\n");
	add_fields(out, h);
	if (!interim)
		sbuf_printf(out, "Connection: %s\r\n", e->keep ? "keep-alive" : "close");
	sbuf_puts(out, "\r\n");
}

/* ---- the answer ---- */

/* The answer is out.  What follows on the connection is another request, or nothing. */
static void
complete(struct exchange *e)
{
	static const char nothing[1];
	struct client *s = e->s;
	bool keep = e->keep && e->request.done;

	s->exchange = NULL;
	exchange_end(e);
	if (!keep) {
		client_last_words(s, nothing, 0);
		return;
	}
	s->state = CLIENT_HTTP;
	s->scan = (struct http_scan){ 0 };
	client_wait(s, s->nin > 0 ? PROXY_HANDSHAKE_S : PROXY_REST_S);
	if (s->nin > 0)
		client_http_read(s);
}

/* A whole head of the answer is at the front of e->head.  -1: it makes no sense; -2: the client is gone. */
static int
got_answer(struct exchange *e)
{
	struct http_head *h = malloc(sizeof(*h));
	const char *why;
	struct sbuf out = SBUF_INIT;
	int rc = -1;

	if (h != NULL && http_response_read(e->head.p + e->scan.start, e->scan.at - e->scan.start,
	    e->to_head, h, &why) == 0 && h->status != 101) {
		e->answered = h->status >= 200;
		if (e->answered) {
			http_body_begin(&e->response, h);
			e->keep = e->keep && h->framing != HTTP_UNTIL_CLOSE && e->request.done;
		}
		write_answer(e, h, &out);
		/* HTTP/1.0 has no interim answers. */
		rc = !e->answered && e->old ? 0 : pass_on(&e->to_client, e->s->fd, out.p, out.len) != 0 ? -2 : 0;
		sbuf_free(&out);
	}
	free(h);
	return rc;
}

static void
body_from_server(struct exchange *e, const char *bytes, size_t len)
{
	ptrdiff_t n = http_body_take(&e->response, bytes, len);

	/* What are no chunks cannot be trusted; what is behind the end is nobody's. */
	if (n < 0 || pass_on(&e->to_client, e->s->fd, bytes, (size_t)n) != 0)
		break_off(e);
}

/* Heads one after the other, as interim answers come first; then the body.  May end the client. */
static void
head_from_server(struct exchange *e, const char *bytes, size_t len)
{
	enum http_result r;
	const char *why;
	int status, rc = 0;

	sbuf_add(&e->head, bytes, len);
	while ((r = http_scan(&e->scan, e->head.p, e->head.len, &why, &status)) == HTTP_DONE) {
		rc = e->nheads++ < MAX_INTERIM ? got_answer(e) : -1;
		if (rc != 0 || e->answered)
			break;
		e->head.len -= e->scan.at;
		memmove(e->head.p, e->head.p + e->scan.at, e->head.len);
		e->scan = (struct http_scan){ 0 };
	}
	if (rc == -2)
		break_off(e);
	else if (rc == -1 || r == HTTP_BAD)
		fail(e, 502, "answered with what is no HTTP, or cannot be told where it ends");
	else if (e->answered) {
		struct sbuf head = e->head;
		e->head = (struct sbuf)SBUF_INIT;
		body_from_server(e, head.p + e->scan.at, head.len - e->scan.at);
		sbuf_free(&head);
	}
}

static void
from_server(struct exchange *e, const char *bytes, size_t len)
{
	if (e->answered)
		body_from_server(e, bytes, len);
	else
		head_from_server(e, bytes, len);
}

static void
server_ended(struct exchange *e, int error)
{
	if (!e->answered) {
		fail(e, 502, error != 0 ? net_error_text(error) : "ended the connection without an answer");
		return;
	}
	if (e->response.framing == HTTP_UNTIL_CLOSE && error == 0)
		e->response.done = true;
	else if (!e->response.done)
		break_off(e);
}

/* ---- the loop ---- */

/* Listen for what can be dealt with now. */
static void
arm(struct exchange *e)
{
	if (e->answered && e->response.done && is_empty(&e->to_client)) {
		complete(e);
		return;
	}
	renew_timer(e);
	if (!is_empty(&e->to_client))
		event_add(&e->client_out, NULL);
	else if (!(e->answered && e->response.done))
		event_add(&e->server_in, NULL);
	if (e->deaf)
		return;
	if (!is_empty(&e->to_server))
		event_add(&e->server_out, NULL);
	else if (!e->request.done)
		event_add(&e->client_in, NULL);
}

/*
 * What a callback does may end the exchange, and the client with it; then
 * the flag that exchange_end() finds says so.
 */
static void
arm_if(struct exchange *e, const bool *gone)
{
	if (*gone)
		return;
	e->gone = NULL;
	arm(e);
}

/* While there is more, and it is taken; the loop is for others after a few times. */
static void
on_server_in(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *e = arg;
	const struct proxy *p = e->s->proxy;
	bool gone = false;
	ptrdiff_t n;

	(void)what;
	e->gone = &gone;
	for (int turn = 0; turn < TURNS; turn++) {
		n = net_recv(fd, p->piece, PROXY_PIECE);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n > 0)
			from_server(e, p->piece, (size_t)n);
		else
			server_ended(e, n < 0 ? errno : 0);
		if (n <= 0 || gone || !is_empty(&e->to_client) || (e->answered && e->response.done))
			break;
	}
	arm_if(e, &gone);
}

/* A server that stops listening may still answer: 413, say. */
static void
server_is_deaf(struct exchange *e)
{
	e->deaf = true;
	sbuf_free(&e->to_server.bytes);
	e->to_server.sent = 0;
}

static void
from_client(struct exchange *e, const char *bytes, size_t len)
{
	struct client *s = e->s;
	ptrdiff_t n = http_body_take(&e->request, bytes, len);

	if (n < 0) {
		fail(e, 400, "was sent a body whose chunks are none");
		return;
	}
	if (pass_on(&e->to_server, e->server, bytes, (size_t)n) != 0)
		server_is_deaf(e);
	/* The next request, sent ahead: it waits until this one is answered. */
	client_keep(s, bytes + n, len - (size_t)n);
}

static void
on_client_in(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *e = arg;
	struct client *s = e->s;
	struct proxy *p = s->proxy;
	/* No more than what can be kept of a request that follows. */
	ptrdiff_t n = net_recv(fd, p->piece, HTTP_HEAD_BYTES);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		arm(e);
		return;
	}
	if (n <= 0) {
		/* The request is cut off, and so is what the server would make of it. */
		client_end(s);
		return;
	}
	bool gone = false;
	e->gone = &gone;
	from_client(e, p->piece, (size_t)n);
	arm_if(e, &gone);
}

static void
on_client_out(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *e = arg;

	(void)what;
	if (flush(&e->to_client, fd) != 0)
		client_end(e->s);
	else
		arm(e);
}

static void
on_server_out(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *e = arg;

	(void)what;
	if (flush(&e->to_server, fd) != 0)
		server_is_deaf(e);
	arm(e);
}

static void
expired(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fail(arg, 504, "did not answer in time");
}

void
exchange_start(struct client *s, const struct dialed *r)
{
	struct exchange *e = calloc(1, sizeof(*e));
	struct sbuf head = SBUF_INIT;
	struct event_base *base = s->proxy->base;

	if (e == NULL) {
		net_close(r->fd);
		client_http_fail(s, 503, NULL, "there is no memory left");
		return;
	}
	*e = (struct exchange){ .s = s, .server = r->fd, .to_head = http_name_is(s->head->method, "head"),
	    .old = s->head->minor == 0, .keep = s->head->persistent };
	event_assign(&e->client_in, base, s->fd, EV_READ, on_client_in, e);
	event_assign(&e->client_out, base, s->fd, EV_WRITE, on_client_out, e);
	event_assign(&e->server_in, base, e->server, EV_READ, on_server_in, e);
	event_assign(&e->server_out, base, e->server, EV_WRITE, on_server_out, e);
	event_assign(&e->timer, base, -1, 0, expired, e);
	s->exchange = e;
	s->state = CLIENT_EXCHANGE;
	http_body_begin(&e->request, s->head);
	write_request(e, r, &head);
	if (pass_on(&e->to_server, e->server, head.p, head.len) != 0)
		server_is_deaf(e);
	sbuf_free(&head);
	bool gone = false;
	e->gone = &gone;
	if (s->nin > 0 && !e->request.done) {
		char *bytes = s->in;
		size_t len = s->nin;
		s->in = NULL;
		s->nin = s->in_cap = 0;
		from_client(e, bytes, len);
		free(bytes);
	}
	arm_if(e, &gone);
}

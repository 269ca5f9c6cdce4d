/* SPDX-License-Identifier: Apache-2.0 */
/* client.c - reading, waiting, last words, and which protocol it is */
#include <config.h>

#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "arena.h"
#include "exchange.h"
#include "net.h"
#include "socks.h"
#include "tunnel.h"
#include "udp_relay.h"

enum { DRAIN_BYTES = 256 * 1024 };

const char *
client_address(const struct client *s, char text[64])
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(ss);
	char host[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;

	getpeername(s->fd, (struct sockaddr *)&ss, &len);
	if (ss.ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (void *)&ss;
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		port = ntohs(v4->sin_port);
	} else if (ss.ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (void *)&ss;
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		port = ntohs(v6->sin6_port);
	}
	snprintf(text, 64, ss.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
	return text;
}

struct arena *
client_arena(struct client *s)
{
	arena_free(s->arena);
	s->arena = arena_new();
	s->head = NULL;
	return s->arena;
}

/* It is of the client no more, and is freed. */
static void
drop(struct client *s)
{
	*s->link = s->next;
	if (s->next != NULL)
		s->next->link = s->link;
	s->proxy->nclients--;
	event_del(&s->readable);
	event_del(&s->writable);
	event_del(&s->timer);
	dial_end(s->dial);
	exchange_end(s->exchange);
	udp_relay_leave(s->proxy->udp, s);
	if (s->fd >= 0)
		net_close(s->fd);
	free(s->in);
	free(s->out);
	arena_free(s->arena);
	free(s);
}

void
client_end(struct client *s)
{
	drop(s);
}

void
client_wait(struct client *s, int seconds)
{
	const struct timeval time = { seconds, 0 };

	event_add(&s->timer, &time);
	if (s->state != CLIENT_DIALLING && s->state != CLIENT_EXCHANGE)
		event_add(&s->readable, NULL);
}

void
client_used(struct client *s, size_t n)
{
	s->nin -= n;
	memmove(s->in, s->in + n, s->nin);
	if (s->nin > 0)
		return;
	free(s->in);
	s->in = NULL;
	s->in_cap = 0;
}

static void
write_out(struct client *s)
{
	ptrdiff_t n = net_send(s->fd, s->out + s->sent, s->nout - s->sent);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(s);
		return;
	}
	s->sent += n > 0 ? (size_t)n : 0;
	if (s->sent < s->nout) {
		event_add(&s->writable, NULL);
		return;
	}
	/* Closed with something unread it would be reset, and the answer be lost. */
	net_shut(s->fd);
	s->said = true;
	s->sent = 0;
	client_wait(s, PROXY_LINGER_S);
}

void
client_last_words(struct client *s, const void *bytes, size_t len)
{
	const struct timeval time = { PROXY_HANDSHAKE_S, 0 };

	s->state = CLIENT_LAST_WORDS;
	event_del(&s->readable);
	s->out = malloc(len);
	if (s->out == NULL) {
		drop(s);
		return;
	}
	memcpy(s->out, bytes, len);
	s->nout = len;
	event_add(&s->timer, &time);
	event_add(&s->writable, NULL);
}

void
client_keep(struct client *s, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (s->nin + len > s->in_cap) {
		s->in_cap = s->nin + len;
		s->in = realloc(s->in, s->in_cap);
		if (s->in == NULL)
			out_of_memory();
	}
	memcpy(s->in + s->nin, bytes, len);
	s->nin += len;
}

bool
client_knows(struct slice shown, const char *secret)
{
	return shown.len == strlen(secret) && sodium_memcmp(shown.p, secret, shown.len) == 0;
}

/* ---- what comes ---- */

/* Read and thrown away; false: that was the end. */
static bool
drain(struct client *s)
{
	ptrdiff_t n = net_recv(s->fd, s->proxy->piece, PROXY_PIECE);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	s->sent += n > 0 ? (size_t)n : 0;
	return n > 0 && s->sent < DRAIN_BYTES;
}

/* What a head needs, with empty lines before it, and no more: the rest waits in the kernel. */
static bool
read_more(struct client *s)
{
	size_t limit = s->socks ? 2 * SOCKS_MAX_MESSAGE : HTTP_HEAD_BYTES + 8;

	if (s->nin >= limit)
		return true;
	ptrdiff_t n = net_recv(s->fd, s->proxy->piece, limit - s->nin < PROXY_PIECE ? limit - s->nin : PROXY_PIECE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	client_keep(s, s->proxy->piece, (size_t)n);
	return true;
}

static void
first_byte(struct client *s)
{
	unsigned char c = (unsigned char)s->in[0];

	/* 4: SOCKS 4, which has no names and is answered with its "no". */
	s->socks = c == SOCKS_VERSION || c == 4;
	if ((s->listener->speaks & (s->socks ? PROXY_SPEAKS_SOCKS : PROXY_SPEAKS_HTTP)) == 0) {
		if (!s->socks)
			client_http_fail(s, 400, NULL, "this port is that of the SOCKS proxy; the HTTP "
			    "proxy is at another");
		else
			drop(s);
		return;
	}
	s->state = s->socks ? CLIENT_OFFER : CLIENT_HTTP;
	client_wait(s, PROXY_HANDSHAKE_S);
	if (s->socks)
		client_socks_read(s);
	else
		client_http_read(s);
}

static void
forward(struct client *s)
{
	char client[64];

	s->state = CLIENT_DIALLING;
	s->judged = (struct judgement){ .protocol = JUDGE_FORWARD, .net = { .allow = true,
	    .reason = NET_BY_SWITCH }, .dest = { .kind = DOMAIN_HOST, .pattern = "localhost",
	    .host = "localhost", .port = s->listener->forward } };
	s->dial = dial_forward(s->proxy, &s->judged, client_address(s, client), client_socks_dialed, s);
	if (s->dial == NULL)
		drop(s);
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *s = arg;

	(void)fd;
	(void)what;
	if (s->state == CLIENT_LAST_WORDS) {
		if (drain(s))
			event_add(&s->readable, NULL);
		else
			drop(s);
		return;
	}
	/* An association lasts as long as its connection, on which nothing more is said. */
	if (s->state == CLIENT_UDP || !read_more(s)) {
		drop(s);
		return;
	}
	event_add(&s->readable, NULL);
	if (s->nin == 0)
		return;
	switch (s->state) {
	case CLIENT_FIRST:
		first_byte(s);
		break;
	case CLIENT_HTTP:
		client_http_read(s);
		break;
	case CLIENT_OFFER:
	case CLIENT_LOGIN:
	case CLIENT_REQUEST:
		client_socks_read(s);
		break;
	case CLIENT_DIALLING:
	case CLIENT_EXCHANGE:
	case CLIENT_UDP:
	case CLIENT_LAST_WORDS:
	case CLIENT_AWAY:
		break;
	}
}

static void
writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_out(arg);
}

/* A client that has begun a head is told; one that has said nothing, or all it had to, is not. */
static void
expired(evutil_socket_t fd, short what, void *arg)
{
	struct client *s = arg;

	(void)fd;
	(void)what;
	if (s->state == CLIENT_HTTP && s->nin > 0)
		client_http_fail(s, 408, NULL, "the request did not come to its end in time");
	else
		drop(s);
}

void
client_start(struct proxy *p, const struct proxy_listener *listener, evutil_socket_t fd)
{
	struct client *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		net_close(fd);
		return;
	}
	net_no_delay(fd);
	*s = (struct client){ .proxy = p, .listener = listener, .fd = fd, .state = CLIENT_FIRST,
	    .next = p->clients, .link = &p->clients };
	if (s->next != NULL)
		s->next->link = &s->next;
	p->clients = s;
	p->nclients++;
	event_assign(&s->readable, p->base, fd, EV_READ, readable, s);
	event_assign(&s->writable, p->base, fd, EV_WRITE, writable, s);
	event_assign(&s->timer, p->base, -1, 0, expired, s);
	if (listener->forward != 0)
		forward(s);
	else
		client_wait(s, PROXY_REST_S);
}

/* ---- tunnels ---- */

static void
tunnel_done(void *arg)
{
	drop(arg);
}

void
client_tunnel(struct client *s, const struct dialed *r)
{
	const struct tunnel_side client = { s->fd, s->in, s->nin };
	const struct tunnel_side server = { r->fd, r->early, r->nearly };

	event_del(&s->readable);
	event_del(&s->timer);
	s->state = CLIENT_AWAY;
	if (tunnel_start(s->proxy, &client, &server, tunnel_done, s) == NULL) {
		net_close(r->fd);
		drop(s);
		return;
	}
	/* Counted still, as long as the tunnel lasts; all else has been handed on. */
	s->fd = -1;
	free(s->in);
	s->in = NULL;
	s->nin = s->in_cap = 0;
	arena_free(s->arena);
	s->arena = NULL;
}

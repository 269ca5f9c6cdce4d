/* SPDX-License-Identifier: Apache-2.0 */
/* client_http.c - a request of HTTP: read, judged, answered or passed on */
#include <config.h>

#include "client.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "audit.h"
#include "exchange.h"
#include "net.h"
#include "sbuf.h"

static const char *
reason_of(int status)
{
	switch (status) {
	case 400:	return "Bad Request";
	case 403:	return "Forbidden";
	case 407:	return "Proxy Authentication Required";
	case 408:	return "Request Timeout";
	case 414:	return "URI Too Long";
	case 431:	return "Request Header Fields Too Large";
	case 501:	return "Not Implemented";
	case 502:	return "Bad Gateway";
	case 503:	return "Service Unavailable";
	case 504:	return "Gateway Timeout";
	case 505:	return "HTTP Version Not Supported";
	default:	return "Error";
	}
}

void
client_http_fail(struct client *s, int status, const char *header, const char *text)
{
	struct sbuf out = SBUF_INIT, body = SBUF_INIT;
	bool to_head = s->head != NULL && http_name_is(s->head->method, "head");

	sbuf_printf(&body, "cdxp: %s\n", text);
	sbuf_printf(&out, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\nConnection: close\r\n",
	    status, reason_of(status), body.len);
	if (header != NULL)
		sbuf_printf(&out, "x-proxy-error: %s\r\n", header);
	if (status == 407)
		sbuf_puts(&out, "Proxy-Authenticate: Basic realm=\"cdxp\"\r\n");
	sbuf_puts(&out, "\r\n");
	if (!to_head)
		sbuf_add(&out, body.p, body.len);
	sbuf_free(&body);
	client_last_words(s, out.p, out.len);
	sbuf_free(&out);
}

static void
blocked(struct client *s)
{
	client_http_fail(s, 403, judge_header(&s->judged), judge_text(s->arena, &s->proxy->judge,
	    &s->judged));
}

/* ---- the request ---- */

static int
bad_target(struct client *s, struct slice authority, const char *why)
{
	client_http_fail(s, 400, NULL, arena_printf(s->arena, "the host \"%.*s\" %s",
	    (int)(authority.len < 300 ? authority.len : 300), authority.p, why));
	return -1;
}

/*
 * Host says the same as the target, or is not there in HTTP/1.0: a server
 * that went by the one while we judged the other would be somebody else.
 */
static int
check_host(struct client *s, const struct domain *dest, bool connect)
{
	const struct http_head *h = s->head;
	const struct http_field *host = NULL;
	struct domain named;
	const char *why;

	for (size_t i = 0; i < h->nfields; i++) {
		if (!http_name_is(h->field[i].name, "host"))
			continue;
		if (host != NULL) {
			client_http_fail(s, 400, NULL, "the request has more than one Host");
			return -1;
		}
		host = &h->field[i];
	}
	if (host == NULL) {
		if (h->minor == 0)
			return 0;
		client_http_fail(s, 400, NULL, "the request has no Host");
		return -1;
	}
	/* Some leave the port out for CONNECT. */
	if (judge_dest(s->arena, host->value.p, host->value.len, connect ? dest->port : 80, &named,
	    &why) != 0)
		return bad_target(s, host->value, why);
	if (strcmp(named.host, dest->host) == 0 && named.port == dest->port)
		return 0;
	client_http_fail(s, 400, NULL, "the request names one host in its first line and another "
	    "in Host");
	return -1;
}

static int
read_request(struct client *s)
{
	const char *why;
	int status;

	client_arena(s);
	s->head = arena_alloc(s->arena, sizeof(*s->head));
	/* A copy of its own: what follows in `in' moves. */
	const size_t len = s->scan.at - s->scan.start;
	const char *bytes = arena_strndup(s->arena, s->in + s->scan.start, len);
	struct http_target target;
	if (http_request_read(bytes, len, s->head, &why, &status) != 0 ||
	    http_target_read(s->head, &target, &why, &status) != 0) {
		client_http_fail(s, status, NULL, arena_printf(s->arena, "the request has %s", why));
		return -1;
	}
	client_used(s, s->scan.at);
	s->scan = (struct http_scan){ 0 };
	const bool connect = http_name_is(s->head->method, "connect");
	s->path = target.path;
	s->judged = (struct judgement){ .protocol = connect ? JUDGE_CONNECT : JUDGE_HTTP,
	    .method = arena_strndup(s->arena, s->head->method.p, s->head->method.len) };
	if (judge_dest(s->arena, target.authority.p, target.authority.len, connect ? 0 : 80,
	    &s->judged.dest, &why) != 0)
		return bad_target(s, target.authority, why);
	return check_host(s, &s->judged.dest, connect);
}

/* By "Basic", which is what a URL with a password becomes. */
static bool
shows_token(const struct client *s)
{
	const struct http_field *f = http_field(s->head, "Proxy-Authorization");
	const size_t scheme = sizeof("Basic ") - 1;

	if (f == NULL || f->value.len < scheme ||
	    !http_name_is((struct slice){ f->value.p, scheme }, "basic "))
		return false;
	return client_knows((struct slice){ f->value.p + scheme, f->value.len - scheme },
	    s->proxy->authorization + scheme);
}

static void
got_request(struct client *s)
{
	char client[64];

	if (read_request(s) != 0)
		return;
	if (s->proxy->authorization != NULL && !shows_token(s)) {
		client_http_fail(s, 407, NULL, "this proxy is of a sandbox, and for the commands in it: its "
		    "URL with user and password is in their HTTP_PROXY");
		return;
	}
	client_address(s, client);
	judge_request(&s->proxy->judge, &s->judged);
	if (!s->judged.net.allow) {
		audit_write(s->proxy->audit, &s->proxy->judge, &s->judged, client);
		blocked(s);
		return;
	}
	s->state = CLIENT_DIALLING;
	event_del(&s->readable);
	event_del(&s->timer);
	s->dial = dial_start(s->proxy, &s->judged, s->judged.protocol == JUDGE_CONNECT, client,
	    client_http_dialed, s);
	if (s->dial == NULL)
		client_http_fail(s, 503, NULL, "there is no memory left");
}

void
client_http_read(struct client *s)
{
	const char *why;
	int status;

	switch (http_scan(&s->scan, s->in, s->nin, &why, &status)) {
	case HTTP_MORE:
		return;
	case HTTP_BAD:
		s->head = NULL;
		client_arena(s);
		client_http_fail(s, status, NULL, arena_printf(s->arena, "the request has %s", why));
		return;
	case HTTP_DONE:
		got_request(s);
		return;
	}
}

/* ---- the connection ---- */

static void
not_dialed(struct client *s, const struct dialed *r)
{
	const char *dest = judge_dest_text(s->arena, &s->judged.dest);

	switch (r->outcome) {
	case DIAL_BLOCKED:
		blocked(s);
		return;
	case DIAL_NO_NAME:
		client_http_fail(s, 502, NULL, arena_printf(s->arena, "%s cannot be resolved on this "
		    "host: %s", dest, r->text));
		return;
	case DIAL_EXPIRED:
		client_http_fail(s, 504, NULL, arena_printf(s->arena, "%s did not answer in time", dest));
		return;
	case DIAL_UPSTREAM:
		client_http_fail(s, 502, NULL, arena_printf(s->arena, "%s is not reached through the "
		    "proxy of the environment (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY of whoever started "
		    "the sandbox): %s", dest, r->text));
		return;
	case DIAL_CONNECTED:
	case DIAL_FAILED:
		break;
	}
	client_http_fail(s, 502, NULL, arena_printf(s->arena, "%s cannot be connected to: %s", dest,
	    net_error_text(r->error)));
}

void
client_http_dialed(void *arg, const struct dialed *r)
{
	static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	struct client *s = arg;

	s->dial = NULL;
	if (r->outcome != DIAL_CONNECTED) {
		not_dialed(s, r);
		return;
	}
	if (s->judged.protocol == JUDGE_HTTP) {
		exchange_start(s, r);
		return;
	}
	/* A fresh connection has room for so little. */
	if (net_send(s->fd, established, sizeof(established) - 1) != (ptrdiff_t)sizeof(established) - 1) {
		net_close(r->fd);
		client_end(s);
		return;
	}
	client_tunnel(s, r);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* connect.c - CONNECT, by who knows the token of the run */
#include <config.h>

#include "connect.h"

#include <string.h>

#include "arena.h"
#include "connect_system.h"
#include "environ.h"
#include "http_head.h"
#include "proxy_plan.h"
#include "proxy_url.h"
#include "report.h"
#include "sbuf.h"

/* NULL: none is named. */
static const char *
proxy_of(char *const *environment)
{
	static const char *const names[] = {
		"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy",
	};

	for (size_t i = 0; i < NELEMS(names); i++) {
		const char *url = environ_get((const char *const *)environment, names[i]);
		if (url != NULL && *url != '\0')
			return url;
	}
	return NULL;
}

/* The proxy of a sandbox is on its loopback; names are not resolved in there. */
static intptr_t
open_proxy(struct arena *a, const char *url, const char **user)
{
	struct proxy_url u;
	struct net_address address;
	const char *why = "is none that can be used here";

	if (proxy_url_read(a, url, &u, &why) != 0 || strcmp(u.scheme, "http") != 0 ||
	    !proxy_url_listens(&u, &address)) {
		report("connect: the proxy of the environment, \"%s\", %s: it must be "
		    "http://127.0.0.1:PORT, as in a sandbox with a proxied network", url, why);
		return -1;
	}
	*user = u.user;
	intptr_t s = connect_open(a, &address, (uint16_t)u.host.port, &why);
	if (s == -1)
		report("connect: the proxy %s cannot be reached: %s", url, why);
	return s;
}

/* The answer's head, and what has come behind it; the length of the head or 0. */
static size_t
read_head(intptr_t s, struct sbuf *in)
{
	struct http_scan scan = { 0 };
	char piece[4096];
	const char *why;
	int status;

	for (;;) {
		ptrdiff_t n = connect_read(s, piece, sizeof(piece));
		if (n <= 0)
			return 0;
		sbuf_add(in, piece, (size_t)n);
		switch (http_scan(&scan, in->p, in->len, &why, &status)) {
		case HTTP_DONE:
			return scan.at;
		case HTTP_BAD:
			return 0;
		case HTTP_MORE:
			break;
		}
	}
}

/* The proxy says which rule it was; nothing of it gets to command a terminal. */
static void
say_refusal(intptr_t s, const struct http_head *h, struct sbuf *body)
{
	char piece[4096];
	ptrdiff_t got;

	while (body->len < HTTP_HEAD_BYTES && (got = connect_read(s, piece, sizeof(piece))) > 0)
		sbuf_add(body, piece, (size_t)got);
	size_t n = strcspn(sbuf_str(body), "\r\n");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)body->p[i] < ' ' || body->p[i] == 0x7f)
			body->p[i] = '?';
	report("connect: %.*s (%d)", (int)n, sbuf_str(body), h->status);
}

static int
ask(struct arena *a, intptr_t s, const char *dest, const char *user)
{
	struct http_head *h = arena_alloc(a, sizeof(*h));
	const char *request = arena_printf(a, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", dest, dest,
	    user != NULL ? "Proxy-Authorization: " : "", user != NULL ? proxy_basic(a, user) : "",
	    user != NULL ? "\r\n" : ""), *why;
	struct sbuf in = SBUF_INIT;
	int status = CONNECT_REFUSED;

	size_t head = connect_write(s, request, strlen(request)) == 0 ? read_head(s, &in) : 0;
	if (head == 0 || http_response_read(in.p, head, false, h, &why) != 0) {
		report("connect: the proxy broke off");
		status = CONNECT_FAILED;
	} else if (h->status != 200) {
		struct sbuf body = SBUF_INIT;
		sbuf_add(&body, in.p + head, in.len - head);
		say_refusal(s, h, &body);
		sbuf_free(&body);
	} else {
		status = connect_join(s, in.p + head, in.len - head);
	}
	sbuf_free(&in);
	return status;
}

int
connect_through_proxy(const char *host, const char *port, char *const *environment)
{
	const char *url = proxy_of(environment), *user = NULL, *why;
	struct arena *a = arena_new();
	struct domain d;
	int status = CONNECT_FAILED;

	bool bare = strchr(host, ':') != NULL && host[0] != '[';
	const char *dest = arena_printf(a, "%s%s%s:%s", bare ? "[" : "", host, bare ? "]" : "", port);
	if (domain_normalise(a, dest, strlen(dest), &d, &why) != 0 || d.port == 0)
		report("connect: \"%s\" %s", dest, d.port == 0 ? "has no port" : why);
	else if (url == NULL)
		report("connect: the environment names no proxy (HTTPS_PROXY): this is for use in a sandbox "
		    "whose network is proxied");
	else {
		intptr_t s = open_proxy(a, url, &user);
		if (s != -1) {
			status = ask(a, s, dest, user);
			connect_close(s);
		}
	}
	arena_free(a);
	return status;
}

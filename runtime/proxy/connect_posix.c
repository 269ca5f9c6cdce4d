/* SPDX-License-Identifier: Apache-2.0 */
/* connect_posix.c - CONNECT, and then bytes both ways */
#include <config.h>

#include "connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arena.h"
#include "environ.h"
#include "http_head.h"
#include "proxy_plan.h"
#include "proxy_url.h"
#include "report.h"
#include "sbuf.h"

enum { PIECE = 64 * 1024 };

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
static int
open_proxy(struct arena *a, const char *url, const char **user)
{
	struct proxy_url u;
	struct net_address address;
	const char *why = "is none that can be used here";
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (proxy_url_read(a, url, &u, &why) != 0 || strcmp(u.scheme, "http") != 0 ||
	    !proxy_url_listens(&u, &address)) {
		report("connect: the proxy of the environment, \"%s\", %s: it must be "
		    "http://127.0.0.1:PORT, as in a sandbox with a proxied network", url, why);
		return -1;
	}
	*user = u.user;
	v4.sin_port = v6.sin6_port = htons((uint16_t)u.host.port);
	memcpy(&v4.sin_addr, address.b, 4);
	memcpy(&v6.sin6_addr, address.b, 16);
	int fd = socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (fd >= 0 && (address.v6 ? connect(fd, (struct sockaddr *)&v6, sizeof(v6)) :
	    connect(fd, (struct sockaddr *)&v4, sizeof(v4))) == 0)
		return fd;
	report("connect: the proxy %s cannot be reached: %s", url, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The answer's head, and what has come behind it; the length of the head or 0. */
static size_t
read_head(int fd, struct sbuf *in)
{
	struct http_scan scan = { 0 };
	char piece[4096];
	const char *why;
	int status;

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
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
say_refusal(int fd, const struct http_head *h, struct sbuf *body)
{
	int rc = sbuf_read(body, fd, HTTP_HEAD_BYTES);
	size_t n = strcspn(sbuf_str(body), "\r\n");

	(void)rc;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)body->p[i] < ' ' || body->p[i] == 0x7f)
			body->p[i] = '?';
	report("connect: %.*s (%d)", (int)n, sbuf_str(body), h->status);
}

static int
join(int fd)
{
	struct pollfd p[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	char buffer[PIECE];

	for (;;) {
		if (poll(p, NELEMS(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return CONNECT_FAILED;
		}
		if (p[1].revents != 0) {
			ssize_t n = read(fd, buffer, sizeof(buffer));
			if (n == 0)
				return CONNECT_DONE;
			if ((n < 0 && errno != EINTR) ||
			    (n > 0 && write_all(STDOUT_FILENO, buffer, (size_t)n) != 0))
				return CONNECT_FAILED;
		}
		if (p[0].revents != 0) {
			ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));
			if (n > 0 && write_all(fd, buffer, (size_t)n) != 0)
				return CONNECT_FAILED;
			if (n == 0 || (n < 0 && errno != EINTR)) {
				shutdown(fd, SHUT_WR);
				p[0].fd = -1;
			}
		}
	}
}

static int
ask(struct arena *a, int fd, const char *dest, const char *user)
{
	struct http_head *h = arena_alloc(a, sizeof(*h));
	const char *request = arena_printf(a, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s%s\r\n", dest, dest,
	    user != NULL ? "Proxy-Authorization: " : "", user != NULL ? proxy_basic(a, user) : "",
	    user != NULL ? "\r\n" : ""), *why;
	struct sbuf in = SBUF_INIT;
	int status = CONNECT_REFUSED;

	size_t head = write_all(fd, request, strlen(request)) == 0 ? read_head(fd, &in) : 0;
	if (head == 0 || http_response_read(in.p, head, false, h, &why) != 0) {
		report("connect: the proxy broke off");
		status = CONNECT_FAILED;
	} else if (h->status != 200) {
		struct sbuf body = SBUF_INIT;
		sbuf_add(&body, in.p + head, in.len - head);
		say_refusal(fd, h, &body);
		sbuf_free(&body);
	} else {
		status = write_all(STDOUT_FILENO, in.p + head, in.len - head) != 0 ? CONNECT_FAILED : join(fd);
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

	signal(SIGPIPE, SIG_IGN);
	bool bare = strchr(host, ':') != NULL && host[0] != '[';
	const char *dest = arena_printf(a, "%s%s%s:%s", bare ? "[" : "", host, bare ? "]" : "", port);
	if (domain_normalise(a, dest, strlen(dest), &d, &why) != 0 || d.port == 0)
		report("connect: \"%s\" %s", dest, d.port == 0 ? "has no port" : why);
	else if (url == NULL)
		report("connect: the environment names no proxy (HTTPS_PROXY): this is for use in a sandbox "
		    "whose network is proxied");
	else {
		int fd = open_proxy(a, url, &user);
		if (fd >= 0) {
			status = ask(a, fd, dest, user);
			close(fd);
		}
	}
	arena_free(a);
	return status;
}

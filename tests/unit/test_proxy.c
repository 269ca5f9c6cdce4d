/* SPDX-License-Identifier: Apache-2.0 */
/* test_proxy.c - what the proxy reads: heads, bodies, SOCKS, URLs, NO_PROXY; what it says */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "http_body.h"
#include "ir.h"
#include "judge.h"
#include "past_proxy.h"
#include "prng.h"
#include "proxy_config.h"
#include "proxy_plan.h"
#include "proxy_url.h"
#include "socks.h"

static struct http_head head;

static int
request(const char *text, const char **why)
{
	struct http_scan s = { 0 };
	int status = 0;

	if (http_scan(&s, text, strlen(text), why, &status) != HTTP_DONE)
		return status != 0 ? status : -1;
	return http_request_read(text + s.start, s.at - s.start, &head, why, &status) == 0 ? 0 : status;
}

static void
heads_that_are_read(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_int_equal(request("\r\nPOST http://h/p HTTP/1.1\r\nHost:  h \t\r\nContent-Length: 007\r\n"
	    "Connection: close , X-A\r\nX-a: 1\r\nX-b:\r\n\r\n", &why), 0);
	assert_int_equal(head.nfields, 5);
	assert_memory_equal(head.field[0].value.p, "h", head.field[0].value.len);
	assert_int_equal(head.framing, HTTP_LENGTH);
	assert_int_equal(head.length, 7);
	assert_false(head.persistent);
	assert_true(http_is_hop_by_hop(&head, &head.field[3]));
	assert_false(http_is_hop_by_hop(&head, &head.field[4]));
	assert_int_equal(head.field[4].value.len, 0);
	/* Connection cannot take away what says where the body ends. */
	assert_int_equal(request("POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
	    "Connection: content-length, host\r\n\r\n", &why), 0);
	assert_false(http_is_hop_by_hop(&head, &head.field[0]));
	assert_false(http_is_hop_by_hop(&head, &head.field[1]));
	assert_int_equal(request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &why), 0);
	assert_true(head.persistent);
	assert_int_equal(request("GET / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\r\n", &why), 0);
	assert_int_equal(head.framing, HTTP_CHUNKED);
}

static void
heads_that_are_refused(void **state)
{
	static const struct { int status; const char *text; } t[] = {
		{ 400, "GET / HTTP/1.1\nHost: h\n\n" },
		{ 400, "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nA: b\nc\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\n\rA: b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nA b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\n: b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nA : b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\n A: b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nA: \001\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length:\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" },
		{ 400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" },
		{ 501, "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" },
		{ 501, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked;a\r\n\r\n" },
		{ 501, "GET / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n" },
		{ 505, "GET / HTTP/2.0\r\n\r\n" },
		{ 505, "GET / HTTP/1.10\r\n\r\n" },
		{ 400, "GET / http/1.1\r\n\r\n" },
		{ 400, "GET  / HTTP/1.1\r\n\r\n" },
		{ 400, "GET / \r\n\r\n" },
		{ 400, "GET /\r\n\r\n" },
		{ 400, "G(T / HTTP/1.1\r\n\r\n" },
		{ 400, "GET /a#b HTTP/1.1\r\n\r\n" },
		{ 400, "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		const char *why = NULL;
		if (request(t[i].text, &why) != t[i].status || why == NULL)
			fail_msg("%s: %s", t[i].text, why != NULL ? why : "read");
	}
}

static void
limits(void **state)
{
	char *text = malloc(HTTP_HEAD_BYTES * 2);
	struct http_scan s = { 0 };
	const char *why;
	int status;

	(void)state;
	memset(text, 'a', HTTP_HEAD_BYTES * 2);
	assert_int_equal(http_scan(&s, text, HTTP_LINE_BYTES, &why, &status), HTTP_MORE);
	assert_int_equal(http_scan(&s, text, HTTP_LINE_BYTES + 1, &why, &status), HTTP_BAD);
	assert_int_equal(status, 414);
	s = (struct http_scan){ 0 };
	for (size_t i = 0; i < HTTP_HEAD_BYTES * 2; i += 100)
		memcpy(text + i, "\r\n", 2);
	memcpy(text, "GE", 2);
	assert_int_equal(http_scan(&s, text, HTTP_HEAD_BYTES * 2, &why, &status), HTTP_BAD);
	assert_int_equal(status, 431);
	assert_true(s.at <= HTTP_HEAD_BYTES + 1);
	free(text);
}

static void
targets(void **state)
{
	static const struct { const char *line, *authority, *path; } t[] = {
		{ "GET http://h:1/p?q", "h:1", "/p?q" }, { "GET HTTP://h", "h", "" }, { "GET http://h?q", "h", "?q" },
		{ "CONNECT h:1", "h:1", "" }, { "OPTIONS http://[::1]:2", "[::1]:2", "" },
		{ "GET /p", NULL, NULL }, { "OPTIONS *", NULL, NULL }, { "GET https://h/", NULL, NULL },
		{ "GET http:///p", NULL, NULL }, { "GET http://u@h/", NULL, NULL }, { "CONNECT u@h:1", NULL, NULL },
		{ "CONNECT h:1/p", NULL, NULL }, { "Connect h:1", NULL, NULL }, { "GET ftp://h/", NULL, NULL },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct http_target target;
		const char *why = NULL;
		int status = 0;
		snprintf(text, sizeof(text), "%s HTTP/1.1\r\n\r\n", t[i].line);
		assert_int_equal(request(text, &why), 0);
		int rc = http_target_read(&head, &target, &why, &status);
		assert_int_equal(rc, t[i].authority != NULL ? 0 : -1);
		if (rc != 0) {
			assert_int_equal(status, 400);
			continue;
		}
		assert_int_equal(target.authority.len, strlen(t[i].authority));
		assert_memory_equal(target.authority.p, t[i].authority, target.authority.len);
		assert_int_equal(target.path.len, strlen(t[i].path));
		assert_memory_equal(target.path.p, t[i].path, target.path.len);
	}
}

static int
answer(const char *text, bool to_head)
{
	const char *why;

	return http_response_read(text, strlen(text), to_head, &head, &why);
}

static void
answers(void **state)
{
	(void)state;
	assert_int_equal(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false), 0);
	assert_int_equal(head.framing, HTTP_LENGTH);
	assert_int_equal(answer("HTTP/1.1 200\r\n\r\n", false), 0);
	assert_int_equal(head.framing, HTTP_UNTIL_CLOSE);
	assert_int_equal(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), 0);
	assert_int_equal(head.framing, HTTP_NO_BODY);
	assert_int_equal(answer("HTTP/1.1 304 \r\nTransfer-Encoding: chunked\r\n\r\n", false), 0);
	assert_int_equal(head.framing, HTTP_NO_BODY);
	assert_int_equal(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", false), -1);
	assert_int_equal(answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false), -1);
	assert_int_equal(answer("HTTP/1.1 099 OK\r\n\r\n", false), -1);
	assert_int_equal(answer("HTTP/1.1 2000 OK\r\n\r\n", false), -1);
	assert_int_equal(answer("ICY 200 OK\r\n\r\n", false), -1);
}

/* A body of chunks, made at random, has its end where it was made to have it, in whatever pieces it comes. */
static void
chunks_at_random(void **state)
{
	uint64_t r = prng_seed();
	const struct http_head chunked = { .framing = HTTP_CHUNKED };

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char text[4096];
		size_t n = 0;
		for (size_t k = prng_below(&r, 5); k > 0; k--) {
			unsigned size = 1 + (unsigned)prng_below(&r, 300);
			n += (size_t)sprintf(text + n, prng_below(&r, 2) ? "%x;a=\"b\"\r\n" : "%04X\r\n", size);
			for (unsigned i = 0; i < size; i++)
				text[n++] = "\r\n0a;"[prng_below(&r, 5)];
			n += (size_t)sprintf(text + n, "\r\n");
		}
		n += (size_t)sprintf(text + n, prng_below(&r, 2) ? "0\r\nT: u\r\nV: w\r\n\r\n" : "0\r\n\r\n");
		size_t end = n;
		n += (size_t)sprintf(text + n, "GET / HTTP/1.1\r\n");
		struct http_body b;
		http_body_begin(&b, &chunked);
		size_t at = 0;
		while (at < n && !b.done) {
			size_t step = 1 + prng_below(&r, 64);
			if (step > n - at)
				step = n - at;
			ptrdiff_t k = http_body_take(&b, text + at, step);
			assert_true(k >= 0 && (b.done || (size_t)k == step));
			at += (size_t)k;
		}
		assert_true(b.done);
		assert_int_equal(at, end);
	}
}

static void
chunks_that_are_none(void **state)
{
	static const char *const t[] = {
		"\r\n", "g\r\n", " 5\r\n", "5\n", "5\r\nhello\n", "5\r\nhelloX", "-1\r\n", "5;\n\r\n", "5\rX", "0\r\n\n",
		"0\r\n folded\r\n\r\n", "ffffffffffffffff0\r\n", "0\r\nT\001\r\n\r\n",
	};
	const struct http_head chunked = { .framing = HTTP_CHUNKED };

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct http_body b;
		http_body_begin(&b, &chunked);
		assert_int_equal(http_body_take(&b, t[i], strlen(t[i])), -1);
		assert_int_equal(http_body_take(&b, "0\r\n\r\n", 5), -1);
		assert_false(b.done);
	}
}

static void
socks_messages(void **state)
{
	static const uint8_t v4[] = { 5, 1, 0, 1, 8, 8, 4, 4, 1, 187, 9 };
	static const uint8_t name[] = { 5, 3, 0, 3, 2, 'a', 'b', 0, 80 };
	static const uint8_t type[] = { 5, 1, 0, 2, 0, 0, 0, 0 };
	struct socks_dest d;
	enum socks_reply reply;
	static const uint8_t login[] = { 1, 2, 'a', 'b', 3, 'c', 'd', 'e', 9 };
	struct slice user, password;
	uint8_t out[SOCKS_MAX_MESSAGE];
	bool none;
	int command;

	(void)state;
	assert_int_equal(socks_request_read(v4, sizeof(v4), &command, &d, &reply), 10);
	assert_false(d.is_name);
	assert_int_equal(d.port, 443);
	assert_int_equal(socks_request_read(name, sizeof(name), &command, &d, &reply), 9);
	assert_int_equal(command, SOCKS_UDP_ASSOCIATE);
	assert_string_equal(d.name, "ab");
	assert_int_equal(socks_request_read(type, sizeof(type), &command, &d, &reply), -1);
	assert_int_equal(reply, SOCKS_NO_ADDRESS_TYPE);
	assert_int_equal(socks_offer_read((const uint8_t[]){ 5, 2, 1, 0 }, 4, SOCKS_BY_NOTHING, &none), 4);
	assert_true(none);
	assert_int_equal(socks_offer_read((const uint8_t[]){ 5, 2, 1, 0 }, 4, SOCKS_BY_PASSWORD, &none), 4);
	assert_false(none);
	assert_int_equal(socks_offer_read((const uint8_t[]){ 5, 2, 1 }, 3, SOCKS_BY_NOTHING, &none), 0);
	assert_int_equal(socks_offer_read((const uint8_t[]){ 4 }, 1, SOCKS_BY_NOTHING, &none), -1);
	for (size_t i = 0; i < sizeof(login) - 1; i++)
		assert_int_equal(socks_login_read(login, i, &user, &password), 0);
	assert_int_equal(socks_login_read(login, sizeof(login), &user, &password), sizeof(login) - 1);
	assert_memory_equal(user.p, "ab", user.len);
	assert_memory_equal(password.p, "cde", password.len);
	assert_int_equal(socks_login_read((const uint8_t[]){ 5 }, 1, &user, &password), -1);
	assert_int_equal(socks_login_read((const uint8_t[]){ 1, 0 }, 2, &user, &password), -1);
	assert_int_equal(socks_login_read((const uint8_t[]){ 1, 1, 'a', 0 }, 4, &user, &password), -1);
	/* What is written as the head of a datagram is read back. */
	struct net_address a = address_from_bytes((const uint8_t[16]){ 0x26, [15] = 1 }, true);
	size_t n = socks_datagram_write(out, &a, 4711);
	assert_int_equal(socks_datagram_read(out, n, &d), (ptrdiff_t)n);
	assert_true(address_equal(&d.address, &a));
	assert_int_equal(d.port, 4711);
	out[2] = 1;
	assert_int_equal(socks_datagram_read(out, n, &d), -1);
	assert_int_equal(socks_reply_write(out, SOCKS_NOT_ALLOWED, NULL, 0), 10);
	assert_int_equal(out[1], 2);
}

static void
urls(void **state)
{
	static const struct { const char *url, *scheme, *user, *host; unsigned port; } t[] = {
		{ "http://127.0.0.1:3128", "http", NULL, "127.0.0.1", 3128 },
		{ "http://A.Example:80/", "http", NULL, "a.example", 80 },
		{ "proxy:8080", "http", NULL, "proxy", 8080 },
		{ "socks5h://[::1]:9", "socks5h", NULL, "::1", 9 },
		{ "http://u%40v:p%3a@h:1", "http", "u@v:p:", "h", 1 },
		{ "http://h", "http", NULL, "h", 0 },
		{ "http://u%4@h:1", NULL, NULL, NULL, 0 }, { "http://u%0d@h:1", NULL, NULL, NULL, 0 },
		{ "http://h:1/p", NULL, NULL, NULL, 0 }, { "http://", NULL, NULL, NULL, 0 }, { "http://h:0", NULL, NULL, NULL, 0 },
		{ "http://*:1", NULL, NULL, NULL, 0 }, { "http://u%", NULL, NULL, NULL, 0 }, { "http://%@h", NULL, NULL, NULL, 0 },
	};
	struct arena *a = arena_new();
	struct proxy_url u;
	const char *why;

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		assert_int_equal(proxy_url_read(a, t[i].url, &u, &why), t[i].host != NULL ? 0 : -1);
		if (t[i].host == NULL)
			continue;
		assert_string_equal(u.scheme, t[i].scheme);
		assert_string_equal(u.host.host, t[i].host);
		assert_int_equal(u.host.port, t[i].port);
		assert_int_equal(u.user != NULL, t[i].user != NULL);
		if (u.user != NULL)
			assert_string_equal(u.user, t[i].user);
	}
	arena_free(a);
}

static void
past_proxies(void **state)
{
	static const struct { const char *list, *dest; bool past; } t[] = {
		{ NULL, "h:1", false }, { "", "h:1", false }, { "*", "h:1", true }, { "h", "h:1", true }, { "h", "a.h:1", true },
		{ ".h", "a.h:1", true }, { "*.h", "a.h:1", true }, { "h", "ah:1", false }, { "x, H ,y", "h:1", true }, { "h:2", "h:1", false },
		{ "h:1", "h:1", true }, { "10.0.0.0/8", "10.9.9.9:1", true }, { "10.0.0.0/8", "11.0.0.1:1", false },
		{ "10.0.0.0/9", "10.128.0.1:1", false }, { "10.1.1.1", "10.1.1.1:1", true }, { "::1", "[::1]:1", true },
		{ "fd00::/8", "[fd12::1]:1", true }, { "10.0.0.0/99", "10.0.0.1:1", false }, { "10.0.0.0/", "10.0.0.1:1", false },
		{ "0.0.0.0/0", "8.8.8.8:1", true }, { ".", "h:1", false },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct domain d;
		const char *why;
		assert_int_equal(judge_dest(a, t[i].dest, strlen(t[i].dest), 0, &d, &why), 0);
		if (past_proxy(t[i].list, &d) != t[i].past)
			fail_msg("%s %s", t[i].list, t[i].dest);
	}
	arena_free(a);
}

static struct ir_domain
rule(const char *pattern, bool allow, unsigned line)
{
	return (struct ir_domain){ .pattern = pattern, .allow = allow,
	    .origin = { .span = { 0, line, 1, 1 }, .text = pattern, .profile = "p" } };
}

static void
words(void **state)
{
	struct ir_source source = { "p.toml" };
	struct ir_domain rules[] = { rule("*.ok.example", true, 3), rule("bad.ok.example", false, 4) };
	struct ir_policy ir = { .name = "p", .sources = { &source, 1, 1 }, .network = { .mode = NET_PROXIED,
	    .has_domains = true, .domains = { rules, 2, 2 }, .proxy_url = "http://127.0.0.1:1", .socks_url = "socks5://127.0.0.1:2",
	    .origin = { .span = { 0, 2, 1, 1 }, .text = "network", .profile = "p" } } };
	static const struct { const char *dest, *method, *header, *reason, *in_text; bool limited; } t[] = {
		{ "a.ok.example:80", "GET", NULL, "allowed", NULL, false },
		{ "bad.ok.example:80", "GET", "blocked-by-denylist", "denied", "\"deny\" (p.toml:4)", false },
		{ "else.example:80", "GET", "blocked-by-allowlist", "not_allowed", "p.toml:2", false },
		{ "a.ok.example:80", "POST", "blocked-by-method-policy", "method_not_allowed", "p.toml:2", true },
		{ "a.ok.example:80", NULL, "blocked-by-method-policy", "method_not_allowed", "SOCKS", true },
		{ "bad.ok.example:80", "POST", "blocked-by-denylist", "denied", "p.toml:4", true },
		{ "a.ok.example:80", "HEAD", NULL, "allowed", NULL, true },
	};
	struct arena *a = arena_new();
	struct judge j;

	(void)state;
	assert_true(judge_init(&j, a, &ir));
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct judgement d = { .protocol = t[i].method != NULL ? JUDGE_HTTP : JUDGE_SOCKS_TCP, .method = t[i].method };
		const char *why;
		ir.network.limited = t[i].limited;
		assert_int_equal(judge_dest(a, t[i].dest, strlen(t[i].dest), 0, &d.dest, &why), 0);
		judge_request(&j, &d);
		const char *header = judge_header(&d);
		assert_int_equal(header == NULL, t[i].header == NULL);
		if (header != NULL) {
			assert_string_equal(header, t[i].header);
			assert_non_null(strstr(judge_text(a, &j, &d), t[i].in_text));
		}
		assert_string_equal(judge_reason(&d), t[i].reason);
	}
	/* By its address: refused as such, and the rule is still named. */
	struct judgement d = { .protocol = JUDGE_HTTP, .method = "GET" };
	const char *why;
	ir.network.limited = false;
	struct net_address private = address_from_bytes((const uint8_t[]){ 10, 0, 0, 1 }, false);
	assert_int_equal(judge_dest(a, "a.ok.example", 12, 80, &d.dest, &why), 0);
	judge_request(&j, &d);
	assert_true(d.net.pending);
	judge_address(&j, &d, &private);
	assert_string_equal(judge_header(&d), "blocked-by-policy");
	assert_non_null(strstr(judge_text(a, &j, &d), "private"));
	assert_string_equal(judge_rule(a, &j, &d), "p.toml:3 \"*.ok.example\"");
	arena_free(a);
}

/* What cdxp-run writes the proxy reads. */
static void
configurations(void **state)
{
	struct ir_source source = { "p.toml" };
	struct ir_domain rules[] = { rule("ok.example", true, 3) };
	struct ir_policy ir = { .name = "p", .sources = { &source, 1, 1 }, .network = { .mode = NET_PROXIED,
	    .has_domains = true, .domains = { rules, 1, 1 }, .proxy_url = "http://127.0.0.1:1", .socks_url = "socks5://127.0.0.1:2",
	    .mitm = "{}", .origin = { .span = { 0, 2, 1, 1 }, .text = "network", .profile = "p" } } };
	struct proxy_config c = { .ir = &ir, .nlisteners = 2, .http = { "up", 8, "Basic x" }, .no_proxy = "a,b", .token = "t",
	    .audit_file = "/x" };
	struct sbuf bytes = SBUF_INIT;
	struct arena *a = arena_new();
	bool audit = false;
	const char *why = NULL;

	(void)state;
	c.listener[0] = (struct proxy_listener){ address_from_bytes((const uint8_t[]){ 127, 0, 0, 1 }, false), 1, 3, false, 0 };
	c.listener[1] = (struct proxy_listener){ address_from_bytes((const uint8_t[16]){ [15] = 1 }, true), 0, 0, true, 5 };
	proxy_config_write(&c, true, &bytes);
	struct proxy_config *back = proxy_config_read(a, bytes.p + 4, bytes.len - 4, &audit, &why);
	assert_non_null(back);
	assert_true(audit);
	assert_int_equal(back->nlisteners, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(address_equal(&back->listener[i].address, &c.listener[i].address));
		assert_int_equal(back->listener[i].port, c.listener[i].port);
		assert_int_equal(back->listener[i].speaks, c.listener[i].speaks);
		assert_int_equal(back->listener[i].datagrams, c.listener[i].datagrams);
		assert_int_equal(back->listener[i].forward, c.listener[i].forward);
	}
	assert_string_equal(back->http.authorization, "Basic x");
	assert_null(back->https.host);
	assert_string_equal(back->no_proxy, "a,b");
	assert_string_equal(back->token, "t");
	assert_string_equal(back->audit_file, "/x");
	assert_string_equal(back->ir->network.domains.v[0].pattern, "ok.example");
	assert_int_equal(back->ir->network.domains.v[0].origin.span.line, 3);
	/* Cut off anywhere it is none. */
	for (size_t n = 0; n + 1 < bytes.len - 4; n++)
		assert_null(proxy_config_read(a, bytes.p + 4, n, &audit, &why));
	sbuf_free(&bytes);
	arena_free(a);
}

/* Where others reach the listeners the command is told the token, and datagrams, which show none, are not taken. */
static void
tokens(void **state)
{
	const char *const environment[] = { NULL };
	struct ir_policy ir = { .network = { .mode = NET_PROXIED, .proxy_url = "http://127.0.0.1:3128",
	    .socks_url = "socks5h://[::1]:8081", .enable_socks5 = true, .enable_socks5_udp = true } };
	struct proxy_request q = { .ir = &ir, .environment = environment };
	struct arena *a = arena_new();
	struct proxy_plan *plan;
	const char *why;

	(void)state;
	assert_int_equal(proxy_plan_make(a, &q, &plan, &why), 0);
	assert_int_equal(plan->config.nlisteners, 3);
	assert_null(plan->config.token);
	assert_string_equal(plan->variable[0].value, "http://127.0.0.1:3128");
	q.token = "6e6f";
	assert_int_equal(proxy_plan_make(a, &q, &plan, &why), 0);
	assert_int_equal(plan->config.nlisteners, 2);
	assert_string_equal(plan->config.token, "6e6f");
	assert_string_equal(plan->variable[0].value, "http://cdxp:6e6f@127.0.0.1:3128");
	assert_string_equal(proxy_basic(a, "cdxp:6e6f"), "Basic Y2R4cDo2ZTZm");
	/* Within a sandbox that is its loopback; on the host it would be everybody. */
	ir.network.proxy_url = "http://0.0.0.0:3128";
	assert_int_equal(proxy_plan_make(a, &q, &plan, &why), -1);
	assert_non_null(strstr(why, "from elsewhere"));
	q.token = NULL;
	assert_int_equal(proxy_plan_make(a, &q, &plan, &why), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(heads_that_are_read),
		cmocka_unit_test(heads_that_are_refused),
		cmocka_unit_test(limits),
		cmocka_unit_test(targets),
		cmocka_unit_test(answers),
		cmocka_unit_test(chunks_at_random),
		cmocka_unit_test(chunks_that_are_none),
		cmocka_unit_test(socks_messages),
		cmocka_unit_test(urls),
		cmocka_unit_test(past_proxies),
		cmocka_unit_test(words),
		cmocka_unit_test(configurations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

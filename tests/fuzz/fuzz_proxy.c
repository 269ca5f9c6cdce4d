/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_proxy.c - any bytes at all from a client, a server or the runtime: what the proxy reads them as */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "http_body.h"
#include "http_head.h"
#include "judge.h"
#include "past_proxy.h"
#include "proxy_config.h"
#include "proxy_url.h"
#include "socks.h"

/* The end is found at the same place whichever pieces the bytes come in. */
static void
scan(const char *bytes, size_t len, struct http_scan *out, enum http_result *result)
{
	struct http_scan whole = { 0 }, pieces = { 0 };
	const char *why;
	int status;
	enum http_result r = http_scan(&whole, bytes, len, &why, &status), k = HTTP_MORE;

	for (size_t n = 0; n <= len && k == HTTP_MORE; n += 1 + n / 16)
		k = http_scan(&pieces, bytes, n, &why, &status);
	if (k == HTTP_MORE)
		k = http_scan(&pieces, bytes, len, &why, &status);
	if (k != r || (r == HTTP_DONE && (whole.at != pieces.at || whole.start != pieces.start)))
		abort();
	*out = whole;
	*result = r;
}

static bool
is_within(struct slice s, const char *bytes, size_t len)
{
	return s.len == 0 || (s.p >= bytes && s.p + s.len <= bytes + len);
}

/* What is passed on is what was read: no field can end a line, or begin another. */
static void
check_head(const struct http_head *h, const char *bytes, size_t len)
{
	for (size_t i = 0; i < h->nfields; i++) {
		const struct http_field *f = &h->field[i];
		if (!is_within(f->name, bytes, len) || !is_within(f->value, bytes, len) || f->name.len == 0 ||
		    memchr(f->value.p, '\r', f->value.len) != NULL ||
		    memchr(f->value.p, '\n', f->value.len) != NULL ||
		    memchr(f->value.p, '\0', f->value.len) != NULL ||
		    memchr(f->name.p, ':', f->name.len) != NULL)
			abort();
		http_is_hop_by_hop(h, f);
	}
	/* One way of telling the length, or none. */
	if (h->framing == HTTP_LENGTH && http_field(h, "Transfer-Encoding") != NULL)
		abort();
}

/* In one piece and in many a body has the same end. */
static void
body(const struct http_head *h, const char *bytes, size_t len)
{
	struct http_body whole, pieces;

	http_body_begin(&whole, h);
	http_body_begin(&pieces, h);
	ptrdiff_t n = http_body_take(&whole, bytes, len), sum = 0;
	if (n > (ptrdiff_t)len)
		abort();
	for (size_t at = 0; at < len && !pieces.done && sum >= 0;) {
		size_t step = 1 + at % 7 < len - at ? 1 + at % 7 : len - at;
		ptrdiff_t k = http_body_take(&pieces, bytes + at, step);
		sum = k < 0 ? -1 : sum + k;
		at += step;
	}
	if (sum != n || (n >= 0 && whole.done != pieces.done))
		abort();
}

static void
http(struct arena *a, const char *bytes, size_t len)
{
	struct http_head *h = arena_alloc(a, sizeof(*h));
	struct http_scan s;
	struct http_target t;
	struct domain d;
	enum http_result r;
	const char *why = NULL;
	int status = 0;

	scan(bytes, len, &s, &r);
	if (r != HTTP_DONE)
		return;
	const char *head = bytes + s.start, *rest = bytes + s.at;
	const size_t nhead = s.at - s.start, nrest = len - s.at;
	if (http_request_read(head, nhead, h, &why, &status) == 0) {
		check_head(h, head, nhead);
		body(h, rest, nrest);
		if (http_target_read(h, &t, &why, &status) == 0 &&
		    (!is_within(t.authority, head, nhead) || !is_within(t.path, head, nhead)))
			abort();
		else if (why == NULL && judge_dest(a, t.authority.p, t.authority.len, 80, &d, &why) == 0 &&
		    (d.port == 0 || d.port > 65535 || d.host == NULL || *d.host == '\0'))
			abort();
	} else if (why == NULL || status < 400 || status > 599) {
		abort();
	}
	if (http_response_read(head, nhead, len % 2 == 0, h, &why) == 0) {
		check_head(h, head, nhead);
		body(h, rest, nrest);
	}
}

static void
socks(const uint8_t *bytes, size_t len)
{
	struct socks_dest d;
	enum socks_reply reply;
	struct slice user, password;
	bool none;
	int command;

	ptrdiff_t n = socks_login_read(bytes, len, &user, &password);
	if (n > (ptrdiff_t)len || (n > 0 && (user.len + password.len + 3 != (size_t)n ||
	    !is_within(user, (const char *)bytes, len) || !is_within(password, (const char *)bytes, len))))
		abort();
	if (socks_offer_read(bytes, len, SOCKS_BY_NOTHING, &none) > (ptrdiff_t)len)
		abort();
	n = socks_request_read(bytes, len, &command, &d, &reply);
	if (n > (ptrdiff_t)len || n > SOCKS_MAX_MESSAGE || (n > 0 && d.is_name && d.name[0] == '\0'))
		abort();
	/* Complete or not does not depend on what follows. */
	for (ptrdiff_t k = 0; n > 0 && k < n; k++)
		if (socks_request_read(bytes, (size_t)k, &command, &d, &reply) != 0)
			abort();
	n = socks_datagram_read(bytes, len, &d);
	if (n > (ptrdiff_t)len || n > SOCKS_UDP_HEAD)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, len), *why = NULL;
	struct proxy_url u;
	struct domain d;
	bool audit;

	http(a, text, len);
	socks(data, len);
	if (proxy_config_read(a, text, len, &audit, &why) == NULL && why == NULL)
		abort();
	if (proxy_url_read(a, text, &u, &why) == 0 && u.host.host == NULL)
		abort();
	if (judge_dest(a, text, len, 0, &d, &why) == 0) {
		if (d.port == 0 || (d.kind != DOMAIN_HOST && d.kind != DOMAIN_ADDRESS))
			abort();
		past_proxy(text, &d);
	}
	arena_free(a);
	return 0;
}

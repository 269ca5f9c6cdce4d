/* SPDX-License-Identifier: Apache-2.0 */
/* test_domain.c - hosts, addresses, and the decision over them */
#include <config.h>

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include <cmocka.h>

#include "arena.h"
#include "decide_net.h"
#include "domain.h"
#include "prng.h"
#include "utf8.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
normalise(void **state)
{
	static const struct { const char *raw, *pattern; uint32_t port; enum domain_kind kind; } t[] = {
		{ "example.com", "example.com", 0, DOMAIN_HOST },
		{ " \tExample.COM. ", "example.com", 0, DOMAIN_HOST },
		{ "example.com:443", "example.com", 443, DOMAIN_HOST },
		{ "example.com.:65535", "example.com", 65535, DOMAIN_HOST },
		{ "*.Example.com", "*.example.com", 0, DOMAIN_BELOW },
		{ "**.example.com:80", "**.example.com", 80, DOMAIN_WITHIN },
		{ "*", "*", 0, DOMAIN_ANY }, { "*:443", "*", 443, DOMAIN_ANY },
		{ "localhost", "localhost", 0, DOMAIN_HOST },
		{ "_x.a-b", "_x.a-b", 0, DOMAIN_HOST },
		{ "1.2.3.4", "1.2.3.4", 0, DOMAIN_ADDRESS },
		{ "127.1", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "0x7f000001", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "0X7F.1", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "0177.0.0.01", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "2130706433", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "10.0x102:8", "10.0.1.2", 8, DOMAIN_ADDRESS },
		{ "1.2.772", "1.2.3.4", 0, DOMAIN_ADDRESS },
		{ "127.0.0.1.", "127.0.0.1", 0, DOMAIN_ADDRESS },
		{ "0", "0.0.0.0", 0, DOMAIN_ADDRESS },
		{ "::1", "::1", 0, DOMAIN_ADDRESS }, { "[::1]", "::1", 0, DOMAIN_ADDRESS },
		{ "[::1]:8080", "::1", 8080, DOMAIN_ADDRESS }, { "::", "::", 0, DOMAIN_ADDRESS },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", 0, DOMAIN_ADDRESS },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", 0, DOMAIN_ADDRESS },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1", 0, DOMAIN_ADDRESS },
		{ "2001:db8::0:0:1", "2001:db8::1", 0, DOMAIN_ADDRESS },
		{ "1::2:0:0:3:4", "1::2:0:0:3:4", 0, DOMAIN_ADDRESS },
		{ "::ffff:10.0.0.1", "10.0.0.1", 0, DOMAIN_ADDRESS },
		{ "[::FFFF:a00:1]:80", "10.0.0.1", 80, DOMAIN_ADDRESS },
		{ "::10.0.0.1", "::a00:1", 0, DOMAIN_ADDRESS },
		{ "fe80::1%eth0", "fe80::1", 0, DOMAIN_ADDRESS },
		{ "[fe80::1%25Eth0]:1", "fe80::1", 1, DOMAIN_ADDRESS },
		/* RFC 3492 7.1 and names of the wild */
		{ "b\xc3\xbc""cher.example", "xn--bcher-kva.example", 0, DOMAIN_HOST },
		{ "B\xc3\x9c""CHER.example", "xn--bcher-kva.example", 0, DOMAIN_HOST },
		{ "*.\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80", "*.xn--e1afmkfd", 0, DOMAIN_BELOW },
		{ "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80", "xn--e1afmkfd", 0, DOMAIN_HOST },
		{ "\xce\xa0\xce\x91\xce\xa1\xce\x86", "xn--hxaj8bf", 0, DOMAIN_HOST },
		{ "\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "xn--r8jz45g.xn--zckzah", 0, DOMAIN_HOST },
		{ "fa\xc3\x9f.de", "xn--fa-hia.de", 0, DOMAIN_HOST },
		{ "3\xe5\xb9\xb4""B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
		    "xn--3b-ww4c5e180e575a65lsy2b", 0, DOMAIN_HOST },
		{ "XN--BCHER-KVA", "xn--bcher-kva", 0, DOMAIN_HOST },
	};

	for (size_t i = 0; i < NELEMS(t); i++) {
		struct domain d;
		const char *why = "";
		if (domain_normalise(*state, t[i].raw, strlen(t[i].raw), &d, &why) != 0)
			fail_msg("\"%s\" %s", t[i].raw, why);
		if (strcmp(d.pattern, t[i].pattern) != 0 || d.port != t[i].port || d.kind != t[i].kind)
			fail_msg("\"%s\" became \"%s\" port %u kind %d", t[i].raw, d.pattern,
			    (unsigned)d.port, (int)d.kind);
		assert_int_equal(d.zone, strchr(t[i].raw, '%') != NULL);
		/* What is normal stays as it is. */
		struct domain e;
		assert_int_equal(domain_read(*state, d.pattern, d.port, &e), 0);
		assert_string_equal(e.pattern, d.pattern);
		assert_string_equal(e.host, d.host);
		assert_int_equal(e.kind, d.kind);
	}
	struct domain d;
	assert_int_equal(domain_read(*state, "Example.com", 0, &d), -1);
	assert_int_equal(domain_read(*state, "a:80", 0, &d), -1);
	assert_int_equal(domain_read(*state, "a", 65536, &d), -1);
}

static void
errors(void **state)
{
	static const char *const t[][2] = {
		{ "", "is empty" }, { " ", "is empty" }, { "https://a.b", "has a /" },
		{ "10.0.0.0/8", "has a /" },
		{ ".", "empty label" }, { "a..b", "empty label" }, { ".a", "empty label" },
		{ "a..", "empty label" },
		{ "*.", "empty label" }, { "**.", "empty label" }, { "*..a", "empty label" },
		{ "**", "stands for every host" }, { "*.*.a", "has a *" }, { "a.*", "has a *" },
		{ "a*.b", "has a *" },
		{ "***.a", "has a *" }, { "a b", "no host name" }, { "a?.b", "no host name" },
		{ "a@b", "no host name" },
		{ "a%2eb", "no host name" }, { "1.2.3.4%lo", "no host name" },
		{ ":80", "no host" }, { "a:", "port" }, { "a:0", "port" }, { "a:65536", "port" },
		{ "a:+1", "port" },
		{ "a:000080", "port" }, { "[::1]:", "port" }, { "[::1]x", "behind the ]" },
		{ "[::1", "[ without" },
		{ "[]", "IPv6" }, { "[127.0.0.1]", "IPv6" }, { "[a]", "IPv6" },
		{ "*.[::1]", "not an IP" },
		{ "*.1.2.3.4", "before an IP" }, { "**.5", "before an IP" },
		{ "256.1.1.1", "not an IP" }, { "1.2.3.4.5", "not an IP" }, { "08", "not an IP" },
		{ "a.1", "not an IP" },
		{ "4294967296", "not an IP" }, { "1.16777216", "not an IP" },
		{ "0x", "not an IP" }, { "a.0x1f", "not an IP" },
		{ ":::", "not an IP" }, { "1::2::3", "not an IP" },
		{ "1:2:3:4:5:6:7", "not an IP" },
		{ "1:2:3:4:5:6:7:8:9", "not an IP" }, { "1:2:3:4:5:6:7::8", "not an IP" },
		{ "::12345", "not an IP" },
		{ "::g", "not an IP" }, { "::1.2.3", "not an IP" }, { "::01.2.3.4", "not an IP" },
		{ "1.2.3.4::", "not an IP" },
		{ "fe80::1%", "not an IP" }, { "::1:80:", "not an IP" },
		{ "1:2:3:4:5:6:7:1.2.3.4", "not an IP" },
		{ "e\xcc\x81.fr", "\"xn--\" form" }, { "\xef\xbc\xa1.b", "\"xn--\" form" },
		{ "\xc4\xb0.tr", "\"xn--\" form" },
		{ "a\xc3.b", "\"xn--\" form" }, { "\xe2\x98\x83.net", "\"xn--\" form" },
		{ "\xc5\xbf.b", "\"xn--\" form" },
		{ "-\xc3\xbc.de", "hyphens" }, { "xn--\xc3\xbc.de", "hyphens" },
		{ "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbcccc.de", "63 bytes" },
		{ "\xc3\xbc""aaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbccc", "63 bytes" },
	};

	for (size_t i = 0; i < NELEMS(t); i++) {
		struct domain d;
		const char *why = "";
		if (domain_normalise(*state, t[i][0], strlen(t[i][0]), &d, &why) == 0)
			fail_msg("\"%s\" became \"%s\"", t[i][0], d.pattern);
		if (strstr(why, t[i][1]) == NULL)
			fail_msg("\"%s\" %s", t[i][0], why);
	}
	struct domain d;
	const char *why = "";
	assert_int_equal(domain_normalise(*state, "a\0b", 3, &d, &why), -1);
	char name[300];
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 4 == 3 ? '.' : 'a';
	assert_int_equal(domain_normalise(*state, name, 253, &d, &why), 0);
	assert_int_equal(domain_normalise(*state, name, 255, &d, &why), -1);
	assert_string_equal(why, "is longer than 253 bytes");
}

/* Against the C library, which reads and writes the same two forms. */
static void
addresses_random(void **state)
{
	const uint64_t seed = prng_seed();
	uint64_t r = seed;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct arena *a = arena_new();
		struct net_address x, y;
		uint8_t b[16];
		char libc[INET6_ADDRSTRLEN];
		for (int k = 0; k < 16; k += 2) {
			b[k] = prng_below(&r, 2) ? 0 : (uint8_t)prng(&r);
			b[k + 1] = prng_below(&r, 2) ? b[k] : (uint8_t)prng(&r);
		}
		/* glibc writes ::a.b.c.d with dots, RFC 5952 leaves that open. */
		b[0] = b[0] == 0 ? 1 : b[0];
		x = address_from_bytes(b, true);
		inet_ntop(AF_INET6, b, libc, sizeof(libc));
		const char *text = address_text(a, &x);
		if (strcmp(text, libc) != 0)
			fail_msg("SEED=%llu: %s is not %s", (unsigned long long)seed, text, libc);
		assert_true(address_parse(text, strlen(text), &y, NULL) && address_equal(&x, &y));

		char junk[20];
		size_t n = prng_below(&r, sizeof(junk));
		for (size_t k = 0; k < n; k++)
			junk[k] = "01278af.:::"[prng_below(&r, 11)];
		junk[n] = '\0';
		bool v6 = strchr(junk, ':') != NULL, ok = address_parse(junk, n, &y, NULL);
		struct in_addr v4;
		bool want = v6 ? inet_pton(AF_INET6, junk, b) == 1 : inet_aton(junk, &v4) != 0;
		if (ok != want)
			fail_msg("SEED=%llu: \"%s\" is%s an address", (unsigned long long)seed, junk, want ? "" : " not");
		if (ok && !v6)
			memcpy(b, &v4, 4);
		if (ok)
			x = address_from_bytes(b, v6);
		if (ok && !address_equal(&x, &y))
			fail_msg("SEED=%llu: \"%s\" is %s", (unsigned long long)seed, junk, address_text(a, &y));
		arena_free(a);
	}
}

static void
special(void **state)
{
	static const char *const t[][2] = {
		{ "8.8.8.8", NULL }, { "0.0.0.0", "unspecified" }, { "0.1.2.3", "reserved" },
		{ "10.255.0.1", "private" },
		{ "11.0.0.0", NULL }, { "100.63.255.255", NULL }, { "100.64.0.0", "CGNAT" },
		{ "100.127.255.255", "CGNAT" },
		{ "100.128.0.0", NULL }, { "127.255.255.254", "loopback" },
		{ "169.254.169.254", "link-local" },
		{ "172.15.255.255", NULL }, { "172.16.0.0", "private" },
		{ "172.31.255.255", "private" }, { "172.32.0.0", NULL },
		{ "192.0.0.1", "reserved" }, { "192.0.2.1", "documentation" },
		{ "192.88.99.1", "reserved" },
		{ "192.168.1.1", "private" }, { "192.169.0.0", NULL }, { "198.17.255.255", NULL },
		{ "198.18.0.0", "benchmark" },
		{ "198.19.255.255", "benchmark" }, { "198.51.100.1", "documentation" },
		{ "203.0.113.9", "documentation" },
		{ "223.255.255.255", NULL }, { "224.0.0.1", "multicast" },
		{ "239.255.255.255", "multicast" },
		{ "240.0.0.1", "reserved" }, { "255.255.255.255", "reserved" },
		{ "2606:4700::1", NULL }, { "::", "unspecified" }, { "::1", "loopback" },
		{ "::2", "reserved" },
		{ "::127.0.0.1", "reserved" }, { "::ffff:127.0.0.1", "loopback" },
		{ "::ffff:8.8.8.8", NULL },
		{ "64:ff9b::8.8.8.8", NULL }, { "64:ff9b::10.0.0.1", "private" },
		{ "64:ff9b:1::1", "private" },
		{ "64:ff9b:0:0:0:1:808:808", "reserved" }, { "100::1", "reserved" },
		{ "2001::1", "reserved" },
		{ "2001:2::1", "benchmark" }, { "2001:1ff::1", "reserved" },
		{ "2001:200::1", NULL },
		{ "2001:db8::1", "documentation" }, { "2002:7f00:1::", "reserved" },
		{ "3fff:fff::1", "documentation" },
		{ "3fff:1000::1", NULL }, { "4000::1", "reserved" }, { "5f00::1", "reserved" },
		{ "fc00::1", "private" },
		{ "fdff::1", "private" }, { "fe80::1", "link-local" },
		{ "febf::1", "link-local" }, { "fec0::1", "private" },
		{ "ff02::1", "multicast" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct net_address x;
		assert_true(address_parse(t[i][0], strlen(t[i][0]), &x, NULL));
		const char *got = address_special(&x);
		if ((got == NULL) != (t[i][1] == NULL) || (got != NULL && strcmp(got, t[i][1]) != 0))
			fail_msg("%s is %s", t[i][0], got ? got : "public");
	}
}

/* RFC 3492 6.2, so that what was encoded is what one reads in it. */
static size_t
decode(const char *p, size_t len, uint32_t out[64])
{
	uint32_t n = 128, i = 0, bias = 72;
	size_t count = 0, in = 0;

	for (size_t k = len; k-- > 0 && in == 0;)
		if (p[k] == '-')
			in = k + 1;
	for (; in > 0 && count < in - 1; count++)
		out[count] = (uint32_t)p[count];
	while (in < len) {
		uint32_t old = i, w = 1;
		for (uint32_t k = 36;; k += 36) {
			uint32_t d = (uint32_t)(p[in] <= '9' ? p[in] - '0' + 26 : p[in] - 'a');
			uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
			in++;
			i += d * w;
			if (d < t)
				break;
			w *= 36 - t;
		}
		count++;
		uint32_t delta = old == 0 ? i / 700 : (i - old) / 2, k = 0;
		for (delta += delta / (uint32_t)count; delta > 455; k += 36)
			delta /= 35;
		bias = k + 36 * delta / (delta + 38);
		n += i / (uint32_t)count;
		i %= (uint32_t)count;
		memmove(out + i + 1, out + i, (count - 1 - i) * sizeof(*out));
		out[i++] = n;
	}
	return count;
}

static void
punycode_random(void **state)
{
	static const struct { uint32_t first, last; } lower[] = {
		{ 'a', 'z' }, { 0xdf, 0xf6 }, { 0x3b1, 0x3c9 }, { 0x430, 0x45f },
		{ 0x4e00, 0x9fff }, { 0xac00, 0xd7a3 },
	};
	const uint64_t seed = prng_seed();
	uint64_t r = seed;

	for (int i = 0; i < 5000; i++) {
		uint32_t cp[12], back[64];
		char text[64];
		size_t n = 1 + prng_below(&r, 12), len = 0;
		for (size_t k = 0; k < n; k++) {
			size_t m = prng_below(&r, NELEMS(lower));
			cp[k] = lower[m].first +
			    (uint32_t)prng_below(&r, lower[m].last - lower[m].first + 1);
			len += utf8_encode(cp[k], text + len);
		}
		struct domain d;
		const char *why = "";
		if (domain_normalise(*state, text, len, &d, &why) != 0) {
			assert_string_equal(why, "has a label longer than 63 bytes");
			continue;
		}
		if (strncmp(d.host, "xn--", 4) != 0)
			continue;
		size_t m = decode(d.host + 4, strlen(d.host) - 4, back);
		if (m != n || memcmp(cp, back, n * sizeof(*cp)) != 0)
			fail_msg("SEED=%llu: %.*s became %s", (unsigned long long)seed, (int)len, text, d.host);
	}
}

/* Each character that is taken comes out as the C library lower-cases it. */
static void
lower_case(void **state)
{
	size_t taken = 0;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		print_message("skipped: no locale C.UTF-8 to compare with\n");
		skip();
	}
	for (uint32_t c = 0x80; c <= 0xffff; c++) {
		char text[4];
		uint32_t back[64];
		struct domain d;
		const char *why;
		size_t len = utf8_encode(c, text);
		if (len == 0 || domain_normalise(*state, text, len, &d, &why) != 0)
			continue;
		if (c == 0x3002 || c == 0xff0e || c == 0xff61)
			fail_msg("a dot alone was taken");
		assert_int_equal(decode(d.host + 4, strlen(d.host) - 4, back), 1);
		if (back[0] != towlower((wint_t)c))
			fail_msg("U+%04x became U+%04x", (unsigned)c, (unsigned)back[0]);
		taken += back[0] != c;
	}
	setlocale(LC_CTYPE, "C");
	assert_true(taken > 200);
}

static void
match(void **state)
{
	static const struct { const char *pattern, *dest; bool match; } t[] = {
		{ "a.b", "a.b", true }, { "a.b", "A.b.", true }, { "a.b", "x.a.b", false },
		{ "*.a.b", "a.b", false },
		{ "*.a.b", "x.a.b", true }, { "*.a.b", "y.x.a.b", true },
		{ "*.a.b", "xa.b", false },
		{ "**.a.b", "a.b", true }, { "**.a.b", "x.a.b", true },
		{ "**.a.b", "xa.b", false },
		{ "*", "a", true }, { "*", "1.2.3.4", true }, { "a:80", "a:80", true },
		{ "a:80", "a:81", false },
		{ "a:80", "a", false }, { "a", "a:80", true }, { "127.0.0.1", "127.1", true },
		{ "10.0.0.1", "[::ffff:10.0.0.1]:80", true }, { "::1", "[0::1]:9", true },
		{ "::1", "fe80::1", false },
		{ "fe80::1", "fe80::1%eth0", true }, { "*.b", "1.2.3.4", false },
		{ "b\xc3\xbc""cher.de", "xn--bcher-kva.de", true },
	};

	for (size_t i = 0; i < NELEMS(t); i++) {
		struct domain p, d;
		const char *why;
		assert_int_equal(domain_normalise(*state, t[i].pattern, strlen(t[i].pattern), &p, &why), 0);
		assert_int_equal(domain_normalise(*state, t[i].dest, strlen(t[i].dest), &d, &why), 0);
		if (domain_match(&p, &d) != t[i].match)
			fail_msg("\"%s\" against \"%s\" is not %d", t[i].pattern, t[i].dest, t[i].match);
	}
}

static struct net_decision
ask(struct arena *a, const struct ir_network *ir, const char *dest, const char *resolved)
{
	struct domain d;
	struct net_address x;
	const char *why;

	assert_int_equal(domain_normalise(a, dest, strlen(dest), &d, &why), 0);
	if (resolved != NULL)
		assert_true(address_parse(resolved, strlen(resolved), &x, NULL));
	const struct net_rules *r = net_rules_new(a, ir);
	assert_non_null(r);
	return decide_net(r, &d, resolved != NULL ? &x : NULL);
}

static void
destinations(void **state)
{
	struct ir_domain rule[] = {
		{ .pattern = "**.ok.org", .allow = true }, { .pattern = "bad.ok.org" },
		{ .pattern = "10.0.0.5", .allow = true }, { .pattern = "9.9.9.9" },
		{ .pattern = "web.net", .port = 443, .allow = true },
	};
	struct ir_network net = {
		.mode = NET_PROXIED, .has_domains = true, .domains = { rule, NELEMS(rule), NELEMS(rule) },
	};
	static const struct {
		const char *dest, *resolved;
		bool allow, pending;
		enum net_reason reason;
		int rule;		/* -1: the table */
		const char *kind;
	} t[] = {
		{ "ok.org", NULL, true, true, NET_BY_RULE, 0, NULL },
		{ "a.ok.org:80", "8.8.8.8", true, false, NET_BY_RULE, 0, NULL },
		{ "bad.ok.org", "8.8.8.8", false, false, NET_BY_RULE, 1, NULL },
		{ "else.org", "8.8.8.8", false, false, NET_NO_RULE, -1, NULL },
		{ "a.ok.org", "127.0.0.1", false, false, NET_BY_ADDRESS, 0, "loopback" },
		{ "a.ok.org", "::ffff:169.254.169.254", false, false, NET_BY_ADDRESS, 0, "link-local" },
		{ "a.ok.org", "10.0.0.5", true, false, NET_BY_RULE, 2, NULL },
		{ "a.ok.org", "9.9.9.9", false, false, NET_BY_RULE, 3, NULL },
		{ "10.0.0.5:22", NULL, true, false, NET_BY_RULE, 2, NULL },
		{ "10.0.0.6", NULL, false, false, NET_NO_RULE, -1, NULL },
		{ "9.9.9.9", NULL, false, false, NET_BY_RULE, 3, NULL },
		{ "web.net:443", "8.8.8.8", true, false, NET_BY_RULE, 4, NULL },
		{ "web.net:80", "8.8.8.8", false, false, NET_NO_RULE, -1, NULL },
	};

	for (size_t i = 0; i < NELEMS(t); i++) {
		struct net_decision d = ask(*state, &net, t[i].dest, t[i].resolved);
		const struct ir_origin *o = t[i].rule < 0 ? &net.origin : &rule[t[i].rule].origin;
		if (d.allow != t[i].allow || d.pending != t[i].pending || d.reason != t[i].reason || d.origin != o)
			fail_msg("%s at %s: allow %d, reason %d", t[i].dest,
			    t[i].resolved ? t[i].resolved : "?", d.allow, (int)d.reason);
		if (t[i].kind != NULL)
			assert_string_equal(d.kind, t[i].kind);
		net.mode = NET_OFF;
		assert_false(ask(*state, &net, t[i].dest, t[i].resolved).allow);
		net.mode = NET_OPEN;
		assert_true(ask(*state, &net, t[i].dest, t[i].resolved).allow);
		net.mode = NET_PROXIED;
	}
	net.allow_local_binding = true;
	struct net_decision d = ask(*state, &net, "a.ok.org", "127.0.0.1");
	assert_true(d.allow && d.reason == NET_BY_SWITCH);
	assert_false(ask(*state, &net, "10.0.0.6", NULL).allow);
	net.allow_local_binding = false;

	/* "*" allows every name, and no address that is not public. */
	rule[0].pattern = "*";
	assert_true(ask(*state, &net, "else.org", "8.8.8.8").allow);
	assert_false(ask(*state, &net, "127.0.0.1", NULL).allow);
	rule[0].pattern = "Not.Normal";
	assert_null(net_rules_new(*state, &net));

	assert_true(decide_net_method(&net, "POST"));
	net.limited = true;
	assert_true(decide_net_method(&net, "GET") && decide_net_method(&net, "OPTIONS"));
	assert_false(decide_net_method(&net, "POST") || decide_net_method(&net, "get"));
}

static void
sockets(void **state)
{
	struct ir_origin o[3] = { { .text = "0" }, { .text = "1" }, { .text = "2" } };
	struct bound_socket v[] = {
		{ "/run/app", true, &o[0] }, { "/run/app/private", false, &o[1] },
		{ "/run/app/private/x", true, &o[2] },
	};
	struct ir_policy ir = { .network = { .mode = NET_OFF, .has_sockets = true } };
	struct bound_policy p = { .ir = &ir, .sockets = { v, NELEMS(v), NELEMS(v) } };

	(void)state;
	for (int mode = NET_OFF; mode <= NET_PROXIED; mode++) {
		ir.network.mode = (enum ir_net_mode)mode;
		assert_ptr_equal(decide_net_socket(&p, "/run/app").origin, &o[0]);
		assert_true(decide_net_socket(&p, "/run/app/s").allow);
		assert_false(decide_net_socket(&p, "/run/apps").allow);
		assert_ptr_equal(decide_net_socket(&p, "/run/app/private/x").origin, &o[1]);
		assert_false(decide_net_socket(&p, "/run/app/private/x").allow);
	}
	ir.network.all_sockets = true;
	assert_true(decide_net_socket(&p, "/run/other").allow);
	assert_false(decide_net_socket(&p, "/run/app/private").allow);
	ir.network.all_sockets = false;
	ir.network.has_sockets = false;
	p.sockets.len = 0;
	ir.network.mode = NET_OPEN;
	assert_true(decide_net_socket(&p, "/run/other").allow);
	ir.network.mode = NET_PROXIED;
	assert_false(decide_net_socket(&p, "/run/other").allow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(normalise, setup, teardown),
		cmocka_unit_test_setup_teardown(errors, setup, teardown),
		cmocka_unit_test(addresses_random),
		cmocka_unit_test(special),
		cmocka_unit_test_setup_teardown(punycode_random, setup, teardown),
		cmocka_unit_test_setup_teardown(lower_case, setup, teardown),
		cmocka_unit_test_setup_teardown(match, setup, teardown),
		cmocka_unit_test_setup_teardown(destinations, setup, teardown),
		cmocka_unit_test(sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

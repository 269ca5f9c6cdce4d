/* SPDX-License-Identifier: Apache-2.0 */
/* test_compare_net.c - destinations, sockets and variables: the comparison against trying them all */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "compare_env.h"
#include "compare_net.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 300 };

static const char *const labels[] = { "a", "b", "any" };
static const char *const addresses[] = { "10.0.0.1", "127.0.0.1", "8.8.8.8", "9.9.9.9", "2001:db8::1" };
static const uint32_t ports[] = { 0, 443, 8443, 1 };

static const struct ir_origin origin = { .text = "t" };

/* A host of one to three labels. */
static const char *
random_host(struct arena *a, struct prng *r)
{
	const char *h = labels[prng_below(r, NELEMS(labels))];
	for (uint32_t n = prng_below(r, 3); n > 0; n--)
		h = arena_printf(a, "%s.%s", labels[prng_below(r, NELEMS(labels))], h);
	return h;
}

static struct ir_domain
random_rule(struct arena *a, struct prng *r)
{
	struct ir_domain d = { .allow = prng_below(r, 5) < 3, .origin = origin };
	switch (prng_below(r, 8)) {
	case 0:
		d.pattern = "*";
		d.allow = true;
		break;
	case 1:
	case 2:
		d.pattern = addresses[prng_below(r, NELEMS(addresses))];
		break;
	case 3:
	case 4:
		d.pattern = arena_printf(a, "*.%s", random_host(a, r));
		break;
	case 5:
		d.pattern = arena_printf(a, "**.%s", random_host(a, r));
		break;
	default:
		d.pattern = random_host(a, r);
	}
	if (prng_below(r, 3) == 0)
		d.port = ports[1 + prng_below(r, 2)];
	return d;
}

static struct bound_policy *
random_network(struct arena *a, struct prng *r)
{
	struct bound_policy *b = arena_alloc(a, sizeof(*b));
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	struct ir_network *n = &ir->network;
	b->ir = ir;
	n->mode = prng_below(r, 6) == 0 ? (enum ir_net_mode)prng_below(r, 2) : NET_PROXIED;
	n->has_domains = n->mode == NET_PROXIED;
	n->allow_local_binding = prng_below(r, 3) == 0;
	n->limited = prng_below(r, 8) == 0;
	n->has_sockets = prng_below(r, 4) > 0;
	n->all_sockets = prng_below(r, 8) == 0;
	n->proxy_url = n->socks_url = "";
	n->origin = origin;
	for (uint32_t k = prng_below(r, 5); k > 0; k--)
		VEC_PUSH(a, &n->domains, random_rule(a, r));
	for (uint32_t k = prng_below(r, 4); k > 0; k--) {
		static const char *const paths[] = { "/", "/a", "/a/b", "/a/b/c", "/ab", "/b/a" };
		struct bound_socket s = { paths[prng_below(r, NELEMS(paths))], prng_below(r, 2) == 0,
		    &origin };
		VEC_PUSH(a, &b->sockets, s);
	}
	return b;
}

/* The same with one thing changed, or another. */
static struct bound_policy *
other_network(struct arena *a, struct prng *r, uint64_t seed)
{
	struct prng again = { seed };
	struct bound_policy *b = random_network(a, &again);
	struct ir_network *n = &((struct ir_policy *)(uintptr_t)b->ir)->network;
	switch (prng_below(r, 6)) {
	case 0:
		return random_network(a, r);
	case 1:
		VEC_PUSH(a, &n->domains, random_rule(a, r));
		break;
	case 2:
		if (n->domains.len > 0)
			n->domains.len--;
		break;
	case 3:
		if (b->sockets.len > 0)
			b->sockets.v[0].allow ^= true;
		break;
	case 4:
		n->allow_local_binding ^= true;
		break;
	default:
		n->limited ^= true;
	}
	return b;
}

struct pair {
	struct arena	*a;
	uint64_t	 seed;
	const struct bound_policy *b[2];
	struct net_rules *rules[2];
	bool		 more[2];	/* destinations that this side alone allows */
	bool		 both;		/* some that both allow */
	bool		 sockets[2];
};

static void
try_destination(struct pair *c, const char *host, uint32_t port, const char *resolved)
{
	struct domain dest;
	struct net_address at;
	bool allow[2];
	assert_int_equal(domain_read(c->a, host, port, &dest), 0);
	if (resolved != NULL)
		assert_true(address_parse(resolved, strlen(resolved), &at, NULL));
	for (int s = 0; s < 2; s++)
		allow[s] = decide_net(c->rules[s], &dest, resolved != NULL ? &at : NULL).allow;
	c->both |= allow[0] && allow[1];
	c->more[0] |= allow[0] && !allow[1];
	c->more[1] |= allow[1] && !allow[0];
}

/* Labels that rules name and one that none does, up to four deep. */
static void
try_names(struct pair *c, const char *below, unsigned depth)
{
	static const char *const all[] = { "a", "b", "any", "z" };
	for (size_t i = 0; i < NELEMS(all); i++) {
		const char *host = below == NULL ? all[i] : arena_printf(c->a, "%s.%s", all[i], below);
		for (size_t p = 0; p < NELEMS(ports); p++) {
			try_destination(c, host, ports[p], NULL);
			for (size_t k = 0; k < NELEMS(addresses); k++)
				try_destination(c, host, ports[p], addresses[k]);
			try_destination(c, host, ports[p], "192.168.7.7");
			try_destination(c, host, ports[p], "1.2.3.4");
		}
		if (depth > 1)
			try_names(c, host, depth - 1);
	}
}

static void
try_all(struct pair *c)
{
	static const char *const more[] = { "192.168.7.7", "1.2.3.4" };
	static const char *const paths[] = {
		"/z", "/a", "/a/z", "/a/b", "/a/b/z", "/a/b/c", "/a/b/c/z", "/ab", "/ab/z", "/b",
		"/b/a", "/b/a/z", "/b/z",
	};
	/* One label more than a rule has. */
	try_names(c, NULL, 4);
	for (size_t p = 0; p < NELEMS(ports); p++) {
		for (size_t k = 0; k < NELEMS(addresses); k++)
			try_destination(c, addresses[k], ports[p], NULL);
		for (size_t k = 0; k < NELEMS(more); k++)
			try_destination(c, more[k], ports[p], NULL);
	}
	for (size_t i = 0; i < NELEMS(paths); i++) {
		bool x = decide_net_socket(c->b[0], paths[i]).allow;
		bool y = decide_net_socket(c->b[1], paths[i]).allow;
		c->sockets[0] |= x && !y;
		c->sockets[1] |= y && !x;
	}
}

/* The sample is decided as the difference says. */
static void
check_sample(struct pair *c, const struct net_difference *d)
{
	bool allow[2];
	struct domain dest;
	struct net_address at;
	const char *why;
	if (d->topic == NET_SOCKET) {
		for (int s = 0; s < 2; s++)
			allow[s] = decide_net_socket(c->b[s], d->sample).allow;
	} else {
		assert_int_equal(domain_normalise(c->a, d->sample, strlen(d->sample), &dest, &why), 0);
		if (d->resolved != NULL)
			assert_true(address_parse(d->resolved, strlen(d->resolved), &at, NULL));
		for (int s = 0; s < 2; s++)
			allow[s] = decide_net(c->rules[s], &dest, d->resolved != NULL ? &at : NULL).allow;
	}
	if (allow[0] == allow[1] || allow[0] != d->side[0].allow || allow[1] != d->side[1].allow ||
	    (d->class == DELTA_WIDER) != allow[1])
		fail_msg("seed %llu: %s, such as %s, is no such difference",
		    (unsigned long long)c->seed, d->what, d->sample);
}

static void
check_pair(struct pair *c, unsigned count[3])
{
	struct net_comparison got, back;
	bool more[2] = { false, false }, sockets[2] = { false, false }, method = false, open = false;
	const struct ir_network *x = &c->b[0]->ir->network, *y = &c->b[1]->ir->network;
	assert_int_equal(compare_net(c->a, c->b[0], c->b[1], &got), 0);
	assert_int_equal(compare_net(c->a, c->b[1], c->b[0], &back), 0);
	assert_int_equal(got.v.len, back.v.len);
	for (size_t i = 0; i < got.v.len; i++) {
		const struct net_difference *d = &got.v.v[i];
		assert_string_equal(d->what, back.v.v[i].what);
		assert_int_not_equal(d->class, back.v.v[i].class);
		if (d->topic == NET_METHOD)
			method = true;
		else if (d->topic == NET_UNCONFINED)
			open = true;
		else
			check_sample(c, d);
		if (d->topic == NET_DESTINATION)
			more[d->class == DELTA_WIDER] = true;
		else if (d->topic == NET_SOCKET)
			sockets[d->class == DELTA_WIDER] = true;
	}
	for (int s = 0; s < 2; s++)
		if (more[s] != c->more[s] || sockets[s] != c->sockets[s])
			fail_msg("seed %llu: side %d allows more: found %d %d, should be %d %d",
			    (unsigned long long)c->seed, s, more[s], sockets[s], c->more[s],
			    c->sockets[s]);
	assert_int_equal(method, x->limited != y->limited && x->mode == NET_PROXIED &&
	    y->mode == NET_PROXIED && c->both);
	assert_true(!open || (!more[0] && !more[1]));
	count[0] += !more[0] && !more[1];
	count[1] += more[0] || more[1];
	count[2] += sockets[0] || sockets[1];
}

static void
random_networks(void **state)
{
	unsigned count[3] = { 0, 0, 0 };
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct pair c = { .a = a, .seed = test_seed() + 11 * i };
		struct prng r = { c.seed };
		c.b[0] = random_network(a, &r);
		c.b[1] = other_network(a, &r, c.seed);
		for (int s = 0; s < 2; s++) {
			c.rules[s] = net_rules_new(a, &c.b[s]->ir->network);
			assert_non_null(c.rules[s]);
		}
		try_all(&c);
		check_pair(&c, count);
		arena_free(a);
	}
	/* All kinds must occur, or the test says nothing. */
	assert_true(count[0] > ROUNDS / 10 && count[1] > ROUNDS / 10 && count[2] > ROUNDS / 20);
}

/* ---- variables ---- */

static void
random_words(struct arena *a, struct prng *r, struct ir_strings *out)
{
	static const char *const words[] = {
		"A", "a*", "*B", "?", "[ab]", "[!a]*", "A[^B]", "*A*", "DYLD_*", "*", "_?", "[a-c]_",
	};
	for (uint32_t n = prng_below(r, 3); n > 0; n--) {
		if (out->len == out->cap)
			out->v = arena_grow(a, out->v, out->len, &out->cap, out->len + 1,
			    sizeof(*out->v));
		out->v[out->len].text = words[prng_below(r, NELEMS(words))];
		out->v[out->len++].origin = origin;
	}
}

static struct ir_environment
random_environment(struct arena *a, struct prng *r)
{
	static const char *const names[] = { "A", "Ab", "PATH" }, *const values[] = { "1", "2" };
	struct ir_environment e = { .inherit = ENV_ALL, .ignore_default_excludes = true };
	if (prng_below(r, 5) == 0)
		e.inherit = (enum ir_env_inherit)prng_below(r, 3);
	e.ignore_default_excludes = prng_below(r, 4) > 0;
	random_words(a, r, &e.exclude);
	if (prng_below(r, 3) == 0)
		random_words(a, r, &e.include_only);
	if (prng_below(r, 3) == 0) {
		struct ir_setting s = { names[prng_below(r, 3)], values[prng_below(r, 2)], origin };
		VEC_PUSH(a, &e.set, s);
	}
	return e;
}

struct envs {
	const struct ir_environment *e[2];
	bool		 found[3];	/* by class */
};

static enum delta_class
env_class(const struct envs *c, const char *name, bool *differs)
{
	struct env_decision x = decide_env(c->e[0], false, name), y = decide_env(c->e[1], false, name);
	*differs = x.result != y.result ||
	    (x.result == ENV_SET && x.value != NULL && strcmp(x.value, y.value) != 0);
	return x.result == ENV_SET || y.result == ENV_SET ? DELTA_CHANGED :
	    y.result == ENV_KEPT ? DELTA_WIDER : DELTA_NARROWER;
}

static void
try_variables(struct envs *c, char *name, size_t len, size_t max)
{
	static const char alphabet[] = "AaBbC_z";
	for (size_t i = 0; alphabet[i] != '\0'; i++) {
		bool differs;
		name[len] = alphabet[i];
		name[len + 1] = '\0';
		enum delta_class k = env_class(c, name, &differs);
		c->found[k] |= differs;
		if (len + 1 < max)
			try_variables(c, name, len + 1, max);
	}
}

static void
random_environments(void **state)
{
	static const char *const more[] = {
		"PATH", "HOME", "LD_PRELOAD", "DYLD_X", "dyld_x", "MY_KEY", "MY_SECRETS", "TOKEN", "USER",
	};
	unsigned equal = 0, differ = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		uint64_t seed = test_seed() + 17 * i;
		struct prng r = { seed };
		struct ir_environment x = random_environment(a, &r), y = x;
		if (prng_below(&r, 2) == 0)
			y = random_environment(a, &r);
		else if (y.exclude.len > 0)
			y.exclude.len--;
		struct envs c = { { &x, &y }, { false, false, false } };
		struct env_comparison got;
		bool found[3] = { false, false, false }, differs;
		char name[8];

		compare_env(a, &x, &y, &got);
		for (size_t k = 0; k < got.v.len; k++) {
			const struct env_difference *d = &got.v.v[k];
			assert_false(d->unresolved);
			if (env_class(&c, d->sample, &differs) != d->class || !differs)
				fail_msg("seed %llu: %s is no such difference",
				    (unsigned long long)seed, d->sample);
			found[d->class] = true;
		}
		try_variables(&c, name, 0, 4);
		for (size_t k = 0; k < NELEMS(more); k++) {
			enum delta_class class = env_class(&c, more[k], &differs);
			c.found[class] |= differs;
		}
		/* What was tried is some of all that there is. */
		for (int k = 0; k < 3; k++)
			if (c.found[k] && !found[k])
				fail_msg("seed %llu: nothing is %s", (unsigned long long)seed,
				    delta_class_name((enum delta_class)k));
		if (got.v.len == 0)
			equal++;
		else
			differ++;
		arena_free(a);
	}
	assert_true(equal > ROUNDS / 10 && differ > ROUNDS / 10);
}

/* A pattern that automata over names do not know is told as it stands. */
static void
unknown_patterns_are_told(void **state)
{
	static const char *const patterns[] = { "A/B", "[\xc3\xa9]*" };
	(void)state;
	for (size_t i = 0; i < NELEMS(patterns); i++) {
		struct arena *a = arena_new();
		struct ir_environment x = { .ignore_default_excludes = true }, y = x;
		struct env_comparison got;
		y.exclude.v = arena_grow(a, NULL, 0, &y.exclude.cap, 1, sizeof(*y.exclude.v));
		y.exclude.v[0].text = patterns[i];
		y.exclude.v[0].origin = origin;
		y.exclude.len = 1;
		compare_env(a, &x, &y, &got);
		assert_int_equal(got.v.len, 1);
		assert_true(got.v.v[0].unresolved);
		assert_int_equal(got.v.v[0].class, DELTA_CHANGED);
		assert_string_equal(got.v.v[0].side[1].pattern, patterns[i]);
		compare_env(a, &y, &y, &got);
		assert_int_equal(got.v.len, 0);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_networks),
		cmocka_unit_test(random_environments),
		cmocka_unit_test(unknown_patterns_are_told),
	};
	return cmocka_run_group_tests_name("compare_net", tests, NULL, NULL);
}

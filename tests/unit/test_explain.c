/* SPDX-License-Identifier: Apache-2.0 */
/* test_explain.c - explanations against the reference: nothing invented, nothing left out */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "decide_env.h"
#include "environ.h"
#include "explain.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 250, DEPTH = 2 };

struct check {
	struct arena	*a;
	const struct bound_policy *b;
	const struct decide_fs *d;
	uint64_t	 seed;
	const char	*readable;	/* some readable path strictly below the one asked about */
	const char	*asked;
	unsigned	 losses[LOSS_ADDRESS + 1], pins[PIN_PARTIAL + 1];
};

#define CHECK(c, path, what) do {					\
	if (!(what)) {							\
		print_error("seed %llu: %s: %s\n",			\
		    (unsigned long long)(c)->seed, (path), #what);	\
		fail();							\
	}								\
} while (0)

static int
rank(enum access access)
{
	return access == ACCESS_DENY ? 3 : access == ACCESS_WRITE ? 2 : 1;
}

/* The policy without its entry i. */
static struct bound_policy *
without_entry(struct arena *a, const struct bound_policy *b, size_t skip)
{
	struct bound_policy *out = arena_alloc(a, sizeof(*out));
	*out = *b;
	out->entries.v = NULL;
	out->entries.len = out->entries.cap = 0;
	for (size_t i = 0; i < b->entries.len; i++)
		if (i != skip)
			VEC_PUSH(a, &out->entries, b->entries.v[i]);
	return out;
}

/* The entry that an explained rule is; several may share all that can be told apart. */
static size_t
entry_of(const struct check *c, const struct explained_rule *r)
{
	size_t i = 0;
	while (i < c->b->entries.len && (c->b->entries.v[i].origin != r->why.origin ||
	    strcmp(c->b->entries.v[i].path, r->where) != 0))
		i++;
	return i;
}

/* Does the reason hold, looked at with nothing but the formulas? */
static void
check_loss(struct check *c, const char *p, const struct explained_rule *r,
    const struct path_explanation *e)
{
	struct ref_verdict ref = reference(c->b, p);
	bool entry = r->why.kind == WHY_ENTRY || r->why.kind == WHY_PLATFORM;
	c->losses[r->loss]++;
	if (r->why.kind != WHY_PATTERN)
		CHECK(c, p, path_within(p, r->where));
	switch (r->loss) {
	case LOSS_DEEPER:
		CHECK(c, p, path_within(p, r->by_where) && path_below(r->by_where, r->where));
		break;
	case LOSS_STRONGER:
		CHECK(c, p, strcmp(r->where, r->by_where) == 0);
		CHECK(c, p, e->decided.why.kind != WHY_ENTRY ||
		    strcmp(e->decided.where, r->where) != 0 ||
		    rank(r->access) < rank(e->decided.access));
		break;
	case LOSS_WRITTEN:
		CHECK(c, p, r->why.kind == WHY_PLATFORM && r->by.kind == WHY_ENTRY &&
		    strcmp(r->where, r->by_where) == 0);
		break;
	case LOSS_SHIELDED:
		CHECK(c, p, r->access == ACCESS_WRITE && ref.readable && !ref.writable);
		return;
	case LOSS_PATTERN:
		CHECK(c, p, !ref.readable && e->decided.why.kind == WHY_PATTERN);
		return;
	case LOSS_LIFTED:
		CHECK(c, p, path_within(p, r->by_where) && path_within(r->by_where, r->where));
		break;
	case LOSS_NO_WRITE:
		CHECK(c, p, e->decided.access != ACCESS_WRITE);
		break;
	case LOSS_SAME:
		break;
	default:
		fail_msg("%s: a reason that paths do not have: %s", p, loss_name(r->loss));
	}
	/* Without a rule that lost, everything is as it is. */
	if (!entry)
		return;
	size_t i = entry_of(c, r);
	CHECK(c, p, i < c->b->entries.len);
	struct ref_verdict other = reference(without_entry(c->a, c->b, i), p);
	CHECK(c, p, other.readable == ref.readable && other.writable == ref.writable);
}

static void
check_pins(struct check *c, const char *p, const struct path_explanation *e)
{
	struct ref_verdict ref = reference(c->b, p);
	CHECK(c, p, ref.pinned == (e->pins.len > 0));
	for (size_t i = 0; i < e->pins.len; i++) {
		const struct explained_pin *pin = &e->pins.v[i];
		c->pins[pin->kind]++;
		if (pin->kind == PIN_ROOT)
			CHECK(c, p, strcmp(p, "/") == 0);
		if (pin->kind == PIN_TOP)
			CHECK(c, p, strcmp(pin->path, path_parent(c->a, p)) == 0);
		if (pin->kind == PIN_BELOW)
			CHECK(c, p, path_below(pin->path, p));
		CHECK(c, p, pin_text(c->a, c->b, pin)[0] != '\0');
	}
}

static void
find_readable(void *arg, const char *p)
{
	struct check *c = arg;
	if (c->readable == NULL && path_below(p, c->asked) && reference(c->b, p).readable)
		c->readable = p;
}

static void
check_path(void *arg, const char *p)
{
	struct check *c = arg;
	struct path_explanation e;
	explain_path(c->a, c->d, p, &e);

	struct fs_verdict v = decide_fs(c->d, p);
	struct ref_verdict ref = reference(c->b, p);
	CHECK(c, p, e.verdict.readable == ref.readable && e.verdict.writable == ref.writable &&
	    e.verdict.pinned == ref.pinned);
	CHECK(c, p, v.readable == ref.readable && v.writable == ref.writable &&
	    v.pinned == ref.pinned && v.traversable == e.verdict.traversable);
	CHECK(c, p, e.decided.why.kind == v.why.kind && e.decided.why.origin == v.why.origin);

	/* Every rule that covers the path is there, once. */
	size_t rules = 0;
	for (size_t i = 0; i < c->b->entries.len; i++)
		rules += path_within(p, c->b->entries.v[i].path);
	for (size_t i = 0; i < c->b->shields.len; i++)
		rules += path_within(p, c->b->shields.v[i].path);
	for (size_t i = 0; i < c->b->patterns.len; i++)
		rules += pattern_covers(c->b->patterns.v[i].pattern, 0, p);
	CHECK(c, p, e.lost.len + (e.decided.why.kind != WHY_NOTHING) == rules);
	for (size_t i = 0; i < e.lost.len; i++)
		check_loss(c, p, &e.lost.v[i], &e);
	check_pins(c, p, &e);
}

static void
check_traverse(void *arg, const char *p)
{
	struct check *c = arg;
	struct check deep = *c;
	deep.asked = p;
	deep.readable = NULL;
	/* Entries have at most three components, so three levels show all there are. */
	if (!reference(c->b, p).readable)
		each_path(c->a, DEPTH + 1, find_readable, &deep);
	CHECK(c, p, decide_fs(c->d, p).traversable ==
	    (reference(c->b, p).readable || deep.readable != NULL));
}

static void
paths_are_explained_as_they_are_decided(void **state)
{
	unsigned losses[LOSS_ADDRESS + 1] = { 0 }, pins[PIN_PARTIAL + 1] = { 0 };
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct prng r = { test_seed() + i };
		struct check c = { .a = arena_new(), .seed = test_seed() + i };
		c.b = random_policy(c.a, &r);
		c.d = decide_fs_build(c.a, c.b);
		each_path(c.a, DEPTH, check_path, &c);
		if (i < ROUNDS / 10)
			each_path(c.a, 1, check_traverse, &c);
		for (size_t k = 0; k < NELEMS(losses); k++)
			losses[k] += c.losses[k];
		for (size_t k = 0; k < NELEMS(pins); k++)
			pins[k] += c.pins[k];
		arena_free(c.a);
	}
	/* The generator must make each kind, or the test says nothing. */
	for (enum loss l = LOSS_DEEPER; l <= LOSS_NO_WRITE; l++)
		if (losses[l] == 0)
			fail_msg("no rule lost by \"%s\"", loss_name(l));
	for (enum pin_kind k = PIN_ROOT; k <= PIN_PATTERN; k++)
		if (pins[k] == 0)
			fail_msg("no path was pinned by \"%s\"", pin_name(k));
}

/* Patterns that need more than one word for their positions. */
static void
long_patterns_cover_what_they_match(void **state)
{
	static const char *const tail[] = { "*", "**", "**/x", "a/**/x", "?/x*/**" };
	static const char *const below[] = { "", "/x", "/a", "/a/x", "/b/x", "/a/b/x", "/a/x/c", "/a/b/c/d" };
	struct arena *a = arena_new();
	unsigned covered = 0, not = 0;
	(void)state;
	for (unsigned n = 55; n < 70; n++) {
		const char *base = "/", *why;
		for (unsigned i = 0; i < n; i++)
			base = path_join(a, base, "a");
		for (size_t t = 0; t < NELEMS(tail); t++) {
			struct pattern *p = pattern_parse(a, base, tail[t], &why);
			assert_non_null(p);
			for (size_t k = 0; k < NELEMS(below); k++) {
				const char *path = arena_printf(a, "%s%s", base, below[k]);
				bool want = false;
				for (const char *up = path; strcmp(up, "/") != 0; up = path_parent(a, up))
					want |= pattern_match(p, up);
				assert_int_equal(pattern_covers(p, 0, path), want);
				if (p->nliteral == n)
					assert_int_equal(pattern_covers(p, n, below[k]), want);
				want ? covered++ : not++;
			}
		}
	}
	assert_true(covered > 100 && not > 100);
	arena_free(a);
}

/* ---- network ---- */

static const char *const hosts[] = {
	"a.test", "b.a.test", "test", "10.0.0.1", "127.0.0.1", "8.8.8.8", "c.b.a.test",
};
static const char *const patterns[] = {
	"a.test", "*.a.test", "**.a.test", "*", "10.0.0.1", "127.0.0.1", "8.8.8.8", "**.test",
};

static struct ir_network *
random_network(struct arena *a, struct prng *r)
{
	struct ir_network *n = arena_alloc(a, sizeof(*n));
	n->mode = prng_below(r, 6) == 0 ? NET_OFF : prng_below(r, 6) == 0 ? NET_OPEN : NET_PROXIED;
	n->has_domains = true;
	n->allow_local_binding = prng_below(r, 3) == 0;
	n->origin.text = "enabled";
	for (uint32_t i = prng_below(r, 5); i > 0; i--) {
		struct ir_domain d = { .pattern = patterns[prng_below(r, NELEMS(patterns))],
		    .port = prng_below(r, 3) == 0 ? 443 : 0, .allow = prng_below(r, 3) != 0 };
		if (!d.allow && strcmp(d.pattern, "*") == 0)
			continue;
		d.origin.text = d.pattern;
		VEC_PUSH(a, &n->domains, d);
	}
	return n;
}

static void
destinations_are_explained_as_they_are_decided(void **state)
{
	unsigned losses[LOSS_ADDRESS + 1] = { 0 };
	(void)state;
	for (uint64_t i = 0; i < 4000; i++) {
		struct prng r = { test_seed() + i };
		struct arena *a = arena_new();
		struct ir_network *n = random_network(a, &r);
		struct domain dest;
		const char *why, *host = hosts[prng_below(&r, NELEMS(hosts))];
		assert_int_equal(domain_normalise(a, host, strlen(host), &dest, &why), 0);
		dest.port = prng_below(&r, 2) == 0 ? 443 : 0;
		struct net_explanation e;
		assert_int_equal(explain_net(a, n, &dest, &e), 0);
		struct net_decision d = decide_net(net_rules_new(a, n), &dest, NULL);
		assert_int_equal(e.decision.allow, d.allow);
		assert_ptr_equal(e.decision.origin, d.origin);
		assert_int_equal(e.decided != NULL, d.reason == NET_BY_RULE ||
		    d.reason == NET_BY_SWITCH);
		for (size_t k = 0; k < e.lost.len; k++) {
			/* It is about the destination, and without it nothing changes. */
			const struct explained_rule *lost = &e.lost.v[k];
			struct ir_network less = *n;
			less.domains.v = NULL;
			less.domains.len = less.domains.cap = 0;
			losses[lost->loss]++;
			for (size_t m = 0; m < n->domains.len; m++) {
				struct domain rule;
				if (&n->domains.v[m].origin != lost->why.origin) {
					VEC_PUSH(a, &less.domains, n->domains.v[m]);
					continue;
				}
				assert_int_equal(domain_read(a, n->domains.v[m].pattern,
				    n->domains.v[m].port, &rule), 0);
				assert_true(domain_match(&rule, &dest));
			}
			assert_int_equal(less.domains.len + 1, n->domains.len);
			assert_int_equal(decide_net(net_rules_new(a, &less), &dest, NULL).allow, d.allow);
		}
		arena_free(a);
	}
	assert_true(losses[LOSS_MODE] > 0 && losses[LOSS_SAME] > 0 && losses[LOSS_DENY] > 0 &&
	    losses[LOSS_ADDRESS] > 0);
}

/* ---- environment ---- */

static void
variables_are_decided_as_they_are_filtered(void **state)
{
	static const char *const name[] = {
		"PATH", "HOME", "A_TOKEN", "A", "B", "LD_PRELOAD", "DYLD_X", "CDXP_SANDBOX",
		"CODEX_SANDBOX_NETWORK_DISABLED", "secret", "LANG",
	};
	static const char *const glob[] = { "*", "A*", "?", "[a-p]*", "HOME", "*token*", "LD_*" };
	unsigned seen[3] = { 0 };
	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		struct prng r = { test_seed() + i };
		struct arena *a = arena_new();
		struct ir_environment e = { .inherit = (enum ir_env_inherit)prng_below(&r, 3),
		    .ignore_default_excludes = prng_below(&r, 2) == 0 };
		for (int list = 0; list < 2; list++) {
			struct ir_strings *s = list == 0 ? &e.exclude : &e.include_only;
			s->len = s->cap = prng_below(&r, 3);
			s->v = arena_array(a, s->len + 1, sizeof(*s->v));
			for (size_t k = 0; k < s->len; k++)
				s->v[k].text = glob[prng_below(&r, NELEMS(glob))];
		}
		for (uint32_t k = prng_below(&r, 4); k > 0; k--)
			VEC_PUSH(a, &e.set, ((struct ir_setting){
			    .name = name[prng_below(&r, NELEMS(name))], .value = k == 1 ? "x" : "y" }));
		const char *from[NELEMS(name) + 1] = { NULL };
		for (size_t k = 0; k < NELEMS(name); k++)
			from[k] = arena_printf(a, "%s=caller", name[k]);
		bool off = prng_below(&r, 2) == 0;
		const struct environ_request request = { .policy = &e, .from = from, .backend = "bwrap",
		    .network_off = off };
		struct child_environ child;
		environ_build(a, &request, &child);
		for (size_t k = 0; k < NELEMS(name); k++) {
			struct env_decision d = decide_env(&e, off, name[k]);
			const char *got = environ_get(child.envp, name[k]);
			seen[d.result]++;
			if (d.result == ENV_DROPPED)
				assert_null(got);
			else
				assert_string_equal(got, d.result == ENV_KEPT ? "caller" :
				    d.value != NULL ? d.value : "bwrap");
		}
		arena_free(a);
	}
	assert_true(seen[ENV_DROPPED] > 0 && seen[ENV_KEPT] > 0 && seen[ENV_SET] > 0);
}

/* A link that leads to a grant, in what nothing grants or a deny covers. */
static void
links_to_grants_decide_for_themselves(void **state)
{
	struct arena *a = arena_new();
	struct ir_origin grant = { .text = "/lib" }, denied = { .text = "/opt" };
	struct ir_policy ir = { .name = "p" };
	struct bound_policy b = { .ir = &ir };
	(void)state;
	VEC_PUSH(a, &b.entries, ((struct bound_entry){ .path = "/usr/lib", .access = ACCESS_READ,
	    .spelt = "/opt/lib", .origin = &grant }));
	VEC_PUSH(a, &b.entries, ((struct bound_entry){ .path = "/opt", .access = ACCESS_DENY,
	    .spelt = "/opt", .origin = &denied }));
	VEC_PUSH(a, &b.links, ((struct bound_link){ .path = "/opt/lib", .target = "/usr/lib",
	    .origin = &grant }));
	struct decide_fs *d = decide_fs_build(a, &b);
	struct path_explanation x;
	explain_path(a, d, "/opt/lib", &x);
	assert_true(x.verdict.readable);
	assert_false(x.verdict.writable);
	assert_string_equal(x.decided.where, "/opt/lib");
	assert_int_equal(x.decided.access, ACCESS_READ);
	assert_ptr_equal(x.decided.why.origin, &grant);
	assert_int_equal(x.lost.len, 1);
	assert_int_equal(x.lost.v[0].loss, LOSS_LINK);
	assert_string_equal(x.lost.v[0].where, "/opt");
	explain_path(a, d, "/opt/other", &x);
	assert_false(x.verdict.readable);
	assert_int_equal(x.lost.len, 0);
	arena_free(a);
}

/* What every sandbox has, whatever the policy says; entries and patterns for it keep their word. */
static void
what_every_sandbox_has_is_free(void **state)
{
	struct arena *a = arena_new();
	struct ir_origin root = { .text = ":root" }, own = { .text = "/dev/shm" };
	struct ir_policy ir = { .name = "p" };
	struct bound_policy b = { .ir = &ir, .target = TARGET_LINUX };
	struct path_explanation x;
	(void)state;
	struct decide_fs *nothing = decide_fs_build(a, &b);
	explain_path(a, nothing, "/dev/null", &x);
	assert_true(x.verdict.readable && x.verdict.writable && x.verdict.pinned);
	assert_int_equal(x.decided.why.kind, WHY_BASE);
	assert_int_equal(x.pins.len, 1);
	explain_path(a, nothing, "/dev/shm/x", &x);
	assert_true(x.verdict.writable && !x.verdict.pinned);
	explain_path(a, nothing, "/proc/self/status", &x);
	assert_true(x.verdict.readable && !x.verdict.writable);
	explain_path(a, nothing, "/dev/sda", &x);
	assert_false(x.verdict.readable);
	VEC_PUSH(a, &b.entries, ((struct bound_entry){ .path = "/", .access = ACCESS_READ,
	    .spelt = "/", .origin = &root }));
	explain_path(a, decide_fs_build(a, &b), "/dev/null", &x);
	assert_true(x.verdict.writable);
	assert_int_equal(x.lost.len, 1);
	assert_int_equal(x.lost.v[0].loss, LOSS_BASE);
	VEC_PUSH(a, &b.entries, ((struct bound_entry){ .path = "/dev/shm", .access = ACCESS_DENY,
	    .spelt = "/dev/shm", .origin = &own }));
	explain_path(a, decide_fs_build(a, &b), "/dev/shm/x", &x);
	assert_false(x.verdict.readable);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_explained_as_they_are_decided),
		cmocka_unit_test(what_every_sandbox_has_is_free),
		cmocka_unit_test(links_to_grants_decide_for_themselves),
		cmocka_unit_test(long_patterns_cover_what_they_match),
		cmocka_unit_test(destinations_are_explained_as_they_are_decided),
		cmocka_unit_test(variables_are_decided_as_they_are_filtered),
	};
	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}

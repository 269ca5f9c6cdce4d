/* SPDX-License-Identifier: Apache-2.0 */
/* test_legacy_verdict.c - verdicts on profiles, at random and by hand, held against the words of the meaning */
#include <config.h>

#include "legacy_fixture.h"

#include "decide_net.h"
#include "legacy_form.h"
#include "legacy_verdict.h"
#include "path.h"

enum { PROFILE_ROUNDS = 10000, EXHAUSTIVE_ROUNDS = 300 };

/* ---- profiles at random, near to legacy policies and far from them ---- */

static struct ir_origin
origin_at(uint32_t line, const char *text)
{
	return (struct ir_origin){ { 0, line, 1, 1 }, text, "t" };
}

static void
random_entry(struct arena *a, struct prng *r, struct ir_policy *ir)
{
	static const struct { enum anchor anchor; const char *path; } places[] = {
		{ ANCHOR_ABS, "/" }, { ANCHOR_ABS, "/a" }, { ANCHOR_ABS, "/a/b" },
		{ ANCHOR_ABS, "/a/.git" }, { ANCHOR_ABS, "/tmp" }, { ANCHOR_ABS, "/tmp/a" },
		{ ANCHOR_ABS, "/usr" }, { ANCHOR_HOME, "" }, { ANCHOR_HOME, "a" },
		{ ANCHOR_WORKSPACE, "" }, { ANCHOR_WORKSPACE, "a" }, { ANCHOR_WORKSPACE, ".git" },
		{ ANCHOR_WORKSPACE, ".git/a" }, { ANCHOR_TMPDIR, "" }, { ANCHOR_SLASH_TMP, "" },
		{ ANCHOR_MINIMAL, "" },
	};
	uint32_t k = prng_below(r, NELEMS(places));
	struct ir_entry e = { places[k].anchor, places[k].path, (enum access)prng_below(r, 3),
	    origin_at((uint32_t)ir->entries.len + 1, places[k].path) };
	if (e.anchor == ANCHOR_MINIMAL)
		e.access = ACCESS_READ;
	VEC_PUSH(a, &ir->entries, e);
}

static void
random_rest(struct arena *a, struct prng *r, struct ir_policy *ir)
{
	static const char *const globs[] = { "*", "**/b", "a/**", ".*", "?" };
	static const char *const sockets[] = { "/", "/a", "/a/b", "/b" };
	struct ir_network *net = &ir->network;
	if (chance(r, 12))
		VEC_PUSH(a, &ir->patterns, ((struct ir_pattern){ chance(r, 2) ? ANCHOR_HOME :
		    ANCHOR_WORKSPACE, globs[prng_below(r, NELEMS(globs))], origin_at(90, "glob") }));
	if (chance(r, 20))
		VEC_PUSH(a, &ir->patterns, ((struct ir_pattern){ ANCHOR_ABS, chance(r, 2) ? "/*" :
		    "/a/**", origin_at(91, "glob") }));
	if (chance(r, 20))
		VEC_PUSH(a, &ir->protected, ((struct ir_name){ "b", origin_at(92, "b") }));
	if (chance(r, 15))
		VEC_PUSH(a, &ir->roots, ((struct ir_root){ ANCHOR_ABS, chance(r, 2) ? "/a" : "/b",
		    origin_at(93, "root") }));
	if (chance(r, 10)) {
		net->has_sockets = true;
		for (uint32_t n = prng_below(r, 3); n > 0; n--)
			VEC_PUSH(a, &net->sockets, ((struct ir_socket){
			    sockets[prng_below(r, NELEMS(sockets))], ANCHOR_ABS, chance(r, 2),
			    origin_at(94, "socket") }));
	}
	net->all_sockets = chance(r, 30);
	if (!chance(r, 10))
		return;
	net->mode = NET_PROXIED;
	net->has_domains = true;
	if (chance(r, 2))
		VEC_PUSH(a, &net->domains, ((struct ir_domain){ "*.x.org", 443, chance(r, 2),
		    origin_at(95, "*.x.org:443") }));
}

static struct ir_policy *
random_profile(struct arena *a, struct prng *r)
{
	struct legacy_policy l = random_legacy(a, r);
	struct ir_policy *ir = legacy_policy_raise(a, &l);
	if (chance(r, 3)) {
		ir->entries.len = 0;
		for (uint32_t n = prng_below(r, 7); n > 0; n--)
			random_entry(a, r, ir);
	}
	for (uint32_t n = prng_below(r, 3); n > 0; n--)
		random_entry(a, r, ir);
	if (ir->entries.len > 1 && chance(r, 4)) {
		size_t last = ir->entries.len - 1;
		ir->entries.v[prng_below(r, (uint32_t)ir->entries.len)] = ir->entries.v[last];
		ir->entries.len = last;
	}
	if (ir->sources.len == 0)
		VEC_PUSH(a, &ir->sources, ((struct ir_source){ "test.toml" }));
	random_rest(a, r, ir);
	return ir;
}

/* ---- the words of the meaning ---- */

struct pair {
	const struct bound_policy *mine, *legacy;
};

static bool
ref_allows(const struct bound_policy *b, const char *op, const char *path)
{
	struct ref_verdict v = reference(b, path);
	return strcmp(op, "read") == 0 ? v.readable : strcmp(op, "write") == 0 ? v.writable :
	    v.writable && !v.pinned;
}

/* The destination is read again as `explain' would read it. */
static bool
reached(struct arena *a, const struct ir_network *net, const char *what)
{
	struct domain dest;
	const char *why;
	if (net->mode != NET_PROXIED)
		return net->mode == NET_OPEN;
	if (strcmp(what, net->proxy_url) == 0)
		return true;
	assert_int_equal(domain_normalise(a, what, strlen(what), &dest, &why), 0);
	return decide_net(net_rules_new(a, net), &dest, NULL).allow;
}

/* "C:\x" is seen on Windows alone. */
static bool
is_windows(const char *what)
{
	return what[0] != '/' && strchr(what, '\\') != NULL;
}

static void
check_witness(struct arena *a, const struct pair *p, const struct legacy_verdict *v)
{
	bool mine, legacy;
	assert_non_null(v->operation);
	assert_non_null(v->what);
	assert_true(v->profile.allows != v->legacy.allows);
	if (is_windows(v->what))
		return;
	if (strcmp(v->operation, "connect") != 0) {
		mine = ref_allows(p->mine, v->operation, v->what);
		legacy = ref_allows(p->legacy, v->operation, v->what);
	} else if (strncmp(v->what, "unix:", 5) == 0) {
		mine = decide_net_socket(p->mine, v->what + 5).allow;
		legacy = decide_net_socket(p->legacy, v->what + 5).allow;
	} else {
		mine = reached(a, &p->mine->ir->network, v->what);
		legacy = reached(a, &p->legacy->ir->network, v->what);
	}
	if (mine != v->profile.allows || legacy != v->legacy.allows)
		fail_msg("%s %s: the policy says %d, its witness %d; the legacy policy says %d, "
		    "its witness %d", v->operation, v->what, mine, v->profile.allows, legacy,
		    v->legacy.allows);
}

/* The first difference among all short paths, or NULL. */
static const char *
differs_somewhere(struct arena *a, const struct pair *p, const char **op)
{
	static const char *const tops[] = { "/", "/a", "/b", "/tmp", "/@cwd", "/@home", "/@tmpdir",
	    "/usr", "/x" };
	static const char *const names[] = { "a", "b", ".git", ".codex", "x" };
	static const char *const ops[] = { "read", "write", "rename" };
	struct { const char **v; size_t len, cap; } paths = { NULL, 0, 0 };
	for (size_t i = 0; i < NELEMS(tops); i++)
		VEC_PUSH(a, &paths, tops[i]);
	size_t next = 1;	/* the tops are below "/" already */
	for (int depth = 0; depth < 3; depth++)
		for (size_t end = paths.len; next < end; next++)
			for (size_t k = 0; k < NELEMS(names); k++) {
				const char *path = path_join(a, paths.v[next], names[k]);
				VEC_PUSH(a, &paths, path);
			}
	for (size_t i = 0; i < paths.len; i++)
		for (size_t k = 0; k < NELEMS(ops); k++)
			if (ref_allows(p->mine, ops[k], paths.v[i]) !=
			    ref_allows(p->legacy, ops[k], paths.v[i])) {
				*op = ops[k];
				return paths.v[i];
			}
	return NULL;
}

static void
show(struct arena *a, const struct ir_policy *ir, const struct legacy_verdict *v, uint32_t round)
{
	char *text = ir_text(ir);
	fprintf(stderr, "seed %llu round %u\n%s\n%s\n", (unsigned long long)test_seed(), round, text,
	    legacy_verdict_text(a, v));
	free(text);
}

static bool
has_windows(const struct ir_policy *ir)
{
	for (size_t i = 0; i < ir->entries.len; i++)
		if (ir->entries.v[i].anchor == ANCHOR_WINDOWS)
			return true;
	return false;
}

/* Of Unix sockets: alike with and without a rule. */
static bool
same_sockets(struct arena *a, const struct pair *p)
{
	static const char *const more[] = { "/zz", "/a/zz", "/b/zz", "/" };
	bool same = true;
	for (size_t i = 0; i < p->mine->sockets.len + NELEMS(more); i++) {
		const char *path = i < NELEMS(more) ? more[i] :
		    p->mine->sockets.v[i - NELEMS(more)].path;
		same = same && decide_net_socket(p->mine, path).allow ==
		    decide_net_socket(p->legacy, path).allow;
	}
	(void)a;
	return same;
}

static void
check_form(struct arena *a, const struct legacy_verdict *v)
{
	const char *why = NULL;
	cJSON *json = legacy_verdict_json(a, v);
	if (!legacy_form_check(a, json, &why))
		fail_msg("%s", why);
	cJSON_Delete(json);
}

/*
 * "Round-trips" exactly where project(P) exists and raise(project(P)) equals
 * P; every witness is real, and where there is none no short path differs.
 */
static void
verdicts_are_true(void **state)
{
	struct prng r = { test_seed() ^ 2 };
	uint32_t yes = 0, searched = 0, unprojected = 0, paths = 0, net = 0;
	(void)state;
	for (uint32_t i = 0; i < PROFILE_ROUNDS; i++) {
		struct arena *a = arena_new();
		struct ir_policy *ir = random_profile(a, &r);
		struct legacy_verdict v = legacy_verdict(a, ir, NULL);
		struct bind_error err;
		struct pair p = { bind_generic(a, ir, TARGET_LINUX, &err),
		    bind_generic(a, v.raised, TARGET_LINUX, &err) };
		struct legacy_policy policy;
		const char *why, *op = "";
		bool projected = legacy_policy_project(a, ir, &policy, &why);
		bool equal = projected && compare_policies(a, ir, v.raised).equal &&
		    ir->network.mode != NET_PROXIED && same_sockets(a, &p);

		assert_true(legacy_policy_equal(a, &policy, &v.policy));
		check_form(a, &v);
		if (v.round_trips ? !equal : equal && !has_windows(ir)) {
			show(a, ir, &v, i);
			fail_msg("the comparison says otherwise");
		}
		if (!v.round_trips)
			check_witness(a, &p, &v);
		else if (searched++ < EXHAUSTIVE_ROUNDS) {
			const char *path = differs_somewhere(a, &p, &op);
			if (path != NULL) {
				show(a, ir, &v, i);
				fail_msg("%s %s differs", op, path);
			}
		}
		yes += v.round_trips;
		unprojected += !projected;
		paths += !v.round_trips && strcmp(v.operation, "connect") != 0;
		net += !v.round_trips && strcmp(v.operation, "connect") == 0;
		arena_free(a);
	}
	/* The generator must meet all that is tested here. */
	assert_true(yes > PROFILE_ROUNDS / 10);
	assert_true(unprojected > PROFILE_ROUNDS / 20);
	assert_true(paths > PROFILE_ROUNDS / 10);
	assert_true(net > PROFILE_ROUNDS / 50);
}

/* A write that has no projection is the shortest there is. */
static void
unprojected_writes_are_shortest(void **state)
{
	struct prng r = { test_seed() ^ 3 };
	uint32_t met = 0;
	(void)state;
	for (uint32_t i = 0; i < PROFILE_ROUNDS && met < EXHAUSTIVE_ROUNDS; i++) {
		struct arena *a = arena_new();
		struct ir_policy *ir = random_profile(a, &r);
		struct legacy_verdict v = legacy_verdict(a, ir, NULL);
		struct bind_error err;
		const struct bound_policy *b = bind_generic(a, ir, TARGET_LINUX, &err);
		if (v.policy.kind == LEGACY_READ_ONLY && v.reason != NULL &&
		    v.operation != NULL && strcmp(v.operation, "write") == 0 &&
		    !is_windows(v.what)) {
			met++;
			const char *up = v.what;
			while (strcmp(up, "/") != 0) {
				up = path_parent(a, up);
				assert_false(reference(b, up).writable);
			}
			for (size_t k = 0; k < b->entries.len; k++)
				if (path_depth(b->entries.v[k].path) < path_depth(v.what))
					assert_false(reference(b, b->entries.v[k].path).writable);
		}
		arena_free(a);
	}
	assert_int_equal(met, EXHAUSTIVE_ROUNDS);
}

/* ---- by hand ---- */

struct row {
	const char	*toml;		/* of [permissions.p] with its head */
	const char	*operation, *what;	/* NULL: it round-trips */
	const char	*text;		/* stands in the text */
};

static const struct row rows[] = {
	{ "extends = \":read-only\"\n", NULL, NULL, "round-trips as read-only, network off" },
	{ "extends = \":workspace\"\n", NULL, NULL, "round-trips as workspace-write, network off" },
	{ "extends = \":read-only\"\nfilesystem.\"/x\" = \"read\"\n", NULL, NULL, "read-only" },
	{ "filesystem = { \":root\" = \"write\" }\n", NULL, NULL, "external-sandbox, network off" },
	{ "filesystem = { \":root\" = \"write\" }\nnetwork.enabled = true\n", NULL, NULL,
	    "danger-full-access" },
	{ "filesystem = { \":root\" = \"write\", \"/x\" = \"read\" }\n", "write", "/",
	    "nothing is writable unless" },
	{ "filesystem = { \":minimal\" = \"read\" }\n", "read", "/", "no entry grants it" },
	{ "extends = \":read-only\"\nfilesystem.\"/srv\" = \"write\"\n", "write", "/srv",
	    "entry \"/srv\", test.toml:4" },
	{ "extends = \":read-only\"\nfilesystem.\":tmpdir\" = \"write\"\n", "write", "/@tmpdir",
	    "\"write :tmpdir\"" },
	{ "extends = \":workspace\"\nfilesystem.\":workspace_roots\".src = \"write\"\n", "rename",
	    "/@cwd/src", "cannot say \"src\"" },
	{ "extends = \":workspace\"\nfilesystem.\":workspace_roots\".\".git\" = \"write\"\n",
	    "write", "/@cwd/.git", "\".git\"" },
	{ "extends = \":workspace\"\nfilesystem.\":workspace_roots\".\"**/.env\" = \"deny\"\n",
	    "read", "/@cwd/.env", "pattern \"**/.env\" denies it, test.toml:4" },
	{ "extends = \":workspace\"\nworkspace_roots = { \"/other\" = true }\n", "write", "/other",
	    "here: entry \":workspace_roots\"" },
	{ "extends = \":workspace\"\nnetwork = { enabled = true, domains = { \"**.x.org:443\" = "
	    "\"allow\" } }\n", "connect", "x.org:443", "only a proxy can enforce" },
	{ "extends = \":workspace\"\nnetwork = { enabled = true, mode = \"limited\" }\n", "connect",
	    "http://127.0.0.1:3128", "the managed proxy is there" },
	{ "extends = \":workspace\"\nnetwork = { enabled = true, domains = { \"[2001:db8::1]:80\" = "
	    "\"allow\" } }\n", "connect", "[2001:db8::1]:80", "connect [2001:db8::1]:80" },
	{ "extends = \":workspace\"\nnetwork.unix_sockets = { \"/run/x\" = \"allow\" }\n", "connect",
	    "unix:/run/x", "unix_sockets \"/run/x\" allows it" },
	{ "extends = \":workspace\"\nnetwork.unix_sockets = { \"/run/x\" = \"deny\" }\n", NULL, NULL,
	    "round-trips" },
	{ "extends = \":workspace\"\nnetwork.unix_sockets = { \"/a\" = \"deny\", \"/a/b\" = \"allow\" }\n",
	    NULL, NULL, "round-trips" },
	{ "extends = \":workspace\"\nnetwork.unix_sockets = { \"/a\" = \"deny\", \"/a/b\" = \"allow\", "
	    "\"/b\" = \"allow\" }\n", "connect", "unix:/b", "\"/b\" allows it" },
	{ "extends = \":workspace\"\nnetwork = { enabled = true, unix_sockets = { \"/a\" = "
	    "\"allow\" } }\n", "connect", "unix:/b", "no rule of unix_sockets allows it" },
	{ "extends = \":workspace\"\nnetwork = { enabled = true, unix_sockets = { \"/\" = "
	    "\"allow\" } }\n", NULL, NULL, "network open" },
	{ "extends = \":workspace\"\nfilesystem.'C:\\Secret' = \"deny\"\n", "read", "c:\\secret",
	    "entry \"C:\\Secret\"" },
	{ "extends = \":workspace\"\nfilesystem = { 'C:\\B' = \"write\", 'C:\\B\\x' = \"read\" }\n",
	    "write", "c:\\b\\x", "entry \"C:\\B\\x\"" },
	{ "extends = \":workspace\"\nfilesystem.'C:\\B' = \"write\"\n", NULL, NULL,
	    "also writable: C:\\B" },
	{ "extends = \":workspace\"\nfilesystem.'C:\\x' = \"read\"\n", NULL, NULL, "round-trips" },
	{ "extends = \":workspace\"\nfilesystem.'C:\\x\\*.pem' = \"deny\"\n", "read",
	    "c:\\x\\.pem", "pattern" },
	{ "filesystem = { \":root\" = \"read\", '\\\\srv\\s' = \"write\" }\n", "write",
	    "\\\\srv\\s", "nothing is writable unless" },
	{ "filesystem = { \":root\" = \"read\", \"/a\" = \"write\", '/*' = \"deny\" }\n", "read", "/A",
	    "pattern \"/*\" denies it" },
};

static void
examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct arena *a = arena_new();
		const struct row *row = &rows[i];
		struct fixture x = compile_good(arena_printf(a,
		    "default_permissions = \"p\"\n[permissions.p]\n%s", row->toml));
		struct legacy_verdict v = legacy_verdict(a, x.out.ir, NULL);
		const char *text = legacy_verdict_text(a, &v);
		if (v.round_trips != (row->operation == NULL) || strstr(text, row->text) == NULL)
			fail_msg("%s%s\nhas no \"%s\"", row->toml, text, row->text);
		if (row->operation != NULL) {
			assert_string_equal(v.operation, row->operation);
			assert_string_equal(v.what, row->what);
		}
		check_form(a, &v);
		done(&x);
		arena_free(a);
	}
}

/* Entries that lose a tie are not there, whatever their order. */
static void
ties_come_first(void **state)
{
	enum { MAX = 4 };
	static const struct {
		struct { enum anchor anchor; const char *path; enum access access; } e[MAX];
		const char *text;	/* NULL: no projection */
	} cases[] = {
		{ { { ANCHOR_ABS, "/", ACCESS_WRITE }, { ANCHOR_ABS, "/x", ACCESS_READ },
		    { ANCHOR_ABS, "/x", ACCESS_WRITE } }, "external-sandbox, network off" },
		{ { { ANCHOR_ABS, "/", ACCESS_WRITE }, { ANCHOR_ABS, "/x", ACCESS_READ } }, NULL },
		{ { { ANCHOR_ABS, "/", ACCESS_READ }, { ANCHOR_ABS, "/x", ACCESS_WRITE },
		    { ANCHOR_ABS, "/x", ACCESS_DENY } }, "read-only, network off" },
		{ { { ANCHOR_WORKSPACE, "", ACCESS_DENY }, { ANCHOR_WORKSPACE, "", ACCESS_WRITE },
		    { ANCHOR_ABS, "/", ACCESS_READ } }, "read-only, network off" },
		{ { { ANCHOR_WORKSPACE, "", ACCESS_WRITE }, { ANCHOR_HOME, "x", ACCESS_DENY },
		    { ANCHOR_ABS, "/x", ACCESS_WRITE }, { ANCHOR_HOME, "x", ACCESS_WRITE } },
		    "workspace-write, network off; also writable: /x; not writable: /tmp, $TMPDIR" },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		struct arena *a = arena_new();
		struct legacy_policy l = { .kind = LEGACY_READ_ONLY }, got;
		struct ir_policy *ir = legacy_policy_raise(a, &l);
		const char *why;
		ir->entries.len = 0;
		for (size_t k = 0; k < MAX && cases[i].e[k].path != NULL; k++)
			VEC_PUSH(a, &ir->entries, ((struct ir_entry){ cases[i].e[k].anchor,
			    cases[i].e[k].path, cases[i].e[k].access, origin_at(1, "x") }));
		bool projected = legacy_policy_project(a, ir, &got, &why);
		assert_true(projected == (cases[i].text != NULL));
		assert_true(projected == (why == NULL));
		if (projected)
			assert_string_equal(legacy_policy_text(a, &got), cases[i].text);
		arena_free(a);
	}
}

/* What no host can bind has a verdict too: no, and why. */
static void
unbindable_is_no(void **state)
{
	(void)state;
	struct fixture x = compile_good("default_permissions = \"p\"\n[permissions.p]\n"
	    "extends = \":workspace\"\nfilesystem.\"/proc/x\" = \"read\"\n");
	struct legacy_verdict v = legacy_verdict(x.a, x.out.ir, NULL);
	assert_false(v.round_trips);
	assert_null(v.operation);
	assert_non_null(strstr(legacy_verdict_text(x.a, &v), "/proc"));
	check_form(x.a, &v);
	done(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_true),
		cmocka_unit_test(unprojected_writes_are_shortest),
		cmocka_unit_test(examples),
		cmocka_unit_test(ties_come_first),
		cmocka_unit_test(unbindable_is_no),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

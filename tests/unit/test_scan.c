/* SPDX-License-Identifier: Apache-2.0 */
/* test_scan.c - the walk for deny patterns, beside matching every path one by one */
#include <config.h>

#include "bind_fixture.h"

#include <stdlib.h>

#include "decide_fs.h"
#include "host_facts.h"
#include "intern.h"
#include "path.h"
#include "region.h"
#include "scan.h"

/* A host that counts how often each directory is listed. */
struct counting {
	struct host	 host;
	struct host	*inner;
	struct arena	*a;
	struct strmap	*listed;
	unsigned	 most;
	size_t		 lists;
};

static int
counting_list(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	struct counting *c = (struct counting *)h;
	unsigned *n = strmap_get(c->listed, path, strlen(path));

	if (n == NULL) {
		n = arena_alloc(c->a, sizeof(*n));
		strmap_put(c->listed, path, strlen(path), n);
	}
	if (++*n > c->most)
		c->most = *n;
	c->lists++;
	return c->inner->list(c->inner, path, each, arg);
}

static int
counting_stat(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	struct counting *c = (struct counting *)h;

	return c->inner->stat(c->inner, a, path, out);
}

static struct counting *
counting_host(struct arena *a, const char *const *lines, size_t n)
{
	struct counting *c = arena_alloc(a, sizeof(*c));

	c->inner = host_fake(a, lines, n);
	assert_non_null(c->inner);
	c->a = a;
	c->listed = strmap_new(a);
	c->host.stat = counting_stat;
	c->host.list = counting_list;
	return c;
}

static struct bound_pattern *
make_pattern(struct arena *a, const char *base, const char *glob)
{
	struct bound_pattern *p = arena_alloc(a, sizeof(*p));
	const char *why = "";

	p->pattern = pattern_parse(a, base, glob, &why);
	if (p->pattern == NULL)
		fail_msg("%s: %s", glob, why);
	p->literal = base;
	for (size_t i = path_depth(base); i < p->pattern->nliteral; i++)
		p->literal = path_join(a, p->literal, arena_strndup(a,
		    p->pattern->step[i].text.p, p->pattern->step[i].text.len));
	return p;
}

/* ---- the random tree ---- */

struct rnd { uint64_t s; };

static unsigned
pick(struct rnd *r, unsigned n)
{
	r->s ^= r->s << 13;
	r->s ^= r->s >> 7;
	r->s ^= r->s << 17;
	return (unsigned)(r->s >> 33) % n;
}

struct tree_node {
	const char	*path;
	enum node_kind	 kind;
	bool		 closed;
};

struct tree {
	struct arena	*a;
	struct { struct tree_node *v; size_t len, cap; } nodes;
	struct { const char **v; size_t len, cap; } lines;
};

static void
grow(struct tree *t, struct rnd *r, const char *dir, unsigned levels)
{
	static const char *const names[] = {
		"a", "b", "ab", ".env", "x.env", "secrets", "k.pem", "proc", "a-b",
	};

	for (size_t i = 0; i < NELEMS(names); i++) {
		if (pick(r, 2) == 0)
			continue;
		unsigned k = pick(r, 10);
		struct tree_node n = { path_join(t->a, dir, names[i]), NODE_FILE, false };
		if (k < 6 && levels > 0)
			n.kind = NODE_DIR;
		else if (k == 6)
			n.kind = NODE_LINK;
		n.closed = n.kind == NODE_DIR && pick(r, 12) == 0;
		VEC_PUSH(t->a, &t->nodes, n);
		const char *line = n.kind == NODE_LINK ? arena_printf(t->a, "l %s -> a", n.path) :
		    arena_printf(t->a, "%c %s",
		    n.closed ? 'x' : n.kind == NODE_DIR ? 'd' : 'f', n.path);
		VEC_PUSH(t->a, &t->lines, line);
		if (n.kind == NODE_DIR)
			grow(t, r, n.path, levels - 1);
	}
}

/* ---- what should be found, said path by path ---- */

static size_t
progress(const struct pattern *p, const char *path, bool *alive)
{
	uint64_t from[64], to[64];
	struct slice c;

	pattern_start(p, from);
	while (path_next(&path, &c)) {
		pattern_advance(p, from, c.p, c.len, to);
		memcpy(from, to, sizeof(from));
	}
	*alive = pattern_alive(p, from);
	return *alive ? pattern_progress(p, from) : 0;
}

struct naive {
	const struct tree *t;
	struct bound_pattern **v;
	size_t		 n;
	uint32_t	 depth;
	bool		*covered;	/* one for each node of the tree */
};

static bool
seen(const struct naive *x, const struct bound_pattern *p, const char *path)
{
	if (!path_below(path, p->literal) || path_below(path, "/proc"))
		return false;
	if (x->depth != 0 && path_depth(path) - path_depth(p->literal) > x->depth)
		return false;
	for (size_t i = 0; i < x->t->nodes.len; i++) {
		const struct tree_node *up = &x->t->nodes.v[i];
		if (!path_below(path, up->path))
			continue;
		if (x->covered[i] || (up->closed && path_within(up->path, p->literal)))
			return false;
	}
	return true;
}

static const struct tree_node *
node_at(const struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->nodes.len; i++)
		if (strcmp(t->nodes.v[i].path, path) == 0)
			return &t->nodes.v[i];
	return NULL;
}

static void
check_pattern(const struct naive *x, const struct bound_pattern *p)
{
	size_t matches = 0, partial = 0, base = path_depth(p->literal);
	uint64_t unscanned = 0;
	bool alive;
	const struct tree_node *top = node_at(x->t, p->literal);
	bool start_covered = false;

	for (size_t i = 0; i < x->t->nodes.len; i++)
		start_covered |= x->covered[i] && path_within(p->literal, x->t->nodes.v[i].path);
	if (top != NULL && top->closed && !start_covered)
		unscanned++;
	for (size_t i = 0; i < x->t->nodes.len; i++) {
		const struct tree_node *n = &x->t->nodes.v[i];
		if (!seen(x, p, n->path))
			continue;
		if (pattern_match(p->pattern, n->path)) {
			assert_true(matches < p->matches.len);
			assert_string_equal(p->matches.v[matches], n->path);
			matches++;
		}
		if (n->kind != NODE_DIR || x->covered[i] || strcmp(n->path, "/proc") == 0)
			continue;
		const char *up = path_parent(x->t->a, n->path);
		size_t mine = progress(p->pattern, n->path, &alive);
		bool up_alive;
		if (!alive)
			continue;
		if (mine > progress(p->pattern, up, &up_alive)) {
			assert_true(partial < p->partial.len);
			assert_string_equal(p->partial.v[partial], n->path);
			partial++;
		}
		if (n->closed || (x->depth != 0 && path_depth(n->path) - base == x->depth))
			unscanned++;
	}
	assert_int_equal(matches, p->matches.len);
	assert_int_equal(partial, p->partial.len);
	assert_int_equal(unscanned, p->unscanned);
}

static int
node_cmp(const void *a, const void *b)
{
	return path_order(((const struct tree_node *)a)->path,
	    ((const struct tree_node *)b)->path);
}

static size_t
one_round(struct rnd *r)
{
	static const char *const globs[] = {
		"**/x.env", "*.env", "**/secrets/*.pem", "**/secrets/**", "a/**/b", "a/*",
		"**/a*", "{a,b}/?", "secrets/**/k.pem", "**/*", "?", "b/a/*.env", "**/[!a]*/a",
		"a/b/**/k.pem", "**/a/**/b/**",
	};
	static const char *const bases[] = { "/", "/a", "/b", "/a/b", "/secrets", "/a/a/b", "/ab" };
	struct arena *a = arena_new();
	struct tree t = { .a = a };
	struct bound_pattern *v[6];
	size_t n = 0, found = 0, want = 1 + pick(r, NELEMS(v));
	const char *why;

	grow(&t, r, "/", 4);
	if (t.nodes.len > 1)
		qsort(t.nodes.v, t.nodes.len, sizeof(t.nodes.v[0]), node_cmp);
	for (size_t tries = 0; n < want && tries < 40; tries++) {
		struct bound_pattern *p = make_pattern(a, bases[pick(r, NELEMS(bases))],
		    globs[pick(r, NELEMS(globs))]);
		const struct tree_node *at = node_at(&t, p->literal);
		if (strcmp(p->literal, "/") == 0 || (at != NULL && at->kind == NODE_DIR))
			v[n++] = p;
	}
	uint32_t depth = pick(r, 2) == 0 ? 0 : 1 + pick(r, 4);
	struct counting *host = counting_host(a, t.lines.v, t.lines.len);
	assert_int_equal(scan_patterns(a, &host->host, v, n, depth, NULL, &why), 0);
	assert_true(host->most <= 1);

	struct naive x = { &t, v, n, depth, arena_array(a, t.nodes.len + 1, sizeof(bool)) };
	/* In path order, so that what covers a node is known before it. */
	for (size_t i = 0; i < t.nodes.len; i++)
		for (size_t j = 0; j < n && t.nodes.v[i].kind == NODE_DIR; j++)
			x.covered[i] |= seen(&x, v[j], t.nodes.v[i].path) &&
			    pattern_match(v[j]->pattern, t.nodes.v[i].path);
	for (size_t i = 0; i < n; i++) {
		check_pattern(&x, v[i]);
		found += v[i]->matches.len;
	}
	arena_free(a);
	return found;
}

static void
scan_equals_matching_each_path(void **state)
{
	const char *env = getenv("SEED");
	uint64_t seed = env != NULL ? strtoull(env, NULL, 0) : 20250217;
	size_t found = 0;

	(void)state;
	print_message("SEED=%llu\n", (unsigned long long)seed);
	for (unsigned i = 0; i < 400; i++) {
		struct rnd r = { seed * 0x9e3779b97f4a7c15u + i * 0xbf58476d1ce4e5b9u + 1 };
		found += one_round(&r);
	}
	/* The test looked at something. */
	assert_true(found > 1000);
}

/* ---- where only pins are asked for ---- */

/* The same tree bound once with all matches and once for pins alone; adds up the listings. */
static void
one_binding(struct rnd *r, size_t lists[2], size_t *pinned)
{
	static const char *const globs[] = {
		"/**/x.env", "/a/**/k.pem", "/**/secrets/**/b", "/b/*/*.env", "/**/a/**/b/**",
		"/ab/**/.env",
	};
	static const enum access accesses[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_DENY };
	struct fixture *x = fixture_new(NULL, 0);
	struct tree t = { .a = x->a };

	grow(&t, r, "/", 4);
	/* A link that matches is mostly refused. */
	for (size_t i = 0; i < t.lines.len; i++)
		if (t.nodes.v[i].kind == NODE_LINK)
			t.lines.v[i] = arena_printf(x->a, "f %s", t.nodes.v[i].path);
	VEC_PUSH(x->a, &t.lines, "d /w");
	VEC_PUSH(x->a, &t.nodes, ((struct tree_node){ "/w", NODE_DIR, false }));
	for (unsigned i = 0, n = 1 + pick(r, 8); i < n; i++) {
		const char *path = t.nodes.v[pick(r, (unsigned)t.nodes.len)].path;
		if (pick(r, 4) == 0)
			path = path_join(x->a, path, "b");
		entry(x, ANCHOR_ABS, pick(r, 32) == 0 ? "/" : path, accesses[pick(r, 3)]);
	}
	for (unsigned i = 0, n = 1 + pick(r, 3); i < n; i++)
		pattern(x, ANCHOR_ABS, globs[pick(r, NELEMS(globs))]);
	x->rq.target = TARGET_MACOS;

	const struct decide_fs *d[2] = { NULL, NULL };
	for (size_t k = 0; k < 2; k++) {
		struct counting *host = counting_host(x->a, t.lines.v, t.lines.len);
		x->rq.pins_only = k == 1;
		const struct bound_policy *b = bind_policy(x->a, &x->rq, &host->host, &x->err);
		if (b != NULL)
			d[k] = decide_fs_build(x->a, b);
		lists[k] += host->lists;
	}
	assert_int_equal(d[0] == NULL, d[1] == NULL);
	for (size_t i = 0; d[0] != NULL && i < t.nodes.len; i++) {
		const char *path = t.nodes.v[i].path;
		const struct fs_verdict all = decide_fs(d[0], path), few = decide_fs(d[1], path);
		assert_int_equal(all.readable, few.readable);
		assert_int_equal(all.writable, few.writable);
		assert_int_equal(all.traversable, few.traversable);
		if (all.pinned != few.pinned)
			fail_msg("%s: pinned %d, for pins alone %d", path, all.pinned, few.pinned);
		*pinned += all.pinned;
	}
	fixture_free(x);
}

static void
pins_need_no_look_where_nothing_is_written(void **state)
{
	struct rnd r = { 0x9e3779b97f4a7c15u };
	size_t lists[2] = { 0, 0 }, pinned = 0;

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		one_binding(&r, lists, &pinned);
	assert_true(lists[1] < lists[0] / 4 * 3);
	assert_true(pinned > 400);
}

/* ---- single things ---- */

static void
each_directory_is_listed_once(void **state)
{
	static const char *const lines[] = {
		"d /w/a/b/c", "d /w/a/d", "f /w/a/b/x.env", "f /w/a/b/c/x.pem", "d /w/e",
	};
	struct arena *a = arena_new();
	struct counting *h = counting_host(a, lines, NELEMS(lines));
	struct bound_pattern *v[] = {
		make_pattern(a, "/w/a/b", "**/*.pem"), make_pattern(a, "/w", "**/*.env"),
		make_pattern(a, "/w/a", "*/*.env"), make_pattern(a, "/w/a", "**/c/*.pem"),
	};
	const char *why;

	(void)state;
	assert_int_equal(scan_patterns(a, &h->host, v, NELEMS(v), 0, NULL, &why), 0);
	assert_int_equal(h->most, 1);
	assert_int_equal(h->lists, 6);	/* w a b c d e */
	assert_int_equal(v[0]->matches.len, 1);
	assert_string_equal(v[0]->matches.v[0], "/w/a/b/c/x.pem");
	assert_int_equal(v[1]->matches.len, 1);
	assert_string_equal(v[1]->matches.v[0], "/w/a/b/x.env");
	assert_int_equal(v[2]->matches.len, 1);
	assert_int_equal(v[3]->matches.len, 1);
	assert_int_equal(v[3]->partial.len, 1);
	assert_string_equal(v[3]->partial.v[0], "/w/a/b/c");
	arena_free(a);
}

/* A directory is listed only where something can match in it, and not below a match. */
static void
nothing_is_listed_in_vain(void **state)
{
	static const char *const lines[] = {
		"d /w/src/deep/er", "d /w/node_modules/x/y", "d /w/secrets/z", "f /w/src/a.key",
	};
	struct arena *a = arena_new();
	struct counting *h = counting_host(a, lines, NELEMS(lines));
	struct bound_pattern *v[] = {
		make_pattern(a, "/w", "src/*.key"), make_pattern(a, "/w", "secret?"),
		make_pattern(a, "/w/secrets", "*"),
	};
	const char *why;

	(void)state;
	assert_int_equal(scan_patterns(a, &h->host, v, NELEMS(v), 0, NULL, &why), 0);
	assert_int_equal(h->lists, 2);	/* w, w/src */
	assert_int_equal(v[0]->matches.len, 1);
	assert_int_equal(v[1]->matches.len, 1);
	assert_int_equal(v[2]->matches.len, 0);
	arena_free(a);
}

static void
depth_cap_counts_what_is_left_out(void **state)
{
	static const char *const lines[] = {
		"f /w/1.env", "f /w/a/2.env", "f /w/a/b/3.env", "f /w/c/4.env", "d /w/a/d",
	};
	struct arena *a = arena_new();
	struct counting *h = counting_host(a, lines, NELEMS(lines));
	struct bound_pattern *v[] = {
		make_pattern(a, "/w", "**/*.env"), make_pattern(a, "/w", "*.env"),
		make_pattern(a, "/w/a", "**/*.env"),
	};
	const char *why;

	(void)state;
	assert_int_equal(scan_patterns(a, &h->host, v, NELEMS(v), 1, NULL, &why), 0);
	assert_int_equal(v[0]->matches.len, 1);
	assert_int_equal(v[0]->unscanned, 2);	/* a, c */
	assert_int_equal(v[1]->unscanned, 0);	/* needs no more than depth 1 */
	assert_int_equal(v[2]->matches.len, 1);	/* 2.env */
	assert_int_equal(v[2]->unscanned, 2);	/* b, d */
	arena_free(a);
}

static void
closed_directories_are_counted(void **state)
{
	static const char *const lines[] = { "f /w/x.env", "d /w/p/q", "x /w/p" };
	struct arena *a = arena_new();
	struct counting *h = counting_host(a, lines, NELEMS(lines));
	struct bound_pattern *v[] = { make_pattern(a, "/w", "**/*.env") };
	const char *why;

	(void)state;
	assert_int_equal(scan_patterns(a, &h->host, v, 1, 0, NULL, &why), 0);
	assert_int_equal(v[0]->matches.len, 1);
	assert_int_equal(v[0]->unscanned, 1);
	arena_free(a);
}

static void
links_match_but_are_not_followed(void **state)
{
	static const char *const lines[] = {
		"d /w", "f /out/x.env", "l /w/y.env -> nowhere", "l /w/dir -> /out", "l /w/up -> .",
	};
	struct arena *a = arena_new();
	struct counting *h = counting_host(a, lines, NELEMS(lines));
	struct bound_pattern *v[] = { make_pattern(a, "/w", "**/*.env") };
	const char *why;

	(void)state;
	assert_int_equal(scan_patterns(a, &h->host, v, 1, 0, NULL, &why), 0);
	assert_int_equal(v[0]->matches.len, 1);
	assert_string_equal(v[0]->matches.v[0], "/w/y.env");
	assert_int_equal(h->lists, 1);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan_equals_matching_each_path),
		cmocka_unit_test(pins_need_no_look_where_nothing_is_written),
		cmocka_unit_test(each_directory_is_listed_once),
		cmocka_unit_test(nothing_is_listed_in_vain),
		cmocka_unit_test(depth_cap_counts_what_is_left_out),
		cmocka_unit_test(closed_directories_are_counted),
		cmocka_unit_test(links_match_but_are_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_bind_link.c - links on the way to what a policy names: followed, recorded, or refused where the command could change them */
#include <config.h>

#include "bind_fixture.h"

#include "canon.h"
#include "prng.h"
#include "sbuf.h"

/* Links are followed one by one, ".." goes back from where they lead, missing parts stay. */
static void
links_are_resolved(void **state)
{
	static const char *const lines[] = {
		"d /w", "d /real/sub/deep", "l /a -> real", "l /real/up -> ../b/./c/",
		"d /b/c", "l /b/abs -> /a/sub", "l /chain -> /b/abs/deep/..", "l /dangling -> /real/none/x",
		"f /file x",
	};
	static const struct { const char *spelt, *path; enum node_kind kind; size_t links; } rows[] = {
		{ "/a", "/real", NODE_DIR, 1 },
		{ "/a/sub/none/such", "/real/sub/none/such", NODE_MISSING, 1 },
		{ "/a/up/x", "/b/c/x", NODE_MISSING, 2 },
		{ "/b/abs/deep", "/real/sub/deep", NODE_DIR, 2 },
		{ "/chain", "/real/sub", NODE_DIR, 3 },
		{ "/chain/deep", "/real/sub/deep", NODE_DIR, 3 },
		{ "/dangling/y", "/real/none/x/y", NODE_MISSING, 1 },
		{ "/file", "/file", NODE_FILE, 0 },
		{ "/file/below", "/file/below", NODE_MISSING, 0 },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct fixture *x = FIXTURE(lines);
		entry(x, ANCHOR_ABS, rows[i].spelt, ACCESS_READ);
		struct bound_policy *b = bind_ok(x);
		assert_string_equal(b->entries.v[0].path, rows[i].path);
		assert_string_equal(b->entries.v[0].spelt, rows[i].spelt);
		assert_int_equal(bound_fact(b, rows[i].path)->kind, rows[i].kind);
		assert_int_equal(b->links.len, rows[i].links);
		fixture_free(x);
	}
}

static void
links_that_lead_nowhere(void **state)
{
	static const char *const lines[] = {
		"d /w", "l /x/a -> b", "l /x/b -> /x/a", "l /odd -> none/../etc", "f /file x",
		"l /odder -> file/../etc",
	};
	static const struct { const char *path, *text; } rows[] = {
		{ "/x/a/y", "more than 40 symbolic links" },
		{ "/odd", "\"..\"" },
		{ "/odder", "\"..\"" },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct fixture *x = FIXTURE(lines);
		entry(x, ANCHOR_ABS, rows[i].path, ACCESS_DENY);
		bind_refused(x, rows[i].path, rows[i].text, NULL);
		assert_ptr_equal(x->err.origin, &x->ir.entries.v[0].origin);
		fixture_free(x);
	}
}

/* A link is readable by name where it leads to something granted, and not else. */
static void
links_to_what_is_granted_are_recorded(void **state)
{
	static const char *const lines[] = {
		"d /w", "l /z -> secret", "d /secret", "l /b -> /c", "l /c -> d", "d /d",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/z", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/b", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/c", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(b->links.len, 2);
	assert_string_equal(b->links.v[0].path, "/b");
	assert_string_equal(b->links.v[0].target, "/c");
	assert_string_equal(b->links.v[1].path, "/c");
	assert_string_equal(b->links.v[1].target, "d");
	fixture_free(x);
}

/* Spec 2.5: a link that the command could change is refused, in every position. */
static void
links_in_writable_places(void **state)
{
	static const char *const lines[] = {
		"d /w/in", "l /w/out -> /etc", "d /etc", "l /w/in/far -> ../../etc/far", "l /ro -> /etc",
		"l /proj -> /w/in", "l /to -> /w/out/x",
	};
	static const struct { const char *path; enum access access; const char *link; } rows[] = {
		{ "/w/out", ACCESS_READ, "/w/out -> /etc" },
		{ "/w/out", ACCESS_DENY, "/w/out -> /etc" },
		{ "/w/out/sub/file", ACCESS_WRITE, "/w/out -> /etc" },
		{ "/w/in/far", ACCESS_READ, "/w/in/far -> ../../etc/far" },
		{ "/to", ACCESS_READ, "/w/out -> /etc" },
		{ "/ro/x", ACCESS_WRITE, NULL },
		{ "/proj/x", ACCESS_DENY, NULL },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct fixture *x = FIXTURE(lines);
		entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
		entry(x, ANCHOR_ABS, rows[i].path, rows[i].access);
		if (rows[i].link == NULL) {
			bind_ok(x);
		} else {
			bind_refused(x, "\"", rows[i].path, rows[i].link, "read-only", "/etc", NULL);
			assert_ptr_equal(x->err.origin, &x->ir.entries.v[1].origin);
			/* The same where nothing can be written there. */
			x->ir.entries.v[0].access = ACCESS_READ;
			bind_ok(x);
		}
		fixture_free(x);
	}
}

/* What decides is whether the link's directory is writable, by the longest entry. */
static void
link_in_a_narrower_place_is_fine(void **state)
{
	static const char *const lines[] = { "l /w/ro/out -> /etc", "d /etc", "d /w/x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "ro", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "ro/out/passwd", ACCESS_DENY);
	assert_non_null(entry_at(bind_ok(x), "/etc/passwd"));
	fixture_free(x);
}

static void
roots_anchors_and_platform_through_writable_links(void **state)
{
	static const char *const lines[] = {
		"d /w", "l /w/link -> /ext", "d /ext", "l /w/tmp -> /ext", "l /bin -> usr/bin",
		"d /usr/bin", "l /w/home -> /ext", "l /cwd -> /ext", "l /etc/resolv.conf -> /run/r/c",
		"f /run/r/c x",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/w", ACCESS_WRITE);
	root(x, ANCHOR_ABS, "/w/link");
	bind_refused(x, "workspace root", "\"/w/link\"", "/w/link -> /ext", NULL);
	x->ir.roots.len = 0;

	x->rq.tmpdir = "/w/tmp";
	entry(x, ANCHOR_TMPDIR, "", ACCESS_READ);
	bind_refused(x, "$TMPDIR", "\"tmpdir\"", "/w/tmp -> /ext", NULL);
	x->ir.entries.len = 1;

	x->rq.home = "/w/home";
	entry(x, ANCHOR_HOME, "x", ACCESS_READ);
	bind_refused(x, "home directory", "/w/home -> /ext", NULL);
	x->ir.entries.len = 1;

	entry(x, ANCHOR_ABS, "/", ACCESS_WRITE);
	x->rq.cwd = "/cwd";
	bind_ok(x);	/* a free policy: a link gives nothing that is not there already */
	entry(x, ANCHOR_ABS, "/ext/x", ACCESS_DENY);
	bind_refused(x, "the working directory", "/cwd -> /ext", NULL);
	x->rq.cwd = "/w";

	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	bind_refused(x, "\"minimal\"", "/bin -> usr/bin", NULL);
	x->ir.entries.v[1].path = "/etc";
	bind_ok(x);
	x->rq.network_off = false;
	bind_refused(x, "/etc/resolv.conf", "/run/r/c", NULL);
	fixture_free(x);
}

static void
matches_that_are_links(void **state)
{
	static const char *const lines[] = { "l /w/x.env -> /home/u/env", "d /home/u" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	pattern(x, ANCHOR_WORKSPACE, "**/*.env");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(bound_fact(b, b->patterns.v[0].matches.v[0])->kind, NODE_LINK);
	x->ir.entries.v[0].access = ACCESS_WRITE;
	bind_refused(x, "\"**/*.env\"", "/w/x.env -> /home/u/env", NULL);
	assert_ptr_equal(x->err.origin, &x->ir.patterns.v[0].origin);
	fixture_free(x);
}

/* One canon that has walked many paths says of each what a new one says. */
static void
walks_go_on_from_the_last_one(void **state)
{
	static const char *const lines[] = {
		"d /a/b/c", "d /a/bb", "f /a/f x", "l /a/l -> b", "l /a/up -> ../d", "d /d/e",
		"l /d/abs -> /a/l", "l /loop -> loop2", "l /loop2 -> loop", "l /d/gone -> none/x",
		"l /a/b/root -> /", "s /a/stub",
	};
	static const char *const names[] = {
		"a", "b", "bb", "c", "f", "l", "up", "d", "e", "abs", "loop", "gone", "root", "stub",
		"..", ".", "x",
	};
	uint64_t seed = prng_seed(), rng = seed;
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct arena *a = arena_new();
		struct host *host = host_fake(a, lines, NELEMS(lines));
		struct canon *one = canon_new(a, host, round % 2 == 0);
		const char *last = "";
		for (int i = 0; i < 40; i++) {
			struct sbuf b = SBUF_INIT;
			/* Mostly like the last one, up to somewhere. */
			for (size_t k = prng_below(&rng, 5); k > 0 && last[b.len] == '/'; k--) {
				sbuf_addc(&b, '/');
				while (last[b.len] != '/' && last[b.len] != '\0')
					sbuf_addc(&b, last[b.len]);
			}
			for (size_t k = prng_below(&rng, 5); k > 0; k--) {
				sbuf_addc(&b, '/');
				sbuf_puts(&b, names[prng_below(&rng, NELEMS(names))]);
			}
			const char *path = b.len > 0 ? arena_strdup(a, sbuf_str(&b)) : "/";
			last = b.len > 1 ? path : "";
			struct canon_way x, y;
			const char *why[2] = { NULL, NULL };
			int got = canon_resolve(one, "/", path, &x, &why[0]);
			int want = canon_resolve(canon_new(a, host, false), "/", path, &y, &why[1]);
			if (got != want || (got == 0 && (strcmp(x.end->path, y.end->path) != 0 ||
			    x.end->kind != y.end->kind || x.links.len != y.links.len)) ||
			    (got == -1 && strcmp(why[0], why[1]) != 0))
				fail_msg("SEED=%llu: %s", (unsigned long long)seed, path);
			for (size_t k = 0; got == 0 && k < x.links.len; k++)
				assert_string_equal(x.links.v[k]->path, y.links.v[k]->path);
			sbuf_free(&b);
		}
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_resolved),
		cmocka_unit_test(links_that_lead_nowhere),
		cmocka_unit_test(links_to_what_is_granted_are_recorded),
		cmocka_unit_test(links_in_writable_places),
		cmocka_unit_test(link_in_a_narrower_place_is_fine),
		cmocka_unit_test(roots_anchors_and_platform_through_writable_links),
		cmocka_unit_test(matches_that_are_links),
		cmocka_unit_test(walks_go_on_from_the_last_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

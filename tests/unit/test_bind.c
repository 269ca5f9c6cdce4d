/* SPDX-License-Identifier: Apache-2.0 */
/* test_bind.c - anchors, patterns, facts: a portable policy meets a host */
#include <config.h>

#include "bind_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
anchors_become_paths(void **state)
{
	static const char *const lines[] = {
		"d /w/src", "d /home/u", "d /tmp", "d /var/t", "d /more",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.tmpdir = "/var/t/";
	root(x, ANCHOR_ABS, "/more");
	root(x, ANCHOR_HOME, "proj");
	root(x, ANCHOR_WINDOWS, "C:\\x");
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "src", ACCESS_WRITE);
	entry(x, ANCHOR_HOME, ".ssh", ACCESS_DENY);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	entry(x, ANCHOR_WINDOWS, "C:\\Windows", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);

	static const char *const want[] = {
		"/", "/w/src", "/more/src", "/home/u/proj/src", "/home/u/.ssh", "/var/t", "/tmp",
	};
	assert_int_equal(b->entries.len, NELEMS(want));
	for (size_t i = 0; i < NELEMS(want); i++) {
		assert_string_equal(b->entries.v[i].path, want[i]);
		assert_string_equal(b->entries.v[i].spelt, want[i]);
		assert_int_equal(b->entries.v[i].source, BOUND_WRITTEN);
		assert_int_equal(b->entries.v[i].shared_tmp, i >= 5);
	}
	assert_string_equal(b->cwd, "/w");
	assert_string_equal(b->home, "/home/u");
	assert_string_equal(b->tmpdir, "/var/t");
	assert_int_equal(bound_fact(b, "/home/u/.ssh")->kind, NODE_MISSING);
	assert_null(bound_fact(b, "/never/said"));
	assert_int_equal(b->links.len, 0);
	fixture_free(x);
}

static void
places_that_stand_for_nothing(void **state)
{
	static const char *const lines[] = { "d /w", "f /tmp no directory" };
	static const char *const tmpdirs[] = { NULL, "", "relative/tmp" };
	(void)state;
	for (size_t i = 0; i < NELEMS(tmpdirs); i++) {
		struct fixture *x = FIXTURE(lines);
		x->rq.tmpdir = tmpdirs[i];
		entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
		entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
		pattern(x, ANCHOR_TMPDIR, "*.key");
		struct bound_policy *b = bind_ok(x);
		assert_int_equal(b->entries.len, 0);
		assert_int_equal(b->patterns.len, 0);
		assert_null(b->tmpdir);
		fixture_free(x);
	}
}

static void
home_where_the_environment_has_none(void **state)
{
	static const char *const with[] = { "d /w", "h /home/db" };
	static const char *const without[] = { "d /w" };
	static const char *const homes[] = { NULL, "", "home/u" };
	(void)state;
	for (size_t i = 0; i < NELEMS(homes); i++) {
		struct fixture *x = FIXTURE(with);
		x->rq.home = homes[i];
		entry(x, ANCHOR_HOME, "a", ACCESS_READ);
		assert_string_equal(bind_ok(x)->entries.v[0].path, "/home/db/a");
		fixture_free(x);

		x = FIXTURE(without);
		x->rq.home = homes[i];
		assert_null(bind_ok(x)->home);
		entry(x, ANCHOR_HOME, "a/b", ACCESS_READ);
		bind_refused(x, "\"a/b\"", "$HOME", NULL);
		assert_ptr_equal(x->err.origin, &x->ir.entries.v[0].origin);
		fixture_free(x);
	}
}

static void
working_directory_must_be_one(void **state)
{
	static const char *const lines[] = { "f /file x", "s /stub", "l /l -> /file", "l /loop -> loop" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	bind_refused(x, "working directory /w", "does not exist", NULL);
	x->rq.cwd = "/file";
	bind_refused(x, "working directory /file", "not a directory", NULL);
	x->rq.cwd = "/l";
	bind_refused(x, "working directory /l", "not a directory", NULL);
	x->rq.cwd = "/stub";
	bind_refused(x, "/stub does not exist", NULL);
	x->rq.cwd = "w";
	bind_refused(x, "not absolute", NULL);
	x->rq.cwd = "/loop/x";
	bind_refused(x, "/loop/x", "40 symbolic links", NULL);
	assert_null(x->err.origin);
	fixture_free(x);
}

static void
platform_roots(void **state)
{
	static const char *const lines[] = {
		"d /w", "l /bin -> usr/bin", "d /usr/bin", "d /etc", "l /lib32 -> gone",
		"l /etc/resolv.conf -> ../run/res/stub.conf", "f /run/res/stub.conf x",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(b->entries.len, 3);
	assert_string_equal(entry_at(b, "/usr/bin")->spelt, "/bin");
	assert_int_equal(entry_at(b, "/usr")->source, BOUND_PLATFORM);
	assert_non_null(entry_at(b, "/etc"));
	assert_int_equal(b->links.len, 1);
	assert_string_equal(b->links.v[0].target, "usr/bin");

	x->rq.network_off = false;
	b = bind_ok(x);
	assert_int_equal(b->entries.len, 4);
	assert_int_equal(entry_at(b, "/run/res")->source, BOUND_PLATFORM);
	assert_int_equal(b->links.len, 2);
	assert_string_equal(b->links.v[1].path, "/etc/resolv.conf");
	fixture_free(x);
}

static void
resolver_in_the_root_is_granted_alone(void **state)
{
	static const char *const lines[] = { "d /w", "l /etc/resolv.conf -> /r.conf", "f /r.conf x" };
	static const char *const inside[] = { "d /w", "l /etc/resolv.conf -> r/x", "f /etc/r/x x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.network_off = false;
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	struct bound_policy *b = bind_ok(x);
	assert_non_null(entry_at(b, "/r.conf"));
	assert_null(entry_at(b, "/"));
	fixture_free(x);

	x = FIXTURE(inside);
	x->rq.network_off = false;
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	assert_int_equal(bind_ok(x)->entries.len, 1);
	fixture_free(x);
}

static void
proc_and_dev(void **state)
{
	static const char *const lines[] = { "d /w", "d /proc/1", "o /dev/kvm", "l /p -> /proc/1" };
	static const char *const bad[] = { "/proc/1", "/proc/none/such", "/p", "/p/x" };
	struct fixture *x;
	(void)state;
	for (size_t i = 0; i < NELEMS(bad); i++) {
		x = FIXTURE(lines);
		entry(x, ANCHOR_ABS, bad[i], ACCESS_READ);
		bind_refused(x, bad[i], "below /proc", NULL);
		fixture_free(x);
	}
	x = FIXTURE(lines);
	pattern(x, ANCHOR_ABS, "/proc/*/environ");
	bind_refused(x, "/proc/*/environ", NULL);
	fixture_free(x);

	x = FIXTURE(lines);
	entry(x, ANCHOR_ABS, "/dev/kvm", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/dev", ACCESS_READ);
	assert_int_equal(bound_fact(bind_ok(x), "/dev/kvm")->kind, NODE_OTHER);
	fixture_free(x);
}

static void
patterns_are_bound_and_scanned(void **state)
{
	static const char *const lines[] = {
		"f /w/x.env k", "f /w/a/secrets/k.pem k", "d /w/none", "l /r -> /w/a", "f /w/stub.env x",
		"s /w/s.env", "f /more/y.env k",
	};
	struct fixture *x = FIXTURE(lines);
	(void)state;
	root(x, ANCHOR_ABS, "/more");
	root(x, ANCHOR_ABS, "/w");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	pattern(x, ANCHOR_WORKSPACE, "**/*.env");
	pattern(x, ANCHOR_ABS, "/r/**/secrets/*.pem");
	pattern(x, ANCHOR_WORKSPACE, "gone/*.key");
	pattern(x, ANCHOR_ABS, "/w/none/**");
	struct bound_policy *b = bind_ok(x);

	/* Three roots, two of them the same; twice two, and two. */
	assert_int_equal(b->patterns.len, 6);
	const struct bound_pattern *p = b->patterns.v;
	assert_string_equal(p[0].literal, "/w");
	assert_int_equal(p[0].matches.len, 2);
	assert_string_equal(p[0].matches.v[0], "/w/stub.env");
	assert_string_equal(p[0].matches.v[1], "/w/x.env");
	assert_string_equal(p[1].literal, "/more");
	assert_string_equal(p[1].matches.v[0], "/more/y.env");

	/* The literal part leads through a link: the pattern speaks of where it leads. */
	assert_string_equal(p[2].literal, "/w/a");
	assert_true(pattern_match(p[2].pattern, "/w/a/b/secrets/x.pem"));
	assert_false(pattern_match(p[2].pattern, "/r/secrets/x.pem"));
	assert_int_equal(p[2].matches.len, 1);
	assert_string_equal(p[2].matches.v[0], "/w/a/secrets/k.pem");
	assert_int_equal(p[2].partial.len, 1);
	assert_string_equal(p[2].partial.v[0], "/w/a/secrets");

	assert_string_equal(p[3].literal, "/w/gone");
	assert_int_equal(bound_fact(b, "/w/gone")->kind, NODE_MISSING);
	assert_string_equal(p[5].literal, "/w/none");
	assert_int_equal(p[5].matches.len, 0);
	assert_int_equal(b->links.len, 0);
	fixture_free(x);
}

/* What an anchor is bound to is literal, whatever bytes it has. */
static void
special_bytes_in_an_anchor(void **state)
{
	static const char *const lines[] = { "f /w*[a]/k/x.env x", "d /wb/k", "l /l{x} -> /w*[a]/k" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.cwd = "/w*[a]";
	pattern(x, ANCHOR_WORKSPACE, "k/*.env");
	struct bound_policy *b = bind_ok(x);
	assert_string_equal(b->patterns.v[0].literal, "/w*[a]/k");
	assert_string_equal(b->patterns.v[0].matches.v[0], "/w*[a]/k/x.env");
	x->ir.patterns.len = 0;
	x->rq.cwd = "/l{x}";
	pattern(x, ANCHOR_WORKSPACE, "*.env");
	b = bind_ok(x);
	assert_string_equal(b->patterns.v[0].literal, "/w*[a]/k");
	assert_string_equal(b->patterns.v[0].matches.v[0], "/w*[a]/k/x.env");
	fixture_free(x);
}

static void
patterns_that_are_wrong(void **state)
{
	static const char *const lines[] = { "d /w", "l /w/l -> /x", "d /x" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	pattern(x, ANCHOR_WORKSPACE, "plain/path");
	bind_refused(x, "\"plain/path\" is no pattern", NULL);
	x->ir.patterns.len = 0;
	pattern(x, ANCHOR_WORKSPACE, "a/[\xc3\xa4]/b");
	bind_refused(x, "pattern \"a/[", NULL);
	x->ir.patterns.len = 0;
	pattern(x, ANCHOR_WORKSPACE, "l/*.env");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	bind_refused(x, "\"l/*.env\"", "/w/l -> /x", NULL);
	fixture_free(x);
}

static void
sockets_are_resolved(void **state)
{
	static const char *const lines[] = { "d /w", "l /var/run -> /run", "o /run/d.sock", "d /home/u" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	VEC_PUSH(x->a, &x->ir.network.sockets, ((struct ir_socket){ "/var/run/d.sock", ANCHOR_ABS, true,
	    { .text = "/var/run/d.sock" } }));
	VEC_PUSH(x->a, &x->ir.network.sockets, ((struct ir_socket){ "s", ANCHOR_HOME, false,
	    { .text = "~/s" } }));
	struct bound_policy *b = bind_ok(x);
	assert_int_equal(b->sockets.len, 2);
	assert_string_equal(b->sockets.v[0].path, "/run/d.sock");
	assert_true(b->sockets.v[0].allow);
	assert_string_equal(b->sockets.v[1].path, "/home/u/s");
	assert_false(b->sockets.v[1].allow);
	fixture_free(x);
}

static void
generic_binding(void **state)
{
	struct fixture *x = fixture_new(NULL, 0);
	(void)state;
	root(x, ANCHOR_ABS, "/decl");
	root(x, ANCHOR_HOME, "proj");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_MINIMAL, "", ACCESS_READ);
	entry(x, ANCHOR_TMPDIR, "", ACCESS_WRITE);
	entry(x, ANCHOR_SLASH_TMP, "", ACCESS_WRITE);
	pattern(x, ANCHOR_WORKSPACE, "**/*.env");
	struct bound_policy *b = bind_generic(x->a, &x->ir, TARGET_LINUX, &x->err);
	assert_non_null(b);
	check_invariants(b);
	assert_true(b->generic);
	assert_int_equal(b->entries.len, 3 + 9 + 2);
	assert_string_equal(b->cwd, "/@cwd");
	assert_string_equal(b->home, "/@home");
	assert_string_equal(b->tmpdir, "/@tmpdir");
	for (size_t i = 0; i < b->facts.len; i++) {
		assert_int_equal(b->facts.v[i].kind, NODE_DIR);
		assert_int_equal(b->facts.v[i].dev | b->facts.v[i].ino, 0);
	}
	assert_int_equal(b->shields.len, 9);
	assert_non_null(shield_at(b, "/@home/proj/.codex"));
	assert_null(shield_at(b, "/tmp/.git"));
	assert_int_equal(b->patterns.len, 3);
	assert_int_equal(b->patterns.v[0].matches.len, 0);
	fixture_free(x);
}

static void
message_is_one_line(void **state)
{
	static const char *const lines[] = { "d /w" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	x->rq.cwd = "/evil\n\033[31mname";
	bind_refused(x, "/evil??[31mname", NULL);
	fixture_free(x);
}

static void
what_is_too_long(void **state)
{
	static const char *const lines[] = { "d /w", "l /l -> w/w" };
	struct fixture *x = FIXTURE(lines);
	char *path = arena_alloc(x->a, 5000);
	(void)state;
	strcpy(path, "/w");
	for (size_t i = 2; i < 4090; i++)
		path[i] = i % 100 == 2 ? '/' : 'x';
	entry(x, ANCHOR_ABS, path, ACCESS_READ);
	bind_ok(x);
	x->ir.entries.v[0].path = arena_printf(x->a, "/l%s", path + 2);
	bind_ok(x);
	x->ir.entries.v[0].path = arena_printf(x->a, "/l%s/yyyyyyyyyyy", path + 2);
	bind_refused(x, "longer than 4095 bytes", NULL);
	fixture_free(x);
}

/* ---- the real host ---- */

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
real_tree(void **state)
{
	char top[] = "/tmp/cdxp-bind-XXXXXX", cmd[256];
	struct arena *a = arena_new();
	struct fixture *x = fixture_new(NULL, 0);
	struct stat st;
	(void)state;
	assert_non_null(mkdtemp(top));
	const char *real = realpath(top, NULL);
	assert_non_null(real);
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("w", 0700) | mkdir("w/a", 0700) | mkdir("gd", 0700) |
	    mkdir("common", 0700), 0);
	put_file(top, "w/a/x.env", "k");
	put_file(top, "w/.git", "gitdir: ../gd\n");
	put_file(top, "gd/commondir", "../common\n");
	assert_int_equal(symlink("w/a", "link"), 0);

	x->rq.cwd = path_join(a, top, "w");
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, path_join(a, top, "link"), ACCESS_READ);
	pattern(x, ANCHOR_WORKSPACE, "**/*.env");
	x->host = host_real(x->a);
	struct bound_policy *b = bind_ok(x);

	assert_string_equal(b->entries.v[1].path, path_join(a, real, "w/a"));
	assert_int_equal(b->patterns.v[0].matches.len, 1);
	assert_string_equal(b->patterns.v[0].matches.v[0], path_join(a, real, "w/a/x.env"));
	assert_int_equal(stat("w/a/x.env", &st), 0);
	const struct fact *f = bound_fact(b, b->patterns.v[0].matches.v[0]);
	assert_int_equal(f->kind, NODE_FILE);
	assert_true(f->dev == (uint64_t)st.st_dev && f->ino == (uint64_t)st.st_ino);
	assert_non_null(shield_at(b, path_join(a, real, "gd")));
	assert_non_null(shield_at(b, path_join(a, real, "common")));
	assert_int_equal(b->shields.len, 5);

	/* With many entries the working directory is kept open, and for no longer: the same facts. */
	for (size_t i = 0; i < 100; i++)
		entry(x, ANCHOR_WORKSPACE, arena_printf(a, "e%zu", i), ACCESS_READ);
	int lowest = dup(0);
	close(lowest);
	struct bound_policy *many = bind_ok(x);
	assert_int_equal(dup(0), lowest);
	close(lowest);
	for (size_t i = 0; i < b->facts.len; i++) {
		const struct fact *y = bound_fact(many, b->facts.v[i].path);
		f = &b->facts.v[i];
		assert_non_null(y);
		assert_true(y->kind == f->kind && y->dev == f->dev && y->ino == f->ino);
		assert_true(y->sealed == f->sealed && y->bare == f->bare);
		if (f->target != NULL)
			assert_string_equal(y->target, f->target);
	}
	assert_int_equal(many->patterns.v[0].matches.len, 1);
	x->ir.entries.len = 2;

	/* The process's own directory; and one that has a link in it now. */
	assert_int_equal(chdir("w"), 0);
	x->rq.cwd = NULL;
	assert_string_equal(bind_ok(x)->cwd, path_join(a, real, "w"));
	assert_int_equal(symlink("/etc", ".codex"), 0);
	bind_refused(x, "\".codex\"", "symbolic link", NULL);

	assert_int_equal(chdir("/"), 0);
	snprintf(cmd, sizeof(cmd), "rm -r %s", top);
	assert_int_equal(system(cmd), 0);
	free((char *)real);
	fixture_free(x);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anchors_become_paths),
		cmocka_unit_test(places_that_stand_for_nothing),
		cmocka_unit_test(home_where_the_environment_has_none),
		cmocka_unit_test(working_directory_must_be_one),
		cmocka_unit_test(platform_roots),
		cmocka_unit_test(resolver_in_the_root_is_granted_alone),
		cmocka_unit_test(proc_and_dev),
		cmocka_unit_test(patterns_are_bound_and_scanned),
		cmocka_unit_test(special_bytes_in_an_anchor),
		cmocka_unit_test(patterns_that_are_wrong),
		cmocka_unit_test(sockets_are_resolved),
		cmocka_unit_test(generic_binding),
		cmocka_unit_test(message_is_one_line),
		cmocka_unit_test(what_is_too_long),
		cmocka_unit_test(real_tree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

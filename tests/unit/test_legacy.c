/* SPDX-License-Identifier: Apache-2.0 */
/* test_legacy.c - the laws of the legacy model, on values and on files */
#include <config.h>

#include "legacy_fixture.h"

#include "legacy_toml.h"
#include "legacy_verdict.h"

enum { LAW_ROUNDS = 4000 };

static void
expect_policy(struct arena *a, const struct legacy_policy *want, const struct legacy_policy *got,
    uint32_t round)
{
	if (!legacy_policy_equal(a, want, got))
		fail_msg("seed %llu round %u: %s became %s", (unsigned long long)test_seed(), round,
		    legacy_policy_text(a, want), legacy_policy_text(a, got));
}

/* Spec 2.7: raise(L) round-trips, and project(raise(L)) is L, its roots sorted and unique. */
static void
laws_of_values(void **state)
{
	struct prng r = { test_seed() };
	(void)state;
	for (uint32_t i = 0; i < LAW_ROUNDS; i++) {
		struct arena *a = arena_new();
		struct legacy_policy l = random_legacy(a, &r), back;
		const char *why;
		const struct ir_policy *ir = legacy_policy_raise(a, &l);
		struct legacy_verdict v = legacy_verdict(a, ir, NULL);
		if (!v.round_trips)
			fail_msg("seed %llu round %u: %s: %s", (unsigned long long)test_seed(), i,
			    legacy_policy_text(a, &l), legacy_verdict_text(a, &v));
		check_round_trip(a, ir);

		legacy_policy_sort(a, &l);
		if (l.kind == LEGACY_EXTERNAL_SANDBOX && l.network_access)
			l.kind = LEGACY_DANGER_FULL_ACCESS;
		assert_true(legacy_policy_project(a, ir, &back, &why));
		expect_policy(a, &l, &back, i);
		expect_policy(a, &l, &v.policy, i);
		arena_free(a);
	}
}

/* ---- the same from files, with paths as people write them ---- */

struct written { const char *text, *normal; };

static const struct written texts[] = {
	{ "/srv", "/srv" }, { "/srv/", "/srv" }, { "//srv//x/../y/.", "/srv/y" },
	{ "/..", "/" }, { "~/", "~" }, { "~/x/../q", "~/q" }, { "~", "~" }, { "/tmp/", "/tmp" },
	{ "C:/Build/", "C:\\Build" }, { "C:\\\\Build", "C:\\Build" }, { "/a*[1]", "/a*[1]" },
};

static const char *
random_file(struct arena *a, struct prng *r, struct legacy_policy *l)
{
	struct sbuf b = SBUF_INIT;
	struct legacy_policy all = { .kind = (enum legacy_kind)prng_below(r, 3) };
	all.network_access = chance(r, 2);
	all.exclude_tmpdir = chance(r, 2);
	all.exclude_slash_tmp = chance(r, 2);
	sbuf_printf(&b, "sandbox_mode = \"%s\"\n[sandbox_workspace_write]\nnetwork_access = %s\n"
	    "exclude_tmpdir_env_var = %s\nexclude_slash_tmp = %s\nwritable_roots = [",
	    legacy_kind_name(all.kind), all.network_access ? "true" : "false",
	    all.exclude_tmpdir ? "true" : "false", all.exclude_slash_tmp ? "true" : "false");
	for (uint32_t n = prng_below(r, 5); n > 0; n--) {
		const struct written *w = &texts[prng_below(r, NELEMS(texts))];
		bool home = w->normal[0] == '~';
		struct legacy_root root = { home ? ANCHOR_HOME :
		    w->normal[0] == '/' ? ANCHOR_ABS : ANCHOR_WINDOWS,
		    home ? w->normal + (w->normal[1] == '\0' ? 1 : 2) : w->normal };
		VEC_PUSH(a, &all.roots, root);
		sbuf_printf(&b, "'%s', ", w->text);
	}
	sbuf_puts(&b, "]\n");
	if (chance(r, 3))
		sbuf_puts(&b, "[cdxp]\nprotect = [\"keep \\\"me\"]\n"
		    "[shell_environment_policy]\ninherit = \"core\"\nset = { \"A b\" = \"x\\u0001\\n\" }\n");
	*l = all;
	if (l->kind == LEGACY_DANGER_FULL_ACCESS)
		l->network_access = true;
	/* The table is that of workspace-write alone. */
	if (l->kind == LEGACY_READ_ONLY)
		l->network_access = false;
	legacy_policy_sort(a, l);
	const char *text = arena_strdup(a, sbuf_str(&b));
	sbuf_free(&b);
	return text;
}

/* A file projects to what it says; the profile that is made of it means the same. */
static void
laws_of_files(void **state)
{
	struct prng r = { test_seed() ^ 1 };
	(void)state;
	for (uint32_t i = 0; i < LAW_ROUNDS / 4; i++) {
		struct arena *a = arena_new();
		struct legacy_policy want, got;
		const char *why, *text = random_file(a, &r, &want);
		struct fixture x = compile_good(text);
		assert_true(legacy_policy_project(a, x.out.ir, &got, &why));
		expect_policy(a, &want, &got, i);
		/* But for protected names, which the legacy form knows nothing of. */
		assert_true(legacy_verdict(a, x.out.ir, NULL).round_trips ==
		    (x.out.ir->protected.len == 3 || want.kind != LEGACY_WORKSPACE_WRITE));

		struct sbuf toml = SBUF_INIT;
		legacy_toml_write(a, &toml, &got, x.out.ir, "a \"b\"", "dir/\nfile.toml");
		struct fixture y = compile_good(sbuf_str(&toml));
		assert_string_equal(y.out.ir->name, "a \"b\"");
		struct comparison c = compare_policies(a, x.out.ir, y.out.ir);
		if (!c.equal)
			fail_msg("round %u: %s %s differs:\n%s\n%s", i, fs_op_name(c.witness.op),
			    c.witness.path, text, sbuf_str(&toml));
		assert_int_equal(x.out.ir->network.mode, y.out.ir->network.mode);
		assert_int_equal(x.out.ir->protected.len, y.out.ir->protected.len);
		assert_int_equal(x.out.ir->environment.inherit, y.out.ir->environment.inherit);
		assert_int_equal(x.out.ir->environment.set.len, y.out.ir->environment.set.len);
		for (size_t k = 0; k < x.out.ir->environment.set.len; k++)
			assert_string_equal(x.out.ir->environment.set.v[k].value,
			    y.out.ir->environment.set.v[k].value);
		sbuf_free(&toml);
		done(&x);
		done(&y);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laws_of_values),
		cmocka_unit_test(laws_of_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

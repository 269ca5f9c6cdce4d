/* SPDX-License-Identifier: Apache-2.0 */
/* test_cdxp.c - the public library as a program that embeds it uses it */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "cdxp.h"

static const char work_profile[] =
    "default_permissions = \"work\"\n"
    "[permissions.work.filesystem]\n"
    "\":root\" = \"read\"\n"
    "[permissions.work.filesystem.\":workspace_roots\"]\n"
    "\".\" = \"write\"\n"
    "\"src/gen\" = \"read\"\n"
    "\"secret\" = \"deny\"\n"
    "\"**/*.key\" = \"deny\"\n";

/* A workspace with src/gen and secret in it; cwd and names below it. */
struct place {
	char		 dir[64];
	char		 path[128];
};

static int
make_place(void **state)
{
	static const char *const dirs[] = { "src", "src/gen", "secret", "extra" };
	struct place *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -1;
	strcpy(p->dir, "/var/tmp/cdxp-unit-XXXXXX");
	if (mkdtemp(p->dir) == NULL)
		return -1;
	for (size_t i = 0; i < NELEMS(dirs); i++) {
		snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, dirs[i]);
		if (mkdir(p->path, 0755) != 0)
			return -1;
	}
	*state = p;
	return 0;
}

static int
remove_place(void **state)
{
	static const char *const dirs[] = {
		"later/deep", "later", "extra", "secret", "src/gen", "src", "",
	};
	struct place *p = *state;
	for (size_t i = 0; i < NELEMS(dirs); i++) {
		snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, dirs[i]);
		rmdir(p->path);
	}
	int left = access(p->dir, F_OK) == 0;
	free(p);
	return left ? -1 : 0;
}

static const char *
below(struct place *p, const char *name)
{
	snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, name);
	return p->path;
}

static struct cdxp_policy *
policy_of(const char *text, const struct cdxp_load_options *how)
{
	struct cdxp_messages *m = cdxp_messages_new("test", false);
	struct cdxp_policy *policy = NULL;
	enum cdxp_severity severity;
	if (cdxp_policy_read(&policy, "p.toml", text, strlen(text), how, m) != CDXP_OK)
		fail_msg("%s", cdxp_messages_text(m, 0, &severity));
	cdxp_messages_free(m);
	return policy;
}

static struct cdxp_bound *
bound_of(const struct cdxp_policy *policy, const char *cwd, bool create)
{
	struct cdxp_messages *m = cdxp_messages_new("test", false);
	struct cdxp_bind_options where = { .cwd = cwd, .home = "/nonexistent",
	    .create_missing = create };
	struct cdxp_bound *b = NULL;
	enum cdxp_severity severity;
	if (cdxp_bind(&b, policy, &where, m) != CDXP_OK)
		fail_msg("%s", cdxp_messages_text(m, 0, &severity));
	cdxp_messages_free(m);
	return b;
}

static void
expect(const struct cdxp_bound *b, enum cdxp_operation op, const char *path, bool want,
    uint32_t line)
{
	bool allowed;
	struct cdxp_rule rule;
	assert_int_equal(cdxp_decide(b, op, path, &allowed, &rule, NULL), CDXP_OK);
	if (allowed != want || rule.line != line)
		fail_msg("%d %s: %d by line %u, should be %d by line %u", (int)op, path,
		    allowed, rule.line, want, line);
}

static void
decisions_name_their_line(void **state)
{
	struct place *p = *state;
	struct cdxp_load_options plain = { 0 };
	struct cdxp_policy *policy = policy_of(work_profile, &plain);
	assert_string_equal(cdxp_policy_profile(policy), "work");
	assert_false(cdxp_policy_unsandboxed(policy));
	struct cdxp_bound *b = bound_of(policy, p->dir, false);

	expect(b, CDXP_READ, "/etc/passwd", true, 3);
	expect(b, CDXP_WRITE, "/etc/passwd", false, 3);
	expect(b, CDXP_WRITE, below(p, "new"), true, 5);
	expect(b, CDXP_RENAME, below(p, "new"), true, 5);
	expect(b, CDXP_RENAME, below(p, "src"), false, 5);
	expect(b, CDXP_WRITE, below(p, "src/gen/x"), false, 6);
	expect(b, CDXP_READ, below(p, "secret/x"), false, 7);
	expect(b, CDXP_READ, below(p, "a/b/c.key"), false, 8);
	expect(b, CDXP_WRITE, below(p, "x/../.git/config"), false, 5);

	bool allowed;
	assert_int_equal(cdxp_decide(b, CDXP_READ, "relative", &allowed, NULL, NULL), CDXP_INVALID);
	cdxp_bound_free(b);
	cdxp_policy_free(policy);
}

/* As the second differs from the first. */
static void
expect_order(struct place *p, const struct cdxp_load_options *how, enum cdxp_order want,
    const char *witness)
{
	struct cdxp_load_options plain = { 0 };
	struct cdxp_policy *one = policy_of(work_profile, &plain), *two = policy_of(work_profile, how);
	struct cdxp_bound *a = bound_of(one, p->dir, false), *b = bound_of(two, p->dir, false);
	enum cdxp_order order;
	char *seen = NULL;
	assert_int_equal(cdxp_compare(a, b, &order, &seen, NULL), CDXP_OK);
	assert_int_equal(order, want);
	if (witness == NULL)
		assert_null(seen);
	else
		assert_string_equal(seen, witness);
	free(seen);
	cdxp_bound_free(a);
	cdxp_bound_free(b);
	cdxp_policy_free(one);
	cdxp_policy_free(two);
}

static void
comparison_has_a_witness(void **state)
{
	struct place *p = *state;
	char extra[128], witness[160];
	const char *value;
	expect_order(p, &(struct cdxp_load_options){ 0 }, CDXP_EQUAL, NULL);

	value = "permissions.work.filesystem.\"/opt\"=\"write\"";
	expect_order(p, &(struct cdxp_load_options){ .overrides = { &value, 1 } },
	    CDXP_WIDER, "write /opt");
	value = "permissions.work.filesystem.\"/opt\"=\"deny\"";
	expect_order(p, &(struct cdxp_load_options){ .overrides = { &value, 1 } },
	    CDXP_NARROWER, "read /opt");
	value = "permissions.work.network.enabled=true";
	expect_order(p, &(struct cdxp_load_options){ .overrides = { &value, 1 } },
	    CDXP_WIDER, "connect to the network");

	value = "mine";
	snprintf(witness, sizeof(witness), "write %s/mine", p->dir);
	expect_order(p, &(struct cdxp_load_options){ .protect = { &value, 1 } },
	    CDXP_NARROWER, witness);
	value = strcpy(extra, below(p, "secret"));
	snprintf(witness, sizeof(witness), "read %s/secret", p->dir);
	expect_order(p, &(struct cdxp_load_options){ .add_writable = { &value, 1 } },
	    CDXP_EQUAL, NULL);
	value = "/opt";
	expect_order(p, &(struct cdxp_load_options){ .add_readable = { &value, 1 } },
	    CDXP_EQUAL, NULL);
	/* The root brings what the profile denies in every workspace along. */
	value = "extra";
	expect_order(p, &(struct cdxp_load_options){ .directory = "/opt",
	    .add_workspace_roots = { &value, 1 } }, CDXP_INCOMPARABLE, "write /opt/extra");
}

/* Each wrong call gives its status and one message, and leaves the result alone. */
static void
expect_failure(const char *text, const struct cdxp_load_options *how, const char *needle)
{
	struct cdxp_messages *m = cdxp_messages_new("test", false);
	struct cdxp_policy *policy = NULL;
	enum cdxp_severity severity = CDXP_NOTE;
	assert_int_equal(cdxp_policy_read(&policy, "p.toml", text, strlen(text), how, m), CDXP_INVALID);
	assert_null(policy);
	assert_int_equal(cdxp_messages_count(m), 1);
	const char *said = cdxp_messages_text(m, 0, &severity);
	if (strstr(said, needle) == NULL || said[strlen(said) - 1] == '\n')
		fail_msg("said \"%s\", should say \"%s\"", said, needle);
	assert_int_equal(severity, CDXP_ERROR);
	assert_null(cdxp_messages_text(m, 1, &severity));
	cdxp_messages_free(m);
	/* Without messages it is the same but for the words. */
	assert_int_equal(cdxp_policy_read(&policy, "p.toml", text, strlen(text), how, NULL), CDXP_INVALID);
}

static void
failures_are_values(void **state)
{
	(void)state;
	struct cdxp_load_options plain = { 0 }, other = { .profile = "none" };
	const char *value = "";
	struct cdxp_load_options bad_dir = { .add_writable = { &value, 1 } };
	struct cdxp_load_options bad_name = { .protect = { &value, 1 } };
	expect_failure("permissions = 1\n", &plain, "p.toml:1:");
	expect_failure(work_profile, &other, "none");
	expect_failure(work_profile, &bad_dir, "--add-writable");
	expect_failure(work_profile, &bad_name, "--protect");
	expect_failure("{\"cdxp\":2}", &plain, "p.toml: not a bundle");
	expect_failure("  {", &plain, "p.toml: not a bundle");

	struct cdxp_policy *policy = NULL;
	assert_int_equal(cdxp_policy_load(&policy, "/nonexistent/p.toml", &plain, NULL), CDXP_IO);
	assert_int_equal(cdxp_policy_load(&policy, "/", &plain, NULL), CDXP_IO);
	assert_null(policy);
}

static void
binding_makes_what_is_missing_only_on_request(void **state)
{
	struct place *p = *state;
	char later[128];
	const char *value = strcpy(later, below(p, "later/deep"));
	struct cdxp_load_options how = { .add_writable = { &value, 1 } };
	struct cdxp_policy *policy = policy_of(
	    "[permissions.r.filesystem]\n\":root\" = \"read\"\n",
	    &(struct cdxp_load_options){ .profile = "r", .add_writable = how.add_writable });
	cdxp_bound_free(bound_of(policy, p->dir, false));
	assert_int_not_equal(access(later, F_OK), 0);
	cdxp_bound_free(bound_of(policy, p->dir, true));
	assert_int_equal(access(later, F_OK), 0);
	cdxp_policy_free(policy);
}

static void
plans_are_made_without_a_trace(void **state)
{
	struct place *p = *state;
	struct cdxp_load_options plain = { 0 };
	struct cdxp_policy *policy = policy_of(work_profile, &plain);
	struct cdxp_bound *b = bound_of(policy, p->dir, false);
	char program[] = "true", missing[] = "no-such-command", path[] = "PATH=/usr/bin:/bin";
	char *const env[] = { path, NULL }, *const argv[] = { program, NULL };
	char *const no_argv[] = { missing, NULL };
	struct cdxp_exec_options how = { .environment = env, .argv = argv };
	struct cdxp_plan *plan = NULL;
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_OK);
	assert_int_not_equal(access(below(p, ".git"), F_OK), 0);
	cdxp_plan_free(plan);

	plan = NULL;
	how.argv = no_argv;
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_NOT_FOUND);
	how.argv = argv;
	how.backend = "no-such-backend";
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_REFUSED);
	how.backend = NULL;
	how.strict = CDXP_STRICT_WIDER;		/* the pattern is a snapshot */
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_REFUSED);
	assert_null(plan);
	cdxp_bound_free(b);
	cdxp_policy_free(policy);
}

static void
nothing_runs_unsandboxed_by_itself(void **state)
{
	struct place *p = *state;
	struct cdxp_load_options open = { .profile = ":danger-full-access" };
	struct cdxp_policy *policy = policy_of(work_profile, &open);
	assert_true(cdxp_policy_unsandboxed(policy));
	struct cdxp_bound *b = bound_of(policy, p->dir, false);
	char program[] = "true", path[] = "PATH=/usr/bin:/bin";
	char *const env[] = { path, NULL }, *const argv[] = { program, NULL };
	struct cdxp_exec_options how = { .environment = env, .argv = argv };
	struct cdxp_plan *plan = NULL;
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_REFUSED);
	how.allow_unsandboxed = true;
	assert_int_equal(cdxp_plan_make(&plan, b, &how, NULL), CDXP_OK);
	cdxp_plan_free(plan);
	cdxp_bound_free(b);
	cdxp_policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decisions_name_their_line, make_place, remove_place),
		cmocka_unit_test_setup_teardown(comparison_has_a_witness, make_place, remove_place),
		cmocka_unit_test(failures_are_values),
		cmocka_unit_test_setup_teardown(binding_makes_what_is_missing_only_on_request,
		    make_place, remove_place),
		cmocka_unit_test_setup_teardown(plans_are_made_without_a_trace, make_place, remove_place),
		cmocka_unit_test_setup_teardown(nothing_runs_unsandboxed_by_itself, make_place, remove_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_plans.c - two plans for the workspace of acl_fixture.h, and applying them */
#include <config.h>

#include "acl_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const roots[] = { TEST_WS };
static const struct test_entry entries[] = {
	{ "C:\\Users\\me", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ TEST_WS, "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ TEST_WS, "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	{ TEST_WS, "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:0", false },
	{ TEST_WS "\\.agents", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", true },
	{ TEST_WS "\\.agents", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", true },
	{ TEST_WS "\\.git", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", false },
	{ TEST_WS "\\.git", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", false },
};
static const char inside_audit[] = "[{\"name\":\"inside\",\"principals\":[\"logon\",\"everyone\"],\"mask\":\"0xD0156\","
    "\"places\":[{\"path\":\"C:\\\\Users\\\\me\\\\ws\\\\.git\",\"depth\":null}],"
    "\"limits\":{\"checks\":1000,\"entries\":100,\"seconds\":2},"
    "\"deny\":[{\"flags\":\"OICI\",\"mask\":\"0xD0156\",\"to\":\"capability:0\"}],\"required\":false}]";
const struct test_plan test_standard = { false, roots, 1, entries, NELEMS(entries), inside_audit, ",\"everyone\"" };

/* Another profile for the same workspace: no .git, another carve-out. */
static const struct test_entry other_entries[] = {
	{ "C:\\Users\\me", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ TEST_WS, "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ TEST_WS, "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	{ TEST_WS, "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:0", false },
	{ TEST_WS "\\.agents", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", true },
	{ TEST_WS "\\src", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", false },
	{ TEST_WS "\\src", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", false },
};
const struct test_plan test_other = { false, roots, 1, other_entries, NELEMS(other_entries), NULL, NULL };

struct win_plan *
test_read_plan(struct test_computer *t, const struct test_plan *p)
{
	const char *text = test_plan_text(t->a, p), *why = NULL;
	struct win_plan *plan = win_plan_read(t->a, text, strlen(text), NULL, &why);

	if (plan == NULL)
		fail_msg("%s\n%s", why, text);
	return plan;
}

void
test_show(const struct acl_report *r)
{
	struct sbuf b = SBUF_INIT;

	acl_report_text(r, "test", false, &b);
	fputs(sbuf_str(&b), stderr);
	sbuf_free(&b);
}

int
test_apply(struct test_computer *t, const struct win_plan *plan, struct acl_report *r)
{
	struct acl_applied applied;

	*r = (struct acl_report){ .a = t->a };
	return acl_apply(&t->c, plan, "test", r, &applied);
}

void
test_must_apply(struct test_computer *t, const struct win_plan *plan)
{
	struct acl_report r;

	if (test_apply(t, plan, &r) != 0) {
		test_show(&r);
		fail();
	}
}

void
test_must_undo(struct test_computer *t, const char *id)
{
	struct acl_report r = { .a = t->a };

	if (acl_undo(&t->c, id, &r) != 0) {
		test_show(&r);
		fail();
	}
}

void
test_must_verify(struct test_computer *t, const struct win_plan *plan)
{
	struct acl_report r = { .a = t->a };

	if (acl_verify(&t->c, plan, &r) != 0) {
		test_show(&r);
		fail();
	}
}

void
test_must_be(struct test_computer *t, const char *tree)
{
	assert_string_equal(test_tree(t->a, t->model), tree);
}

/* Nothing in the journal speaks of an entry or a placeholder. */
void
test_must_be_forgotten(struct test_computer *t)
{
	struct acl_report r = { .a = t->a };
	cJSON *o = acl_list(&t->c, &r);

	assert_non_null(o);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "plans")), 0);
	cJSON_Delete(o);
}

void
test_restart(struct test_computer *t)
{
	memory_files_unlock(&t->state);
	t->faults.stop_at = t->faults.fail_at = 0;
}

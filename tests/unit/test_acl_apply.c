/* SPDX-License-Identifier: Apache-2.0 */
/* test_acl_apply.c - plans applied to a model of Windows, stopped anywhere, repaired, verified, undone */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acl_fixture.h"
#include "acl_session.h"

#define WS	"C:\\Users\\me\\ws"

static const char *const roots[] = { WS };
static const struct test_entry entries[] = {
	{ "C:\\Users\\me", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ WS, "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ WS, "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	{ WS, "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:0", false },
	{ WS "\\.agents", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", true },
	{ WS "\\.agents", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", true },
	{ WS "\\.git", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", false },
	{ WS "\\.git", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", false },
};
static const char inside_audit[] = "[{\"name\":\"inside\",\"principals\":[\"logon\",\"everyone\"],\"mask\":\"0xD0156\","
    "\"places\":[{\"path\":\"C:\\\\Users\\\\me\\\\ws\\\\.git\",\"depth\":null}],"
    "\"limits\":{\"checks\":1000,\"entries\":100,\"seconds\":2},"
    "\"deny\":[{\"flags\":\"OICI\",\"mask\":\"0xD0156\",\"to\":\"capability:0\"}],\"required\":false}]";
static const struct test_plan standard = { false, roots, 1, entries, NELEMS(entries), inside_audit, ",\"everyone\"" };

/* Another profile for the same workspace: no .git, another carve-out. */
static const struct test_entry other_entries[] = {
	{ "C:\\Users\\me", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ WS, "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ WS, "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	{ WS, "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:0", false },
	{ WS "\\.agents", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", true },
	{ WS "\\src", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", false },
	{ WS "\\src", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", false },
};
static const struct test_plan other = { false, roots, 1, other_entries, NELEMS(other_entries), NULL, NULL };

static struct win_plan *
read_plan(struct test_computer *t, const struct test_plan *p)
{
	const char *text = test_plan_text(t->a, p), *why = NULL;
	struct win_plan *plan = win_plan_read(t->a, text, strlen(text), NULL, &why);

	if (plan == NULL)
		fail_msg("%s\n%s", why, text);
	return plan;
}

static void
show(const struct acl_report *r)
{
	struct sbuf b = SBUF_INIT;

	acl_report_text(r, "test", false, &b);
	fputs(sbuf_str(&b), stderr);
	sbuf_free(&b);
}

static int
apply(struct test_computer *t, const struct win_plan *plan, struct acl_report *r)
{
	struct acl_applied applied;

	*r = (struct acl_report){ .a = t->a };
	return acl_apply(&t->c, plan, "test", r, &applied);
}

static void
must_apply(struct test_computer *t, const struct win_plan *plan)
{
	struct acl_report r;

	if (apply(t, plan, &r) != 0) {
		show(&r);
		fail();
	}
}

static void
must_undo(struct test_computer *t, const char *id)
{
	struct acl_report r = { .a = t->a };

	if (acl_undo(&t->c, id, &r) != 0) {
		show(&r);
		fail();
	}
}

static void
must_verify(struct test_computer *t, const struct win_plan *plan)
{
	struct acl_report r = { .a = t->a };

	if (acl_verify(&t->c, plan, &r) != 0) {
		show(&r);
		fail();
	}
}

static void
must_be(struct test_computer *t, const char *tree)
{
	assert_string_equal(test_tree(t->a, t->model), tree);
}

/* Nothing in the journal speaks of an entry or a placeholder. */
static void
must_be_forgotten(struct test_computer *t)
{
	struct acl_report r = { .a = t->a };
	cJSON *o = acl_list(&t->c, &r);

	assert_non_null(o);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "plans")), 0);
	cJSON_Delete(o);
}

static void
test_apply_and_undo(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(acl_verify(&t.c, plan, &(struct acl_report){ .a = t.a }), -1);
	assert_int_equal(apply(&t, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 8);
	assert_int_equal(r.deeds[DEED_MAKE], 1);
	assert_int_equal(r.warnings, 0);
	must_verify(&t, plan);
	/* What was handed on is what Windows would have handed on. */
	const char *after = test_tree(t.a, t.model);
	model_propagate(t.model, model_find(t.model, "C:"));
	must_be(&t, after);
	must_undo(&t, plan->id);
	must_be(&t, before);
	must_be_forgotten(&t);
	test_computer_free(&t);
}

static void
test_second_apply_writes_nothing(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	/* With something for the audit, too. */
	test_grant(&t, WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &sid_everyone);
	must_apply(&t, plan);
	const char *after = test_tree(t.a, t.model);
	uint64_t calls = t.faults.calls;
	size_t writes = t.state.writes;
	assert_int_equal(apply(&t, plan, &r), 0);
	assert_int_equal(t.faults.calls, calls);
	assert_int_equal(t.state.writes, writes);
	assert_int_equal(r.deeds[DEED_ADD], 0);
	must_be(&t, after);
	test_computer_free(&t);
}

static void
test_dry_run_writes_nothing(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *plan = read_plan(&t, &standard);
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(acl_dry_run(&t.c, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 8);
	assert_int_equal(r.deeds[DEED_MAKE], 1);
	assert_int_equal(t.faults.calls, 0);
	must_be(&t, before);
	cJSON *o = acl_report_json(&r, "plan");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "steps")), 9);
	cJSON_Delete(o);
	test_computer_free(&t);
}

/* What a stopped run leaves behind is met by a new process. */
static void
restart(struct test_computer *t)
{
	memory_files_unlock(&t->state);
	t->faults.stop_at = t->faults.fail_at = 0;
}

/* How many calls an apply makes, and an undo after it. */
static void
count_calls(const struct test_plan *p, uint64_t *apply_calls, uint64_t *undo_calls)
{
	struct test_computer t;

	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, p);
	must_apply(&t, plan);
	*apply_calls = t.faults.calls;
	must_undo(&t, NULL);
	*undo_calls = t.faults.calls - *apply_calls;
	test_computer_free(&t);
}

enum next { UNDO_NEXT, APPLY_NEXT, OTHER_NEXT, NEXTS };

/* Stop in front of call `first', then in front of call `second' of what comes next, then do it. */
static void
stop_twice(uint64_t first, uint64_t second, enum next next, bool undoing)
{
	struct test_computer t;
	struct acl_report r;

	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard), *third = read_plan(&t, &other);
	const char *before = test_tree(t.a, t.model);
	if (undoing) {
		must_apply(&t, plan);
		t.faults.calls = 0;
	}
	t.faults.stop_at = first;
	r = (struct acl_report){ .a = t.a };
	if (undoing)
		acl_undo(&t.c, plan->id, &r);
	else
		apply(&t, plan, &r);
	restart(&t);
	if (second > 0) {
		t.faults.stop_at = t.faults.calls + second;
		r = (struct acl_report){ .a = t.a };
		if (next == UNDO_NEXT)
			acl_undo(&t.c, NULL, &r);
		else
			apply(&t, next == APPLY_NEXT ? plan : third, &r);
		restart(&t);
	}
	if (next != UNDO_NEXT) {
		must_apply(&t, next == APPLY_NEXT ? plan : third);
		must_verify(&t, next == APPLY_NEXT ? plan : third);
	}
	must_undo(&t, NULL);
	must_be(&t, before);
	must_be_forgotten(&t);
	test_computer_free(&t);
}

static void
test_stopped_anywhere(void **state)
{
	uint64_t apply_calls, undo_calls;
	size_t n = 0;

	(void)state;
	count_calls(&standard, &apply_calls, &undo_calls);
	for (enum next next = 0; next < NEXTS; next++) {
		for (uint64_t i = 1; i <= apply_calls + 1; i++, n++)
			stop_twice(i, 0, next, false);
		for (uint64_t i = 1; i <= undo_calls + 1; i++, n++)
			stop_twice(i, 0, next, true);
	}
	/* And the repair stopped as well, anywhere. */
	for (uint64_t i = 1; i <= apply_calls + 1; i++)
		for (uint64_t k = 1; k <= apply_calls + undo_calls; k += 1 + (i + k) % 3, n++)
			stop_twice(i, k, (i + k) % NEXTS, false);
	for (uint64_t i = 1; i <= undo_calls + 1; i++)
		for (uint64_t k = 1; k <= apply_calls + undo_calls; k += 1 + (i + k) % 3, n++)
			stop_twice(i, k, (i + k) % NEXTS, true);
	print_message("%llu calls to apply, %llu to undo, %zu runs that were stopped\n", (unsigned long long)apply_calls,
	    (unsigned long long)undo_calls, n);
}

/* One call fails and the others work: everything is as before at once. */
static void
test_failing_anywhere(void **state)
{
	uint64_t apply_calls, undo_calls;

	(void)state;
	count_calls(&standard, &apply_calls, &undo_calls);
	for (uint64_t i = 1; i <= apply_calls; i++) {
		struct test_computer t;
		struct acl_report r;
		test_computer_init(&t);
		const struct win_plan *plan = read_plan(&t, &standard);
		const char *before = test_tree(t.a, t.model);
		t.faults.fail_at = i;
		assert_int_equal(apply(&t, plan, &r), -1);
		assert_true(r.errors > 0);
		if (test_finding(&r, "left-open") == NULL)
			must_be(&t, before);
		else
			assert_int_equal(i, apply_calls);	/* "done" itself could not be written */
		restart(&t);
		must_undo(&t, NULL);
		must_be(&t, before);
		test_computer_free(&t);
	}
}

static void
test_hollow_store(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	const char *before = test_tree(t.a, t.model);
	t.faults.hollow = true;
	assert_int_equal(apply(&t, plan, &r), -1);
	assert_non_null(test_finding(&r, "not-stored"));
	must_be(&t, before);
	test_computer_free(&t);
}

static void
test_two_plans_share(void **state)
{
	struct test_computer t;

	(void)state;
	for (int first = 0; first < 2; first++) {
		test_computer_init(&t);
		const struct win_plan *one = read_plan(&t, &standard), *two = read_plan(&t, &other);
		const char *before = test_tree(t.a, t.model);
		must_apply(&t, one);
		must_apply(&t, two);
		must_verify(&t, one);
		must_verify(&t, two);
		must_undo(&t, first == 0 ? one->id : two->id);
		must_verify(&t, first == 0 ? two : one);
		must_undo(&t, first == 0 ? two->id : one->id);
		must_be(&t, before);
		must_be_forgotten(&t);
		test_computer_free(&t);
	}
}

/* An entry that was there before, exactly the same, is not ours. */
static void
test_foreign_entry_stays(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	test_grant(&t, WS, ACE_DENY, 0, 0x40, &test_user);
	test_grant(&t, WS "\\.git", ACE_DENY, ACE_CONTAINER_INHERIT, 0x40, &test_user);
	const char *before = test_tree(t.a, t.model);
	must_apply(&t, plan);
	must_verify(&t, plan);
	must_undo(&t, NULL);
	must_be(&t, before);
	test_computer_free(&t);
}

/* Moved there from elsewhere: its inherited entries are not those of its place, and stay. */
static void
test_stale_inheritance(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	struct model_node *n = model_find(t.model, WS "\\src\\deep");
	struct ace odd[] = { { .type = ACE_ALLOW, .flags = 0x13, .mask = 0x1200a9, .sid = sid_users },
	    { .type = ACE_DENY, .flags = 0x10, .mask = 0x2, .sid = sid_everyone } };
	model_set(t.model, n, &(struct ace_list){ odd, 2, 2 });
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(apply(&t, plan, &r), 0);
	assert_non_null(test_finding(&r, "stale"));
	must_verify(&t, plan);
	must_undo(&t, NULL);
	must_be(&t, before);
	test_computer_free(&t);
}

static void
test_entries_of_their_own_inside(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	/* Everyone may write here, the user may delete through it, and this is cut off from above. */
	test_grant(&t, WS "\\.git\\hooks\\x", ACE_ALLOW, 0, 0x1f01ff, &sid_everyone);
	test_grant(&t, WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &test_user);
	model_add(t.model, WS "\\.git\\info", ACL_DIR)->d.owner = test_user;
	struct model_node *n = model_find(t.model, WS "\\.git\\info");
	struct ace own = { .type = ACE_ALLOW, .flags = 3, .mask = 0x1f01ff, .sid = test_user };
	n->d.is_protected = true;
	model_set(t.model, n, &(struct ace_list){ &own, 1, 1 });
	model_add(t.model, WS "\\.git\\info\\exclude", ACL_FILE)->links = 2;
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(apply(&t, plan, &r), 0);
	assert_non_null(test_finding(&r, "inside"));
	assert_non_null(test_finding(&r, "hard-link"));
	/* x: against writing; hooks and info: against deleting through them. */
	assert_int_equal(r.deeds[DEED_ADD], 8 + 1 + 2);
	must_verify(&t, plan);
	must_undo(&t, NULL);
	must_be(&t, before);
	test_computer_free(&t);
}

static void
test_placeholder_in_use_stays(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *plan = read_plan(&t, &standard);
	must_apply(&t, plan);
	model_add(t.model, WS "\\.agents\\mine", ACL_FILE);
	assert_int_equal(acl_undo(&t.c, plan->id, &r), 0);
	assert_non_null(test_finding(&r, "in-use"));
	struct model_node *n = model_find(t.model, WS "\\.agents");
	assert_non_null(n);
	for (size_t i = 0; i < n->d.dacl.len; i++)
		assert_true((n->d.dacl.v[i].flags & ACE_INHERITED) != 0);
	must_be_forgotten(&t);
	test_computer_free(&t);
}

/* It was made by us, removed by somebody, and is made again. */
static void
test_placeholder_made_again(void **state)
{
	struct test_computer t;
	uint64_t volume = 1, id[2] = { 0, 0 };

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	const char *before = test_tree(t.a, t.model);
	must_apply(&t, plan);
	id[0] = model_find(t.model, WS "\\.agents")->id;
	assert_int_equal(t.c.store->ops->remove(t.c.store, WS "\\.agents", volume, id), ACL_OK);
	must_apply(&t, plan);
	must_verify(&t, plan);
	must_undo(&t, NULL);
	must_be(&t, before);
	test_computer_free(&t);
}

/* What we have changed is found by its identity where somebody has moved it. */
static void
test_moved_object(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	must_apply(&t, plan);
	assert_int_equal(t.c.store->ops->move(t.c.store, WS "\\.git", WS "\\old"), ACL_OK);
	must_undo(&t, NULL);
	struct model_node *n = model_find(t.model, WS "\\old\\hooks\\x");
	for (size_t i = 0; i < n->d.dacl.len; i++)
		assert_true(n->d.dacl.v[i].type == ACE_ALLOW);
	test_computer_free(&t);
}

static void
test_changed_by_others(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *plan = read_plan(&t, &standard);
	must_apply(&t, plan);
	test_grant(&t, WS, ACE_ALLOW, 3, 0x1200a9, &sid_everyone);
	/* One of ours is taken away by hand. */
	struct model_node *n = model_find(t.model, WS "\\.git");
	struct ace ours = { .type = ACE_DENY, .flags = 2, .mask = 0x40, .sid = test_user };
	bool found;
	struct ace_list list = ace_list_without(t.a, &n->d.dacl, &ours, &found);
	assert_true(found);
	model_set(t.model, n, &list);
	assert_int_equal(acl_verify(&t.c, plan, &(struct acl_report){ .a = t.a }), -1);
	must_apply(&t, plan);
	must_verify(&t, plan);
	assert_int_equal(acl_undo(&t.c, plan->id, &r), 0);
	assert_non_null(test_finding(&r, "changed"));
	n = model_find(t.model, WS);
	struct ace theirs = { .type = ACE_ALLOW, .flags = 3, .mask = 0x1200a9, .sid = sid_everyone };
	assert_int_equal(ace_list_count(&n->d.dacl, &theirs), 1);
	must_be_forgotten(&t);
	test_computer_free(&t);
}

static void
refused(struct test_computer *t, const struct test_plan *p, const char *code)
{
	const char *before = test_tree(t->a, t->model);
	struct acl_report r;

	assert_int_equal(apply(t, read_plan(t, p), &r), -1);
	if (test_finding(&r, code) == NULL) {
		show(&r);
		fail_msg("not refused for %s", code);
	}
	must_be(t, before);
	must_be_forgotten(t);
}

static void
test_refusals(void **state)
{
	static const char *const bad_roots[] = { "C:\\", "C:\\Windows", "C:\\Users", "C:\\Users\\me", "C:\\Users\\other",
	    "C:\\ProgramData", "C:\\Users\\me\\AppData" };
	struct test_computer t;

	(void)state;
	for (size_t i = 0; i < NELEMS(bad_roots); i++) {
		const struct test_entry e[] = {
			{ bad_roots[i], "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
		};
		test_computer_init(&t);
		refused(&t, &(struct test_plan){ false, &bad_roots[i], 1, e, 1, NULL, NULL }, "no-root");
		test_computer_free(&t);
	}
	test_computer_init(&t);
	model_find(t.model, WS)->d.no_dacl = true;
	refused(&t, &standard, "null-dacl");
	test_computer_free(&t);

	test_computer_init(&t);
	struct ace odd[] = { { .type = ACE_ALLOW, .mask = 0x1f01ff, .sid = test_user },
	    { .type = ACE_DENY, .mask = 2, .sid = sid_everyone } };
	model_set(t.model, model_find(t.model, WS "\\.git"), &(struct ace_list){ odd, 2, 2 });
	refused(&t, &standard, "unordered");
	test_computer_free(&t);

	test_computer_init(&t);
	model_find(t.model, WS "\\.git")->target = strdup("C:\\Users\\me\\other");
	refused(&t, &standard, "link");
	test_computer_free(&t);

	/* The way there goes through a junction: the final name is another one. */
	test_computer_init(&t);
	assert_int_equal(t.c.store->ops->move(t.c.store, WS, "C:\\Users\\me\\moved"), ACL_OK);
	model_add(t.model, WS, ACL_DIR)->target = strdup("C:\\Users\\me\\moved");
	refused(&t, &standard, "wrong-name");
	test_computer_free(&t);

	test_computer_init(&t);
	model_find(t.model, WS "\\.git")->deny_change = true;
	refused(&t, &standard, "not-reached");
	test_computer_free(&t);

	/* Deep inside a carve-out, where a deny has to come. */
	test_computer_init(&t);
	model_find(t.model, WS "\\.git\\hooks\\x")->deny_change = true;
	refused(&t, &standard, "not-reached");
	test_computer_free(&t);

	test_computer_init(&t);
	t.c.people.user = (struct sid){ 0 };
	refused(&t, &standard, "nobody");
	test_computer_free(&t);
}

static void
test_sessions(void **state)
{
	static const struct test_entry reads[] = {
		{ "C:\\Windows", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
	}, more[] = {
		{ "C:\\Users\\me\\other", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
	};
	struct test_computer t;
	uint64_t pid;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *one = read_plan(&t, &(struct test_plan){ true, NULL, 0, reads, 1, NULL, NULL }),
	    *two = read_plan(&t, &(struct test_plan){ true, NULL, 0, more, 1, NULL, NULL });
	struct acl_session *s = acl_session_begin(&t.c, one, 4711, &r), *again, *user;
	assert_non_null(s);
	again = acl_session_begin(&t.c, one, 4712, &r);
	assert_non_null(again);
	assert_null(acl_session_begin(&t.c, two, 4713, &r));
	assert_non_null(strstr(test_finding(&r, "session")->text, "471"));
	/* Reads of the user are nobody else's. */
	user = acl_session_begin(&t.c, read_plan(&t, &standard), 4714, &r);
	assert_non_null(user);
	acl_session_end(&t.c, again);
	must_apply(&t, one);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(acl_undo(&t.c, one->id, &r), -1);
	assert_non_null(strstr(test_finding(&r, "session")->text, "4711"));
	assert_int_equal(acl_session_of(&t.c, two->id, &r, &pid), 0);
	assert_int_equal(pid, 0);
	acl_session_end(&t.c, user);
	/* The process dies without a word. */
	memory_files_unlock(&t.state);
	user = acl_session_begin(&t.c, two, 4715, &r);
	assert_non_null(user);
	acl_session_end(&t.c, user);
	must_undo(&t, NULL);
	acl_session_end(&t.c, s);		/* of the dead one: nothing is left of it */
	test_computer_free(&t);
}

/* Reads spread until a limit; the rest later, and a kill there is made good. */
static void
test_spread_later(void **state)
{
	static const struct test_entry reads[] = {
		{ "C:\\Users\\me\\ws", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
	};
	struct test_computer t;
	struct acl_report r;

	(void)state;
	for (uint64_t stop = 0; stop < 12; stop++) {
		test_computer_init(&t);
		const struct win_plan *plan = read_plan(&t, &(struct test_plan){ true, NULL, 0, reads, 1, NULL, NULL });
		const char *before = test_tree(t.a, t.model);
		t.c.spread_now = 2;
		assert_int_equal(apply(&t, plan, &r), 0);
		assert_true(r.spreading);
		if (stop > 0) {
			t.faults.stop_at = t.faults.calls + stop;
			acl_spread_rest(&t.c, &(struct acl_report){ .a = t.a });
			restart(&t);
		}
		if (stop % 2 == 0) {
			assert_int_equal(acl_spread_rest(&t.c, &(struct acl_report){ .a = t.a }), 0);
			must_verify(&t, plan);
			const char *after = test_tree(t.a, t.model);
			model_propagate(t.model, model_find(t.model, "C:"));
			must_be(&t, after);
		}
		must_undo(&t, NULL);
		must_be(&t, before);
		test_computer_free(&t);
	}
}

static void
test_damaged_journal(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = read_plan(&t, &standard);
	must_apply(&t, plan);
	struct memory_file *f = memory_file(&t.state, "acl-journal");
	assert_non_null(f);
	char *good = strndup(f->p, f->len);
	size_t len = f->len, refused_n = 0;
	const char *after = test_tree(t.a, t.model);
	for (size_t i = 0; i < len; i += 7) {
		memory_file_set(&t.state, "acl-journal", good, len);
		memory_file(&t.state, "acl-journal")->p[i] ^= 1;
		r = (struct acl_report){ .a = t.a };
		cJSON *o = acl_list(&t.c, &r);
		refused_n += o == NULL;
		cJSON_Delete(o);
	}
	/* All but what can be the end that was cut off. */
	assert_true(refused_n * 7 > len * 8 / 10);
	must_be(&t, after);
	memory_file_set(&t.state, "acl-journal", good, len);
	must_undo(&t, NULL);
	free(good);
	test_computer_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply_and_undo),
		cmocka_unit_test(test_second_apply_writes_nothing),
		cmocka_unit_test(test_dry_run_writes_nothing),
		cmocka_unit_test(test_stopped_anywhere),
		cmocka_unit_test(test_failing_anywhere),
		cmocka_unit_test(test_hollow_store),
		cmocka_unit_test(test_two_plans_share),
		cmocka_unit_test(test_foreign_entry_stays),
		cmocka_unit_test(test_stale_inheritance),
		cmocka_unit_test(test_entries_of_their_own_inside),
		cmocka_unit_test(test_placeholder_in_use_stays),
		cmocka_unit_test(test_placeholder_made_again),
		cmocka_unit_test(test_moved_object),
		cmocka_unit_test(test_changed_by_others),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_spread_later),
		cmocka_unit_test(test_damaged_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

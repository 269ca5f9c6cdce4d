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

static void
test_apply_and_undo(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(acl_verify(&t.c, plan, &(struct acl_report){ .a = t.a }), -1);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 8);
	assert_int_equal(r.deeds[DEED_MAKE], 1);
	assert_int_equal(r.warnings, 0);
	test_must_verify(&t, plan);
	/* What was handed on is what Windows would have handed on. */
	const char *after = test_tree(t.a, t.model);
	model_propagate(t.model, model_find(t.model, "C:"));
	test_must_be(&t, after);
	test_must_undo(&t, plan->id);
	test_must_be(&t, before);
	test_must_be_forgotten(&t);
	test_computer_free(&t);
}

static void
test_second_apply_writes_nothing(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	/* With something for the audit, too. */
	test_grant(&t, TEST_WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &sid_everyone);
	test_must_apply(&t, plan);
	const char *after = test_tree(t.a, t.model);
	uint64_t calls = t.faults.calls;
	size_t writes = t.state.writes;
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_int_equal(t.faults.calls, calls);
	assert_int_equal(t.state.writes, writes);
	assert_int_equal(r.deeds[DEED_ADD], 0);
	test_must_be(&t, after);
	test_computer_free(&t);
}

static void
test_dry_run_writes_nothing(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(acl_dry_run(&t.c, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 8);
	assert_int_equal(r.deeds[DEED_MAKE], 1);
	assert_int_equal(t.faults.calls, 0);
	test_must_be(&t, before);
	cJSON *o = acl_report_json(&r, "plan");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "steps")), 9);
	cJSON_Delete(o);
	test_computer_free(&t);
}

/* How many calls an apply makes, and an undo after it. */
static void
count_calls(const struct test_plan *p, uint64_t *apply_calls, uint64_t *undo_calls)
{
	struct test_computer t;

	test_computer_init(&t);
	test_grant(&t, TEST_WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &sid_everyone);
	const struct win_plan *plan = test_read_plan(&t, p);
	test_must_apply(&t, plan);
	*apply_calls = t.faults.calls;
	test_must_undo(&t, NULL);
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
	if (first % 3 != 0)	/* something for the audit, which is a second round */
		test_grant(&t, TEST_WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &sid_everyone);
	const struct win_plan *plan = test_read_plan(&t, &test_standard), *third = test_read_plan(&t, &test_other);
	const char *before = test_tree(t.a, t.model);
	if (undoing) {
		test_must_apply(&t, plan);
		t.faults.calls = 0;
	}
	t.faults.stop_at = first;
	r = (struct acl_report){ .a = t.a };
	if (undoing)
		acl_undo(&t.c, plan->id, &r);
	else
		test_apply(&t, plan, &r);
	test_restart(&t);
	if (second > 0) {
		t.faults.stop_at = t.faults.calls + second;
		r = (struct acl_report){ .a = t.a };
		if (next == UNDO_NEXT)
			acl_undo(&t.c, NULL, &r);
		else
			test_apply(&t, next == APPLY_NEXT ? plan : third, &r);
		test_restart(&t);
	}
	if (next != UNDO_NEXT) {
		test_must_apply(&t, next == APPLY_NEXT ? plan : third);
		test_must_verify(&t, next == APPLY_NEXT ? plan : third);
	}
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	test_must_be_forgotten(&t);
	test_computer_free(&t);
}

static void
test_stopped_anywhere(void **state)
{
	uint64_t apply_calls, undo_calls;
	size_t n = 0;

	(void)state;
	count_calls(&test_standard, &apply_calls, &undo_calls);
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
	count_calls(&test_standard, &apply_calls, &undo_calls);
	for (uint64_t i = 1; i <= apply_calls; i++) {
		struct test_computer t;
		struct acl_report r;
		test_computer_init(&t);
		test_grant(&t, TEST_WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &sid_everyone);
		const struct win_plan *plan = test_read_plan(&t, &test_standard);
		const char *before = test_tree(t.a, t.model);
		t.faults.fail_at = i;
		assert_int_equal(test_apply(&t, plan, &r), -1);
		assert_true(r.errors > 0);
		if (test_finding(&r, "left-open") == NULL)
			test_must_be(&t, before);
		else
			assert_int_equal(i, apply_calls);	/* "done" itself could not be written */
		test_restart(&t);
		test_must_undo(&t, NULL);
		test_must_be(&t, before);
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
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	const char *before = test_tree(t.a, t.model);
	t.faults.hollow = true;
	assert_int_equal(test_apply(&t, plan, &r), -1);
	assert_non_null(test_finding(&r, "not-stored"));
	test_must_be(&t, before);
	test_computer_free(&t);
}

static void
test_two_plans_share(void **state)
{
	struct test_computer t;

	(void)state;
	for (int first = 0; first < 2; first++) {
		test_computer_init(&t);
		const struct win_plan *one = test_read_plan(&t, &test_standard), *two = test_read_plan(&t, &test_other);
		const char *before = test_tree(t.a, t.model);
		test_must_apply(&t, one);
		test_must_apply(&t, two);
		test_must_verify(&t, one);
		test_must_verify(&t, two);
		test_must_undo(&t, first == 0 ? one->id : two->id);
		test_must_verify(&t, first == 0 ? two : one);
		test_must_undo(&t, first == 0 ? two->id : one->id);
		test_must_be(&t, before);
		test_must_be_forgotten(&t);
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
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	test_must_apply(&t, plan);
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
	test_must_be(&t, after);
	memory_file_set(&t.state, "acl-journal", good, len);
	test_must_undo(&t, NULL);
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
		cmocka_unit_test(test_damaged_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

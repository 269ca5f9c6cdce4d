/* SPDX-License-Identifier: Apache-2.0 */
/* test_machine.c - the machine plan on a model of a computer: carried out, stopped anywhere, verified, taken back */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "json.h"
#include "machine.h"
#include "model_machine.h"
#include "state_memory.h"

struct computer {
	struct arena		*a;
	struct model_faults	 faults;
	struct model_machine	 model;
	struct memory_files	 state;
	struct machine_context	 c;
	struct machine_plan	 plan, other;	/* without a proxy, and with one */
};

static void
start(struct computer *t)
{
	static const unsigned port[] = { 3128, 1080 };
	const char *why;

	*t = (struct computer){ .a = arena_new() };
	model_machine_init(&t->model, NULL, &t->faults);
	memory_files_init(&t->state, &t->faults);
	t->c = (struct machine_context){ &t->model.store, &t->state.files };
	assert_int_equal(machine_plan_of(t->a, NULL, 0, &t->plan, &why), 0);
	assert_int_equal(machine_plan_of(t->a, port, 2, &t->other, &why), 0);
}

static void
stop(struct computer *t)
{
	machine_plan_free(&t->plan);
	machine_plan_free(&t->other);
	model_machine_free(&t->model);
	memory_files_free(&t->state);
	arena_free(t->a);
}

/* As after the death of the process. */
static void
restart(struct computer *t)
{
	t->faults = (struct model_faults){ .calls = t->faults.calls };
	memory_files_unlock(&t->state);
}

static cJSON *
parts(struct computer *t)
{
	return cJSON_GetObjectItemCaseSensitive(t->model.computer, "parts");
}

static const char *
text(struct computer *t)
{
	struct sbuf b = SBUF_INIT;

	assert_int_equal(json_write(&b, parts(t)), 0);
	const char *s = arena_strdup(t->a, sbuf_str(&b));
	sbuf_free(&b);
	return s;
}

static const struct acl_finding *
finding(const struct acl_report *r, const char *code)
{
	for (size_t i = 0; i < r->findings.len; i++)
		if (strcmp(r->findings.v[i].code, code) == 0)
			return &r->findings.v[i];
	return NULL;
}

static void
must(struct computer *t, int (*verb)(struct machine_context *, const struct machine_plan *, struct acl_report *),
    const struct machine_plan *plan)
{
	struct acl_report r = { .a = t->a };

	int rc = verb(&t->c, plan, &r);
	if (rc != 0)
		print_error("%s: %s\n", r.findings.v[0].path == NULL ? "" : r.findings.v[0].path, r.findings.v[0].text);
	assert_int_equal(rc, 0);
	assert_int_equal(r.errors, 0);
}

static void
must_undo(struct computer *t)
{
	struct acl_report r = { .a = t->a };

	assert_int_equal(machine_undo(&t->c, &r), 0);
}

static void
must_refuse(struct computer *t, const struct machine_plan *plan, const char *code)
{
	struct acl_report r = { .a = t->a };
	const char *before = text(t);

	assert_int_equal(machine_apply(&t->c, plan, &r), -1);
	assert_non_null(finding(&r, code));
	assert_int_equal(r.steps.len, 0);
	assert_string_equal(text(t), before);
}

static void
test_apply_and_undo(void **state)
{
	struct computer t;
	struct acl_report r;
	const char *why;

	(void)state;
	start(&t);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_verify(&t.c, &t.plan, &r), -1);
	assert_non_null(finding(&r, "missing"));
	assert_int_equal(machine_confines(&t.model.store, t.a, &t.plan, "cdxp-offline", &why), -1);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_dry_run(&t.c, &t.plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], t.plan.n);
	assert_int_equal(t.faults.calls, 0);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_apply(&t.c, &t.plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], t.plan.n);
	assert_int_equal(cJSON_GetArraySize(parts(&t)), (int)t.plan.n);
	must(&t, machine_verify, &t.plan);
	assert_int_equal(machine_confines(&t.model.store, t.a, &t.plan, "cdxp-offline", &why), 0);
	/* What lets a proxy be reached is another plan: neither does for the other. */
	assert_int_equal(machine_confines(&t.model.store, t.a, &t.other, "cdxp-offline", &why), -1);
	assert_non_null(strstr(why, "remote_ports"));
	must_undo(&t);
	assert_string_equal(text(&t), "{}");
	must_undo(&t);
	stop(&t);
}

static void
test_second_apply_does_nothing(void **state)
{
	struct computer t;

	(void)state;
	start(&t);
	must(&t, machine_apply, &t.plan);
	uint64_t calls = t.faults.calls;
	struct acl_report r = { .a = t.a };
	assert_int_equal(machine_apply(&t.c, &t.plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 0);
	assert_int_equal(r.deeds[DEED_KEEP], t.plan.n);
	assert_int_equal(t.faults.calls, calls);
	/* Ports that change: one rule, and the account stays. */
	const char *sid = json_string(json_member(parts(&t), "user cdxp-offline"), "sid");
	const char *user = arena_strdup(t.a, sid);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_apply(&t.c, &t.other, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 1);
	assert_int_equal(r.deeds[DEED_REMOVE], 1);
	assert_string_equal(json_string(json_member(parts(&t), "user cdxp-offline"), "sid"), user);
	must(&t, machine_verify, &t.other);
	stop(&t);
}

/* ---- stopped and failing ---- */

enum next { APPLY_NEXT, UNDO_NEXT, OTHER_NEXT, NEXTS };
enum first { FIRST_APPLY, FIRST_CHANGE, FIRST_UNDO, FIRST_REPAIR, FIRSTS };

/* Somebody else does that. */
static void
remove_user(struct computer *t)
{
	cJSON_DeleteItemFromObjectCaseSensitive(parts(t), "user cdxp-offline");
	cJSON_DeleteItemFromObjectCaseSensitive(parts(t), "member cdxp-offline");
}

static void
begin(struct computer *t, enum first first)
{
	start(t);
	if (first != FIRST_APPLY)
		must(t, machine_apply, &t->plan);
	if (first == FIRST_REPAIR)
		remove_user(t);
	t->faults.calls = 0;
}

static int
first_verb(struct computer *t, enum first first, struct acl_report *r)
{
	*r = (struct acl_report){ .a = t->a };
	return first == FIRST_UNDO ? machine_undo(&t->c, r) :
	    machine_apply(&t->c, first == FIRST_CHANGE ? &t->other : &t->plan, r);
}

static uint64_t
count(enum first first)
{
	struct computer t;
	struct acl_report r;

	begin(&t, first);
	assert_int_equal(first_verb(&t, first, &r), 0);
	uint64_t n = t.faults.calls;
	stop(&t);
	return n;
}

/* In front of call `at' of the first, then of call `again' of what comes next, then to the end. */
static void
stop_twice(enum first first, uint64_t at, enum next next, uint64_t again)
{
	struct computer t;
	struct acl_report r;

	begin(&t, first);
	t.faults.stop_at = at;
	first_verb(&t, first, &r);
	restart(&t);
	for (unsigned round = again > 0 ? 0 : 1; round < 2; round++) {
		t.faults.stop_at = round == 0 ? t.faults.calls + again : 0;
		r = (struct acl_report){ .a = t.a };
		int rc = next == UNDO_NEXT ? machine_undo(&t.c, &r) :
		    machine_apply(&t.c, next == APPLY_NEXT ? &t.plan : &t.other, &r);
		if (round == 1)
			assert_int_equal(rc, 0);
		restart(&t);
	}
	if (next != UNDO_NEXT)
		must(&t, machine_verify, next == APPLY_NEXT ? &t.plan : &t.other);
	must_undo(&t);
	assert_string_equal(text(&t), "{}");
	stop(&t);
}

static void
test_stopped_anywhere(void **state)
{
	size_t n = 0;

	(void)state;
	for (enum first first = 0; first < FIRSTS; first++) {
		uint64_t calls = count(first);
		for (uint64_t i = 1; i <= calls + 1; i++) {
			for (enum next next = 0; next < NEXTS; next++, n++)
				stop_twice(first, i, next, 0);
			for (uint64_t k = 1; k <= 40; k += 2 + (i + k) % 5, n++)
				stop_twice(first, i, (enum next)((i + k) % NEXTS), k);
		}
	}
	print_message("%zu runs that were stopped\n", n);
}

/* One call fails and the others work: all is as before at once. */
static void
test_failing_anywhere(void **state)
{
	(void)state;
	for (enum first first = FIRST_APPLY; first <= FIRST_CHANGE; first++) {
		uint64_t calls = count(first);
		for (uint64_t i = 1; i <= calls; i++) {
			struct computer t;
			struct acl_report r;
			begin(&t, first);
			const char *before = text(&t);
			t.faults.fail_at = i;
			assert_int_equal(first_verb(&t, first, &r), -1);
			assert_true(r.errors > 0);
			assert_null(finding(&r, "left-open"));
			assert_int_equal(r.steps.len, 0);
			assert_string_equal(text(&t), before);
			restart(&t);
			must(&t, machine_apply, &t.plan);
			must_undo(&t);
			stop(&t);
		}
	}
}

static void
test_hollow_system(void **state)
{
	struct computer t;

	(void)state;
	start(&t);
	t.faults.hollow = true;
	must_refuse(&t, &t.plan, "hollow");
	stop(&t);
}

/* ---- what is not ours ---- */

static void
test_not_ours(void **state)
{
	static const char *const there[] = {
		"group cdxp-sandbox", "user cdxp-offline", "user cdxp-online", "rule cdxp: no UDP over loopback", "filters cdxp",
		"password cdxp-online",
	};
	struct computer t;

	(void)state;
	for (size_t i = 0; i < NELEMS(there); i++) {
		start(&t);
		/* As it has to be, and yet of somebody else. */
		const struct machine_part *p = machine_part(&t.plan, there[i]);
		cJSON *o = machine_want(p, "S-1-5-21-0-0-0-1999");
		json_put_text(o, "comment", p->comment);
		json_put_text(o, "description", "a rule of mine");
		json_put_text(o, "sid", "S-1-5-21-0-0-0-1999");
		json_put(parts(&t), p->label, o);
		must_refuse(&t, &t.plan, "not-ours");
		const char *before = text(&t);
		must_undo(&t);
		assert_string_equal(text(&t), before);
		stop(&t);
	}
}

/* Ours was removed, and another one has the name now: undo leaves it. */
static void
test_another_of_the_name(void **state)
{
	struct computer t;

	(void)state;
	start(&t);
	must(&t, machine_apply, &t.plan);
	cJSON *user = cJSON_GetObjectItemCaseSensitive(parts(&t), "user cdxp-online");
	cJSON_ReplaceItemInObjectCaseSensitive(user, "comment", json_new_text("cdxp sandbox with a network"));
	struct acl_report r = { .a = t.a };
	assert_int_equal(machine_verify(&t.c, &t.plan, &r), 0);
	assert_non_null(finding(&r, "not-ours"));
	must_refuse(&t, &t.plan, "not-ours");
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_undo(&t.c, &r), 0);
	assert_non_null(finding(&r, "not-ours"));
	assert_int_equal(cJSON_GetArraySize(parts(&t)), 1);
	assert_non_null(json_member(parts(&t), "user cdxp-online"));
	stop(&t);
}

/* Another administrator has other credentials: the password is not made anew, and undo says where it is. */
static void
test_another_administrator(void **state)
{
	struct computer t;

	(void)state;
	start(&t);
	must(&t, machine_apply, &t.plan);
	cJSON_DeleteItemFromObjectCaseSensitive(parts(&t), "password cdxp-online");
	uint64_t calls = t.faults.calls;
	must(&t, machine_apply, &t.plan);
	assert_int_equal(t.faults.calls, calls);
	struct acl_report r = { .a = t.a };
	assert_int_equal(machine_verify(&t.c, &t.plan, &r), 0);
	assert_int_equal(finding(&r, "password")->severity, ACL_WARNING);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_undo(&t.c, &r), 0);
	assert_non_null(strstr(finding(&r, "password")->text, "cmdkey /delete:cdxp-online"));
	assert_string_equal(text(&t), "{}");
	stop(&t);
}

/* An account that somebody has removed comes back, with what is about it. */
static void
test_user_that_was_removed(void **state)
{
	struct computer t;
	struct acl_report r;

	(void)state;
	begin(&t, FIRST_REPAIR);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_apply(&t.c, &t.plan, &r), 0);
	/* The user, its place in the group, its password, four rules and the filters. */
	assert_int_equal(r.deeds[DEED_ADD], 8);
	must(&t, machine_verify, &t.plan);
	must_undo(&t);
	assert_string_equal(text(&t), "{}");
	stop(&t);
}

/* Somebody had put the right there: it stays. */
static void
test_relation_that_was_there(void **state)
{
	struct computer t;

	(void)state;
	start(&t);
	json_put(parts(&t), "right SeInteractiveLogonRight", json_new_object());
	must(&t, machine_apply, &t.plan);
	must_undo(&t);
	assert_string_equal(text(&t), "{\"right SeInteractiveLogonRight\":{}}");
	stop(&t);
}

/* ---- what verify says ---- */

struct change { const char *label, *member, *value, *words; };

static void
test_verify_names_differences(void **state)
{
	static const struct change changes[] = {
		{ "user cdxp-offline", "disabled", "true", "disabled is true, and has to be false" },
		{ "user cdxp-offline", "administrator", "true", "administrator is true, and has to be false" },
		{ "rule cdxp: nothing but loopback", "enabled", "false", "enabled is false, and has to be true" },
		{ "rule cdxp: nothing but loopback", "all_profiles", "false", "all_profiles is false" },
		{ "rule cdxp: nothing but loopback", "action", "\"allow\"", "action is \"allow\"" },
		{ "rule cdxp: nothing but loopback", "direction", "\"in\"", "direction is \"in\"" },
		{ "rule cdxp: nothing but loopback", "user", "\"S-1-5-21-0-0-0-9\"", "user is \"S-1-5-21-0-0-0-9\"" },
		{ "rule cdxp: nothing but loopback", "remote_addresses", "[\"1.2.3.4\"]", "remote_addresses is 1.2.3.4-1.2.3.4," },
		{ "rule cdxp: no UDP over loopback", "remote_ports", "[\"53\"]", "remote_ports is 53-53, and has to be 0-65535" },
		{ "rule cdxp: no UDP over loopback", "protocol", "\"tcp\"", "protocol is \"tcp\"" },
		{ "rule cdxp: no UDP over loopback", "many", "2", "is there 2 times" },
		{ "filters cdxp", "persistent", "false", "persistent is false" },
		{ "filters cdxp", "filters", "[]", "has 0 filters" },
		{ "group cdxp-sandbox", NULL, NULL, "is not there" },
		{ "member cdxp-offline", NULL, NULL, "is not there" },
		{ "hidden cdxp-online", NULL, NULL, "is not there" },
	};
	struct computer t;

	(void)state;
	for (size_t i = 0; i < NELEMS(changes); i++) {
		const struct change *c = &changes[i];
		struct acl_report r;
		start(&t);
		must(&t, machine_apply, &t.plan);
		cJSON *o = cJSON_GetObjectItemCaseSensitive(parts(&t), c->label);
		if (c->member == NULL) {
			cJSON_DeleteItemFromObjectCaseSensitive(parts(&t), c->label);
		} else {
			cJSON_DeleteItemFromObjectCaseSensitive(o, c->member);
			json_put(o, c->member, json_must(cJSON_Parse(c->value)));
		}
		r = (struct acl_report){ .a = t.a };
		assert_int_equal(machine_verify(&t.c, &t.plan, &r), -1);
		/* The first, since a rule is another one without its user. */
		const struct acl_finding *f = finding(&r, c->member == NULL ? "missing" : "changed");
		assert_non_null(f);
		assert_string_equal(f->path, c->label);
		if (strstr(f->text, c->words) == NULL)
			fail_msg("%s: %s", c->words, f->text);
		stop(&t);
	}
}

/* Windows spells addresses and ports in its own way. */
static void
test_other_spellings(void **state)
{
	struct computer t;
	static const char *const spelt[] = {
		"[\"::/127\",\"127.0.0.0/255.0.0.0\"]", "[\"0:0::0-::1\",\"127.0.0.0-127.255.255.255\"]",
	};

	(void)state;
	start(&t);
	must(&t, machine_apply, &t.plan);
	cJSON *o = cJSON_GetObjectItemCaseSensitive(parts(&t), "rule cdxp: no UDP over loopback");
	for (size_t i = 0; i < NELEMS(spelt); i++) {
		cJSON_ReplaceItemInObjectCaseSensitive(o, "remote_addresses", cJSON_Parse(spelt[i]));
		cJSON_ReplaceItemInObjectCaseSensitive(o, "remote_ports", cJSON_Parse("[\"*\"]"));
		must(&t, machine_verify, &t.plan);
	}
	cJSON_ReplaceItemInObjectCaseSensitive(o, "remote_addresses", cJSON_Parse("[\"127.0.0.0/9\",\"::/127\"]"));
	assert_int_equal(machine_verify(&t.c, &t.plan, &(struct acl_report){ .a = t.a }), -1);
	/* A rule of ours that was changed is made anew. */
	must(&t, machine_apply, &t.plan);
	must(&t, machine_verify, &t.plan);
	stop(&t);
}

/* ---- who may, and when ---- */

static void
test_refusals(void **state)
{
	struct computer t;
	struct acl_report r;

	(void)state;
	start(&t);
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "administrator", json_new_bool(false));
	must_refuse(&t, &t.plan, "not-administrator");
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "administrator", json_new_bool(true));
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "firewall", json_new_text("is off (public)"));
	must_refuse(&t, &t.plan, "firewall");
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "firewall", json_new_text(NULL));
	must(&t, machine_apply, &t.plan);
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "running", json_new_number(4711));
	must_refuse(&t, &t.other, "busy");
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_undo(&t.c, &r), -1);
	assert_non_null(strstr(finding(&r, "busy")->text, "4711"));
	must(&t, machine_verify, &t.plan);
	/* Nothing is changed where nothing is to be. */
	must(&t, machine_apply, &t.plan);
	memory_file_set(&t.state, "machine", "{}", 2);
	must_refuse(&t, &t.plan, "state");
	stop(&t);
}

/* Rights are shown to administrators alone. */
static void
test_what_is_not_shown(void **state)
{
	struct computer t;
	struct acl_report r;

	(void)state;
	start(&t);
	must(&t, machine_apply, &t.plan);
	cJSON *right = cJSON_GetObjectItemCaseSensitive(parts(&t), "right SeInteractiveLogonRight");
	json_put_text(right, "unknown", "Access is denied (5)");
	must_refuse(&t, &t.plan, "unknown");
	cJSON_ReplaceItemInObjectCaseSensitive(t.model.computer, "administrator", json_new_bool(false));
	must(&t, machine_dry_run, &t.plan);
	r = (struct acl_report){ .a = t.a };
	assert_int_equal(machine_verify(&t.c, &t.plan, &r), 0);
	assert_int_equal(finding(&r, "unknown")->severity, ACL_NOTE);
	stop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply_and_undo),
		cmocka_unit_test(test_second_apply_does_nothing),
		cmocka_unit_test(test_stopped_anywhere),
		cmocka_unit_test(test_failing_anywhere),
		cmocka_unit_test(test_hollow_system),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_another_of_the_name),
		cmocka_unit_test(test_another_administrator),
		cmocka_unit_test(test_user_that_was_removed),
		cmocka_unit_test(test_relation_that_was_there),
		cmocka_unit_test(test_verify_names_differences),
		cmocka_unit_test(test_other_spellings),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_what_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_acl_odd.c - plans where somebody else was before, meanwhile, or is still there */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acl_fixture.h"
#include "acl_session.h"
#include "model_tree.h"

/* An entry that was there before, exactly the same, is not ours. */
static void
test_foreign_entry_stays(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	test_grant(&t, TEST_WS, ACE_DENY, 0, 0x40, &test_user);
	test_grant(&t, TEST_WS "\\.git", ACE_DENY, ACE_CONTAINER_INHERIT, 0x40, &test_user);
	const char *before = test_tree(t.a, t.model);
	test_must_apply(&t, plan);
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
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
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	struct model_node *n = model_find(t.model, TEST_WS "\\src\\deep");
	struct ace odd[] = { { .type = ACE_ALLOW, .flags = 0x13, .mask = 0x1200a9, .sid = sid_users },
	    { .type = ACE_DENY, .flags = 0x10, .mask = 0x2, .sid = sid_everyone } };
	model_set(t.model, n, &(struct ace_list){ odd, 2, 2 });
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_non_null(test_finding(&r, "stale"));
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	test_computer_free(&t);
}

static void
test_entries_of_their_own_inside(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	/* Everyone may write here, the user may delete through it, and this is cut off from above. */
	test_grant(&t, TEST_WS "\\.git\\hooks\\x", ACE_ALLOW, 0, 0x1f01ff, &sid_everyone);
	test_grant(&t, TEST_WS "\\.git\\hooks", ACE_ALLOW, 3, 0x1f01ff, &test_user);
	model_add(t.model, TEST_WS "\\.git\\info", ACL_DIR)->d.owner = test_user;
	struct model_node *n = model_find(t.model, TEST_WS "\\.git\\info");
	struct ace own = { .type = ACE_ALLOW, .flags = 3, .mask = 0x1f01ff, .sid = test_user };
	n->d.is_protected = true;
	model_set(t.model, n, &(struct ace_list){ &own, 1, 1 });
	model_add(t.model, TEST_WS "\\.git\\info\\exclude", ACL_FILE)->links = 2;
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_non_null(test_finding(&r, "inside"));
	assert_non_null(test_finding(&r, "hard-link"));
	/* x: against writing; hooks and info: against deleting through them. */
	assert_int_equal(r.deeds[DEED_ADD], 8 + 1 + 2);
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	test_computer_free(&t);
}

/* A file that is itself carved out, under another name too: that one stands outside. */
static void
test_other_names(void **state)
{
	static const char *const roots[] = { TEST_WS };
	static const struct test_entry entries[] = {
		{ TEST_WS "\\src\\a.c", "file", "deny", "carve-out", "0xD0156", "", "capability:0", false },
	};
	const struct test_plan p = { false, roots, 1, entries, NELEMS(entries), NULL, NULL };
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &p);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_null(test_finding(&r, "hard-link"));
	test_must_undo(&t, NULL);
	model_find(t.model, TEST_WS "\\src\\a.c")->links = 3;
	assert_int_equal(test_apply(&t, plan, &r), 0);
	const struct acl_finding *f = test_finding(&r, "hard-link");
	assert_non_null(f);
	assert_string_equal(f->path, TEST_WS "\\src\\a.c");
	assert_non_null(strstr(f->text, "3 names"));
	assert_int_equal(f->severity, ACL_WARNING);
	test_computer_free(&t);
}

static void
test_placeholder_in_use_stays(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	struct acl_report r = { .a = t.a };
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	test_must_apply(&t, plan);
	model_add(t.model, TEST_WS "\\.agents\\mine", ACL_FILE);
	assert_int_equal(acl_undo(&t.c, plan->id, &r), 0);
	assert_non_null(test_finding(&r, "in-use"));
	struct model_node *n = model_find(t.model, TEST_WS "\\.agents");
	assert_non_null(n);
	for (size_t i = 0; i < n->d.dacl.len; i++)
		assert_true((n->d.dacl.v[i].flags & ACE_INHERITED) != 0);
	test_must_be_forgotten(&t);
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
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	const char *before = test_tree(t.a, t.model);
	test_must_apply(&t, plan);
	id[0] = model_find(t.model, TEST_WS "\\.agents")->id;
	assert_int_equal(t.c.store->ops->remove(t.c.store, TEST_WS "\\.agents", volume, id), ACL_OK);
	test_must_apply(&t, plan);
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	test_computer_free(&t);
}

/* What we have changed is found by its identity where somebody has moved it. */
static void
test_moved_object(void **state)
{
	struct test_computer t;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	test_must_apply(&t, plan);
	assert_int_equal(t.c.store->ops->move(t.c.store, TEST_WS "\\.git", TEST_WS "\\old"), ACL_OK);
	test_must_undo(&t, NULL);
	struct model_node *n = model_find(t.model, TEST_WS "\\old\\hooks\\x");
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
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	test_must_apply(&t, plan);
	test_grant(&t, TEST_WS, ACE_ALLOW, 3, 0x1200a9, &sid_everyone);
	/* One of ours is taken away by hand. */
	struct model_node *n = model_find(t.model, TEST_WS "\\.git");
	struct ace ours = { .type = ACE_DENY, .flags = 2, .mask = 0x40, .sid = test_user };
	bool found;
	struct ace_list list = ace_list_without(t.a, &n->d.dacl, &ours, &found);
	assert_true(found);
	model_set(t.model, n, &list);
	assert_int_equal(acl_verify(&t.c, plan, &(struct acl_report){ .a = t.a }), -1);
	test_must_apply(&t, plan);
	test_must_verify(&t, plan);
	assert_int_equal(acl_undo(&t.c, plan->id, &r), 0);
	assert_non_null(test_finding(&r, "changed"));
	n = model_find(t.model, TEST_WS);
	struct ace theirs = { .type = ACE_ALLOW, .flags = 3, .mask = 0x1200a9, .sid = sid_everyone };
	assert_int_equal(ace_list_count(&n->d.dacl, &theirs), 1);
	test_must_be_forgotten(&t);
	test_computer_free(&t);
}

/* Somebody else gives an entry just before ours is written: his stays, and nothing of ours does. */
static struct test_computer *meddled;
static struct acl_store_ops meddling;

static enum acl_status
open_and_meddle(struct acl_store *s, const char *path, enum acl_open how, struct acl_object **out)
{
	if (how == ACL_CHANGE && meddled != NULL && strcmp(path, TEST_WS) == 0) {
		test_grant(meddled, TEST_WS, ACE_ALLOW, 3, 0x1200a9, &sid_everyone);
		meddled = NULL;
	}
	return model_ops.open(s, path, how, out);
}

static void
test_changed_meanwhile(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	meddling = model_ops;
	meddling.open = open_and_meddle;
	t.c.store->ops = &meddling;
	meddled = &t;
	assert_int_equal(test_apply(&t, plan, &r), -1);
	assert_string_equal(test_finding(&r, "not-stored")->path, TEST_WS);
	assert_non_null(test_finding(&r, "taken-back"));
	const char *after = test_tree(t.a, t.model);
	struct ace theirs = { .type = ACE_ALLOW, .flags = 3, .mask = 0x1200a9, .sid = sid_everyone };
	assert_int_equal(ace_list_count(&model_find(t.model, TEST_WS)->d.dacl, &theirs), 1);
	test_must_be_forgotten(&t);
	test_must_apply(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, after);
	struct sbuf text = SBUF_INIT;
	acl_report_text(&r, "apply", true, &text);
	assert_non_null(strstr(sbuf_str(&text), "\napply: nothing was done; 1 error, 0 warnings\n"));
	sbuf_free(&text);
	test_computer_free(&t);
}

static void
refused(struct test_computer *t, const struct test_plan *p, const char *code)
{
	const char *before = test_tree(t->a, t->model);
	struct acl_report r;

	assert_int_equal(test_apply(t, test_read_plan(t, p), &r), -1);
	if (test_finding(&r, code) == NULL) {
		test_show(&r);
		fail_msg("not refused for %s", code);
	}
	test_must_be(t, before);
	test_must_be_forgotten(t);
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
	/* Our own records would be in it, by another name. */
	test_computer_init(&t);
	model_add(t.model, "C:\\Users\\me\\AppData\\Local", ACL_DIR)->target = strdup(TEST_WS);
	model_add(t.model, TEST_WS "\\cdxp", ACL_DIR);
	refused(&t, &test_standard, "no-root");
	test_computer_free(&t);

	test_computer_init(&t);
	model_find(t.model, TEST_WS)->d.no_dacl = true;
	refused(&t, &test_standard, "null-dacl");
	test_computer_free(&t);

	test_computer_init(&t);
	struct ace odd[] = { { .type = ACE_ALLOW, .mask = 0x1f01ff, .sid = test_user },
	    { .type = ACE_DENY, .mask = 2, .sid = sid_everyone } };
	model_set(t.model, model_find(t.model, TEST_WS "\\.git"), &(struct ace_list){ odd, 2, 2 });
	refused(&t, &test_standard, "unordered");
	test_computer_free(&t);

	test_computer_init(&t);
	model_find(t.model, TEST_WS "\\.git")->target = strdup("C:\\Users\\me\\other");
	refused(&t, &test_standard, "link");
	test_computer_free(&t);

	/* The way there goes through a junction: the final name is another one. */
	test_computer_init(&t);
	assert_int_equal(t.c.store->ops->move(t.c.store, TEST_WS, "C:\\Users\\me\\moved"), ACL_OK);
	model_add(t.model, TEST_WS, ACL_DIR)->target = strdup("C:\\Users\\me\\moved");
	refused(&t, &test_standard, "wrong-name");
	test_computer_free(&t);

	test_computer_init(&t);
	model_find(t.model, TEST_WS "\\.git")->deny_change = true;
	refused(&t, &test_standard, "not-reached");
	test_computer_free(&t);

	/* Deep inside a carve-out, where a deny has to come. */
	test_computer_init(&t);
	model_find(t.model, TEST_WS "\\.git\\hooks\\x")->deny_change = true;
	refused(&t, &test_standard, "not-reached");
	test_computer_free(&t);

	test_computer_init(&t);
	t.c.people.user = (struct sid){ 0 };
	refused(&t, &test_standard, "nobody");
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
	const struct win_plan *one = test_read_plan(&t, &(struct test_plan){ true, NULL, 0, reads, 1, NULL, NULL }),
	    *two = test_read_plan(&t, &(struct test_plan){ true, NULL, 0, more, 1, NULL, NULL });
	struct acl_session *s = acl_session_begin(&t.c, one, 4711, &r), *again, *user;
	assert_non_null(s);
	again = acl_session_begin(&t.c, one, 4712, &r);
	assert_non_null(again);
	assert_null(acl_session_begin(&t.c, two, 4713, &r));
	assert_non_null(strstr(test_finding(&r, "session")->text, "471"));
	/* Reads of the user are nobody else's. */
	user = acl_session_begin(&t.c, test_read_plan(&t, &test_standard), 4714, &r);
	assert_non_null(user);
	acl_session_end(&t.c, again);
	test_must_apply(&t, one);
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
	test_must_undo(&t, NULL);
	acl_session_end(&t.c, s);		/* of the dead one: nothing is left of it */
	test_computer_free(&t);
}

static const char audit_form[] = "[{\"name\":\"%s\",\"principals\":[\"users\",\"everyone\"],\"mask\":\"%s\","
    "\"places\":[{\"path\":\"%s\",\"depth\":%d},{\"path\":\"@temp\",\"depth\":0}],"
    "\"limits\":{\"checks\":%d,\"entries\":10,\"seconds\":2},"
    "\"deny\":[{\"flags\":\"OICI\",\"mask\":\"%s\",\"to\":\"%s\"}],\"required\":true}]";

/* What others have opened outside the roots is closed, with what is in it, and opened again by an undo. */
static void
test_world_writable(void **state)
{
	struct test_computer t;
	struct acl_report r;
	struct test_plan p = test_standard;

	(void)state;
	test_computer_init(&t);
	model_add(t.model, "C:\\tools", ACL_DIR);
	model_add(t.model, "C:\\tools\\open", ACL_DIR);
	model_add(t.model, "C:\\tools\\open\\x", ACL_FILE);
	model_add(t.model, "C:\\tools\\link", ACL_DIR)->target = strdup("C:\\Windows");
	test_grant(&t, "C:\\tools\\open", ACE_ALLOW, 3, 0x1301bf, &sid_everyone);
	p.audits = arena_printf(t.a, audit_form, "world-writable", "0xD0156", "C:\\\\tools", 1, 1000, "0xD0156", "capability:0");
	const struct win_plan *plan = test_read_plan(&t, &p);
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_string_equal(test_finding(&r, "world-writable")->path, "C:\\tools\\open");
	const struct ace_list *x = &model_find(t.model, "C:\\tools\\open\\x")->d.dacl;
	assert_int_equal(x->v[0].type, ACE_DENY);
	assert_int_equal(x->v[0].mask, 0xd0156);
	test_must_verify(&t, plan);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 0);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	/* Limits are said. */
	p.audits = arena_printf(t.a, audit_form, "world-writable", "0xD0156", "C:\\\\tools", 1, 1, "0xD0156", "capability:0");
	assert_int_equal(test_apply(&t, test_read_plan(&t, &p), &r), 0);
	assert_non_null(test_finding(&r, "not-looked-at"));
	test_must_undo(&t, NULL);
	/* A drive gets no entries that would go to all that is on it. */
	test_grant(&t, "C:", ACE_ALLOW, 0, 0x1301bf, &sid_everyone);
	before = test_tree(t.a, t.model);
	p.audits = arena_printf(t.a, audit_form, "world-writable", "0xD0156", "C:\\\\", 0, 1000, "0xD0156", "capability:0");
	assert_int_equal(test_apply(&t, test_read_plan(&t, &p), &r), -1);
	assert_string_equal(test_finding(&r, "world-writable")->path, "C:\\");
	test_must_be(&t, before);
	test_computer_free(&t);
}

static void
test_public_read_outside(void **state)
{
	static const struct test_entry reads[] = {
		{ "C:\\tools\\mine", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
	};
	struct test_computer t;
	struct acl_report r;
	struct test_plan p = { true, NULL, 0, reads, 1, NULL, NULL };

	(void)state;
	test_computer_init(&t);
	model_add(t.model, "C:\\tools", ACL_DIR);
	model_add(t.model, "C:\\tools\\mine", ACL_DIR);
	model_add(t.model, "C:\\tools\\other", ACL_DIR);
	p.audits = arena_printf(t.a, audit_form, "public-read", "0xA9", "C:\\\\tools", 1, 1000, "0xD01FF", "group");
	const struct win_plan *plan = test_read_plan(&t, &p);
	const char *before = test_tree(t.a, t.model);
	/* Everybody may read all of it: what is granted first, the rest is denied. */
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_true(ace_is_deny(&model_find(t.model, "C:\\tools\\other")->d.dacl.v[0]));
	const struct ace *mine = &model_find(t.model, "C:\\tools\\mine")->d.dacl.v[0];
	assert_true(mine->type == ACE_ALLOW && sid_equal(&mine->sid, &test_group) && (mine->flags & ACE_INHERITED) == 0);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	test_computer_free(&t);
}

/* What everybody may read needs no entry, and gets none: the system's directories cannot be given one. */
static void
test_public_reads(void **state)
{
	static const struct test_entry reads[] = {
		{ "C:\\Windows", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
		{ "C:\\Users\\me\\ws", "directory", "allow", "read", "0x1200A9", "OICI", "group", false },
	};
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &(struct test_plan){ true, NULL, 0, reads, 2, NULL, NULL });
	model_find(t.model, "C:\\Windows")->deny_change = true;
	const char *before = test_tree(t.a, t.model);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 1);
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	/* But not where somebody is denied it. */
	test_grant(&t, "C:\\Windows", ACE_DENY, 3, 1, &test_group);
	assert_int_equal(test_apply(&t, plan, &r), -1);
	assert_non_null(test_finding(&r, "not-reached"));
	test_computer_free(&t);
}

/* The top directories belong to the system: what nobody may do there needs no deny, and can be given none. */
static void
test_held_by_nobody(void **state)
{
	static const char *const top[] = { "C:\\src" };
	static const struct test_entry e[] = {
		{ "C:\\", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
		{ "C:\\src", "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	};
	const struct test_plan p = { false, top, 1, e, 2, NULL, NULL };
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	model_add(t.model, "C:\\src", ACL_DIR);
	model_find(t.model, "C:")->deny_change = true;
	const char *before = test_tree(t.a, t.model);
	const struct win_plan *plan = test_read_plan(&t, &p);
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_int_equal(r.deeds[DEED_ADD], 1);
	test_must_verify(&t, plan);
	test_must_undo(&t, NULL);
	test_must_be(&t, before);
	/* But where somebody may. */
	test_grant(&t, "C:", ACE_ALLOW, 0, 0x40, &sid_users);
	assert_int_equal(test_apply(&t, plan, &r), -1);
	assert_string_equal(test_finding(&r, "not-reached")->path, "C:\\");
	test_computer_free(&t);
}

/* Protected objects in a root are not granted anything, and said to be so. */
static void
test_cut_off(void **state)
{
	struct test_computer t;
	struct acl_report r;

	(void)state;
	test_computer_init(&t);
	const struct win_plan *plan = test_read_plan(&t, &test_standard);
	model_find(t.model, TEST_WS "\\src\\deep")->d.is_protected = true;
	assert_int_equal(test_apply(&t, plan, &r), 0);
	assert_string_equal(test_finding(&r, "cut-off")->path, TEST_WS "\\src\\deep");
	test_must_verify(&t, plan);
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
		const struct win_plan *plan = test_read_plan(&t, &(struct test_plan){ true, NULL, 0, reads, 1, NULL, NULL });
		const char *before = test_tree(t.a, t.model);
		t.c.spread_now = 2;
		assert_int_equal(test_apply(&t, plan, &r), 0);
		assert_true(r.spreading);
		/* Whoever comes meanwhile is told so, too, and changes nothing. */
		const uint64_t calls = t.faults.calls;
		assert_int_equal(test_apply(&t, plan, &r), 0);
		assert_true(r.spreading && t.faults.calls == calls);
		if (stop > 0) {
			t.faults.stop_at = t.faults.calls + stop;
			acl_spread_rest(&t.c, &(struct acl_report){ .a = t.a });
			test_restart(&t);
		}
		if (stop % 2 == 0) {
			assert_int_equal(acl_spread_rest(&t.c, &(struct acl_report){ .a = t.a }), 0);
			test_must_verify(&t, plan);
			assert_int_equal(test_apply(&t, plan, &r), 0);
			assert_false(r.spreading);
			const char *after = test_tree(t.a, t.model);
			model_propagate(t.model, model_find(t.model, "C:"));
			test_must_be(&t, after);
		}
		test_must_undo(&t, NULL);
		test_must_be(&t, before);
		test_computer_free(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign_entry_stays),
		cmocka_unit_test(test_stale_inheritance),
		cmocka_unit_test(test_entries_of_their_own_inside),
		cmocka_unit_test(test_other_names),
		cmocka_unit_test(test_placeholder_in_use_stays),
		cmocka_unit_test(test_placeholder_made_again),
		cmocka_unit_test(test_moved_object),
		cmocka_unit_test(test_changed_by_others),
		cmocka_unit_test(test_changed_meanwhile),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_world_writable),
		cmocka_unit_test(test_public_read_outside),
		cmocka_unit_test(test_public_reads),
		cmocka_unit_test(test_held_by_nobody),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_spread_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

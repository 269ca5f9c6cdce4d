/* SPDX-License-Identifier: Apache-2.0 */
/* acl_verify.c - looking without changing: what an apply would do, and whether it was done */
#include <config.h>

#include <string.h>

#include "acl_apply.h"
#include "acl_audit.h"
#include "acl_retract.h"
#include "acl_target.h"
#include "arena.h"
#include "intern.h"
#include "json.h"

static int
open_journal(struct acl_context *c, struct acl_report *r, struct journal *j)
{
	const char *why;

	if (journal_open(r->a, c->files, j, &why) == 0)
		return 0;
	acl_find(r, ACL_ERROR, "state", NULL, NULL, "%s", why);
	return -1;
}

static void
would(struct acl_report *r, const struct acl_target *t)
{
	struct arena *a = arena_new();

	if (t->missing)
		acl_step(r, DEED_MAKE, t->path, "", "", t->kind == ACL_DIR ? "directory" : "file");
	for (size_t k = 0; k < t->entries.len; k++) {
		const struct acl_target_entry *e = &t->entries.v[k];
		bool add = t->missing || e->have == HAVE_NOT;
		acl_step(r, add ? DEED_ADD : DEED_KEEP, t->path, e->purpose, e->at, ace_text(a, &e->ace));
	}
	arena_free(a);
}

int
acl_dry_run(struct acl_context *c, const struct win_plan *plan, struct acl_report *r)
{
	struct acl_targets targets, found;
	struct journal j;

	r->dry = true;
	if (open_journal(c, r, &j) != 0)
		return -1;
	if (j.state != JOURNAL_DONE)
		acl_find(r, ACL_NOTE, "repaired", NULL, NULL, "a run that stopped half way would be taken back first");
	int result = acl_survey(c, plan, &j, false, r, &targets);
	for (size_t i = 0; i < targets.at.len; i++)
		would(r, &targets.at.v[i]);
	if (result == 0)
		result = acl_audit(c, plan, &targets, &j, AUDIT_OUTSIDE, r, &found);
	for (size_t i = 0; result == 0 && i < found.at.len; i++)
		would(r, &found.at.v[i]);
	journal_close(&j);
	return result;
}

static void
check_target(struct acl_report *r, const struct acl_target *t)
{
	struct arena *a = arena_new();

	if (t->missing)
		acl_find(r, ACL_ERROR, "not-applied", t->path, "", "is to be made and is not there");
	for (size_t k = 0; k < t->entries.len && !t->missing; k++) {
		const struct acl_target_entry *e = &t->entries.v[k];
		if (e->have == HAVE_NOT)
			acl_find(r, ACL_ERROR, "not-applied", t->path, e->at, "does not have \"%s\" (%s)",
			    ace_text(a, &e->ace), e->purpose);
		else
			r->deeds[DEED_KEEP]++;
	}
	arena_free(a);
}

static int
check_below(struct acl_context *c, const struct journal *j, const struct acl_targets *targets, struct acl_report *r)
{
	struct arena *a = arena_new();
	const struct acl_ours ours = acl_ours_of(j, a);
	struct strmap *walked = strmap_new(a);
	struct acl_spread s = { .c = c, .report = r, .ours = &ours, .walked = walked, .thorough = true, .look = true };
	int result = 0;

	for (size_t i = 0; i < targets->at.len && result == 0; i++) {
		const struct acl_target *t = &targets->at.v[i];
		size_t before = s.behind;
		if (t->kind != ACL_DIR || t->missing || strmap_get(walked, t->path, strlen(t->path)) != NULL)
			continue;
		result = acl_spread_below(&s, t->path);
		if (s.behind > before)
			acl_find(r, ACL_ERROR, "behind", t->path, "", "has %zu objects below it that do not have what is "
			    "inherited from it", s.behind - before);
	}
	arena_free(a);
	return result;
}

int
acl_verify(struct acl_context *c, const struct win_plan *plan, struct acl_report *r)
{
	struct acl_targets targets, found = { .capabilities = NULL };
	struct journal j;

	if (open_journal(c, r, &j) != 0)
		return -1;
	uint32_t n = journal_plan(&j, plan->id);
	if (j.state != JOURNAL_DONE)
		acl_find(r, ACL_ERROR, "left-open", NULL, NULL, "an apply or undo stopped half way; apply or undo again");
	else if (n == UINT32_MAX || !j.plans.v[n].done)
		acl_find(r, ACL_ERROR, "not-applied", NULL, NULL, "this plan is not applied");
	else if (j.plans.v[n].spread.len > 0)
		acl_find(r, ACL_WARNING, "spreading", NULL, NULL, "entries for reading are still to be handed on below %zu "
		    "places", j.plans.v[n].spread.len);
	int result = acl_survey(c, plan, &j, false, r, &targets);
	for (size_t i = 0; i < targets.at.len; i++)
		check_target(r, &targets.at.v[i]);
	if (result == 0 && r->errors == 0 && j.plans.v[n].spread.len == 0)
		result = check_below(c, &j, &targets, r);
	if (result == 0 && r->errors == 0)
		result = acl_audit(c, plan, &targets, &j, AUDIT_ALL_INSIDE, r, &found);
	for (size_t i = 0; result == 0 && i < found.at.len; i++)
		check_target(r, &found.at.v[i]);
	journal_close(&j);
	return result == 0 && r->errors == 0 ? 0 : -1;
}

cJSON *
acl_list(struct acl_context *c, struct acl_report *r)
{
	struct journal j;

	if (open_journal(c, r, &j) != 0)
		return NULL;
	cJSON *o = json_new_object(), *plans = json_new_array();
	for (uint32_t i = 0; i < j.plans.len; i++) {
		size_t entries = 0, made = 0;
		if (j.plans.v[i].id == NULL)
			continue;
		for (size_t k = 0; k < j.objects.len; k++)
			for (size_t e = 0; e < j.objects.v[k]->entries.len; e++)
				entries += journal_needs(&j.objects.v[k]->entries.v[e].plans, i);
		for (size_t k = 0; k < j.made.len; k++)
			made += journal_needs(&j.made.v[k]->plans, i);
		cJSON *row = json_new_object();
		json_put_text(row, "id", j.plans.v[i].id);
		json_put_text(row, "name", j.plans.v[i].name);
		json_put_bool(row, "applied", j.plans.v[i].done);
		json_put_bool(row, "under_way", j.state != JOURNAL_DONE && j.open == i);
		json_put_bool(row, "spreading", j.plans.v[i].spread.len > 0);
		json_put_number(row, "entries", entries);
		json_put_number(row, "placeholders", made);
		json_append(plans, row);
	}
	json_put(o, "plans", plans);
	journal_close(&j);
	return o;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_undo.c - plans undone; what was left to be handed on */
#include <config.h>

#include <string.h>

#include "acl_apply.h"
#include "acl_retract.h"
#include "acl_session.h"
#include "arena.h"
#include "intern.h"

enum { RECORD_TRIES = 3 };

static int
state_failed(struct acl_report *r, const char *why)
{
	acl_find(r, ACL_ERROR, "state", NULL, NULL, "%s", why);
	return -1;
}

static int
undo_one(struct acl_context *c, struct journal *j, uint32_t plan, struct acl_report *r)
{
	const char *why;
	uint64_t pid;

	if (acl_session_of(c, j->plans.v[plan].id, r, &pid) != 0)
		return -1;
	if (pid != 0) {
		acl_find(r, ACL_ERROR, "session", NULL, NULL, "process %llu runs with \"%s\", and would be less confined "
		    "without it; wait until it has ended, or end it", (unsigned long long)pid, j->plans.v[plan].name);
		return -1;
	}
	journal_undo(j, plan);
	if (journal_sync(j, &why) != 0) {
		j->state = JOURNAL_DONE;
		return state_failed(r, why);
	}
	return acl_retract(c, j, r);
}

int
acl_undo(struct acl_context *c, const char *plan_id, struct acl_report *r)
{
	struct journal j;
	const char *why;
	int result = 0;

	if (journal_open(r->a, c->files, &j, &why) != 0)
		return state_failed(r, why);
	result = acl_repair(c, &j, r);
	if (result == 0 && plan_id != NULL && journal_plan(&j, plan_id) == UINT32_MAX)
		acl_find(r, ACL_NOTE, "not-applied", NULL, NULL, "this plan is not applied");
	for (uint32_t i = 0; i < j.plans.len && result == 0; i++)
		if (j.plans.v[i].id != NULL && (plan_id == NULL || strcmp(j.plans.v[i].id, plan_id) == 0))
			result = undo_one(c, &j, i, r);
	journal_close(&j);
	return result;
}

/* What is to be done, copied while the journal is locked. */
struct rest {
	struct acl_ours	 ours;
	struct { const char **v; size_t len, cap; } paths;
};

static int
gather(struct acl_context *c, struct acl_report *r, struct rest *out)
{
	struct journal j;
	const char *why;

	if (journal_open(r->a, c->files, &j, &why) != 0)
		return state_failed(r, why);
	out->ours = acl_ours_of(&j, r->a);
	for (size_t i = 0; j.state == JOURNAL_DONE && i < j.plans.len; i++)
		for (size_t k = 0; j.plans.v[i].id != NULL && k < j.plans.v[i].spread.len; k++)
			VEC_PUSH(r->a, &out->paths, j.plans.v[i].spread.v[k]);
	journal_close(&j);
	return 0;
}

/* These have been handed on: no plan waits for them any more. */
static int
record(struct acl_context *c, struct acl_report *r, const struct rest *rest)
{
	struct journal j;
	const char *why;
	int tries = 0;

	/* Whoever has the journal may be waiting for us to be done, and gives up first. */
	while (journal_open(r->a, c->files, &j, &why) != 0)
		if (++tries == RECORD_TRIES)
			return state_failed(r, why);
	for (uint32_t i = 0; i < j.plans.len; i++) {
		struct { const char **v; size_t len, cap; } left = { NULL, 0, 0 };
		if (j.plans.v[i].id == NULL || j.plans.v[i].spread.len == 0)
			continue;
		for (size_t k = 0; k < j.plans.v[i].spread.len; k++) {
			bool done = false;
			for (size_t m = 0; m < rest->paths.len; m++)
				done |= strcmp(rest->paths.v[m], j.plans.v[i].spread.v[k]) == 0;
			if (!done)
				VEC_PUSH(r->a, &left, j.plans.v[i].spread.v[k]);
		}
		journal_spread(&j, i, left.v, left.len);
	}
	int result = journal_sync(&j, &why) == 0 ? 0 : state_failed(r, why);
	journal_close(&j);
	return result;
}

int
acl_spread_rest(struct acl_context *c, struct acl_report *r)
{
	struct acl_report busy = { .a = r->a };
	struct rest rest = { .paths = { NULL, 0, 0 } };
	int result = 0;

	struct state_lock *lock = acl_lock_spread(c, &busy, 0);
	if (lock == NULL)
		return 0;
	result = gather(c, r, &rest);
	struct acl_spread s = { .c = c, .report = r, .ours = &rest.ours, .thorough = true, .walked = strmap_new(r->a) };
	for (size_t i = 0; result == 0 && i < rest.paths.len; i++)
		if (strmap_get(s.walked, rest.paths.v[i], strlen(rest.paths.v[i])) == NULL)
			result = acl_spread_below(&s, rest.paths.v[i]);
	if (result == 0 && rest.paths.len > 0)
		result = record(c, r, &rest);
	c->files->ops->unlock(c->files, lock);
	return result;
}

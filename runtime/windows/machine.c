/* SPDX-License-Identifier: Apache-2.0 */
/* machine.c - carrying out the machine plan: what is to be done, all of it or nothing, and back */
#include <config.h>

#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "machine_work.h"

enum { LOCK_MS = 10000 };
static const char lock_name[] = "machine-lock";

/* ---- what is to be done ---- */

enum need { NEED_NOTHING, NEED_MAKE, NEED_CHANGE, NEED_NOT_OURS, NEED_HELP };

/* A password of an account that was there before is none. */
static enum need
password_need(struct work *w, const struct machine_part *p)
{
	bool user = machine_sid(w, p->user) != NULL, ours = machine_made(w, "made", p) != NULL;
	bool found = w->found[machine_number(w, p)] != NULL;

	if (!found)
		return user && ours ? NEED_NOTHING : NEED_MAKE;
	return user ? NEED_NOTHING : ours ? NEED_CHANGE : NEED_NOT_OURS;
}

static enum need
need_of(struct work *w, const struct machine_part *p, const char **what)
{
	*what = NULL;
	if (p->kind == MACHINE_PASSWORD)
		return password_need(w, p);
	if (w->found[machine_number(w, p)] == NULL)
		return NEED_MAKE;
	*what = machine_part_differs(w, p);
	if (machine_is_relation(p->kind))
		return *what == NULL ? NEED_NOTHING : NEED_HELP;
	if (!machine_is_ours(w, p, machine_made(w, "made", p)))
		return NEED_NOT_OURS;
	if (*what == NULL)
		return NEED_NOTHING;
	return p->kind == MACHINE_RULE || p->kind == MACHINE_FILTERS ? NEED_CHANGE : NEED_HELP;
}

static const char *
how_to_remove(struct arena *a, const struct machine_part *p)
{
	switch (p->kind) {
	case MACHINE_GROUP:
		return arena_printf(a, "net localgroup %s /delete", p->name);
	case MACHINE_USER:
		return arena_printf(a, "net user %s /delete", p->name);
	case MACHINE_RULE:
		return arena_printf(a, "netsh advfirewall firewall delete rule name=\"%s\"", p->name);
	case MACHINE_PASSWORD:
		return arena_printf(a, "cmdkey /delete:%s", p->name);
	default:
		return "with what has made it";
	}
}

/* Errors, before anything is done; what an ordinary user may not see is none, since that one changes nothing. */
static void
say_obstacle(struct work *w, const struct machine_part *p, enum need need, const char *what)
{
	enum acl_severity severity = w->facts.administrator ? ACL_ERROR : ACL_NOTE;

	if (need == NEED_NOT_OURS)
		acl_find(w->r, ACL_ERROR, "not-ours", p->label, NULL, "is there, and cdxp-run has not made it, so it is left "
		    "alone: if nothing needs it, remove it (%s) and begin again", how_to_remove(w->a, p));
	if (need == NEED_HELP && json_string(w->found[machine_number(w, p)], "unknown") != NULL)
		acl_find(w->r, severity, "unknown", p->label, NULL, "%s", what);
	else if (need == NEED_HELP)
		acl_find(w->r, ACL_ERROR, "changed", p->label, NULL, "%s; somebody has changed it: take all back with "
		    " cdxp-run machine undo  and begin again", what);
}

/* Fills in `needs'; -1 where something stands against it. */
static int
decide(struct work *w, enum need *needs)
{
	const char *what;
	size_t errors = w->r->errors;

	if (machine_look_at_all(w) != 0)
		return -1;
	for (size_t i = 0; i < w->plan->n; i++) {
		needs[i] = need_of(w, &w->plan->v[i], &what);
		say_obstacle(w, &w->plan->v[i], needs[i], what);
	}
	if (w->facts.firewall != NULL)
		acl_find(w->r, ACL_ERROR, "firewall", NULL, NULL, "the firewall of Windows %s: rules of this computer's own "
		    "would confine nobody", w->facts.firewall);
	return w->r->errors == errors ? 0 : -1;
}

/* ---- back ---- */

/* Without rules and filters a process that runs would be free. */
static int
check_idle(struct work *w)
{
	uint64_t pid = 0;

	for (size_t i = 0; i < w->plan->n; i++) {
		const struct machine_part *p = &w->plan->v[i];
		const char *sid = p->kind == MACHINE_USER ? machine_sid(w, p->name) : NULL;
		if (sid == NULL)
			continue;
		if (w->c->store->ops->running(w->c->store, sid, &pid) != 0)
			return machine_failed(w, p, "it is not known whether something runs as this user");
		if (pid == 0)
			continue;
		acl_find(w->r, ACL_ERROR, "busy", p->label, NULL, "process %llu runs as this user: wait until it has ended, or "
		    "end it", (unsigned long long)pid);
		return -1;
	}
	return 0;
}

static bool
same_row(const cJSON *x, const cJSON *y)
{
	const char *a = json_string(x, "tag"), *b = json_string(y, "tag");

	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* One part as it was when the apply began. */
static int
put_back(struct work *w, const struct machine_part *p)
{
	const cJSON *now = machine_made(w, "made", p), *was = machine_made(w, "before", p);

	if (!same_row(now, was) && machine_is_ours(w, p, now) && machine_unmake(w, p) != 0)
		return -1;
	machine_set_made(w, p, was == NULL ? NULL : json_must(cJSON_Duplicate(was, true)));
	/* Only these are ever removed to be made anew. */
	if (was != NULL && w->found[machine_number(w, p)] == NULL && (p->kind == MACHINE_RULE || p->kind == MACHINE_FILTERS))
		return machine_make_now(w, p, json_member(was, "want"), json_string(was, "tag"));
	return 0;
}

/* The steps that were taken are none; what was found stays. */
static void
forget_steps(struct acl_report *r)
{
	r->steps.len = 0;
	memset(r->deeds, 0, sizeof(r->deeds));
}

static int
roll_back(struct work *w)
{
	/* What failed may have been done all the same. */
	int rc = machine_look_at_all(w);

	forget_steps(w->r);
	for (size_t i = w->plan->n; i-- > 0 && rc == 0; )
		rc = put_back(w, &w->plan->v[i]);
	if (rc == 0) {
		machine_set_doing(w, NULL, NULL);
		rc = machine_save(w);
	}
	if (rc != 0)
		acl_find(w->r, ACL_ERROR, "left-open", NULL, NULL, "not all could be taken back: the next apply, or undo, goes "
		    "on with that");
	return rc;
}

static int
undo_all(struct work *w)
{
	const cJSON nothing = { .type = cJSON_Object };

	machine_set_doing(w, "undo", NULL);
	if (machine_save(w) != 0)
		return -1;
	for (size_t i = w->plan->n; i-- > 0; ) {
		const struct machine_part *p = &w->plan->v[i];
		const cJSON *row = machine_made(w, "made", p);
		if (row == NULL)
			continue;
		const char *what = w->found[i] == NULL ? NULL : machine_differs(w->a, p, &nothing, w->found[i]);
		if (what != NULL) {
			acl_find(w->r, ACL_ERROR, "unknown", p->label, NULL, "%s", what);
			return -1;
		}
		if (machine_is_ours(w, p, row)) {
			if (machine_unmake(w, p) != 0)
				return -1;
			acl_step(w->r, DEED_REMOVE, p->label, "", "", p->text);
		} else if (p->kind == MACHINE_PASSWORD) {
			acl_find(w->r, ACL_NOTE, "password", p->label, NULL, "is among the credentials of somebody else, and stays "
			    "there: %s", how_to_remove(w->a, p));
		} else if (w->found[i] != NULL) {
			acl_find(w->r, ACL_WARNING, "not-ours", p->label, NULL, "is another one than cdxp-run had made, and stays");
		}
		machine_set_made(w, p, NULL);
	}
	machine_set_doing(w, NULL, NULL);
	return machine_save(w);
}

/* What was stopped in the middle is taken back, or finished, first. */
static int
repair(struct work *w)
{
	const char *what = machine_doing(w);

	if (what == NULL)
		return 0;
	if (machine_look_at_all(w) != 0 || check_idle(w) != 0)
		return -1;
	return what[0] == 'a' ? roll_back(w) : undo_all(w);
}

/* ---- the verbs ---- */

static int
facts(struct work *w)
{
	if (w->c->store->ops->facts(w->c->store, w->a, &w->facts) == 0)
		return 0;
	return machine_failed(w, NULL, "this computer cannot be looked at");
}

static int
open_to_change(struct work *w, const char *verb)
{
	struct state_files *f = w->c->files;

	if (facts(w) != 0)
		return -1;
	if (!w->facts.administrator) {
		acl_find(w->r, ACL_ERROR, "not-administrator", NULL, NULL, "only an administrator can change this: open a console "
		    "with \"Run as administrator\", and say there  cdxp-run machine %s", verb);
		return -1;
	}
	if (f->ops->lock(f, lock_name, LOCK_MS, &w->lock) != STATE_OK)
		return machine_state_failed(w, "could not be locked", f->why);
	return machine_load(w);
}

static int
end(struct work *w, int rc)
{
	if (w->lock != NULL)
		w->c->files->ops->unlock(w->c->files, w->lock);
	for (size_t i = 0; i < w->plan->n; i++)
		cJSON_Delete(w->found[i]);
	cJSON_Delete(w->state);
	return rc == 0 && w->r->errors == 0 ? 0 : -1;
}

static void
say_step(struct work *w, const struct machine_part *p, enum need need)
{
	if (need == NEED_CHANGE)
		acl_step(w->r, DEED_REMOVE, p->label, "", "", "as it is");
	if (need == NEED_MAKE || need == NEED_CHANGE)
		acl_step(w->r, DEED_ADD, p->label, "", "", p->text);
	else
		acl_step(w->r, DEED_KEEP, p->label, "", "", p->text);
}

int
machine_dry_run(struct machine_context *c, const struct machine_plan *plan, struct acl_report *r)
{
	struct work w = { .c = c, .plan = plan, .r = r, .a = r->a };
	enum need needs[MACHINE_PARTS];

	r->dry = true;
	int rc = facts(&w) != 0 || machine_load(&w) != 0 ? -1 : 0;
	if (rc == 0 && machine_doing(&w) != NULL)
		acl_find(r, ACL_WARNING, "left-open", NULL, NULL, "an earlier %s was stopped in the middle: the next one takes "
		    "it back, or finishes it, first", machine_doing(&w));
	if (rc == 0 && (rc = decide(&w, needs)) == 0)
		for (size_t i = 0; i < plan->n; i++)
			say_step(&w, &plan->v[i], needs[i]);
	return end(&w, rc);
}

/* Where that cannot be written, it has not been done. */
static int
finish(struct work *w)
{
	cJSON *before = json_must(cJSON_Duplicate(json_member(w->state, "before"), true));

	machine_set_doing(w, NULL, NULL);
	int rc = machine_save(w);
	if (rc != 0)
		machine_set_doing(w, "apply", before);
	else
		cJSON_Delete(before);
	return rc;
}

static int
apply(struct work *w)
{
	enum need needs[MACHINE_PARTS];
	bool any = false, change = false;
	int rc = 0;

	if (repair(w) != 0 || decide(w, needs) != 0)
		return -1;
	for (size_t i = 0; i < w->plan->n; i++) {
		any = any || needs[i] == NEED_MAKE || needs[i] == NEED_CHANGE;
		change = change || needs[i] == NEED_CHANGE;
	}
	if (change && check_idle(w) != 0)
		return -1;
	if (any) {
		machine_set_doing(w, "apply", json_must(cJSON_Duplicate(json_member(w->state, "made"), true)));
		if (machine_save(w) != 0)
			return -1;
	}
	for (size_t i = 0; i < w->plan->n && rc == 0; i++) {
		const struct machine_part *p = &w->plan->v[i];
		if (needs[i] == NEED_CHANGE)
			rc = machine_unmake(w, p);
		if (rc == 0 && (needs[i] == NEED_MAKE || needs[i] == NEED_CHANGE))
			rc = machine_make(w, p);
		if (rc == 0)
			say_step(w, p, needs[i]);
	}
	if (any && rc == 0)
		rc = finish(w);
	if (any && rc != 0)
		roll_back(w);
	return rc;
}

int
machine_apply(struct machine_context *c, const struct machine_plan *plan, struct acl_report *r)
{
	struct work w = { .c = c, .plan = plan, .r = r, .a = r->a };

	int rc = open_to_change(&w, "apply");
	if (rc == 0)
		rc = apply(&w);
	return end(&w, rc);
}

int
machine_undo(struct machine_context *c, struct acl_report *r)
{
	struct machine_plan plan;
	struct work w = { .c = c, .plan = &plan, .r = r, .a = r->a };
	const char *why;

	/* All plans have the same parts. */
	if (machine_plan_of(r->a, NULL, 0, &plan, &why) != 0)
		abort();
	int rc = open_to_change(&w, "undo");
	if (rc == 0)
		rc = repair(&w);
	if (rc == 0)
		rc = machine_look_at_all(&w) != 0 || check_idle(&w) != 0 || undo_all(&w) != 0 ? -1 : 0;
	rc = end(&w, rc);
	machine_plan_free(&plan);
	return rc;
}

/* ---- verify ---- */

static void
verify_part(struct work *w, const struct machine_part *p)
{
	const cJSON *found = w->found[machine_number(w, p)];
	const char *what = found == NULL ? NULL : machine_part_differs(w, p);

	if (found == NULL && p->kind == MACHINE_PASSWORD)
		acl_find(w->r, ACL_WARNING, "password", p->label, NULL, "is not among your credentials, and you cannot run "
		    "commands as this user: enter it, with  cmdkey /generic:%s /user:%s /pass ; an administrator sets a new one "
		    "with  net user %s *", p->name, p->name, p->name);
	else if (found == NULL)
		acl_find(w->r, ACL_ERROR, "missing", p->label, NULL, "is not there");
	else if (what != NULL && json_string(found, "unknown") != NULL)
		acl_find(w->r, ACL_NOTE, "unknown", p->label, NULL, "%s", what);
	else if (what != NULL)
		acl_find(w->r, ACL_ERROR, "changed", p->label, NULL, "%s", what);
	else if (!machine_is_relation(p->kind) && !machine_is_ours(w, p, machine_made(w, "made", p)))
		acl_find(w->r, ACL_NOTE, "not-ours", p->label, NULL, "is as it has to be, and cdxp-run has not made it");
	if (found != NULL && what == NULL)
		acl_step(w->r, DEED_KEEP, p->label, "", "", p->text);
}

int
machine_verify(struct machine_context *c, const struct machine_plan *plan, struct acl_report *r)
{
	struct work w = { .c = c, .plan = plan, .r = r, .a = r->a };

	int rc = facts(&w) != 0 || machine_load(&w) != 0 || machine_look_at_all(&w) != 0 ? -1 : 0;
	if (rc == 0 && w.facts.firewall != NULL)
		acl_find(r, ACL_ERROR, "firewall", NULL, NULL, "the firewall of Windows %s: rules of this computer's own "
		    "confine nobody", w.facts.firewall);
	for (size_t i = 0; rc == 0 && i < plan->n; i++)
		verify_part(&w, &plan->v[i]);
	if (rc == 0 && machine_doing(&w) != NULL)
		acl_find(r, ACL_ERROR, "left-open", NULL, NULL, "an earlier %s was stopped in the middle: an administrator says "
		    " cdxp-run machine %s  again", machine_doing(&w), machine_doing(&w));
	return end(&w, rc);
}

/* Whether a command of this user needs the part. */
static bool
concerns(const struct machine_part *p, const char *user)
{
	switch (p->kind) {
	case MACHINE_GROUP:
		return true;
	case MACHINE_USER:
	case MACHINE_MEMBER:
		return strcmp(p->name, user) == 0;
	case MACHINE_RULE:
	case MACHINE_FILTERS:
		return strcmp(p->user, user) == 0;
	case MACHINE_RIGHT:
	case MACHINE_HIDDEN:
	case MACHINE_PASSWORD:
		return false;
	}
	return false;
}

int
machine_confines(struct machine_store *s, struct arena *a, const struct machine_plan *plan, const char *user,
    const char **why)
{
	struct machine_context c = { s, NULL };
	struct acl_report r = { .a = a };
	struct work w = { .c = &c, .plan = plan, .r = &r, .a = a };
	const char *what = NULL;
	size_t i = 0;

	if (facts(&w) == 0 && w.facts.firewall != NULL)
		what = arena_printf(a, "the firewall of Windows %s", w.facts.firewall);
	for (; i < plan->n && what == NULL && r.errors == 0; i++) {
		const struct machine_part *p = &plan->v[i];
		if (!concerns(p, user) || machine_look(&w, p) != 0)
			continue;
		what = w.found[i] == NULL ? "is not there" : machine_part_differs(&w, p);
		what = what == NULL ? NULL : arena_printf(a, "%s: %s", p->label, what);
	}
	if (r.errors > 0)
		what = arena_printf(a, "%s: %s", r.findings.v[0].path == NULL ? "this computer" : r.findings.v[0].path,
		    r.findings.v[0].text);
	*why = what;
	return end(&w, 0) == 0 && what == NULL ? 0 : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_apply.c - placeholders made, entries added and handed on, or everything taken back */
#include <config.h>

#include "acl_apply.h"

#include <string.h>

#include "acl_audit.h"
#include "acl_object.h"
#include "acl_retract.h"
#include "acl_target.h"
#include "arena.h"
#include "intern.h"

enum { SPREAD_LOCK_MS = 10000 };

struct run {
	struct acl_context	*c;
	const struct win_plan	*plan;
	const char		*name;
	struct acl_report	*r;
	struct journal		 j;
	struct state_lock	*spreading;	/* held from the first change on */
	struct { const char **v; size_t len, cap; } rest;	/* where reading is still to be spread */
};

static int
state_failed(struct run *w, const char *why)
{
	acl_find(w->r, ACL_ERROR, "state", NULL, NULL, "%s", why);
	return -1;
}

static int
sync(struct run *w)
{
	const char *why;

	return journal_sync(&w->j, &why) == 0 ? 0 : state_failed(w, why);
}

/* From here on something may change. */
static int
begin(struct run *w)
{
	if (w->j.state == JOURNAL_APPLYING)
		return 0;
	if ((w->spreading = acl_lock_spread(w->c, w->r, SPREAD_LOCK_MS)) == NULL)
		return -1;
	journal_begin(&w->j, w->plan->id, w->name);
	return 0;
}

static const char *
temporary_name(struct run *w, const char *path)
{
	unsigned char bytes[8];
	struct sbuf name = SBUF_INIT;

	if (w->c->files->ops->random(w->c->files, bytes, sizeof(bytes)) != STATE_OK) {
		state_failed(w, w->c->files->why);
		return NULL;
	}
	sbuf_puts(&name, ".cdxp-");
	for (size_t i = 0; i < sizeof(bytes); i++)
		sbuf_printf(&name, "%02x", bytes[i]);
	const char *temp = win_path_join(w->r->a, win_path_parent(w->r->a, path), sbuf_str(&name));
	sbuf_free(&name);
	return temp;
}

/*
 * Under a random name first, so that after a kill between making it and
 * knowing its identity what has that name is known to be ours.
 */
static int
make_one(struct run *w, struct acl_target *t)
{
	struct acl_store *s = w->c->store;
	struct acl_object *o;
	struct acl_facts facts;
	const char *temp = temporary_name(w, t->path);

	if (temp == NULL)
		return -1;
	journal_make(&w->j, t->path, temp, t->kind);
	if (sync(w) != 0)
		return -1;
	enum acl_status status = s->ops->create(s, temp, t->kind, &o);
	if (status == ACL_OK) {
		status = s->ops->facts(s, w->r->a, o, &facts);
		s->ops->close(s, o);
	}
	if (status == ACL_OK) {
		journal_made_is(&w->j, journal_made(&w->j, t->path), facts.volume, facts.id);
		if (sync(w) != 0)
			return -1;
		status = s->ops->move(s, temp, t->path);
	}
	if (status != ACL_OK) {
		acl_find(w->r, ACL_ERROR, "not-made", t->path, t->entries.len > 0 ? t->entries.v[0].at : "",
		    "could not be made: %s", s->why);
		return -1;
	}
	acl_step(w->r, DEED_MAKE, t->path, "", "", t->kind == ACL_DIR ? "directory" : "file");
	if (acl_survey_one(w->c, &w->j, journal_plan(&w->j, w->plan->id), w->r, t) != 0)
		return -1;
	if (!t->missing)
		return 0;
	acl_find(w->r, ACL_ERROR, "not-made", t->path, "", "was made and is not there: the system stores nothing");
	return -1;
}

static int
make_missing(struct run *w, struct acl_targets *targets)
{
	for (size_t i = 0; i < targets->at.len; i++) {
		struct acl_target *t = &targets->at.v[i];
		const struct journal_made *m = t->share_made ? journal_made(&w->j, t->path) : NULL;
		if (m != NULL)
			journal_make(&w->j, m->path, m->temp, m->kind);
		if (t->missing && make_one(w, t) != 0)
			return -1;
	}
	return 0;
}

/* Before any of them is added. */
static int
record(struct run *w, const struct acl_targets *targets)
{
	for (size_t i = 0; i < targets->at.len; i++) {
		const struct acl_target *t = &targets->at.v[i];
		struct journal_object o = { .path = t->path, .kind = t->kind, .volume = t->volume,
		    .id = { t->id[0], t->id[1] } };
		struct ace_list list = { NULL, 0, 0 };
		for (size_t k = 0; k < t->entries.len; k++)
			if (t->entries.v[k].have == HAVE_NOT || t->entries.v[k].have == HAVE_SHARED)
				ace_add(w->r->a, &list, t->entries.v[k].ace);
		if (list.len == 0)
			continue;
		memcpy(o.before, t->whole, sizeof(o.before));
		memcpy(o.base, t->base, sizeof(o.base));
		journal_add(&w->j, &o, &list);
	}
	return sync(w);
}

/* It is still what was looked at, and has the permissions that it had. */
static bool
unchanged(const struct acl_target *t, const struct acl_seen *o)
{
	char own[65];

	descriptor_hash(&o->d, true, own);
	return acl_is(o, t->volume, t->id) && o->path != NULL && strcmp(o->path, t->path) == 0 &&
	    o->facts.reparse == t->link && !o->d.no_dacl && strcmp(own, t->own) == 0;
}

static int
write_one(struct run *w, const struct acl_target *t)
{
	struct arena *a = arena_new();
	struct acl_seen o = { .handle = NULL };
	const char *problem = NULL;
	enum acl_status status = acl_see(w->c->store, a, t->path, ACL_CHANGE, &o);

	if (status != ACL_OK) {
		problem = arena_printf(a, "cannot be opened for a change: %s", w->c->store->why);
	} else if (!unchanged(t, &o)) {
		problem = "has changed while it was looked at; try again";
	} else {
		struct ace_list list = o.d.dacl;
		for (size_t k = 0; k < t->entries.len; k++)
			if (t->entries.v[k].have == HAVE_NOT)
				list = ace_list_with(a, &list, &t->entries.v[k].ace);
		if (acl_put(a, &o, &list) != ACL_OK)
			problem = arena_printf(a, "did not take the entries: %s", w->c->store->why);
	}
	for (size_t k = 0; k < t->entries.len && problem == NULL; k++)
		if (t->entries.v[k].have == HAVE_NOT)
			acl_step(w->r, DEED_ADD, t->path, t->entries.v[k].purpose, t->entries.v[k].at,
			    ace_text(a, &t->entries.v[k].ace));
	if (problem != NULL)
		acl_find(w->r, ACL_ERROR, status != ACL_OK ? "not-reached" : "not-stored", t->path,
		    t->entries.v[0].at, "%s", problem);
	acl_unsee(&o);
	arena_free(a);
	return problem == NULL ? 0 : -1;
}

static bool
adds(const struct acl_target *t)
{
	for (size_t k = 0; k < t->entries.len; k++)
		if (t->entries.v[k].have == HAVE_NOT)
			return true;
	return false;
}

/* All that it hands on is for reading. */
static bool
may_wait(const struct acl_target *t)
{
	for (size_t k = 0; k < t->entries.len; k++)
		if (t->entries.v[k].have == HAVE_NOT && (t->entries.v[k].ace.flags & ACE_INHERITANCE) != 0 &&
		    !t->entries.v[k].may_wait)
			return false;
	return true;
}

static int
spread(struct run *w, const struct acl_targets *targets, bool waiting)
{
	struct arena *a = arena_new();
	const struct acl_ours ours = acl_ours_of(&w->j, a);
	struct strmap *changed = strmap_new(a), *walked = strmap_new(a);
	struct acl_spread s = { .c = w->c, .report = w->r, .ours = &ours, .changed = changed, .walked = walked,
	    .limit = waiting ? w->c->spread_now : 0 };
	int result = 0;

	for (size_t i = 0; i < targets->at.len; i++)
		if (adds(&targets->at.v[i]))
			strmap_put(changed, targets->at.v[i].path, strlen(targets->at.v[i].path), changed);
	for (size_t i = 0; i < targets->at.len && result == 0; i++) {
		const struct acl_target *t = &targets->at.v[i];
		if (!adds(t) || t->kind != ACL_DIR || may_wait(t) != waiting ||
		    strmap_get(walked, t->path, strlen(t->path)) != NULL)
			continue;
		if (!s.stopped)
			result = acl_spread_below(&s, t->path);
		if (s.stopped)
			VEC_PUSH(w->r->a, &w->rest, t->path);
	}
	if (s.stale > 0)
		acl_find(w->r, ACL_NOTE, "stale", NULL, NULL, "%zu objects have inherited entries of another place "
		    "(they were moved); ours were added to them, and they were left as they are", s.stale);
	if (s.cut_off > 0)
		acl_find(w->r, ACL_NOTE, "cut-off", s.first_cut_off, NULL, "and %zu other objects are protected from what "
		    "is inherited: they are not granted what the directory around them is", s.cut_off - 1);
	arena_free(a);
	return result;
}

/*
 * All entries of these targets, deeper places first: a carve-out is closed
 * before the root around it is opened.
 */
static int
carry_out(struct run *w, const struct acl_targets *targets)
{
	if (record(w, targets) != 0)
		return -1;
	for (size_t i = targets->at.len; i-- > 0; )
		if (adds(&targets->at.v[i]) && write_one(w, &targets->at.v[i]) != 0)
			return -1;
	if (spread(w, targets, false) != 0)
		return -1;
	return spread(w, targets, true);
}

static bool
all_done(const struct acl_targets *targets)
{
	for (size_t i = 0; i < targets->at.len; i++)
		if (!acl_target_done(&targets->at.v[i]))
			return false;
	return true;
}

static void
count_kept(struct run *w, const struct acl_targets *targets)
{
	for (size_t i = 0; i < targets->at.len; i++)
		for (size_t k = 0; k < targets->at.v[i].entries.len; k++)
			w->r->deeds[DEED_KEEP] += targets->at.v[i].entries.v[k].have != HAVE_NOT;
}

static bool
is_recorded(const struct run *w)
{
	uint32_t n = journal_plan(&w->j, w->plan->id);

	return n != UINT32_MAX && w->j.plans.v[n].done;
}

/* Of any plan: entries that two of them need are handed on for the one that came first. */
static bool
is_spreading(const struct journal *j)
{
	for (size_t i = 0; i < j->plans.len; i++)
		if (j->plans.v[i].id != NULL && j->plans.v[i].spread.len > 0)
			return true;
	return false;
}

static int
change(struct run *w, struct acl_targets *targets)
{
	struct acl_targets found;
	bool fresh = !all_done(targets) || !is_recorded(w);

	count_kept(w, targets);
	if (fresh && (begin(w) != 0 || make_missing(w, targets) != 0 || carry_out(w, targets) != 0))
		return -1;
	if (acl_audit(w->c, w->plan, targets, &w->j, fresh ? AUDIT_ALL_INSIDE : AUDIT_LIMITED, w->r, &found) != 0)
		return -1;
	count_kept(w, &found);
	if (!all_done(&found) && (begin(w) != 0 || carry_out(w, &found) != 0))
		return -1;
	if (w->rest.len > 0)
		journal_spread(&w->j, w->j.open, w->rest.v, w->rest.len);
	w->r->spreading = is_spreading(&w->j);
	if (w->j.state != JOURNAL_APPLYING)
		return 0;
	journal_end(&w->j, false);
	if (sync(w) == 0)
		return 0;
	acl_find(w->r, ACL_ERROR, "left-open", NULL, NULL, "that everything was done could not be recorded: the next "
	    "apply or undo takes it back");
	return -1;
}

static void
take_back(struct run *w)
{
	struct acl_report back = { .a = w->r->a };

	if (acl_retract(w->c, &w->j, &back) == 0) {
		acl_find(w->r, ACL_NOTE, "taken-back", NULL, NULL, "everything that had been done was taken back");
		memset(w->r->deeds, 0, sizeof(w->r->deeds));
		w->r->steps.len = w->r->spread_objects = 0;
		w->r->spreading = false;
		return;
	}
	for (size_t i = 0; i < back.findings.len; i++)
		VEC_PUSH(w->r->a, &w->r->findings, back.findings.v[i]);
	w->r->errors += back.errors;
	acl_find(w->r, ACL_ERROR, "left-open", NULL, NULL, "not everything that had been done could be taken back; the "
	    "next apply or undo goes on with that");
}

static void
release(struct run *w)
{
	if (w->spreading != NULL)
		w->c->files->ops->unlock(w->c->files, w->spreading);
	w->spreading = NULL;
}

int
acl_apply(struct acl_context *c, const struct win_plan *plan, const char *name, struct acl_report *r,
    struct acl_applied *out)
{
	struct run w = { .c = c, .plan = plan, .name = name, .r = r };
	struct acl_targets targets;
	const char *why;

	if (journal_open(r->a, c->files, &w.j, &why) != 0)
		return state_failed(&w, why);
	int result = acl_repair(c, &w.j, r);
	if (result == 0)
		result = acl_survey(c, plan, &w.j, true, r, &targets);
	if (result == 0)
		result = change(&w, &targets);
	if (result == 0)
		*out = (struct acl_applied){ targets.capabilities, plan->roots.len > 0 ? plan->roots.len : 1 };
	release(&w);
	if (result != 0 && w.j.state == JOURNAL_APPLYING)
		take_back(&w);
	journal_close(&w.j);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_retract.c - exact removal of what is ours */
#include <config.h>

#include "acl_retract.h"

#include <stdlib.h>
#include <string.h>

#include "acl_object.h"
#include "arena.h"
#include "intern.h"

static const char spread_lock_name[] = "spread-lock";

struct state_lock *
acl_lock_spread(struct acl_context *c, struct acl_report *r, unsigned ms)
{
	struct state_lock *lock = NULL;
	enum state_status status = c->files->ops->lock(c->files, spread_lock_name, ms, &lock);

	if (status == STATE_OK)
		return lock;
	if (status == STATE_LOCKED)
		acl_find(r, ACL_ERROR, "spreading", NULL, NULL, "another process still hands on entries below a large "
		    "directory; try again when it is done");
	else
		acl_find(r, ACL_ERROR, "state", NULL, NULL, "the file \"%s\" in %s could not be locked: %s",
		    spread_lock_name, c->files->dir, c->files->why);
	return NULL;
}

struct acl_ours
acl_ours_of(const struct journal *j, struct arena *a)
{
	struct acl_ours ours = { NULL, 0, 0 };

	for (size_t i = 0; i < j->objects.len; i++)
		for (size_t k = 0; k < j->objects.v[i]->entries.len; k++)
			acl_ours_add(a, &ours, &j->objects.v[i]->entries.v[k].ace);
	acl_ours_seal(&ours);
	return ours;
}

/* Nobody but what is under way needs it. */
static bool
goes(const struct journal *j, const struct journal_claims *c)
{
	if (c->len != 1 || c->v[0] != j->open)
		return false;
	return j->state == JOURNAL_UNDOING || c->fresh;
}

/* One object that entries are taken from, and where it is now. */
struct taken {
	const char	*path;
	bool		 is_dir;
};

struct retract {
	struct acl_context	*c;
	struct journal		*j;
	struct acl_report	*r;
	struct { struct taken *v; size_t len, cap; } below;	/* what is handed on from these goes too */
};

static bool
any_goes(const struct retract *t, const struct journal_object *o)
{
	for (size_t i = 0; i < o->entries.len; i++)
		if (goes(t->j, &o->entries.v[i].plans))
			return true;
	return false;
}

/* By its path, or, where something else is there now, by its identity. */
static enum acl_status
find(struct retract *t, struct arena *a, const struct journal_object *o, struct acl_seen *seen)
{
	enum acl_status status = acl_see(t->c->store, a, o->path, ACL_CHANGE, seen);

	if (status == ACL_OK && acl_is(seen, o->volume, o->id))
		return ACL_OK;
	if (status == ACL_OK)
		acl_unsee(seen);
	else if (status != ACL_MISSING)
		return status;
	return acl_see_id(t->c->store, a, o->volume, o->id, seen);
}

/* Nothing that is to go is there: it need not be opened for a change. */
static bool
is_clean(struct retract *t, struct arena *a, const struct journal_object *o)
{
	struct acl_seen seen;

	if (acl_see(t->c->store, a, o->path, ACL_LOOK, &seen) != ACL_OK)
		return false;
	bool clean = acl_is(&seen, o->volume, o->id);
	for (size_t i = 0; i < o->entries.len; i++)
		clean &= !goes(t->j, &o->entries.v[i].plans) || ace_list_count(&seen.d.dacl, &o->entries.v[i].ace) == 0;
	acl_unsee(&seen);
	return clean;
}

/* What is left is what was there before, but for others' changes. */
static void
compare(struct retract *t, struct arena *a, const struct journal_object *o, const struct acl_seen *seen)
{
	struct descriptor bare = seen->d;
	char hash[65];
	bool found;

	for (size_t i = 0; i < o->entries.len; i++)
		if (o->entries.v[i].plans.len > 0)
			bare.dacl = ace_list_without(a, &bare.dacl, &o->entries.v[i].ace, &found);
	descriptor_hash(&bare, true, hash);
	if (strcmp(hash, o->base) != 0)
		acl_find(t->r, ACL_NOTE, "changed", o->path, NULL, "has permissions that somebody else has changed since; "
		    "these changes stay");
}

static int
take_from(struct retract *t, const struct journal_object *o)
{
	struct arena *a = arena_new();
	struct acl_seen seen;
	size_t removed = 0;
	bool found;

	enum acl_status status = find(t, a, o, &seen);
	const char *why = arena_strdup(a, t->c->store->why == NULL ? "" : t->c->store->why);
	if (status == ACL_DENIED && is_clean(t, a, o)) {
		VEC_PUSH(t->r->a, &t->below, ((struct taken){ o->path, o->kind == ACL_DIR }));
		arena_free(a);
		return 0;
	}
	if (status != ACL_OK) {
		if (status == ACL_MISSING)
			acl_find(t->r, ACL_NOTE, "gone", o->path, NULL, "is not there any more, nor what it was");
		else
			acl_find(t->r, ACL_ERROR, "not-reached", o->path, NULL, "cannot be opened for a change (%s), and "
			    "still has entries of ours; run this again when it can", why);
		arena_free(a);
		return status == ACL_MISSING ? 0 : -1;
	}
	struct ace_list list = seen.d.dacl;
	for (size_t i = 0; i < o->entries.len; i++) {
		const struct journal_entry *e = &o->entries.v[i];
		if (!goes(t->j, &e->plans))
			continue;
		list = ace_list_without(a, &list, &e->ace, &found);
		removed += found;
		if (found)
			acl_step(t->r, DEED_REMOVE, o->path, "", "", ace_text(a, &e->ace));
		else if (t->j->state == JOURNAL_UNDOING)
			acl_find(t->r, ACL_NOTE, "changed", o->path, NULL, "does not have the entry \"%s\" any more, or "
			    "not in this form", ace_text(a, &e->ace));
	}
	if (removed > 0 && (status = acl_put(a, &seen, &list)) != ACL_OK)
		acl_find(t->r, ACL_ERROR, "not-stored", o->path, NULL, "still has entries of ours: %s", t->c->store->why);
	if (status == ACL_OK) {
		compare(t, a, o, &seen);
		const char *now = seen.path != NULL ? seen.path : o->path;
		VEC_PUSH(t->r->a, &t->below, ((struct taken){ arena_strdup(t->r->a, now),
		    seen.facts.kind == ACL_DIR && !seen.facts.reparse }));
	}
	acl_unsee(&seen);
	arena_free(a);
	return status == ACL_OK ? 0 : -1;
}

static int
by_path(const void *x, const void *y)
{
	const struct taken *a = x, *b = y;

	return win_path_order(a->path, b->path);
}

/* Everything below is looked at: whatever was under way may have stopped anywhere. */
static int
take_from_below(struct retract *t, struct arena *a)
{
	const struct acl_ours ours = acl_ours_of(t->j, a);
	struct strmap *walked = strmap_new(a);
	struct acl_spread s = { .c = t->c, .report = t->r, .ours = &ours, .thorough = true, .back = true,
	    .walked = walked };
	int result = 0;

	if (t->below.len > 0)
		qsort(t->below.v, t->below.len, sizeof(*t->below.v), by_path);
	for (size_t i = 0; i < t->below.len; i++) {
		const struct taken *at = &t->below.v[i];
		if (at->is_dir && strmap_get(walked, at->path, strlen(at->path)) == NULL &&
		    acl_spread_below(&s, at->path) != 0)
			result = -1;
	}
	return result;
}

/* Whatever has the temporary name, which is random, is ours; so is what has the identity. */
static int
unmake(struct retract *t, const struct journal_made *m)
{
	struct acl_store *s = t->c->store;
	struct arena *a = arena_new();
	enum acl_status status = ACL_MISSING;
	struct acl_seen o;

	if (m->has_id)
		status = s->ops->remove(s, m->path, m->volume, m->id);
	if (status == ACL_MISSING && (status = acl_see(s, a, m->temp, ACL_LOOK, &o)) == ACL_OK) {
		uint64_t volume = o.facts.volume, id[2] = { o.facts.id[0], o.facts.id[1] };
		acl_unsee(&o);
		status = s->ops->remove(s, m->temp, volume, id);
	}
	if (status == ACL_OK)
		acl_step(t->r, DEED_UNMAKE, m->path, "", "", m->kind == ACL_DIR ? "directory" : "file");
	else if (status == ACL_NOT_EMPTY)
		acl_find(t->r, ACL_NOTE, "in-use", m->path, NULL, "was made as a placeholder and is not empty any more: "
		    "it stays");
	else if (status != ACL_MISSING)
		acl_find(t->r, ACL_ERROR, "not-removed", m->path, NULL, "was made as a placeholder and cannot be "
		    "removed: %s", s->why);
	arena_free(a);
	return status == ACL_OK || status == ACL_NOT_EMPTY || status == ACL_MISSING ? 0 : -1;
}

static int
unmake_all(struct retract *t)
{
	struct { const struct journal_made **v; size_t len, cap; } all = { NULL, 0, 0 };
	int result = 0;

	for (size_t i = 0; i < t->j->made.len; i++)
		if (goes(t->j, &t->j->made.v[i]->plans))
			VEC_PUSH(t->r->a, &all, t->j->made.v[i]);
	/* What lies deeper first: each time the last of what is left. */
	for (size_t left = all.len; left > 0; left--) {
		size_t last = 0;
		for (size_t i = 1; i < left; i++)
			if (win_path_order(all.v[i]->path, all.v[last]->path) > 0)
				last = i;
		if (unmake(t, all.v[last]) != 0)
			result = -1;
		all.v[last] = all.v[left - 1];
	}
	return result;
}

static int
object_order(const void *x, const void *y)
{
	const struct journal_object *const *a = x, *const *b = y;

	return win_path_order((*a)->path, (*b)->path);
}

int
acl_retract(struct acl_context *c, struct journal *j, struct acl_report *r)
{
	struct retract t = { .c = c, .j = j, .r = r };
	struct { struct journal_object **v; size_t len, cap; } objects = { NULL, 0, 0 };
	const char *why;
	int result = 0;

	struct state_lock *lock = acl_lock_spread(c, r, 10000);
	if (lock == NULL)
		return -1;
	/* Grants at the top go before the denies below them. */
	for (size_t i = 0; i < j->objects.len; i++)
		if (any_goes(&t, j->objects.v[i]))
			VEC_PUSH(r->a, &objects, j->objects.v[i]);
	if (objects.len > 0)
		qsort(objects.v, objects.len, sizeof(*objects.v), object_order);
	for (size_t i = 0; i < objects.len; i++)
		if (take_from(&t, objects.v[i]) != 0)
			result = -1;
	struct arena *a = arena_new();
	if (take_from_below(&t, a) != 0)
		result = -1;
	arena_free(a);
	if (unmake_all(&t) != 0)
		result = -1;
	c->files->ops->unlock(c->files, lock);
	if (result != 0)
		return -1;
	journal_end(j, true);
	if (journal_sync(j, &why) == 0)
		return 0;
	acl_find(r, ACL_ERROR, "state", NULL, NULL, "%s", why);
	return -1;
}

int
acl_repair(struct acl_context *c, struct journal *j, struct acl_report *r)
{
	struct acl_report repair = { .a = r->a };

	if (j->state == JOURNAL_DONE)
		return 0;
	bool undo = j->state == JOURNAL_UNDOING;
	int result = acl_retract(c, j, &repair);
	for (size_t i = 0; i < repair.findings.len; i++)
		VEC_PUSH(r->a, &r->findings, repair.findings.v[i]);
	r->errors += repair.errors;
	r->warnings += repair.warnings;
	if (result == 0)
		acl_find(r, ACL_NOTE, "repaired", NULL, NULL, "%s that had stopped half way was %s first (%zu entries, %zu "
		    "placeholders removed)", undo ? "an undo" : "an apply", undo ? "finished" : "taken back",
		    repair.deeds[DEED_REMOVE], repair.deeds[DEED_UNMAKE]);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_target.c - the places of a plan, looked at one by one */
#include <config.h>

#include "acl_target.h"

#include <stdlib.h>
#include <string.h>

#include "acl_object.h"
#include "acl_profile.h"
#include "arena.h"
#include "cap_store.h"

/* What a survey goes around with; `a' is that of the report. */
struct survey {
	struct acl_context	*c;
	const struct win_plan	*plan;
	const struct journal	*j;
	struct acl_report	*r;
	struct acl_targets	*out;
	uint32_t		 number;	/* of the plan in the journal; UINT32_MAX */
};

bool
acl_target_done(const struct acl_target *t)
{
	if (t->missing || t->share_made)
		return false;
	for (size_t i = 0; i < t->entries.len; i++)
		if (t->entries.v[i].have == HAVE_NOT || t->entries.v[i].have == HAVE_SHARED)
			return false;
	return true;
}

static const char *
first_at(const struct acl_target *t)
{
	for (size_t i = 0; i < t->entries.len; i++)
		if (t->entries.v[i].at[0] != '\0')
			return t->entries.v[i].at;
	return "";
}

/* What an object must be for entries to mean what the plan says. */
static bool
fits(struct acl_report *r, const struct acl_target *t, const struct acl_seen *o)
{
	const char *at = first_at(t);
	size_t before = r->errors;

	if (o->path == NULL)
		acl_find(r, ACL_ERROR, "wrong-name", t->path, at, "%s", o->store->why);
	else if (strcmp(o->path, t->path) != 0)
		acl_find(r, ACL_ERROR, "wrong-name", t->path, at, "is really %s: the plan is of another time, or "
		    "a link has come in between; make the plan again", o->path);
	if (o->facts.reparse && !t->link)
		acl_find(r, ACL_ERROR, "link", t->path, at, "is a link or junction: name what it leads to");
	if (t->link && !o->facts.reparse)
		acl_find(r, ACL_ERROR, "wrong-kind", t->path, at, "is no link any more; make the plan again");
	if (o->facts.kind != t->kind && !t->link)
		acl_find(r, ACL_ERROR, "wrong-kind", t->path, at, "is a %s, and the plan says a %s; make the plan "
		    "again", o->facts.kind == ACL_DIR ? "directory" : "file", t->kind == ACL_DIR ? "directory" : "file");
	if (!o->facts.has_acls)
		acl_find(r, ACL_ERROR, "no-acls", t->path, at, "is on a volume without permissions (FAT?): nothing "
		    "can be confined there");
	if (o->d.no_dacl)
		acl_find(r, ACL_ERROR, "null-dacl", t->path, at, "has no access control list at all, which allows "
		    "everything to everybody: any entry would take that away; give it a list first");
	if (!ace_list_is_canonical(&o->d.dacl))
		acl_find(r, ACL_ERROR, "unordered", t->path, at, "has its entries in an order that Windows does not "
		    "make, in which more could not be relied on; put them in order first (icacls \"%s\" /verify "
		    "shows them, /reset replaces them)", t->path);
	return r->errors == before;
}

/*
 * Whoever is on this computer may read it, and what is in it, as the system's
 * own directories have it, where nobody but the system may change a list.
 */
static bool
is_public(const struct ace_list *list, const struct ace *want, bool is_dir)
{
	const uint8_t below = ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT;
	bool here = false, handed_on = !is_dir;

	for (size_t i = 0; i < list->len; i++) {
		const struct ace *e = &list->v[i];
		bool everyone = sid_equal(&e->sid, &sid_users) || sid_equal(&e->sid, &sid_authenticated) ||
		    sid_equal(&e->sid, &sid_everyone);
		if (e->raw != NULL)
			return false;
		if (e->type == ACE_DENY) {
			if ((ace_without_generic(e->mask) & want->mask) != 0)
				return false;
			continue;
		}
		if (!everyone || (ace_without_generic(e->mask) & want->mask) != want->mask)
			continue;
		here |= (e->flags & ACE_INHERIT_ONLY) == 0;
		handed_on |= (e->flags & below) == below && (e->flags & ACE_NO_PROPAGATE) == 0;
	}
	return here && handed_on;
}

/* Nobody but the system and its administrators, who are for denying alone in the token, is allowed one of these bits. */
static bool
is_nobodys(const struct ace_list *list, uint32_t mask)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct ace *e = &list->v[i];
		if (ace_is_deny(e) || (e->raw == NULL && (e->flags & ACE_INHERIT_ONLY) != 0))
			continue;
		if (e->raw != NULL || ((ace_without_generic(e->mask) & mask) != 0 &&
		    !sid_equal(&e->sid, &sid_system) && !sid_equal(&e->sid, &sid_administrators)))
			return false;
	}
	return true;
}

/* What is not there, and need not be. */
static bool
needless(const struct acl_target_entry *e, const struct acl_seen *o)
{
	return (e->or_public && is_public(&o->d.dacl, &e->ace, o->facts.kind == ACL_DIR)) ||
	    (e->or_nobody && is_nobodys(&o->d.dacl, e->ace.mask));
}

static void
judge(struct acl_target *t, const struct acl_seen *o, const struct journal *j, uint32_t plan, struct arena *a)
{
	const struct journal_object *known = journal_object(j, t->path, o->facts.volume, o->facts.id);
	struct descriptor bare = o->d;
	bool found;

	t->volume = o->facts.volume;
	memcpy(t->id, o->facts.id, sizeof(t->id));
	descriptor_hash(&o->d, false, t->whole);
	descriptor_hash(&o->d, true, t->own);
	for (size_t i = 0; known != NULL && i < known->entries.len; i++)
		if (known->entries.v[i].plans.len > 0)
			bare.dacl = ace_list_without(a, &bare.dacl, &known->entries.v[i].ace, &found);
	descriptor_hash(&bare, true, t->base);
	for (size_t i = 0; i < t->entries.len; i++) {
		struct acl_target_entry *e = &t->entries.v[i];
		const struct journal_entry *ours = known == NULL ? NULL : journal_entry(known, &e->ace);
		if (ace_list_count(&o->d.dacl, &e->ace) == 0)
			e->have = needless(e, o) ? HAVE_FOREIGN : HAVE_NOT;
		else if (ours == NULL)
			e->have = HAVE_FOREIGN;
		else
			e->have = plan != UINT32_MAX && journal_needs(&ours->plans, plan) ? HAVE_OURS : HAVE_SHARED;
	}
}

static void
links_noted(struct acl_report *r, const struct acl_target *t, const struct acl_seen *o)
{
	for (size_t i = 0; i < t->entries.len; i++)
		if (t->entries.v[i].ace.type == ACE_DENY && o->facts.kind == ACL_FILE && o->facts.links > 1) {
			acl_find(r, ACL_WARNING, "hard-link", t->path, t->entries.v[i].at, "has %lu names: its entries "
			    "belong to the file, under each of them", (unsigned long)o->facts.links);
			return;
		}
}

int
acl_survey_one(struct acl_context *c, const struct journal *j, uint32_t plan, struct acl_report *r,
    struct acl_target *t)
{
	struct arena *a = arena_new();
	struct acl_seen o;
	size_t before = r->errors;

	enum acl_status status = acl_see(c->store, a, t->path, ACL_LOOK, &o);
	t->missing = status == ACL_MISSING;
	if (status == ACL_OK) {
		if (fits(r, t, &o)) {
			judge(t, &o, j, plan, a);
			links_noted(r, t, &o);
		}
		acl_unsee(&o);
	} else if (status != ACL_MISSING) {
		acl_find(r, ACL_ERROR, "not-reached", t->path, first_at(t), "cannot be looked at: %s", c->store->why);
	}
	arena_free(a);
	return r->errors == before ? 0 : -1;
}

/* The directory that something is made in is where its name says. */
static void
check_parent(struct survey *s, const struct acl_target *t)
{
	struct arena *a = arena_new();
	const char *dir = win_path_parent(a, t->path);
	struct acl_target parent = { .path = dir, .kind = ACL_DIR };
	struct acl_seen o;
	bool made = false;

	for (size_t i = s->out->at.len; i-- > 0 && !made && dir != NULL; )
		made = s->out->at.v[i].missing && strcmp(s->out->at.v[i].path, dir) == 0;
	if (dir != NULL && !made) {
		if (acl_see(s->c->store, a, dir, ACL_LOOK, &o) == ACL_OK) {
			fits(s->r, &parent, &o);
			acl_unsee(&o);
		} else {
			acl_find(s->r, ACL_ERROR, "missing", t->path, first_at(t), "is to be made, and %s is not "
			    "there: %s", dir, s->c->store->why);
		}
	}
	arena_free(a);
}

static void
add_target(struct survey *s, struct acl_target *t, bool make)
{
	const struct journal_made *m;

	acl_survey_one(s->c, s->j, s->number, s->r, t);
	m = journal_made(s->j, t->path);
	if (t->missing && !make && m == NULL)
		acl_find(s->r, ACL_ERROR, "missing", t->path, first_at(t), "does not exist any more; make the plan "
		    "again");
	else if (t->missing)
		check_parent(s, t);
	else if (m != NULL && m->has_id && m->volume == t->volume && memcmp(m->id, t->id, sizeof(t->id)) == 0)
		t->share_made = s->number == UINT32_MAX || !journal_needs(&m->plans, s->number);
	VEC_PUSH(s->r->a, &s->out->at, *t);
}

static bool
for_reading(const struct plan_entry *e)
{
	return e->purpose == FOR_READ || e->purpose == FOR_READ_PROFILE;
}

/*
 * Where what everybody may read outside the plan is denied, a place in it has
 * to have an entry of its own that comes before that; but for the system's own
 * directories, which are not audited, and cannot be given one.
 */
static bool
or_public(const struct survey *s, const char *path)
{
	for (size_t i = 0; i < s->plan->audits.len; i++)
		if (strcmp(s->plan->audits.v[i].name, "public-read") == 0)
			return win_path_no_root(path, &s->c->dirs) != NULL;
	return true;
}

/* The entries of a place for it, or for its children; false where one is for nobody. */
static bool
entries_of(struct survey *s, const struct plan_place *p, bool of_children, struct acl_target *t)
{
	for (size_t i = 0; i < p->entries.len; i++) {
		const struct plan_entry *e = &p->entries.v[i];
		if (p->for_children && (e->purpose == FOR_READ_PROFILE) != of_children)
			continue;
		struct ace ace = { .type = e->type, .mask = e->mask, .flags = t->kind == ACL_DIR ? e->flags : 0,
		    .sid = acl_sid_of(s->c, s->out->capabilities, &e->to) };
		if (ace.sid.n == 0) {
			acl_find(s->r, ACL_ERROR, "nobody", t->path, e->at, "has an entry for \"%s\", who is not known "
			    "on this computer; is the machine plan applied?", plan_to_text(s->r->a, &e->to));
			return false;
		}
		VEC_PUSH(s->r->a, &t->entries, ((struct acl_target_entry){ .ace = ace, .at = e->at,
		    .purpose = plan_purpose_words[e->purpose], .may_wait = for_reading(e),
		    .or_public = for_reading(e) && or_public(s, t->path), .or_nobody = e->purpose == FOR_HOLDS_PINNED }));
	}
	return true;
}

static void
profile_children(struct survey *s, const struct plan_place *p)
{
	struct { struct acl_child *v; size_t len, cap; } out = { NULL, 0, 0 };

	if (acl_profile_children(s->c, s->r, p, &out.v, &out.len) != 0)
		return;
	for (size_t i = 0; i < out.len; i++) {
		struct acl_target t = { .path = win_path_join(s->r->a, p->path, out.v[i].name), .kind = out.v[i].kind };
		if (!entries_of(s, p, true, &t))
			return;
		add_target(s, &t, false);
	}
}

/* Where our records really are; their name as it is known where that is no place of the store. */
static const char *
state_dir(struct survey *s)
{
	struct arena *a = arena_new();
	const char *dir = s->c->files->dir;
	struct acl_seen o;

	if (acl_see(s->c->store, a, dir, ACL_LOOK, &o) == ACL_OK) {
		if (o.path != NULL)
			dir = arena_strdup(s->r->a, o.path);
		acl_unsee(&o);
	}
	arena_free(a);
	return dir;
}

static void
check_root(struct survey *s, const struct plan_root *root)
{
	const char *why = win_path_no_root(root->path, &s->c->dirs), *state = state_dir(s);

	if (why != NULL)
		acl_find(s->r, ACL_ERROR, "no-root", root->path, root->at, "cannot be made writable: it %s", why);
	if (win_path_within(s->c->files->dir, root->path) || win_path_within(state, root->path))
		acl_find(s->r, ACL_ERROR, "no-root", root->path, root->at, "cannot be made writable: cdxp-run keeps its "
		    "own records in it, in %s", state);
}

static int
capabilities(struct survey *s, bool make)
{
	const struct sid avoid[] = { s->c->people.user, s->c->people.group, s->c->people.sandbox_user };
	size_t n = s->plan->roots.len > 0 ? s->plan->roots.len : 1;
	struct cap_request *q = arena_array(s->r->a, n, sizeof(*q));
	const char *why;

	for (size_t i = 0; i < s->plan->roots.len; i++)
		q[i] = (struct cap_request){ .path = s->plan->roots.v[i].path, .hash = s->plan->roots.v[i].hash };
	if (cap_store_get(s->r->a, s->c->files, q, n, make, avoid, NELEMS(avoid), &why) != 0) {
		acl_find(s->r, ACL_ERROR, "state", NULL, NULL, "%s", why);
		return -1;
	}
	s->out->capabilities = arena_array(s->r->a, n, sizeof(struct sid));
	for (size_t i = 0; i < n; i++)
		s->out->capabilities[i] = q[i].sid.n > 0 ? q[i].sid : (struct sid){ .authority = 0, .n = 1 };
	return 0;
}

static int
by_path(const void *x, const void *y)
{
	const struct acl_target *a = x, *b = y;

	return win_path_order(a->path, b->path);
}

/* Two places became one: the entries of a profile's child beside those of its own line. */
static void
merge(struct acl_targets *out, struct arena *a)
{
	size_t n = 0;

	for (size_t i = 0; i < out->at.len; i++) {
		struct acl_target *t = &out->at.v[i], *last = n > 0 ? &out->at.v[n - 1] : NULL;
		if (last == NULL || strcmp(last->path, t->path) != 0) {
			out->at.v[n++] = *t;
			continue;
		}
		for (size_t k = 0; k < t->entries.len; k++) {
			bool there = false;
			for (size_t m = 0; m < last->entries.len; m++)
				there |= ace_equal(&last->entries.v[m].ace, &t->entries.v[k].ace);
			if (!there)
				VEC_PUSH(a, &last->entries, t->entries.v[k]);
		}
	}
	out->at.len = n;
}

int
acl_survey(struct acl_context *c, const struct win_plan *plan, const struct journal *j, bool make,
    struct acl_report *r, struct acl_targets *out)
{
	struct survey s = { .c = c, .plan = plan, .j = j, .r = r, .out = out, .number = journal_plan(j, plan->id) };
	size_t before = r->errors;

	*out = (struct acl_targets){ .capabilities = NULL };
	for (size_t i = 0; i < plan->roots.len; i++)
		check_root(&s, &plan->roots.v[i]);
	if (r->errors > before || capabilities(&s, make) != 0)
		return -1;
	for (size_t i = 0; i < plan->places.len; i++) {
		const struct plan_place *p = &plan->places.v[i];
		struct acl_target t = { .path = p->path, .kind = p->kind, .link = p->link };
		if (p->for_children)
			profile_children(&s, p);
		if (entries_of(&s, p, false, &t) && t.entries.len > 0)
			add_target(&s, &t, p->make);
	}
	if (out->at.len > 0)
		qsort(out->at.v, out->at.len, sizeof(*out->at.v), by_path);
	merge(out, r->a);
	return r->errors == before ? 0 : -1;
}

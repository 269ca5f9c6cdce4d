/* SPDX-License-Identifier: Apache-2.0 */
/* acl_audit.c - walks that look for what is open, with limits, and say what they did not look at */
#include <config.h>

#include "acl_audit.h"

#include <stdlib.h>
#include <string.h>

#include "acl_object.h"
#include "arena.h"

/* A deny that has to count before certain allows. */
struct guard {
	struct ace	 ace;		/* as it would be inherited by a directory; explicit */
	uint32_t	 mask;		/* an allow of one of these bits */
	bool		 anybody;	/* to anybody whose rights the command may have; else to one of these */
	const struct sid *sids;
	size_t		 n_sids;
};

struct walk {
	struct acl_context	*c;
	const struct win_plan	*plan;
	const struct plan_audit	*audit;
	const struct journal	*j;
	struct acl_report	*r;
	struct acl_targets	*found;
	uint32_t		 number;
	struct { struct guard *v; size_t len, cap; } guards;
	bool			 inside, limited;
	uint64_t		 deadline;
	size_t			 checks, missed;
	const char		*first_missed;
};

static bool
is_for(const struct walk *w, const struct guard *g, const struct sid *sid)
{
	if (!g->anybody) {
		for (size_t i = 0; i < g->n_sids; i++)
			if (sid_equal(&g->sids[i], sid))
				return true;
		return false;
	}
	/* Administrators are for denying alone in the token; in an elevated plan the user is somebody else. */
	return !sid_equal(sid, &sid_system) && !sid_equal(sid, &sid_administrators) &&
	    !(w->plan->elevated && sid_equal(sid, &w->c->people.user));
}

enum guarded {
	GUARD_NEEDLESS,		/* nothing is allowed that the guard is against */
	GUARD_INHERITED,	/* it comes first, from above */
	GUARD_EXPLICIT,		/* it comes first, and is the object's own */
	GUARD_MISSING,
};

static enum guarded
guarded(const struct walk *w, const struct guard *g, const struct ace_list *list, bool is_dir)
{
	uint8_t flags = is_dir ? g->ace.flags : 0;
	enum guarded state = GUARD_MISSING;

	for (size_t i = 0; i < list->len; i++) {
		const struct ace *e = &list->v[i];
		if (e->raw != NULL) {
			/* Of what is not understood the worst is believed. */
			if (!ace_is_deny(e))
				return state;
			continue;
		}
		if (e->type == ACE_DENY) {
			bool covers = sid_equal(&e->sid, &g->ace.sid) && (e->mask & g->ace.mask) == g->ace.mask &&
			    (e->flags & flags) == flags && (e->flags & (ACE_INHERIT_ONLY | ACE_NO_PROPAGATE)) == 0;
			if (covers && state == GUARD_MISSING)
				state = (e->flags & ACE_INHERITED) != 0 ? GUARD_INHERITED : GUARD_EXPLICIT;
		} else if (((e->mask & g->mask) != 0 || e->mask >> 28 != 0) && is_for(w, g, &e->sid)) {
			return state;
		}
	}
	return GUARD_NEEDLESS;
}

static void
missed(struct walk *w, const char *path)
{
	if (w->missed++ == 0)
		w->first_missed = arena_strdup(w->r->a, path);
}

/* A deny there would be handed on to half of the computer. */
static bool
too_high(const struct walk *w, const char *path)
{
	return win_path_no_root(path, &w->c->dirs) != NULL;
}

static void
found_open(struct walk *w, const struct acl_seen *o, const struct acl_target *t)
{
	size_t missing = 0;

	for (size_t i = 0; i < t->entries.len; i++)
		missing += t->entries.v[i].have == HAVE_NOT;
	if (missing > 0 && !w->inside && too_high(w, o->path)) {
		acl_find(w->r, w->audit->required ? ACL_ERROR : ACL_WARNING, w->audit->name, o->path, NULL, "is open "
		    "to programs of this kind, and too much depends on it to have entries added: take the entry for "
		    "all users away there, or do without it (--no-everyone)");
		return;
	}
	if (missing > 0)
		acl_find(w->r, ACL_NOTE, w->audit->name, o->path, NULL, "has entries of its own that would open it; "
		    "denies are added");
	VEC_PUSH(w->r->a, &w->found->at, *t);
	w->found->at.v[w->found->at.len - 1].path = arena_strdup(w->r->a, t->path);
}

static void
check(struct walk *w, const struct acl_seen *o)
{
	struct acl_target t = { .path = o->path, .kind = o->facts.kind };
	bool is_dir = o->facts.kind == ACL_DIR;

	w->checks++;
	if (o->d.no_dacl || !ace_list_is_canonical(&o->d.dacl)) {
		acl_find(w->r, w->inside || w->audit->required ? ACL_ERROR : ACL_WARNING, w->audit->name, t.path, NULL,
		    o->d.no_dacl ? "allows everything to everybody, having no access control list" :
		    "has its entries in an order that Windows does not make; put them in order first");
		return;
	}
	for (size_t i = 0; i < w->guards.len; i++) {
		const struct guard *g = &w->guards.v[i];
		if (!is_dir && w->inside && (g->ace.flags & ACE_OBJECT_INHERIT) == 0)
			continue;
		enum guarded state = guarded(w, g, &o->d.dacl, is_dir);
		if (state != GUARD_MISSING && state != GUARD_EXPLICIT)
			continue;
		struct acl_target_entry e = { .ace = g->ace, .purpose = w->audit->name, .at = "" };
		e.ace.flags = is_dir ? g->ace.flags : 0;
		VEC_PUSH(w->r->a, &t.entries, e);
	}
	if (t.entries.len > 0 && acl_survey_one(w->c, w->j, w->number, w->r, &t) == 0 && !t.missing)
		found_open(w, o, &t);
	if (w->inside && !is_dir && o->facts.links > 1)
		acl_find(w->r, ACL_WARNING, "hard-link", t.path, NULL, "has %lu names: under the others it can be changed, "
		    "if they are where that is allowed", (unsigned long)o->facts.links);
}

/* What is granted by the plan is not what is looked for outside it. */
static bool
is_granted(const struct walk *w, const char *path)
{
	bool reading = strcmp(w->audit->name, "public-read") == 0;

	for (size_t i = 0; i < w->plan->roots.len; i++)
		if (win_path_within(path, w->plan->roots.v[i].path))
			return true;
	for (size_t i = 0; reading && i < w->plan->places.len; i++) {
		const struct plan_place *p = &w->plan->places.v[i];
		for (size_t k = 0; k < p->entries.len; k++)
			if (p->entries.v[k].type == ACE_ALLOW && win_path_within(path, p->path))
				return true;
	}
	return false;
}

/* One of those that wait to be looked at; its path is on the heap. */
struct waiting {
	char		*path;
	unsigned	 depth;		/* how many levels below it */
	bool		 skip;		/* only what is below it */
};

struct pile {
	struct waiting	*v;
	size_t		 len, cap;
};

static void
push(struct walk *w, struct pile *pile, const char *path, unsigned depth, bool skip)
{
	char *copy = strdup(path);

	if (copy == NULL)
		out_of_memory();
	VEC_PUSH(w->r->a, pile, ((struct waiting){ copy, depth, skip }));
}

static void
list_below(struct walk *w, struct arena *a, struct acl_seen *o, const struct waiting *at, struct pile *pile)
{
	struct acl_child *v = NULL;
	bool more = false;
	size_t n = 0;

	if (w->c->store->ops->children(w->c->store, a, o->handle, w->limited ? w->audit->entries : SIZE_MAX, &v, &n,
	    &more) != ACL_OK) {
		missed(w, at->path);
		return;
	}
	if (more)
		missed(w, at->path);
	for (size_t i = 0; i < n; i++)
		if (!v[i].reparse)
			push(w, pile, win_path_join(a, o->path, v[i].name), at->depth - 1, false);
}

static void
one(struct walk *w, const struct waiting *at, struct pile *pile, bool top)
{
	struct arena *a = arena_new();
	struct acl_seen o;

	if (w->limited && (w->checks >= w->audit->checks || acl_now(w->c) > w->deadline)) {
		missed(w, at->path);
		arena_free(a);
		return;
	}
	enum acl_status status = acl_see(w->c->store, a, at->path, ACL_LOOK, &o);
	if (status == ACL_OK) {
		bool same = o.path != NULL && !o.facts.reparse && (top || win_path_equal(o.path, at->path));
		if (same && !at->skip && (w->inside || !is_granted(w, o.path)))
			check(w, &o);
		if (same && at->depth > 0 && o.facts.kind == ACL_DIR)
			list_below(w, a, &o, at, pile);
		acl_unsee(&o);
	} else if (status != ACL_MISSING) {
		missed(w, at->path);
	}
	arena_free(a);
}

static void
walk(struct walk *w, const char *path, unsigned depth, bool skip)
{
	struct pile pile = { NULL, 0, 0 };
	bool top = true;

	push(w, &pile, path, depth, skip);
	while (pile.len > 0) {
		struct waiting at = pile.v[--pile.len];
		one(w, &at, &pile, top);
		free(at.path);
		top = false;
	}
}

static void
begin(struct walk *w, bool limited)
{
	w->limited = limited;
	w->deadline = acl_now(w->c) + (uint64_t)w->audit->seconds * 1000;
	w->checks = w->missed = 0;
	w->guards.len = 0;
}

static void
end(struct walk *w)
{
	w->r->audit_checks += w->checks;
	if (w->missed > 0)
		acl_find(w->r, ACL_WARNING, "not-looked-at", w->first_missed, NULL, "and %zu others were not looked at for "
		    "\"%s\": too many, too slow or no access (%u of a directory, %u in all, %u s)", w->missed - 1,
		    w->audit->name, w->audit->entries, w->audit->checks, w->audit->seconds);
}

/* Below each place that hands on denies, these denies. */
static void
audit_inside(struct walk *w, const struct acl_targets *targets, const struct sid *restricting, size_t n, bool all)
{
	begin(w, !all);
	for (size_t i = 0; i < targets->at.len; i++) {
		const struct acl_target *t = &targets->at.v[i];
		w->guards.len = 0;
		for (size_t k = 0; k < t->entries.len; k++) {
			struct guard g = { .ace = t->entries.v[k].ace, .mask = t->entries.v[k].ace.mask,
			    .sids = restricting, .n_sids = n, .anybody = true };
			if (g.ace.type != ACE_DENY || (g.ace.flags & ACE_CONTAINER_INHERIT) == 0)
				continue;
			for (size_t m = 0; m < n; m++)
				g.anybody &= !sid_equal(&restricting[m], &g.ace.sid);
			g.ace.flags &= ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT;
			VEC_PUSH(w->r->a, &w->guards, g);
		}
		if (w->guards.len > 0 && !t->missing)
			walk(w, t->path, WIN_PLAN_AUDIT_DEPTH, true);
	}
	end(w);
}

static void
known_places(struct walk *w, const char *name, unsigned depth)
{
	const struct win_dirs *d = &w->c->dirs;
	const struct { const char *name; const char *one; const char *const *many; } known[] = {
		{ "@public", d->public, NULL }, { "@system", d->system_drive, NULL },
		{ "@windows", d->windows, NULL }, { "@path", NULL, d->path }, { "@temp", NULL, d->temp },
	};

	for (size_t i = 0; i < NELEMS(known); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		if (known[i].one != NULL)
			walk(w, known[i].one, depth, false);
		for (size_t k = 0; known[i].many != NULL && known[i].many[k] != NULL; k++)
			if (win_path_check(known[i].many[k], strlen(known[i].many[k])) == NULL)
				walk(w, known[i].many[k], depth, false);
			else
				missed(w, known[i].many[k]);
	}
}

static void
audit_places(struct walk *w, const struct sid *capabilities)
{
	const struct plan_audit *audit = w->audit;
	struct { struct sid *v; size_t len, cap; } sids = { NULL, 0, 0 };

	for (size_t i = 0; i < audit->principals.len; i++) {
		struct sid sid = acl_sid_of(w->c, capabilities, &audit->principals.v[i]);
		if (sid.n > 0)
			VEC_PUSH(w->r->a, &sids, sid);
	}
	begin(w, true);
	for (size_t i = 0; i < audit->deny.len; i++) {
		const struct plan_entry *e = &audit->deny.v[i];
		struct guard g = { .ace = { .type = ACE_DENY, .flags = e->flags, .mask = e->mask,
		    .sid = acl_sid_of(w->c, capabilities, &e->to) }, .mask = audit->mask, .sids = sids.v, .n_sids = sids.len };
		if (g.ace.sid.n > 0)
			VEC_PUSH(w->r->a, &w->guards, g);
	}
	for (size_t i = 0; i < audit->places.len; i++) {
		const struct plan_audit_place *p = &audit->places.v[i];
		if (p->path[0] == '@')
			known_places(w, p->path, p->depth);
		else
			walk(w, p->path, p->depth, false);
	}
	end(w);
}

/* The same object twice: its first finding has all entries of that audit; those of others are added. */
static void
merge(struct acl_report *r, struct acl_targets *found)
{
	size_t n = 0;

	for (size_t i = 0; i < found->at.len; i++) {
		struct acl_target *t = &found->at.v[i];
		size_t k = 0;
		while (k < n && strcmp(found->at.v[k].path, t->path) != 0)
			k++;
		if (k == n) {
			found->at.v[n++] = *t;
			continue;
		}
		for (size_t m = 0; m < t->entries.len; m++) {
			bool there = false;
			for (size_t e = 0; e < found->at.v[k].entries.len; e++)
				there |= ace_equal(&found->at.v[k].entries.v[e].ace, &t->entries.v[m].ace);
			if (!there)
				VEC_PUSH(r->a, &found->at.v[k].entries, t->entries.v[m]);
		}
	}
	found->at.len = n;
}

int
acl_audit(struct acl_context *c, const struct win_plan *plan, const struct acl_targets *targets,
    const struct journal *j, enum acl_audit_scope scope, struct acl_report *r, struct acl_targets *found)
{
	struct walk w = { .c = c, .plan = plan, .j = j, .r = r, .found = found, .number = journal_plan(j, plan->id) };
	struct sid *restricting = arena_array(r->a, plan->restricting.len + 1, sizeof(*restricting));
	size_t before = r->errors, n = 0;

	*found = (struct acl_targets){ .capabilities = targets->capabilities };
	for (size_t i = 0; i < plan->restricting.len; i++) {
		struct sid sid = acl_sid_of(c, targets->capabilities, &plan->restricting.v[i]);
		if (sid.n > 0)
			restricting[n++] = sid;
	}
	for (size_t i = 0; i < plan->audits.len; i++) {
		w.audit = &plan->audits.v[i];
		w.inside = strcmp(w.audit->name, "inside") == 0;
		if (w.inside && scope != AUDIT_OUTSIDE)
			audit_inside(&w, targets, restricting, n, scope == AUDIT_ALL_INSIDE);
		else if (!w.inside)
			audit_places(&w, targets->capabilities);
	}
	merge(r, found);
	return r->errors == before ? 0 : -1;
}

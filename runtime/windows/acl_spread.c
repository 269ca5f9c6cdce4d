/* SPDX-License-Identifier: Apache-2.0 */
/* acl_spread.c - inheritance: worked out, written, taken back */
#include <config.h>

#include "acl_spread.h"

#include <stdlib.h>
#include <string.h>

#include "acl_object.h"
#include "arena.h"
#include "intern.h"

static int
by_right(const void *x, const void *y)
{
	const struct ace *a = x, *b = y;

	if (a->type != b->type)
		return (int)a->type - (int)b->type;
	if (a->mask != b->mask)
		return a->mask < b->mask ? -1 : 1;
	if (a->flags != b->flags)
		return (int)a->flags - (int)b->flags;
	return sid_order(&a->sid, &b->sid);
}

void
acl_ours_add(struct arena *a, struct acl_ours *ours, const struct ace *ace)
{
	const uint8_t below = ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT;
	struct ace form = *ace;

	form.flags = ace->flags & below;
	if (form.flags == 0)
		return;
	VEC_PUSH(a, ours, form);
	form.flags = 0;
	if ((ace->flags & ACE_OBJECT_INHERIT) != 0)
		VEC_PUSH(a, ours, form);
}

void
acl_ours_seal(struct acl_ours *ours)
{
	size_t n = 0;

	if (ours->len > 0)
		qsort(ours->v, ours->len, sizeof(*ours->v), by_right);
	for (size_t i = 0; i < ours->len; i++)
		if (n == 0 || by_right(&ours->v[n - 1], &ours->v[i]) != 0)
			ours->v[n++] = ours->v[i];
	ours->len = n;
}

bool
acl_is_ours(const struct acl_ours *ours, const struct ace *ace)
{
	struct ace form = *ace;

	form.flags &= ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT;
	return ace->raw == NULL && ours->len > 0 &&
	    bsearch(&form, ours->v, ours->len, sizeof(*ours->v), by_right) != NULL;
}

/* Those of a list that are ours, or that are not. */
static struct ace_list
sift(struct arena *a, const struct ace_list *list, const struct acl_ours *ours, bool which)
{
	struct ace_list out = { NULL, 0, 0 };

	for (size_t i = 0; i < list->len; i++)
		if (acl_is_ours(ours, &list->v[i]) == which)
			ace_add(a, &out, list->v[i]);
	return out;
}

static void
append(struct arena *a, struct ace_list *to, const struct ace_list *from)
{
	for (size_t i = 0; i < from->len; i++)
		ace_add(a, to, from->v[i]);
}

bool
acl_renew(struct arena *a, const struct descriptor *d, bool is_dir, const struct ace_list *parent,
    const struct acl_ours *ours, struct ace_list *out, bool *stale)
{
	*stale = false;
	*out = d->dacl;
	if (d->is_protected || d->no_dacl)
		return false;
	struct ace_list want = ace_list_inherited(a, parent, is_dir, &d->owner);
	struct ace_list have = ace_list_part(a, &d->dacl, true);
	struct ace_list want_rest = sift(a, &want, ours, false), have_rest = sift(a, &have, ours, false);
	struct ace_list result = { NULL, 0, 0 };
	bool ordered = true;

	for (size_t i = 1; i < d->dacl.len; i++)
		ordered &= (d->dacl.v[i].flags & ACE_INHERITED) != 0 || (d->dacl.v[i - 1].flags & ACE_INHERITED) == 0;
	if (ordered && ace_lists_equal(&want_rest, &have_rest)) {
		result = ace_list_part(a, &d->dacl, false);
		append(a, &result, &want);
	} else {
		struct ace_list add = sift(a, &want, ours, true);
		bool done = false;
		*stale = true;
		for (size_t i = 0; i < d->dacl.len; i++) {
			const struct ace *ace = &d->dacl.v[i];
			bool inherited = (ace->flags & ACE_INHERITED) != 0;
			if (inherited && !done)
				append(a, &result, &add);
			done |= inherited;
			if (!inherited || !acl_is_ours(ours, ace))
				ace_add(a, &result, *ace);
		}
		if (!done)
			append(a, &result, &add);
	}
	*out = result;
	return !ace_lists_equal(&result, &d->dacl);
}

/* Directories that wait; their names on the heap. */
struct pile {
	char	**v;
	size_t	  len, cap;
};

static void
push(struct pile *p, const char *path)
{
	if (p->len == p->cap) {
		p->cap = p->cap == 0 ? 64 : p->cap * 2;
		char **more = realloc(p->v, p->cap * sizeof(*more));
		if (more == NULL)
			out_of_memory();
		p->v = more;
	}
	if ((p->v[p->len++] = strdup(path)) == NULL)
		out_of_memory();
}

/* A deny of ours is handed on from here. */
static bool
hands_on_deny(const struct acl_spread *s, const struct ace_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct ace *ace = &list->v[i];
		if (ace->type == ACE_DENY && (ace->flags & (ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT)) != 0 &&
		    acl_is_ours(s->ours, ace))
			return true;
	}
	return false;
}

/* Something of ours is still there, as far as can be seen. */
static bool
has_ours(struct acl_spread *s, struct arena *a, const char *path)
{
	struct acl_seen o;
	bool has = false;

	if (acl_see(s->c->store, a, path, ACL_LOOK, &o) != ACL_OK)
		return true;
	for (size_t i = 0; i < o.d.dacl.len; i++)
		has |= (o.d.dacl.v[i].flags & ACE_INHERITED) != 0 && acl_is_ours(s->ours, &o.d.dacl.v[i]);
	acl_unsee(&o);
	return has;
}

/* -1 where that cannot be left so. */
static int
not_reached(struct acl_spread *s, struct arena *a, const char *path, enum acl_status status, bool denies)
{
	const char *why = arena_strdup(a, s->c->store->why);

	if (s->back && status == ACL_DENIED && !has_ours(s, a, path))
		return 0;
	bool bad = denies || s->back || status != ACL_DENIED;
	acl_find(s->report, bad ? ACL_ERROR : ACL_WARNING, "not-reached", path, NULL, "cannot be opened for a "
	    "change (%s), and %s; give yourself the right to change its permissions, or remove it", why,
	    s->back ? "still has entries of ours" : denies ? "would not be protected" :
	    "would not be granted what the directory around it is");
	return bad ? -1 : 0;
}

/* Returns whether what is below it is to be looked at; -1 for an error. */
static int
renew_child(struct acl_spread *s, struct arena *a, const char *path, const struct acl_child *child,
    const struct ace_list *parent, bool denies)
{
	struct acl_seen o;
	struct ace_list list;
	bool stale, changed;
	enum acl_status status = acl_see(s->c->store, a, path, s->look ? ACL_LOOK : ACL_CHANGE, &o);

	if (status == ACL_MISSING)
		return 0;
	s->seen++;
	if (status != ACL_OK)
		return not_reached(s, a, path, status, denies);
	changed = acl_renew(a, &o.d, o.facts.kind == ACL_DIR, parent, s->ours, &list, &stale);
	s->stale += stale;
	if (o.d.is_protected && s->cut_off++ == 0)
		s->first_cut_off = arena_strdup(s->report->a, path);
	if (changed && s->look) {
		s->behind++;
	} else if (changed) {
		s->report->spread_objects++;
		status = acl_put(a, &o, &list);
	}
	if (status != ACL_OK)
		acl_find(s->report, ACL_ERROR, "not-stored", path, NULL, "did not take over the entries of the "
		    "directory around it: %s", s->c->store->why);
	bool deeper = o.facts.kind == ACL_DIR && !o.facts.reparse && !child->reparse && !o.d.is_protected;
	acl_unsee(&o);
	if (status != ACL_OK)
		return -1;
	/* What is protected takes over nothing, but may have entries of ours that it hands on. */
	if (s->changed != NULL && strmap_get(s->changed, path, strlen(path)) != NULL)
		return child->kind == ACL_DIR && !child->reparse;
	return deeper && (changed || s->thorough);
}

static int
one_directory(struct acl_spread *s, const char *path, struct pile *pile)
{
	struct arena *a = arena_new();
	struct acl_child *children = NULL;
	struct acl_seen o;
	bool more = false;
	size_t n = 0;
	int result = 0;
	enum acl_status status = acl_see(s->c->store, a, path, ACL_LOOK, &o);

	if (s->walked != NULL)
		strmap_put(s->walked, path, strlen(path), s->walked);
	if (status == ACL_OK) {
		status = s->c->store->ops->children(s->c->store, a, o.handle, SIZE_MAX, &children, &n, &more);
		acl_unsee(&o);
	} else if (status == ACL_MISSING) {
		status = ACL_OK;
	}
	if (status != ACL_OK) {
		acl_find(s->report, ACL_ERROR, "not-reached", path, NULL, "cannot be listed: %s", s->c->store->why);
		result = -1;
	}
	bool denies = n > 0 && hands_on_deny(s, &o.d.dacl);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct arena *each = arena_new();
		const char *child = win_path_join(each, path, children[i].name);
		if (s->limit > 0 && s->seen >= s->limit) {
			s->stopped = true;
			arena_free(each);
			break;
		}
		int deeper = renew_child(s, each, child, &children[i], &o.d.dacl, denies);
		if (deeper > 0)
			push(pile, child);
		result = deeper < 0 ? -1 : 0;
		arena_free(each);
	}
	arena_free(a);
	return result;
}

int
acl_spread_below(struct acl_spread *s, const char *top)
{
	struct pile pile = { NULL, 0, 0 };
	int result = 0;

	push(&pile, top);
	while (pile.len > 0) {
		char *path = pile.v[--pile.len];
		if (result == 0 && !s->stopped)
			result = one_directory(s, path, &pile);
		free(path);
	}
	free(pile.v);
	return result;
}

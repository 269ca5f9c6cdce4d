/* SPDX-License-Identifier: Apache-2.0 */
/* acl_plan.c - from permissions to entries (spec 3.4, the table) */
#include <config.h>

#include "acl_plan.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "path_sort.h"

struct ids { uint32_t *v; size_t len, cap; };

struct build {
	struct arena	*a;
	const struct acl_permissions *p;
	struct acl_plan	*plan;
	struct strmap	*places;	/* position in plan->places, from 1, by path */
	struct strmap	*at;		/* struct ids: the root with this path */
	struct strmap	*below;		/* struct ids: the roots at or below this path */
	uint32_t	 first;		/* the principal of the first pass */
};

static struct acl_plan_place *
place_at(struct build *w, const struct acl_spot *s, bool above)
{
	const char *key = above ? path_join(w->a, s->path, "..") : s->path;
	size_t len = strlen(key), at = (size_t)(uintptr_t)strmap_get(w->places, key, len);

	if (at == 0) {
		struct acl_plan_place p = { .path = s->path, .above = above,
		    .directory = above || s->directory, .link = !above && s->link,
		    .make = !above && s->make };
		VEC_PUSH(w->a, &w->plan->places, p);
		at = w->plan->places.len;
		strmap_put_kept(w->places, key, len, (void *)(uintptr_t)at);
	}
	/* Who only holds another place does not say whether it is there. */
	struct acl_plan_place *p = &w->plan->places.v[at - 1];
	p->make |= !above && s->make;
	return p;
}

static void
add(struct build *w, struct acl_plan_place *p, enum acl_purpose purpose, uint32_t who,
    const struct ir_origin *o)
{
	for (size_t i = 0; i < p->entries.len; i++)
		if (p->entries.v[i].purpose == purpose && p->entries.v[i].who == who)
			return;
	VEC_PUSH(w->a, &p->entries, ((struct acl_entry){ purpose, who, o }));
}

/* ---- which roots overlap a place ---- */

static void
add_id(struct build *w, struct strmap *map, const char *path, size_t len, uint32_t id)
{
	struct ids *ids = strmap_get(map, path, len);

	if (ids == NULL) {
		ids = arena_alloc(w->a, sizeof(*ids));
		strmap_put_kept(map, path, len, ids);
	}
	VEC_PUSH(w->a, ids, id);
}

static void
enter_roots(struct build *w)
{
	for (uint32_t i = 0; i < w->p->write_roots.len; i++) {
		const char *path = w->p->write_roots.v[i].spot.path;
		size_t len = strlen(path);
		add_id(w, w->at, path, len, i);
		for (; len > 0; len--)
			if (path[len] == '/' || path[len] == '\0')
				add_id(w, w->below, path, len, i);
	}
}

static void
add_capabilities(struct build *w, struct acl_plan_place *p, enum acl_purpose purpose,
    const struct acl_spot *s)
{
	const struct ids *ids;

	for (size_t len = strlen(s->path) - 1; len > 0; len--)
		if (s->path[len] == '/' && (ids = strmap_get(w->at, s->path, len)) != NULL)
			add(w, p, purpose, ACL_TO_CAPABILITY + ids->v[0], s->origin);
	ids = strmap_get(w->below, s->path, strlen(s->path));
	for (size_t i = 0; ids != NULL && i < ids->len; i++)
		add(w, p, purpose, ACL_TO_CAPABILITY + ids->v[i], s->origin);
}

/* ---- places ---- */

/* Through the directory that holds it nothing of the kind is deleted. */
static void
hold(struct build *w, const struct acl_spot *s)
{
	struct acl_spot up = { path_parent(w->a, s->path), true, false, false, s->origin };
	bool above = up.path[1] == '\0';

	add(w, place_at(w, above ? s : &up, above), ACL_HOLDS_PINNED, w->first, s->origin);
}

static void
plan_root(struct build *w, uint32_t i)
{
	const struct acl_spot *s = &w->p->write_roots.v[i].spot;
	struct acl_plan_place *p = place_at(w, s, false);
	const uint32_t who[] = { ACL_TO_CAPABILITY + i, ACL_TO_GROUP };

	for (size_t k = 0; k < (w->p->elevated ? 2u : 1u); k++) {
		add(w, p, s->directory ? ACL_WRITE : ACL_WRITE_FILE, who[k], s->origin);
		if (s->directory)
			add(w, p, ACL_WRITE_DELETE, who[k], s->origin);
	}
	if (w->p->elevated)
		add(w, p, ACL_OWNER, ACL_TO_OWNER, s->origin);
	hold(w, s);
}

static void
plan_carve_out(struct build *w, const struct acl_spot *s)
{
	struct acl_plan_place *p = place_at(w, s, false);

	add_capabilities(w, p, ACL_CARVE_OUT, s);
	if (s->directory)
		add(w, p, ACL_CARVE_OUT_HOLDS, w->first, s->origin);
	hold(w, s);
}

static void
plan_pinned(struct build *w, const struct acl_spot *s)
{
	struct acl_plan_place *p = place_at(w, s, false);

	add_capabilities(w, p, ACL_PINNED, s);
	add(w, p, ACL_PINNED, w->first, s->origin);
	hold(w, s);
}

static void
plan_denied(struct build *w, const struct acl_spot *s, enum acl_purpose purpose)
{
	struct acl_plan_place *p = place_at(w, s, false);

	add(w, p, purpose, ACL_TO_GROUP, s->origin);
	add_capabilities(w, p, purpose, s);
	if (purpose == ACL_DENIED && s->path[strcspn(s->path + 1, "/") + 1] != '\0')
		hold(w, s);
}

static void
plan_places(struct build *w)
{
	const struct acl_permissions *p = w->p;

	for (size_t i = 0; i < p->read_roots.len; i++)
		add(w, place_at(w, &p->read_roots.v[i], false), ACL_READ, ACL_TO_GROUP,
		    p->read_roots.v[i].origin);
	if (p->profile.path != NULL) {
		struct acl_plan_place *q = place_at(w, &p->profile, false);
		q->profile = true;
		add(w, q, ACL_READ_PROFILE, ACL_TO_GROUP, p->profile.origin);
	}
	for (uint32_t i = 0; i < p->write_roots.len; i++) {
		const struct acl_write_root *r = &p->write_roots.v[i];
		plan_root(w, i);
		for (size_t k = 0; k < r->carve_outs.len; k++)
			plan_carve_out(w, &r->carve_outs.v[k]);
		for (size_t k = 0; k < r->pinned.len; k++)
			plan_pinned(w, &r->pinned.v[k]);
	}
	for (size_t i = 0; i < p->denied.len; i++)
		plan_denied(w, &p->denied.v[i], ACL_DENIED);
	for (size_t i = 0; i < p->denied_below.len; i++)
		plan_denied(w, &p->denied_below.v[i], ACL_DENIED_BELOW);
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct acl_entry *x = a, *y = b;
	bool dx = acl_purpose_row(x->purpose)->deny, dy = acl_purpose_row(y->purpose)->deny;

	if (dx != dy)
		return dx ? -1 : 1;
	if (x->purpose != y->purpose)
		return x->purpose < y->purpose ? -1 : 1;
	return x->who < y->who ? -1 : x->who > y->who;
}

static const char *
place_path(const void *arg, size_t i)
{
	return ((const struct acl_plan *)arg)->places.v[i].path;
}

void
acl_plan(struct arena *a, const struct acl_permissions *p, struct acl_plan *out)
{
	struct build w = { .a = a, .p = p, .plan = out, .places = strmap_new(a), .at = strmap_new(a),
	    .below = strmap_new(a), .first = p->elevated ? ACL_TO_GROUP : ACL_TO_USER };

	*out = (struct acl_plan){ .permissions = p };
	enter_roots(&w);
	plan_places(&w);
	const uint32_t *order = path_sort(a, out->places.len, place_path, out);
	struct acl_plan_place *v = arena_array(a, out->places.len + 1, sizeof(*v));
	for (size_t i = 0; i < out->places.len; i++) {
		v[i] = out->places.v[order[i]];
		if (v[i].entries.len > 1)
			qsort(v[i].entries.v, v[i].entries.len, sizeof(v[i].entries.v[0]), entry_cmp);
	}
	out->places.v = v;
}

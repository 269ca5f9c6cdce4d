/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal_memory.c - plans, objects and claims as the lines of the journal leave them */
#include <config.h>

#include "acl_journal_memory.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "win_path.h"

bool
journal_needs(const struct journal_claims *c, uint32_t plan)
{
	for (size_t i = 0; i < c->len; i++)
		if (c->v[i] == plan)
			return true;
	return false;
}

/* Returns whether that is news. */
static bool
claim(struct journal *j, struct journal_claims *c)
{
	if (journal_needs(c, j->open))
		return false;
	VEC_PUSH(j->a, c, j->open);
	c->fresh = true;
	return true;
}

static void
unclaim(struct journal_claims *c, uint32_t plan)
{
	size_t n = 0;

	for (size_t i = 0; i < c->len; i++)
		if (c->v[i] != plan)
			c->v[n++] = c->v[i];
	c->len = n;
	c->fresh = false;
}

uint32_t
journal_plan(const struct journal *j, const char *id)
{
	for (uint32_t i = 0; i < j->plans.len; i++)
		if (j->plans.v[i].id != NULL && strcmp(j->plans.v[i].id, id) == 0)
			return i;
	return UINT32_MAX;
}

static size_t
object_key(struct sbuf *out, const char *path, uint64_t volume, const uint64_t id[2])
{
	sbuf_printf(out, "%llx:%llx:%llx:%s", (unsigned long long)volume, (unsigned long long)id[0],
	    (unsigned long long)id[1], path);
	return out->len;
}

struct journal_object *
journal_object(const struct journal *j, const char *path, uint64_t volume, const uint64_t id[2])
{
	struct sbuf key = SBUF_INIT;
	size_t len = object_key(&key, path, volume, id);
	struct journal_object *o = strmap_get(j->by_path, sbuf_str(&key), len);

	sbuf_free(&key);
	return o;
}

struct journal_entry *
journal_entry(const struct journal_object *o, const struct ace *ace)
{
	for (size_t i = 0; i < o->entries.len; i++)
		if (o->entries.v[i].plans.len > 0 && ace_equal(&o->entries.v[i].ace, ace))
			return &o->entries.v[i];
	return NULL;
}

struct journal_made *
journal_made(const struct journal *j, const char *path)
{
	for (size_t i = 0; i < j->made.len; i++)
		if (j->made.v[i]->plans.len > 0 && win_path_equal(j->made.v[i]->path, path))
			return j->made.v[i];
	return NULL;
}

void
memory_begin(struct journal *j, const char *id, const char *name)
{
	j->open = journal_plan(j, id);
	j->state = JOURNAL_APPLYING;
	if (j->open != UINT32_MAX)
		return;
	j->open = (uint32_t)j->plans.len;
	VEC_PUSH(j->a, &j->plans, ((struct journal_plan){ .id = arena_strdup(j->a, id),
	    .name = arena_strdup(j->a, name) }));
}

struct journal_made *
memory_make(struct journal *j, const char *path, const char *temp, enum acl_kind kind)
{
	struct journal_made *m = journal_made(j, path);
	bool again = m != NULL && strcmp(m->temp, temp) != 0;

	if (m == NULL) {
		m = arena_alloc(j->a, sizeof(*m));
		m->path = arena_strdup(j->a, path);
		VEC_PUSH(j->a, &j->made, m);
	}
	if (m->temp == NULL || again) {
		m->temp = arena_strdup(j->a, temp);
		m->kind = kind;
		m->has_id = false;
	}
	return claim(j, &m->plans) || again ? m : NULL;
}

struct journal_object *
memory_object(struct journal *j, const struct journal_object *from)
{
	struct journal_object *o = journal_object(j, from->path, from->volume, from->id);

	if (o == NULL) {
		o = arena_alloc(j->a, sizeof(*o));
		*o = *from;
		o->path = arena_strdup(j->a, from->path);
		memset(&o->entries, 0, sizeof(o->entries));
		VEC_PUSH(j->a, &j->objects, o);
		struct sbuf key = SBUF_INIT;
		size_t len = object_key(&key, o->path, o->volume, o->id);
		strmap_put(j->by_path, sbuf_str(&key), len, o);
		sbuf_free(&key);
	}
	memcpy(o->base, from->base, sizeof(o->base));
	return o;
}

bool
memory_add(struct journal *j, struct journal_object *o, const struct ace *ace)
{
	struct journal_entry *e = journal_entry(o, ace);

	if (e == NULL) {
		VEC_PUSH(j->a, &o->entries, ((struct journal_entry){ .ace = *ace }));
		e = &o->entries.v[o->entries.len - 1];
	}
	return claim(j, &e->plans);
}

void
memory_spread(struct journal *j, uint32_t plan, const char *const *paths, size_t n)
{
	struct journal_plan *p = &j->plans.v[plan];

	p->spread.len = 0;
	for (size_t i = 0; i < n; i++)
		VEC_PUSH(j->a, &p->spread, arena_strdup(j->a, paths[i]));
}

static void
end_claims(struct journal_claims *c, uint32_t plan, bool forget)
{
	if (forget)
		unclaim(c, plan);
	c->fresh = false;
}

/* What is taken back: the claims that are fresh; what is undone: all of the plan's. */
void
memory_end(struct journal *j, bool back)
{
	bool undo = j->state == JOURNAL_UNDOING;

	for (size_t i = 0; i < j->objects.len; i++)
		for (size_t k = 0; k < j->objects.v[i]->entries.len; k++) {
			struct journal_claims *c = &j->objects.v[i]->entries.v[k].plans;
			end_claims(c, j->open, undo || (back && c->fresh));
		}
	for (size_t i = 0; i < j->made.len; i++) {
		struct journal_claims *c = &j->made.v[i]->plans;
		end_claims(c, j->open, undo || (back && c->fresh));
	}
	struct journal_plan *p = &j->plans.v[j->open];
	if (undo || (back && !p->done))
		p->id = NULL;
	p->done = !undo && (p->done || !back);
	if (p->id == NULL)
		p->spread.len = 0;
	j->state = JOURNAL_DONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_off.c - paths that no tree knows, as one for each state that they lead to */
#include <config.h>

#include "seatbelt_walk_state.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"

enum { MAX_JOINT_STATES = 1 << 18 };

static bool
is_base(const struct why *w)
{
	return w != NULL && w->kind == WHY_BASE;
}

struct state { uint32_t residue, marks, value; };

static struct state
state_of(uint32_t residue, uint32_t marks, enum access value, const struct why *why)
{
	return (struct state){ residue, marks, (uint32_t)value * 2 + is_base(why) };
}

static bool
first_visit(struct walk *w, const struct off *o)
{
	const struct state s = state_of(o->residue, o->marks, o->value, o->why);

	if (strmap_put(w->seen, (const char *)&s, sizeof(s), w) != NULL)
		return false;
	if (strmap_count(w->seen) > MAX_JOINT_STATES)
		w->failed = true;
	return true;
}

static void
judge_off(struct walk *w, const struct off *o)
{
	struct sb_at at = { .residue = o->residue, .marks = o->marks };

	if (w->in->policy != NULL) {
		at.access = o->value;
		if (o->why != NULL)
			at.why = *o->why;
	}
	walk_judge(w, &at, NULL, o->path);
}

static void
push(struct walk *w, struct off o, size_t depth)
{
	if (!w->ordered) {
		depth = 0;
		if (!first_visit(w, &o))
			return;
		judge_off(w, &o);
	}
	if (depth <= LIMIT_PATH_DEPTH)
		VEC_PUSH(w->a, &w->level[depth], o);
}

struct sb_atoms
walk_live(struct walk *w, uint32_t residue, uint32_t marks)
{
	const struct sb_atoms both[] = { sb_residue_atoms(w->m, residue), sb_residue_atoms(w->m, marks) };

	w->atoms.len = 0;
	for (size_t k = 0; k < NELEMS(both); k++)
		for (size_t i = 0; i < both[k].len; i++)
			VEC_PUSH(w->a, &w->atoms, both[k].v[i]);
	return walk_atoms(&w->atoms);
}

/* From `o', whose path is the parent's, by names of which `others' has the first of each kind. */
static void
push_others(struct walk *w, const struct off *o, struct sb_atoms atoms, size_t depth)
{
	for (size_t i = 0; i < w->others.len && !walk_done(w); i++) {
		const struct sb_other *x = &w->others.v[i];
		struct off n = *o;
		n.residue = sb_residue_step(w->m, o->residue, atoms, x->to);
		n.marks = sb_residue_step(w->m, o->marks, atoms, x->to);
		if (w->ordered) {
			n.len = (o->len == 1 ? 0 : o->len) + 1 + x->name.len;
			if (n.len > LIMIT_PATH_BYTES)
				continue;
			char *path = arena_alloc(w->a, n.len + 1);
			memcpy(path, o->path, o->len);
			path[n.len - x->name.len - 1] = '/';
			memcpy(path + n.len - x->name.len, x->name.p, x->name.len);
			n.path = path;
		}
		push(w, n, depth);
	}
}

static bool
none_taken(void *arg, const char *name, size_t len)
{
	(void)arg, (void)name, (void)len;
	return false;
}

static void
expand_off(struct walk *w, const struct off *o, size_t depth)
{
	const struct sb_atoms atoms = walk_live(w, o->residue, o->marks);

	if (atoms.len == 0)
		return;
	if (sb_other_names(w->names, atoms, false, none_taken, NULL, &w->others) != 0)
		w->failed = true;
	else
		push_others(w, o, atoms, depth + 1);
}

static int
off_cmp(const void *a, const void *b)
{
	const struct off *x = a, *y = b;
	return name_order(x->path, x->len, y->path, y->len);
}

static void
walk_in_order(struct walk *w)
{
	for (size_t depth = 1; depth <= LIMIT_PATH_DEPTH && !w->failed; depth++) {
		struct offs *l = &w->level[depth];
		if (w->wrong && depth > w->at_depth)
			return;
		if (l->len > 1)
			qsort(l->v, l->len, sizeof(struct off), off_cmp);
		for (size_t i = 0; i < l->len && !w->failed; i++) {
			if (!first_visit(w, &l->v[i]))
				continue;
			judge_off(w, &l->v[i]);
			expand_off(w, &l->v[i], depth);
		}
	}
}

void
walk_off(struct walk *w)
{
	struct offs *all = &w->level[0];

	if (w->ordered) {
		walk_in_order(w);
		return;
	}
	while (all->len > 0 && !walk_done(w)) {
		const struct off o = all->v[--all->len];
		expand_off(w, &o, 0);
	}
	all->len = 0;
}

/* Where the trees are left: the state of the place, with its path if order is kept. */
static struct off
off_at(struct walk *w, const struct place *n)
{
	struct off o = { .residue = n->residue, .marks = n->marks, .value = n->value, .why = n->why };

	if (w->ordered) {
		o.path = place_path(w, n);
		o.len = n->path_len;
	}
	return o;
}

void
leave_by_others(struct walk *w, const struct place *n, struct sb_atoms atoms)
{
	const struct off o = off_at(w, n);
	push_others(w, &o, atoms, n->depth + 1);
}

int
leave_trees(struct walk *w, const struct place *n, bool (*is_taken)(void *, const char *, size_t))
{
	const struct state s = state_of(n->residue, n->marks, n->value, n->why);
	/* At "/" the same states mean something else; and in order each path counts. */
	bool once = !w->ordered && n->up != NULL;

	if (once && strmap_get(w->expanded, (const char *)&s, sizeof(s)) != NULL)
		return 0;
	struct sb_atoms atoms = walk_live(w, n->residue, n->marks);
	if (atoms.len == 0 && !w->ordered) {
		push(w, off_at(w, n), 0);
		strmap_put(w->expanded, (const char *)&s, sizeof(s), w);
		return 0;
	}
	int r = sb_other_names(w->names, atoms, n->up == NULL, is_taken, (void *)(uintptr_t)n, &w->others);
	if (r != 0)
		return r;
	leave_by_others(w, n, atoms);
	if (once && w->others.every)
		strmap_put(w->expanded, (const char *)&s, sizeof(s), w);
	return 0;
}

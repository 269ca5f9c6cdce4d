/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_marks.c - which paths the policy's patterns cover, and others that a walk has marked */
#include <config.h>

#include "seatbelt_walk_state.h"

#include "arena.h"

struct mark { unsigned mark; uint32_t dfa; struct mark *next; };

void
sb_mark(struct arena *a, struct region *marks, const char *root, unsigned mark, uint32_t dfa)
{
	struct region *r = region_make(a, marks, root);
	struct mark *k = arena_alloc(a, sizeof(*k));

	*k = (struct mark){ mark, dfa, r->mark };
	r->mark = k;
}

static uint32_t
marks_of(struct walk *w)
{
	w->holds.len = w->open.len = 0;
	for (uint32_t i = 0; i < 32; i++)
		if (w->marked >> i & 1)
			VEC_PUSH(w->a, &w->holds, i);
	for (size_t i = w->from; i < w->runs.len; i++) {
		VEC_PUSH(w->a, &w->open, w->runs.v[i].mark);
		VEC_PUSH(w->a, &w->open, W_REGEX);
		VEC_PUSH(w->a, &w->open, w->runs.v[i].atom);
	}
	return sb_residue(w->m, &w->holds, &w->open);
}

static void
marks_push(struct walk *w, unsigned mark, uint32_t atom)
{
	if (atom == SB_ATOM_TRUE)
		w->marked |= (uint32_t)1 << mark;
	else if (atom != SB_ATOM_FALSE)
		VEC_PUSH(w->a, &w->runs, ((struct run){ mark, atom }));
}

uint32_t
marks_enter(struct walk *w, const struct place *n, struct marks_step *step)
{
	const size_t begin = w->runs.len;
	const struct place *up = n->up;
	bool same = up != NULL;

	*step = (struct marks_step){ begin, w->from, w->marked };
	for (size_t i = w->from; i < begin; i++) {
		const struct run r = w->runs.v[i];
		uint32_t to = sb_atom_step(w->m, r.atom, up->up == NULL, n->name, n->len);
		same &= to == r.atom;
		marks_push(w, r.mark, to);
	}
	w->from = begin;
	for (const struct mark *k = n->q != NULL ? n->q->mark : NULL; k != NULL; k = k->next) {
		marks_push(w, k->mark, sb_atom_start(w->m, k->dfa, up == NULL));
		same = false;
	}
	return same ? up->marks : marks_of(w);
}

void
marks_leave(struct walk *w, const struct marks_step *step)
{
	w->runs.len = step->runs;
	w->from = step->from;
	w->marked = step->marked;
}

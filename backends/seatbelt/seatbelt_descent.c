/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_descent.c - what every filter of a profile comes to on the way down the tree of places */
#include <config.h>

#include "seatbelt_tree.h"

#include <stdlib.h>

#include "arena.h"
#include "path.h"
#include "region.h"

/*
 * At a place all filters by path are true or false; what is left of a rule is
 * an expression over automata and attributes, mostly none.  A walk over the
 * tree keeps the value of every filter up to date, by counting, and has what
 * is left at each place written down (seatbelt_residue.c).
 */

static void
rule_link(struct sb_tree *t, struct sb_rule *r, bool open)
{
	if (r->linked == open)
		return;
	r->linked = open;
	if (open) {
		r->open_prev = NULL;
		r->open_next = t->open;
		if (t->open != NULL)
			t->open->open_prev = r;
		t->open = r;
		return;
	}
	if (r->open_prev != NULL)
		r->open_prev->open_next = r->open_next;
	else
		t->open = r->open_next;
	if (r->open_next != NULL)
		r->open_next->open_prev = r->open_prev;
}

static void
child_link(struct sb_filter *f, bool open)
{
	struct sb_filter *p = f->parent;

	if (f->linked == open)
		return;
	f->linked = open;
	if (open) {
		f->open_prev = NULL;
		f->open_next = p->open_child;
		if (p->open_child != NULL)
			p->open_child->open_prev = f;
		p->open_child = f;
		return;
	}
	if (f->open_prev != NULL)
		f->open_prev->open_next = f->open_next;
	else
		p->open_child = f->open_next;
	if (f->open_next != NULL)
		f->open_next->open_prev = f->open_prev;
}

static enum sb_status
status_of(const struct sb_filter *f)
{
	switch (f->kind) {
	case SB_ALL:
		if (f->holds + f->open < f->nchild)
			return SB_FALSE;
		return f->open > 0 ? SB_OPEN : SB_TRUE;
	case SB_ANY:
		return f->holds > 0 ? SB_TRUE : f->open > 0 ? SB_OPEN : SB_FALSE;
	case SB_NOT:
		return f->open > 0 ? SB_OPEN : f->holds > 0 ? SB_FALSE : SB_TRUE;
	case SB_UNIX:
		return f->nchild == 0 || f->holds > 0 ? SB_TRUE : f->open > 0 ? SB_OPEN : SB_FALSE;
	case SB_PATH:
		return f->holds > 0 ? SB_TRUE : SB_FALSE;
	case SB_TAIL:
		return f->value;
	case SB_VNODE:
	case SB_PTY:
		return SB_OPEN;
	case SB_REGEX:		/* there are none left */
	case SB_NAME:
	case SB_SYMBOL:
	case SB_NET:
		break;		/* a path is none of these */
	}
	return SB_FALSE;
}

static void
rule_changed(struct sb_tree *t, const struct sb_filter *f, enum sb_status was)
{
	uint32_t *holds = &t->holds[f->rule->group];
	bool had = *holds > 0;

	*holds += (f->status == SB_TRUE) - (was == SB_TRUE);
	rule_link(t, f->rule, f->status == SB_OPEN);
	if (had != (*holds > 0) || f->status == SB_OPEN || was == SB_OPEN)
		t->changed = true;
}

/* Take a filter's status over into all that is above it. */
static void
update(struct sb_tree *t, struct sb_filter *f)
{
	for (;;) {
		enum sb_status was = f->status, now = status_of(f);
		struct sb_filter *p = f->parent;
		if (now == was) {
			/* What is left of it may be something else nevertheless. */
			if (now == SB_OPEN)
				t->changed = true;
			return;
		}
		f->status = now;
		if (p == NULL) {
			rule_changed(t, f, was);
			return;
		}
		p->holds += (now == SB_TRUE) - (was == SB_TRUE);
		p->open += (now == SB_OPEN) - (was == SB_OPEN);
		child_link(f, now == SB_OPEN);
		f = p;
	}
}

static void
toggle(struct sb_tree *t, const struct sb_hook *h, bool on)
{
	for (; h != NULL; h = h->next) {
		if (on)
			h->leaf->holds++;
		else
			h->leaf->holds--;
		if (h->leaf->holds == on)
			update(t, h->leaf);
	}
}

static void
set_tail(struct sb_tree *t, struct sb_filter *f, uint32_t atom, enum sb_status value)
{
	f->atom = atom;
	f->value = value;
	update(t, f);
}

/* The leaves of an automaton get to where a name or its beginning has led it. */
static void
run_on(struct seatbelt_model *m, const struct sb_hook *leaves, uint32_t atom)
{
	struct sb_tree *t = m->tree;
	enum sb_status value = atom == SB_ATOM_TRUE ? SB_TRUE : atom == SB_ATOM_FALSE ? SB_FALSE : SB_OPEN;

	for (const struct sb_hook *h = leaves; h != NULL; h = h->next) {
		struct sb_undo u = { h->leaf, h->leaf->atom, h->leaf->value };
		VEC_PUSH(m->a, &t->undo, u);
		set_tail(t, h->leaf, atom, value);
	}
}

/* ---- writing down what is left ---- */

static int
nth_cmp(const void *a, const void *b)
{
	const struct sb_filter *const *x = a, *const *y = b;
	return ((*x)->nth > (*y)->nth) - ((*x)->nth < (*y)->nth);
}

/* Depth: LIMIT_SBPL_DEPTH. */
static void
write_filter(struct seatbelt_model *m, const struct sb_filter *f)
{
	struct sb_tree *t = m->tree;
	struct sb_words *w = &t->words;

	switch (f->kind) {
	case SB_TAIL:
	case SB_VNODE:
		VEC_PUSH(m->a, w, f->kind == SB_TAIL ? W_REGEX : W_VNODE);
		VEC_PUSH(m->a, w, f->kind == SB_TAIL ? f->atom : f->index);
		return;
	case SB_PTY:
		VEC_PUSH(m->a, w, W_PTY);
		return;
	case SB_NOT:
		VEC_PUSH(m->a, w, W_NOT);
		write_filter(m, f->open_child);
		return;
	default:
		break;
	}
	/* One that is left alone is itself what is left. */
	if (f->open == 1) {
		write_filter(m, f->open_child);
		return;
	}
	const size_t begin = t->order.len;
	for (struct sb_filter *c = f->open_child; c != NULL; c = c->open_next)
		VEC_PUSH(m->a, &t->order, c);
	const size_t n = t->order.len - begin;
	qsort(t->order.v + begin, n, sizeof(struct sb_filter *), nth_cmp);
	VEC_PUSH(m->a, w, f->kind == SB_ALL ? W_ALL : W_ANY);
	VEC_PUSH(m->a, w, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		write_filter(m, t->order.v[begin + i]);
	t->order.len = begin;
}

static uint32_t
write_down(struct seatbelt_model *m)
{
	struct sb_tree *t = m->tree;

	if (!t->changed)
		return t->now;
	t->groups.len = t->words.len = 0;
	for (uint32_t i = 0; i < t->ngroups; i++)
		if (t->holds[i] > 0)
			VEC_PUSH(m->a, &t->groups, i);
	for (const struct sb_rule *r = t->open; r != NULL; r = r->open_next) {
		VEC_PUSH(m->a, &t->words, r->group);
		write_filter(m, r->filter);
	}
	t->now = sb_residue(m, &t->groups, &t->words);
	t->changed = false;
	return t->now;
}

/* ---- going down ---- */

void
sb_enter(struct seatbelt_model *m, const struct region *node, bool below_root, const char *name,
    size_t len, struct sb_step *step)
{
	struct sb_tree *t = m->tree;
	const struct sb_marks *k = node != NULL ? node->mark : NULL;
	const size_t begin = t->runs.len;

	*step = (struct sb_step){ t->undo.len, begin, t->from, node, write_down(m) };
	for (size_t i = t->from; i < begin; i++) {
		struct sb_run r = t->runs.v[i];
		uint32_t to = sb_atom_step(m, r.atom, below_root, name, len);
		if (to != r.atom)
			run_on(m, r.leaves, to);
		r.atom = to;
		if (to != SB_ATOM_TRUE && to != SB_ATOM_FALSE)
			VEC_PUSH(m->a, &t->runs, r);
	}
	t->from = begin;
	if (k == NULL)
		return;
	toggle(t, k->reach[SB_BELOW], true);
	toggle(t, k->reach[SB_UNDER], true);
	for (const struct sb_start *s = k->starts; s != NULL; s = s->next) {
		struct sb_run r = { s->leaves, sb_atom_start(m, s->dfa, name == NULL) };
		run_on(m, r.leaves, r.atom);
		if (r.atom != SB_ATOM_TRUE && r.atom != SB_ATOM_FALSE)
			VEC_PUSH(m->a, &t->runs, r);
	}
}

void
sb_leave(struct seatbelt_model *m, const struct sb_step *step)
{
	struct sb_tree *t = m->tree;
	const struct sb_marks *k = step->node != NULL ? step->node->mark : NULL;

	while (t->undo.len > step->undo) {
		const struct sb_undo *u = &t->undo.v[--t->undo.len];
		set_tail(t, u->leaf, u->atom, u->value);
	}
	if (k != NULL) {
		toggle(t, k->reach[SB_BELOW], false);
		toggle(t, k->reach[SB_UNDER], false);
	}
	t->runs.len = step->runs;
	t->from = step->from;
	t->changed = false;
	t->now = step->before;
}

uint32_t
sb_below(struct seatbelt_model *m)
{
	return write_down(m);
}

uint32_t
sb_self(struct seatbelt_model *m, const struct region *node)
{
	struct sb_tree *t = m->tree;
	const struct sb_marks *k = node != NULL ? node->mark : NULL;
	const uint32_t below = write_down(m);

	if (k == NULL || (k->reach[SB_SELF] == NULL && k->reach[SB_UNDER] == NULL))
		return below;
	toggle(t, k->reach[SB_UNDER], false);
	toggle(t, k->reach[SB_SELF], true);
	const uint32_t self = write_down(m);
	toggle(t, k->reach[SB_SELF], false);
	toggle(t, k->reach[SB_UNDER], true);
	t->changed = false;
	t->now = below;
	return self;
}

bool
sb_caseless(const struct seatbelt_model *m)
{
	const struct sb_tree *t = m->tree;

	for (size_t i = t->from; i < t->runs.len; i++)
		if (!m->dfa.v[SB_ATOM_DFA(t->runs.v[i].atom)].caseless)
			return false;
	return true;
}

void
sb_running(const struct seatbelt_model *m, struct sb_words *atoms)
{
	const struct sb_tree *t = m->tree;

	for (size_t i = t->from; i < t->runs.len; i++)
		VEC_PUSH(m->a, atoms, t->runs.v[i].atom);
}

/* ---- before and after ---- */

/* From the leaves up; depth: LIMIT_SBPL_DEPTH. */
static void
settle(struct seatbelt_model *m, struct sb_filter *f)
{
	for (struct sb_filter *c = f->child; c != NULL; c = c->next) {
		settle(m, c);
		f->holds += c->status == SB_TRUE;
		f->open += c->status == SB_OPEN;
		child_link(c, c->status == SB_OPEN);
	}
	if (f->kind == SB_PATH || f->kind == SB_TAIL)
		VEC_PUSH(m->a, &m->leaf, f);
	f->status = status_of(f);
}

void
sb_values_begin(struct seatbelt_model *m)
{
	struct sb_tree *t = m->tree;

	t->changed = true;
	t->holds = arena_array(m->a, t->ngroups + 1, sizeof(*t->holds));
	for (size_t i = 0; i < m->rules.len; i++) {
		struct sb_rule *r = m->rules.v[i];
		if (r->levels == 0 || r->filter == NULL)
			continue;
		settle(m, r->filter);
		rule_changed(t, r->filter, SB_FALSE);
	}
}

struct sb_answers
sb_answer_at(struct seatbelt_model *m, const char *path, struct sb_environment env)
{
	struct { struct sb_step *v; size_t len, cap; } steps = { NULL, 0, 0 };
	const struct region *r = m->tree->root;
	struct sb_step step;
	struct slice c;

	sb_enter(m, r, false, NULL, 0, &step);
	VEC_PUSH(m->a, &steps, step);
	while (path_next(&path, &c)) {
		r = r != NULL ? region_step(r, c.p, c.len) : NULL;
		sb_enter(m, r, steps.len == 1, c.p, c.len, &step);
		VEC_PUSH(m->a, &steps, step);
	}
	struct sb_answers out = sb_answer(m, sb_self(m, r), env);
	while (steps.len > 0)
		sb_leave(m, &steps.v[--steps.len]);
	return out;
}

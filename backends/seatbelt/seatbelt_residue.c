/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_residue.c - the rules of a profile at each of its places, as what is left of them there */
#include <config.h>

#include "seatbelt_rules.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "region.h"

/*
 * At a place all filters by path are true or false; what is left of a rule is
 * an expression over automata and attributes, mostly none.  One walk over the
 * tree of places keeps the value of every filter up to date, by counting, and
 * writes down what is left at each.  Equal remainders get one number, so that
 * ten thousand places that mean the same are one state of the comparison.
 *
 * Rules are ordered by `segment': consecutive rules that have filters and the
 * same verdict share one, as it does not matter which of them decides.
 */

/* A remainder: words. */
enum { W_ALL = 1, W_ANY, W_NOT, W_REGEX, W_VNODE, W_PTY };

struct group {
	uint64_t	 levels;
	uint32_t	 segment;
	bool		 allow;
	uint32_t	 holds;		/* rules of it that are true now */
};

struct residue {
	const uint32_t	*word;		/* number of groups that hold, these; (group, expression)... */
	size_t		 len;
};

struct words { uint32_t *v; size_t len, cap; };

struct sb_residues {
	struct { struct group *v; size_t len, cap; } groups;
	struct { struct sb_rule **v; size_t len, cap; } bare;	/* without a filter, with levels */
	struct sb_rule	*open;		/* rules that are open now */
	struct region	*places;
	struct { struct residue *v; size_t len, cap; } all;
	struct strmap	*by_word;	/* words -> number + 1 */
	struct strmap	*answers;	/* residue, states that matter -> answers */
	bool		 changed;
	uint32_t	 now;		/* of what is written down last */
	uint64_t	 chain[TERMS];	/* levels of each term */
	uint64_t	 order[TERMS][8];	/* the same, one by one, narrow first; 0 ends */
};

/* What hangs on a node of the tree of places. */
struct hook { struct sb_filter *leaf; struct hook *next; };
struct marks {
	struct sb_spot	 spot;		/* first, so that the mark is one */
	struct hook	*self, *below;
};

/* ---- values ---- */

static void
rule_link(struct seatbelt_model *m, struct sb_rule *r, bool open)
{
	struct sb_residues *s = m->residues;

	if (r->linked == open)
		return;
	r->linked = open;
	if (open) {
		r->open_prev = NULL;
		r->open_next = s->open;
		if (s->open != NULL)
			s->open->open_prev = r;
		s->open = r;
		return;
	}
	if (r->open_prev != NULL)
		r->open_prev->open_next = r->open_next;
	else
		s->open = r->open_next;
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
	case SB_REGEX:
	case SB_VNODE:
	case SB_PTY:
		return SB_OPEN;
	case SB_NAME:
	case SB_SYMBOL:
	case SB_NET:
		break;		/* a path is none of these */
	}
	return SB_FALSE;
}

static void
rule_changed(struct seatbelt_model *m, const struct sb_filter *f, enum sb_status was)
{
	struct sb_residues *s = m->residues;
	struct group *g = &s->groups.v[f->rule->group];
	bool had = g->holds > 0;

	g->holds += (f->status == SB_TRUE) - (was == SB_TRUE);
	rule_link(m, f->rule, f->status == SB_OPEN);
	if (had != (g->holds > 0) || f->status == SB_OPEN || was == SB_OPEN)
		s->changed = true;
}

/* Take a filter's status over into all that is above it. */
static void
update(struct seatbelt_model *m, struct sb_filter *f)
{
	for (;;) {
		enum sb_status was = f->status, now = status_of(f);
		struct sb_filter *p = f->parent;
		if (now == was) {
			/* What is left of it may be something else nevertheless. */
			if (now == SB_OPEN)
				m->residues->changed = true;
			return;
		}
		f->status = now;
		if (p == NULL) {
			rule_changed(m, f, was);
			return;
		}
		p->holds += (now == SB_TRUE) - (was == SB_TRUE);
		p->open += (now == SB_OPEN) - (was == SB_OPEN);
		child_link(f, now == SB_OPEN);
		f = p;
	}
}

static void
toggle(struct seatbelt_model *m, const struct hook *h, bool on)
{
	for (; h != NULL; h = h->next) {
		if (on)
			h->leaf->holds++;
		else
			h->leaf->holds--;
		update(m, h->leaf);
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
write_filter(struct seatbelt_model *m, const struct sb_filter *f, struct words *w)
{
	switch (f->kind) {
	case SB_REGEX:
	case SB_VNODE:
		VEC_PUSH(m->a, w, f->kind == SB_REGEX ? W_REGEX : W_VNODE);
		VEC_PUSH(m->a, w, f->index);
		return;
	case SB_PTY:
		VEC_PUSH(m->a, w, W_PTY);
		return;
	case SB_NOT:
		VEC_PUSH(m->a, w, W_NOT);
		write_filter(m, f->open_child, w);
		return;
	default:
		break;
	}
	/* One that is left alone is itself what is left. */
	if (f->open == 1) {
		write_filter(m, f->open_child, w);
		return;
	}
	struct sb_filter **v = malloc(f->open * sizeof(struct sb_filter *));
	size_t n = 0;
	if (v == NULL)
		out_of_memory();
	for (struct sb_filter *c = f->open_child; c != NULL; c = c->open_next)
		v[n++] = c;
	qsort(v, n, sizeof(struct sb_filter *), nth_cmp);
	VEC_PUSH(m->a, w, f->kind == SB_ALL ? W_ALL : W_ANY);
	VEC_PUSH(m->a, w, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		write_filter(m, v[i], w);
	free(v);
}

struct piece { const uint32_t *p; size_t from, len; };

static int
piece_cmp(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->p + x->from, y->p + y->from, n * sizeof(*x->p));
	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

/* The rules that are open, as (group, expression), sorted, each once. */
static void
write_open(struct seatbelt_model *m, struct words *out)
{
	struct sb_residues *s = m->residues;
	struct words w = { NULL, 0, 0 };
	struct { struct piece *v; size_t len, cap; } pieces = { NULL, 0, 0 };

	for (const struct sb_rule *r = s->open; r != NULL; r = r->open_next) {
		struct piece p = { NULL, w.len, 0 };
		VEC_PUSH(m->a, &w, r->group);
		write_filter(m, r->filter, &w);
		p.len = w.len - p.from;
		VEC_PUSH(m->a, &pieces, p);
	}
	for (size_t i = 0; i < pieces.len; i++)
		pieces.v[i].p = w.v;
	if (pieces.len > 1)
		qsort(pieces.v, pieces.len, sizeof(pieces.v[0]), piece_cmp);
	for (size_t i = 0; i < pieces.len; i++) {
		const struct piece *p = &pieces.v[i];
		if (i > 0 && piece_cmp(p, p - 1) == 0)
			continue;
		for (size_t k = 0; k < p->len; k++)
			VEC_PUSH(m->a, out, p->p[p->from + k]);
	}
}

static uint32_t
write_down(struct seatbelt_model *m)
{
	struct sb_residues *s = m->residues;
	struct words w = { NULL, 0, 0 };

	if (!s->changed)
		return s->now;
	VEC_PUSH(m->a, &w, 0);
	for (uint32_t i = 0; i < s->groups.len; i++) {
		if (s->groups.v[i].holds > 0) {
			VEC_PUSH(m->a, &w, i);
			w.v[0]++;
		}
	}
	write_open(m, &w);
	const char *key = (const char *)w.v;
	uintptr_t known = (uintptr_t)strmap_get(s->by_word, key, w.len * sizeof(*w.v));
	if (known == 0) {
		struct residue r = { w.v, w.len };
		VEC_PUSH(m->a, &s->all, r);
		known = s->all.len;
		strmap_put(s->by_word, key, w.len * sizeof(*w.v), (void *)known);
	}
	s->now = (uint32_t)known - 1;
	s->changed = false;
	return s->now;
}

/* Depth: LIMIT_PATH_DEPTH. */
static void
visit(struct seatbelt_model *m, struct region *r)
{
	struct marks *k = r->mark;
	uint32_t now;

	if (k == NULL)
		r->mark = k = arena_alloc(m->a, sizeof(*k));
	toggle(m, k->below, true);
	k->spot.below = now = write_down(m);
	toggle(m, k->self, true);
	k->spot.self = write_down(m);
	toggle(m, k->self, false);
	if (k->self != NULL) {
		m->residues->changed = false;
		m->residues->now = now;
	}
	for (size_t i = 0; i < r->nchild; i++) {
		visit(m, r->child[i]);
		m->residues->changed = false;
		m->residues->now = now;
	}
	toggle(m, k->below, false);
}

/* ---- building ---- */

struct place { const char *path; struct sb_filter *leaf; bool below; };

static int
place_cmp(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = strcmp(x->path, y->path);
	return c != 0 ? c : (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

static void
hook_place(struct seatbelt_model *m, const struct place *p)
{
	struct region *r = region_make(m->a, m->residues->places, p->path);
	if (r->mark == NULL)
		r->mark = arena_alloc(m->a, sizeof(struct marks));
	struct marks *k = r->mark;
	struct hook **list = p->below ? &k->below : &k->self;
	if (*list != NULL && (*list)->leaf == p->leaf)
		return;
	struct hook *h = arena_alloc(m->a, sizeof(*h));
	*h = (struct hook){ p->leaf, *list };
	*list = h;
}

static void
make_places(struct seatbelt_model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->leaf.len; i++)
		n += m->leaf.v[i]->place.len;
	struct place *v = arena_array(m->a, n + 1, sizeof(*v));
	n = 0;
	for (size_t i = 0; i < m->leaf.len; i++)
		for (size_t k = 0; k < m->leaf.v[i]->place.len; k++)
			v[n++] = (struct place){ m->leaf.v[i]->place.v[k].path, m->leaf.v[i],
			    m->leaf.v[i]->place.v[k].below };
	qsort(v, n, sizeof(*v), place_cmp);
	m->residues->places = region_root(m->a);
	for (size_t i = 0; i < n; i++)
		hook_place(m, &v[i]);
}

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
	if (f->kind == SB_PATH)
		VEC_PUSH(m->a, &m->leaf, f);
	f->status = status_of(f);
}

static uint32_t
group_of(struct seatbelt_model *m, const struct sb_rule *r)
{
	struct sb_residues *s = m->residues;

	for (size_t i = s->groups.len; i-- > 0;) {
		const struct group *g = &s->groups.v[i];
		if (g->segment != r->segment)
			break;
		if (g->levels == r->levels)
			return (uint32_t)i;
	}
	struct group g = { r->levels, r->segment, r->allow, 0 };
	VEC_PUSH(m->a, &s->groups, g);
	return (uint32_t)s->groups.len - 1;
}

static void
make_groups(struct seatbelt_model *m)
{
	struct sb_residues *s = m->residues;
	const struct sb_rule *last = NULL;
	uint32_t segment = 0;

	for (size_t i = 0; i < m->rules.len; i++) {
		struct sb_rule *r = m->rules.v[i];
		if (r->levels == 0)
			continue;
		if (last == NULL || last->allow != r->allow || last->filter == NULL ||
		    r->filter == NULL)
			segment++;
		r->segment = segment;
		last = r;
		if (r->filter == NULL) {
			VEC_PUSH(m->a, &s->bare, r);
			continue;
		}
		r->group = group_of(m, r);
		settle(m, r->filter);
		rule_changed(m, r->filter, SB_FALSE);
	}
}

static void
make_chains(struct sb_residues *s)
{
	for (unsigned t = 0; t < TERMS; t++) {
		size_t n = 0;
		for (uint16_t op = sb_term_op((enum sb_term)t); op != SB_NO_OP; op = sb_op_parent(op)) {
			s->order[t][n++] = sb_op_level(op);
			s->chain[t] |= sb_op_level(op);
		}
	}
}

void
sb_residues_build(struct seatbelt_model *m)
{
	struct sb_residues *s = m->residues = arena_alloc(m->a, sizeof(*s));

	s->by_word = strmap_new(m->a);
	s->answers = strmap_new(m->a);
	s->changed = true;
	make_chains(s);
	make_groups(m);
	make_places(m);
	visit(m, s->places);
}

const struct region *
sb_places(const struct seatbelt_model *m)
{
	return m->residues->places;
}

/* ---- asking ---- */

struct evaluation {
	const struct seatbelt_model *m;
	const uint32_t	*states;
	struct sb_environment env;
	const uint32_t	*p;		/* the word to read next */
};

/* Depth: LIMIT_SBPL_DEPTH.  Reads the whole expression, also where its value is known early. */
static bool
evaluate(struct evaluation *e)
{
	uint32_t word = *e->p++, n;
	bool value;

	switch (word) {
	case W_REGEX:
		n = *e->p++;
		return e->m->dfa.v[n]->accept[e->states[n]];
	case W_VNODE:
		return (*e->p++ & e->env.vnode) != 0;
	case W_PTY:
		return e->env.pty;
	case W_NOT:
		return !evaluate(e);
	default:
		break;
	}
	value = word == W_ALL;
	for (n = *e->p++; n > 0; n--) {
		bool one = evaluate(e);
		value = word == W_ALL ? value && one : value || one;
	}
	return value;
}

/* What a term comes to, from the groups that hold and the rules without a filter. */
static bool
kernel_allows(const struct sb_residues *s, const uint32_t *group, size_t n, unsigned t)
{
	for (const uint64_t *level = s->order[t]; *level != 0; level++) {
		const struct group *best = NULL;
		for (size_t i = 0; i < n; i++) {
			const struct group *g = &s->groups.v[group[i]];
			if ((g->levels & *level) != 0 &&
			    (best == NULL || g->segment > best->segment))
				best = g;
		}
		if (best != NULL)
			return best->allow;
		for (size_t i = s->bare.len; i-- > 0;)
			if ((s->bare.v[i]->levels & *level) != 0)
				return s->bare.v[i]->allow;
	}
	return false;
}

static bool
flat_allows(const struct sb_residues *s, const uint32_t *group, size_t n, unsigned t)
{
	uint32_t best = 0;
	bool allow = false, otherwise = false;

	for (size_t i = 0; i < n; i++) {
		const struct group *g = &s->groups.v[group[i]];
		if ((g->levels & s->chain[t]) != 0 && g->segment > best) {
			best = g->segment;
			allow = g->allow;
		}
	}
	for (size_t i = 0; i < s->bare.len; i++) {
		const struct sb_rule *r = s->bare.v[i];
		if ((r->levels & s->chain[t]) == 0)
			continue;
		if (sb_op_is_default(r->op[0])) {
			otherwise = r->allow;
		} else if (r->segment > best) {
			best = r->segment;
			allow = r->allow;
		}
	}
	return best > 0 ? allow : otherwise;
}

static struct sb_answers
answer(struct seatbelt_model *m, const struct residue *r, const uint32_t *states,
    struct sb_environment env)
{
	const struct sb_residues *s = m->residues;
	struct evaluation e = { m, states, env, r->word + 1 + r->word[0] };
	struct sb_answers out = { 0, 0 };
	uint32_t few[64], *group = few;
	size_t n = r->word[0];

	if (n + r->len > NELEMS(few))
		group = malloc((n + r->len) * sizeof(*group));
	if (group == NULL)
		out_of_memory();
	memcpy(group, r->word + 1, n * sizeof(*group));
	while (e.p < r->word + r->len) {
		uint32_t g = *e.p++;
		if (evaluate(&e))
			group[n++] = g;
	}
	for (unsigned t = 0; t < TERMS; t++) {
		out.kernel |= kernel_allows(s, group, n, t) ? TERM(t) : 0;
		out.flat |= flat_allows(s, group, n, t) ? TERM(t) : 0;
	}
	if (group != few)
		free(group);
	return out;
}

struct sb_answers
sb_answer(const struct seatbelt_model *m, uint32_t residue, const uint32_t *states,
    struct sb_environment env)
{
	struct sb_residues *s = m->residues;
	const struct residue *r = &s->all.v[residue];
	struct { uint32_t residue, vnode, pty; unsigned char bit[]; } *key;
	size_t n = (m->dfa.len + 7) / 8, len = sizeof(*key) + n;
	uint32_t buf[64];

	key = len <= sizeof(buf) ? (void *)buf : malloc(len);
	if (key == NULL)
		out_of_memory();
	memset(key, 0, len);
	key->residue = residue;
	key->vnode = env.vnode;
	key->pty = env.pty;
	/* Where nothing is left open no automaton matters. */
	if (r->len > 1 + r->word[0])
		for (size_t i = 0; i < m->dfa.len; i++)
			if (m->dfa.v[i]->accept[states[i]])
				key->bit[i / 8] |= (unsigned char)(1u << (i % 8));
	struct sb_answers *known = strmap_get(s->answers, (const char *)key, len);
	if (known == NULL) {
		known = arena_alloc(m->a, sizeof(*known));
		*known = answer((struct seatbelt_model *)(uintptr_t)m, r, states, env);
		strmap_put(s->answers, (const char *)key, len, known);
	}
	if ((void *)key != (void *)buf)
		free(key);
	return *known;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_residue.c - what is left of rules at a path, as numbers: the same number, the same meaning */
#include <config.h>

#include "seatbelt_rules.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"

/*
 * A residue is written as words: how many groups hold and which, then the
 * groups that hold where an expression does, each with that.  The words are
 * sorted and each stands once, so that ten thousand places that mean the same
 * are one state of the comparison.
 *
 * Rules are ordered by `segment': consecutive rules that have filters and the
 * same verdict share one, as it does not matter which of them decides.
 */
struct group {
	uint64_t	 levels;
	uint32_t	 segment;
	bool		 allow;
};

struct answer { bool known; struct sb_answers is; };

struct residue {
	const uint32_t	*word;
	size_t		 len;
	const uint32_t	*atom;
	size_t		 natoms;
	struct answer	*answers;	/* by environment: the type's bit + 1, twice for the terminal */
	bool		 counted;
	uint32_t	 holds;
};

enum { ENVIRONMENTS = 2 * 33 };

struct piece { const uint32_t *p; size_t from, len; };

struct sb_residues {
	struct { struct group *v; size_t len, cap; } groups;
	struct { struct sb_rule **v; size_t len, cap; } bare;	/* without a filter, with levels */
	const struct sb_rule *last;
	uint32_t	 segment;
	struct { struct residue *v; size_t len, cap; } all;
	struct strmap	*by_word;	/* words -> number + 1 */
	struct strmap	*steps;		/* residue, atoms -> number + 1 */
	uint64_t	 chain[TERMS];	/* levels of each term */
	uint64_t	 order[TERMS][8];	/* the same, one by one, narrow first; 0 ends */
	/* Scratch. */
	struct { struct piece *v; size_t len, cap; } pieces;
	struct sb_words	 word, atom, holds, open, key;
};

void
sb_residues_new(struct seatbelt_model *m)
{
	struct sb_residues *s = m->residues = arena_alloc(m->a, sizeof(*s));

	s->by_word = strmap_new(m->a);
	s->steps = strmap_new(m->a);
	for (unsigned t = 0; t < TERMS; t++) {
		size_t n = 0;
		for (uint16_t op = sb_term_op((enum sb_term)t); op != SB_NO_OP; op = sb_op_parent(op)) {
			s->order[t][n++] = sb_op_level(op);
			s->chain[t] |= sb_op_level(op);
		}
	}
}

/* ---- groups ---- */

static void
next_segment(struct sb_residues *s, const struct sb_rule *r)
{
	if (s->last == NULL || s->last->allow != r->allow || s->last->filter == NULL ||
	    r->filter == NULL)
		s->segment++;
	s->last = r;
}

uint32_t
sb_group(struct seatbelt_model *m, const struct sb_rule *r)
{
	struct sb_residues *s = m->residues;

	next_segment(s, r);
	for (size_t i = s->groups.len; i-- > 0 && s->groups.v[i].segment == s->segment;)
		if (s->groups.v[i].levels == r->levels)
			return (uint32_t)i;
	struct group g = { r->levels, s->segment, r->allow };
	VEC_PUSH(m->a, &s->groups, g);
	return (uint32_t)s->groups.len - 1;
}

void
sb_bare(struct seatbelt_model *m, struct sb_rule *r)
{
	next_segment(m->residues, r);
	r->segment = m->residues->segment;
	VEC_PUSH(m->a, &m->residues->bare, r);
}

/* ---- words ---- */

/* The length of the expression; depth: LIMIT_SBPL_DEPTH. */
static size_t
length(const uint32_t *p)
{
	size_t n = 2;

	switch (*p) {
	case W_REGEX:
	case W_VNODE:
		return 2;
	case W_PTY:
		return 1;
	case W_NOT:
		return 1 + length(p + 1);
	default:
		break;
	}
	for (uint32_t i = 0; i < p[1]; i++)
		n += length(p + n);
	return n;
}

static int
word_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static size_t
sort_unique(uint32_t *v, size_t len)
{
	size_t n = 0;

	if (len > 1)
		qsort(v, len, sizeof(*v), word_cmp);
	for (size_t i = 0; i < len; i++)
		if (n == 0 || v[n - 1] != v[i])
			v[n++] = v[i];
	return n;
}

static int
piece_cmp(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	const uint32_t *p = x->p + x->from, *q = y->p + y->from;
	size_t n = x->len < y->len ? x->len : y->len;

	for (size_t i = 0; i < n; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return (x->len > y->len) - (x->len < y->len);
}

/* Atoms in the words, appended; depth: LIMIT_SBPL_DEPTH. */
static const uint32_t *
find_atoms(struct arena *a, const uint32_t *p, struct sb_words *out)
{
	uint32_t word = *p++, n;

	switch (word) {
	case W_REGEX:
		VEC_PUSH(a, out, *p);
		return p + 1;
	case W_VNODE:
		return p + 1;
	case W_PTY:
		return p;
	case W_NOT:
		return find_atoms(a, p, out);
	default:
		break;
	}
	for (n = *p++; n > 0; n--)
		p = find_atoms(a, p, out);
	return p;
}

static uint32_t
residue_new(struct seatbelt_model *m, const struct sb_words *w)
{
	struct sb_residues *s = m->residues;
	struct residue r = { .len = w->len };
	uint32_t *copy = arena_array(m->a, w->len, sizeof(*copy));

	memcpy(copy, w->v, w->len * sizeof(*copy));
	r.word = copy;
	s->atom.len = 0;
	for (const uint32_t *p = copy + 1 + copy[0]; p < copy + w->len;)
		p = find_atoms(m->a, p + 1, &s->atom);
	r.natoms = sort_unique(s->atom.v, s->atom.len);
	if (r.natoms > 0) {
		uint32_t *v = arena_array(m->a, r.natoms, sizeof(*v));
		memcpy(v, s->atom.v, r.natoms * sizeof(*v));
		r.atom = v;
	}
	VEC_PUSH(m->a, &s->all, r);
	return (uint32_t)s->all.len - 1;
}

uint32_t
sb_residue(struct seatbelt_model *m, struct sb_words *holds, struct sb_words *open)
{
	struct sb_residues *s = m->residues;
	struct sb_words *w = &s->word;

	w->len = s->pieces.len = 0;
	holds->len = sort_unique(holds->v, holds->len);
	VEC_PUSH(m->a, w, (uint32_t)holds->len);
	for (size_t i = 0; i < holds->len; i++)
		VEC_PUSH(m->a, w, holds->v[i]);
	for (size_t i = 0; i < open->len;) {
		struct piece p = { open->v, i, 1 + length(open->v + i + 1) };
		/* A group that holds anyway asks for no more. */
		if (holds->len == 0 || bsearch(open->v + i, holds->v, holds->len, sizeof(*holds->v),
		    word_cmp) == NULL)
			VEC_PUSH(m->a, &s->pieces, p);
		i += p.len;
	}
	if (s->pieces.len > 1)
		qsort(s->pieces.v, s->pieces.len, sizeof(struct piece), piece_cmp);
	for (size_t i = 0; i < s->pieces.len; i++) {
		const struct piece *p = &s->pieces.v[i];
		if (i > 0 && piece_cmp(p, p - 1) == 0)
			continue;
		for (size_t k = 0; k < p->len; k++)
			VEC_PUSH(m->a, w, p->p[p->from + k]);
	}
	const size_t len = w->len * sizeof(*w->v);
	uintptr_t known = (uintptr_t)strmap_get(s->by_word, (const char *)w->v, len);
	if (known == 0) {
		known = residue_new(m, w) + (uintptr_t)1;
		strmap_put(s->by_word, (const char *)w->v, len, (void *)known);
	}
	return (uint32_t)known - 1;
}

struct sb_atoms
sb_residue_atoms(const struct seatbelt_model *m, uint32_t residue)
{
	const struct residue *r = &m->residues->all.v[residue];
	return (struct sb_atoms){ r->atom, r->natoms };
}

/* ---- a name further ---- */

struct rewriting {
	struct arena	*a;
	struct sb_atoms	 from;
	const uint32_t	*to;
	const uint32_t	*p;		/* the word to read next */
	struct sb_words	*out;
};

/* What the expression comes to; only where that is open something is written.  Depth: LIMIT_SBPL_DEPTH. */
static enum sb_status
rewrite(struct rewriting *w)
{
	const size_t begin = w->out->len;
	uint32_t word = *w->p++, n = 0;
	enum sb_status is;

	switch (word) {
	case W_REGEX: {
		const uint32_t *at = bsearch(w->p++, w->from.v, w->from.len, sizeof(*at), word_cmp);
		uint32_t to = w->to[at - w->from.v];
		if (to == SB_ATOM_TRUE || to == SB_ATOM_FALSE)
			return to == SB_ATOM_TRUE ? SB_TRUE : SB_FALSE;
		VEC_PUSH(w->a, w->out, word);
		VEC_PUSH(w->a, w->out, to);
		return SB_OPEN;
	}
	case W_VNODE:
	case W_PTY:
		VEC_PUSH(w->a, w->out, word);
		if (word == W_VNODE)
			VEC_PUSH(w->a, w->out, *w->p++);
		return SB_OPEN;
	case W_NOT:
		VEC_PUSH(w->a, w->out, word);
		is = rewrite(w);
		if (is == SB_OPEN)
			return is;
		w->out->len = begin;
		return is == SB_TRUE ? SB_FALSE : SB_TRUE;
	default:
		break;
	}
	const enum sb_status decides = word == W_ALL ? SB_FALSE : SB_TRUE;
	bool decided = false;
	uint32_t left = *w->p++;
	VEC_PUSH(w->a, w->out, word);
	VEC_PUSH(w->a, w->out, 0);
	for (; left > 0; left--) {
		is = rewrite(w);
		n += is == SB_OPEN;
		decided |= is == decides;
	}
	if (decided || n == 0) {
		w->out->len = begin;
		return decided == (decides == SB_TRUE) ? SB_TRUE : SB_FALSE;
	}
	w->out->v[begin + 1] = n;
	if (n == 1) {
		w->out->len -= 2;
		memmove(w->out->v + begin, w->out->v + begin + 2,
		    (w->out->len - begin) * sizeof(*w->out->v));
	}
	return SB_OPEN;
}

uint32_t
sb_residue_step(struct seatbelt_model *m, uint32_t residue, struct sb_atoms from, const uint32_t *to)
{
	struct sb_residues *s = m->residues;
	const struct residue *r = &s->all.v[residue];

	if (r->natoms == 0)
		return residue;
	s->key.len = 0;
	VEC_PUSH(m->a, &s->key, residue);
	for (size_t i = 0, k = 0; i < r->natoms; i++) {
		while (from.v[k] != r->atom[i])
			k++;
		VEC_PUSH(m->a, &s->key, to[k]);
	}
	const size_t len = s->key.len * sizeof(*s->key.v);
	uintptr_t known = (uintptr_t)strmap_get(s->steps, (const char *)s->key.v, len);
	if (known != 0)
		return (uint32_t)known - 1;

	struct rewriting w = { m->a, from, to, r->word + 1 + r->word[0], &s->open };
	s->holds.len = s->open.len = 0;
	for (uint32_t i = 0; i < r->word[0]; i++)
		VEC_PUSH(m->a, &s->holds, r->word[1 + i]);
	while (w.p < r->word + r->len) {
		const size_t begin = s->open.len;
		uint32_t group = *w.p++;
		VEC_PUSH(m->a, &s->open, group);
		enum sb_status is = rewrite(&w);
		if (is != SB_OPEN)
			s->open.len = begin;
		if (is == SB_TRUE)
			VEC_PUSH(m->a, &s->holds, group);
	}
	known = sb_residue(m, &s->holds, &s->open) + (uintptr_t)1;
	strmap_put(s->steps, (const char *)s->key.v, len, (void *)known);
	return (uint32_t)known - 1;
}

/* ---- asking ---- */

struct evaluation {
	const struct seatbelt_model *m;
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
		return e->m->dfa.v[SB_ATOM_DFA(n)].dfa->accept[SB_ATOM_STATE(n)];
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

/* The groups that hold, in the scratch of it. */
static void
holding(struct seatbelt_model *m, const struct residue *r, struct sb_environment env)
{
	struct evaluation e = { m, env, r->word + 1 + r->word[0] };
	struct sb_words *out = &m->residues->holds;

	out->len = 0;
	for (uint32_t i = 0; i < r->word[0]; i++)
		VEC_PUSH(m->a, out, r->word[1 + i]);
	while (e.p < r->word + r->len) {
		uint32_t g = *e.p++;
		if (evaluate(&e))
			VEC_PUSH(m->a, out, g);
	}
}

uint32_t
sb_residue_holds(struct seatbelt_model *m, uint32_t residue)
{
	struct residue *r = &m->residues->all.v[residue];

	if (!r->counted) {
		holding(m, r, (struct sb_environment){ 0, false });
		for (size_t i = 0; i < m->residues->holds.len; i++)
			if (m->residues->holds.v[i] < 32)
				r->holds |= (uint32_t)1 << m->residues->holds.v[i];
		r->counted = true;
	}
	return r->holds;
}

/* What a term comes to, from the groups that hold and the rules without a filter. */
static bool
kernel_allows(const struct sb_residues *s, unsigned t)
{
	for (const uint64_t *level = s->order[t]; *level != 0; level++) {
		const struct group *best = NULL;
		for (size_t i = 0; i < s->holds.len; i++) {
			const struct group *g = &s->groups.v[s->holds.v[i]];
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
flat_allows(const struct sb_residues *s, unsigned t)
{
	uint32_t best = 0;
	bool allow = false, otherwise = false;

	for (size_t i = 0; i < s->holds.len; i++) {
		const struct group *g = &s->groups.v[s->holds.v[i]];
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

struct sb_answers
sb_answer(struct seatbelt_model *m, uint32_t residue, struct sb_environment env)
{
	struct sb_residues *s = m->residues;
	struct residue *r = &s->all.v[residue];
	size_t at = env.pty ? ENVIRONMENTS / 2 : 0;

	for (uint32_t bits = env.vnode; bits != 0; bits >>= 1)
		at++;
	if (r->answers == NULL)
		r->answers = arena_array(m->a, ENVIRONMENTS, sizeof(*r->answers));
	struct answer *known = &r->answers[at];
	if (!known->known) {
		holding(m, r, env);
		for (unsigned t = 0; t < TERMS; t++) {
			known->is.kernel |= kernel_allows(s, t) ? TERM(t) : 0;
			known->is.flat |= flat_allows(s, t) ? TERM(t) : 0;
		}
		known->known = true;
	}
	return known->is;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk.c - places, policy and automata together, level by level */
#include <config.h>

#include "seatbelt_walk.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "compare.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"
#include "seatbelt_rules.h"

enum {
	MAX_JOINT_STATES = 1 << 18,	/* away from the places of the profile */
	MAX_NAME_STATES = 1 << 16,	/* of the automata over one name */
	MAX_TUPLE_WORDS = 1 << 24,	/* states of automata that are kept, of all paths together */
};

/*
 * A state.  The profile's side is a node of its tree of places, or what holds
 * below the last one; likewise the policy's.
 */
struct joint {
	const char	*path;
	size_t		 len;
	const struct region *m, *p;	/* NULL: off the tree */
	uint32_t	 residue;
	enum access	 value;
	const struct why *why;
	uint32_t	*states;
};

struct walk {
	struct arena	*a;
	const struct sb_walk *w;
	bool		**settled;	/* for each automaton and state: nothing leads out of it */
	/*
	 * At the end of a name a state is what it accepts and where a slash
	 * leads: the first state that is the same in both stands for it.
	 */
	uint32_t	**alike;
	struct strmap	*seen;		/* states off the places */
	struct strmap	*expanded;	/* what was gone into with no name left out */
	struct { struct joint *v; size_t len, cap; } next;
	size_t		 words;		/* states of automata kept so far */
	bool		 failed;
};

/* What all names below one state have in common. */
struct below {
	struct walk	*w;
	const struct joint *j;
	uint32_t	 residue;
	enum access	 value;
	const struct why *why;
	uint32_t	*base;		/* states behind the slash */
	uint32_t	*live;		/* automata that a name can still move */
	size_t		 nlive;
	struct { struct slice *v; size_t len, cap; } literal;	/* sorted, unique */
};

static bool
is_settled(const struct dfa *d, uint32_t s)
{
	for (uint32_t c = 0; c < d->nclasses; c++)
		if (d->next[(size_t)s * d->nclasses + c] != s)
			return false;
	return true;
}

static const struct sb_spot *
spot_of(const struct region *r)
{
	return r->mark;
}

static void
push(struct below *b, const struct region *m, const struct region *p, const uint32_t *states,
    const char *name, size_t len)
{
	struct walk *w = b->w;
	const struct joint *j = b->j;
	struct joint n = { .m = m, .p = p, .value = b->value, .why = b->why };

	if (j->len + 1 + len > LIMIT_PATH_BYTES || w->failed)
		return;
	w->words += w->w->ndfa;
	if (w->words > MAX_TUPLE_WORDS) {
		w->failed = true;
		return;
	}
	n.residue = m != NULL ? spot_of(m)->self : b->residue;
	n.len = (j->len == 1 ? 0 : j->len) + 1 + len;
	char *path = arena_alloc(w->a, n.len + 1);
	memcpy(path, j->path, j->len);
	path[n.len - len - 1] = '/';
	memcpy(path + n.len - len, name, len);
	n.path = path;
	n.states = arena_array(w->a, w->w->ndfa + 1, sizeof(*n.states));
	for (size_t i = 0; i < w->w->ndfa; i++)
		n.states[i] = w->alike[i][states[i]];
	VEC_PUSH(w->a, &w->next, n);
}

static void
run_name(const struct below *b, const char *name, size_t len, uint32_t *states)
{
	memcpy(states, b->base, b->w->w->ndfa * sizeof(*states));
	for (size_t i = 0; i < b->nlive; i++) {
		uint32_t k = b->live[i];
		states[k] = dfa_run(b->w->w->dfa[k], states[k], name, len);
	}
}

static int
slice_cmp(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->p, y->p, n);
	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

static void
add_children(struct below *b, const struct region *r)
{
	for (size_t i = 0; r != NULL && i < r->nchild; i++) {
		struct slice c = { r->child[i]->name, r->child[i]->len };
		VEC_PUSH(b->w->a, &b->literal, c);
	}
}

/* Names that either tree has exactly. */
static void
literal_names(struct below *b)
{
	size_t n = 0;

	add_children(b, b->j->m);
	add_children(b, b->j->p);
	if (b->literal.len > 1)
		qsort(b->literal.v, b->literal.len, sizeof(struct slice), slice_cmp);
	for (size_t i = 0; i < b->literal.len; i++)
		if (n == 0 || slice_cmp(&b->literal.v[n - 1], &b->literal.v[i]) != 0)
			b->literal.v[n++] = b->literal.v[i];
	b->literal.len = n;
}

static const struct region *
child_of(const struct region *r, const char *name, size_t len)
{
	return r != NULL ? region_child(r, name, len) : NULL;
}

static const struct region *
step_of(const struct region *r, const char *name, size_t len)
{
	return r != NULL ? region_step(r, name, len) : NULL;
}

static void
descend_literals(struct below *b)
{
	uint32_t *states = arena_array(b->w->a, b->w->w->ndfa + 1, sizeof(*states));

	for (size_t i = 0; i < b->literal.len; i++) {
		const struct slice *s = &b->literal.v[i];
		run_name(b, s->p, s->len, states);
		push(b, child_of(b->j->m, s->p, s->len), step_of(b->j->p, s->p, s->len), states,
		    s->p, s->len);
	}
}

/* ---- other spellings of a name ---- */

struct spelling { uint32_t *states; char *text; };
struct spellings { struct spelling *v; size_t len, cap; };

static size_t
with_states(const struct below *b, const struct spellings *s, const uint32_t *states)
{
	size_t n = 0;
	for (size_t i = 0; i < s->len; i++)
		n += memcmp(s->v[i].states, states, b->nlive * sizeof(*states)) == 0;
	return n;
}

static bool
is_literal(const struct below *b, const char *text, size_t len)
{
	struct slice s = { text, len };
	return b->literal.len > 0 &&
	    bsearch(&s, b->literal.v, b->literal.len, sizeof(s), slice_cmp) != NULL;
}

static int
folded_cmp(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	for (size_t i = 0; i < x->len; i++) {
		int c = (unsigned char)name_fold(x->p[i]) - (unsigned char)name_fold(y->p[i]);
		if (c != 0)
			return c;
	}
	return 0;
}

/* How many literal names are spellings of this one; `literal' sorted by folded_cmp(). */
static size_t
literal_spellings(const struct below *b, const struct slice *sorted, const struct slice *name)
{
	const struct slice *s = b->literal.len == 0 ? NULL :
	    bsearch(name, sorted, b->literal.len, sizeof(*s), folded_cmp);
	if (s == NULL)
		return 0;
	const struct slice *from = s, *to = s + 1, *end = sorted + b->literal.len;
	while (from > sorted && folded_cmp(from - 1, name) == 0)
		from--;
	while (to < end && folded_cmp(to, name) == 0)
		to++;
	return (size_t)(to - from);
}

/* No automaton that a name can move tells the cases of a letter apart. */
static bool
caseless(const struct below *b)
{
	for (size_t i = 0; i < b->nlive; i++) {
		const struct dfa *d = b->w->w->dfa[b->live[i]];
		for (unsigned c = 'a'; c <= 'z'; c++)
			if (d->class_of[c] != d->class_of[c - 'a' + 'A'])
				return false;
	}
	return true;
}

/*
 * Where all spellings lead to one tuple of states the first one is in capitals.
 * False: there is none, or it is a literal name.
 */
static bool
descend_capitals(struct below *b, const struct slice *name, const struct region *folded)
{
	char text[LIMIT_NAME_BYTES];

	if (name->len > sizeof(text))
		return false;
	for (size_t i = 0; i < name->len; i++) {
		char low = name_fold(name->p[i]);
		text[i] = low >= 'a' && low <= 'z' ? (char)(low - 'a' + 'A') : low;
	}
	if (is_literal(b, text, name->len))
		return false;
	uint32_t *states = arena_array(b->w->a, b->w->w->ndfa + 1, sizeof(*states));
	run_name(b, text, name->len, states);
	push(b, NULL, folded, states, text, name->len);
	return true;
}

/*
 * The states that spellings of a name lead to, but for those that are literal
 * names.  For each tuple of states so many spellings are kept, the first in
 * order, that one of them is no literal name.
 */
static void
descend_spellings(struct below *b, const struct slice *name, size_t literals,
    const struct region *folded)
{
	struct arena *a = arena_new();
	const struct sb_walk *w = b->w->w;
	size_t keep = literals + 1;
	struct spellings from = { NULL, 0, 0 };
	struct spelling first = { arena_array(a, b->nlive + 1, sizeof(uint32_t)),
	    arena_alloc(a, name->len + 1) };

	for (size_t i = 0; i < b->nlive; i++)
		first.states[i] = b->base[b->live[i]];
	VEC_PUSH(a, &from, first);
	for (size_t k = 0; k < name->len; k++) {
		struct spellings to = { NULL, 0, 0 };
		char low = name_fold(name->p[k]), both[2] = { low, low };
		if (low >= 'a' && low <= 'z')
			both[0] = (char)(low - 'a' + 'A');
		for (size_t i = 0; i < from.len; i++) {
			for (int c = both[0] == both[1]; c < 2; c++) {
				uint32_t *s = arena_array(a, b->nlive + 1, sizeof(*s));
				for (size_t d = 0; d < b->nlive; d++)
					s[d] = dfa_run(w->dfa[b->live[d]], from.v[i].states[d], &both[c], 1);
				if (with_states(b, &to, s) >= keep)
					continue;
				struct spelling one = { s, arena_strndup(a, from.v[i].text, name->len) };
				one.text[k] = both[c];
				VEC_PUSH(a, &to, one);
			}
		}
		from = to;
	}
	uint32_t *states = arena_array(a, w->ndfa + 1, sizeof(*states));
	for (size_t i = 0; i < from.len; i++) {
		if (is_literal(b, from.v[i].text, name->len))
			continue;
		memcpy(states, b->base, w->ndfa * sizeof(*states));
		for (size_t d = 0; d < b->nlive; d++)
			states[b->live[d]] = from.v[i].states[d];
		push(b, NULL, folded, states, from.v[i].text, name->len);
	}
	arena_free(a);
}

/* ---- all other names ---- */

static const char *
state_key(struct walk *w, const struct region *p, uint32_t residue, enum access value, bool base,
    const uint32_t *states, size_t *len)
{
	struct { const struct region *p; uint32_t residue, value; } head;
	size_t n = w->w->ndfa * sizeof(*states);

	memset(&head, 0, sizeof(head));
	head.p = p;
	head.residue = residue;
	head.value = p != NULL ? 0 : (uint32_t)value * 2 + base;
	*len = sizeof(head) + n;
	char *key = arena_alloc(w->a, *len);
	memcpy(key, &head, sizeof(head));
	memcpy(key + sizeof(head), states, n);
	return key;
}

static bool
is_base(const struct why *w)
{
	return w != NULL && w->kind == WHY_BASE;
}

/* Somewhere that another name leads to. */
struct other { uint32_t *tuple; const char *name; size_t len; };

struct others {
	struct below	*b;
	struct { struct other *v; size_t len, cap; } found;
	bool		 taken;		/* one of the names is spoken for */
	bool		 again;		/* those are left out now */
	struct strmap	*met;		/* states behind these names, once each */
	uint32_t	*end;		/* scratch: one of them */
};

static bool
other_found(void *arg, const uint32_t *tuple, const char *name, size_t len)
{
	struct others *o = arg;
	struct below *b = o->b;
	struct arena *a = b->w->a;
	uint32_t *end = o->end;

	for (size_t i = 0; i < b->nlive; i++)
		end[i] = b->w->alike[b->live[i]][tuple[i]];
	if (strmap_put(o->met, (const char *)end, b->nlive * sizeof(*end), o) != NULL)
		return true;
	struct other x = { arena_array(a, b->nlive + 1, sizeof(*tuple)),
	    arena_strndup(a, name, len), len };
	memcpy(x.tuple, end, b->nlive * sizeof(*tuple));
	VEC_PUSH(a, &o->found, x);
	if (!o->again && (is_literal(b, name, len) ||
	    (b->j->p != NULL && region_folded(b->j->p, name, len) != NULL))) {
		o->taken = true;
		return false;
	}
	/* Where nothing is live one name is as good as another. */
	return b->nlive > 0;
}

/*
 * The first name for each tuple of states that names lead to, if none of them
 * is spoken for; else the same without those that are, which takes longer.
 */
static int
find_others(struct below *b, struct others *o, bool folded)
{
	struct arena *a = b->w->a;
	const struct dfa **dfa = arena_array(a, b->nlive + 1, sizeof(*dfa));
	uint32_t *start = arena_array(a, b->nlive + 1, sizeof(*start));

	for (size_t i = 0; i < b->nlive; i++) {
		dfa[i] = b->w->w->dfa[b->live[i]];
		start[i] = b->base[b->live[i]];
	}
	o->met = strmap_new(a);
	o->end = arena_array(a, b->nlive + 1, sizeof(*o->end));
	int r = dfa_name_tuples(dfa, b->nlive, start, NULL, 0, false, MAX_NAME_STATES,
	    other_found, o);
	if (r != 0 || !o->taken)
		return r;
	struct { struct slice *v; size_t len, cap; } except = { NULL, 0, 0 };
	for (size_t i = 0; i < b->literal.len; i++)
		VEC_PUSH(a, &except, b->literal.v[i]);
	const struct region *all = folded ? b->j->p->folded : NULL;
	for (size_t i = 0; all != NULL && i < all->nchild; i++) {
		struct slice s = { all->child[i]->name, all->child[i]->len };
		VEC_PUSH(a, &except, s);
	}
	o->found.len = 0;
	o->again = true;
	o->met = strmap_new(a);
	return dfa_name_tuples(dfa, b->nlive, start, except.v, except.len, folded,
	    MAX_NAME_STATES, other_found, o);
}

/* The state and the folded names that are spoken for. */
static const char *
names_key(const struct below *b, const char *state, size_t *len)
{
	const struct region *all = b->j->p->folded;
	size_t n = *len;

	for (size_t i = 0; i < all->nchild; i++)
		n += all->child[i]->len + 1;
	char *key = arena_alloc(b->w->a, n), *p = key + *len;
	memcpy(key, state, *len);
	for (size_t i = 0; i < all->nchild; i++) {
		*p++ = '/';
		memcpy(p, all->child[i]->name, all->child[i]->len);
		p += all->child[i]->len;
	}
	*len = n;
	return key;
}

static void
descend_others(struct below *b, bool folded)
{
	struct walk *w = b->w;
	struct others o = { .b = b };
	size_t klen;
	const char *key = state_key(w, NULL, b->residue, b->value, is_base(b->why), b->base, &klen);

	/* Where fewer names were left out all was done that there is to do. */
	if (strmap_get(w->expanded, key, klen) != NULL ||
	    (b->nlive == 0 && strmap_get(w->seen, key, klen) != NULL))
		return;
	if (folded)
		key = names_key(b, key, &klen);
	if (folded && strmap_get(w->expanded, key, klen) != NULL)
		return;
	if (find_others(b, &o, folded) != 0)
		w->failed = true;
	if (b->literal.len == 0)
		strmap_put(w->expanded, key, klen, w);
	uint32_t *states = arena_array(w->a, w->w->ndfa + 1, sizeof(*states));
	for (size_t k = 0; k < o.found.len; k++) {
		memcpy(states, b->base, w->w->ndfa * sizeof(*states));
		for (size_t i = 0; i < b->nlive; i++)
			states[b->live[i]] = o.found.v[k].tuple[i];
		push(b, NULL, NULL, states, o.found.v[k].name, o.found.v[k].len);
	}
}

static void
descend_folded(struct below *b)
{
	const struct region *all = b->j->p->folded;
	struct slice *sorted = arena_array(b->w->a, b->literal.len + 1, sizeof(*sorted));
	bool one = caseless(b);

	if (b->literal.len > 0)
		memcpy(sorted, b->literal.v, b->literal.len * sizeof(*sorted));
	qsort(sorted, b->literal.len, sizeof(*sorted), folded_cmp);
	for (size_t i = 0; i < all->nchild; i++) {
		struct slice s = { all->child[i]->name, all->child[i]->len };
		if (!one || !descend_capitals(b, &s, all->child[i]))
			descend_spellings(b, &s, literal_spellings(b, sorted, &s), all->child[i]);
	}
	/* A spelling of an exact name is any other name, but was left out with it. */
	for (size_t i = 0; b->nlive > 0 && i < b->literal.len; i++) {
		const struct slice *s = &b->literal.v[i];
		if (region_folded(b->j->p, s->p, s->len) == NULL &&
		    (!one || !descend_capitals(b, s, NULL)))
			descend_spellings(b, s, literal_spellings(b, sorted, s), NULL);
	}
}

static void
expand(struct walk *w, const struct joint *j)
{
	const struct sb_walk *in = w->w;
	struct below b = { .w = w, .j = j, .residue = j->residue, .value = j->value, .why = j->why };

	if (j->m != NULL)
		b.residue = spot_of(j->m)->below;
	if (j->p != NULL) {
		b.value = j->p->below;
		b.why = &j->p->why;
	}
	b.base = arena_array(w->a, in->ndfa + 1, 2 * sizeof(*b.base));
	b.live = b.base + in->ndfa + 1;
	for (uint32_t i = 0; i < in->ndfa; i++) {
		uint32_t s = j->states[i];
		b.base[i] = j->len == 1 ? s : dfa_run(in->dfa[i], s, "/", 1);
		if (!w->settled[i][b.base[i]])
			b.live[b.nlive++] = i;
	}
	literal_names(&b);
	descend_literals(&b);
	bool folded = j->p != NULL && j->p->folded != NULL;
	if (folded)
		descend_folded(&b);
	descend_others(&b, folded);
}

/* ---- levels ---- */

static int
joint_cmp(const void *a, const void *b)
{
	const struct joint *x = a, *y = b;
	return name_order(x->path, x->len, y->path, y->len);
}

static bool
first_visit(struct walk *w, const struct joint *j)
{
	size_t len;

	if (j->m != NULL)
		return true;
	const char *key = state_key(w, j->p, j->residue, j->value, is_base(j->why), j->states, &len);
	if (strmap_put(w->seen, key, len, w) != NULL)
		return false;
	if (strmap_count(w->seen) > MAX_JOINT_STATES)
		w->failed = true;
	return true;
}

static bool
judge(struct walk *w, const struct joint *j)
{
	const struct sb_walk *in = w->w;
	struct sb_at at = { .path = j->path, .residue = j->residue, .states = j->states };

	if (in->side != NULL) {
		at.node = j->p;
		at.access = j->p != NULL ? j->p->self : j->value;
		if (j->p != NULL)
			at.why = j->p->why;
		else if (j->why != NULL)
			at.why = *j->why;
		for (size_t i = 0; i < in->side->npatterns && !at.globbed; i++) {
			size_t k = in->m->dfa.len + i;
			if (!in->dfa[k]->accept[j->states[k]])
				continue;
			at.globbed = true;
			at.access = ACCESS_DENY;
			at.why = in->side->pattern_why != NULL ? in->side->pattern_why[i] :
			    (struct why){ WHY_PATTERN, NULL, NULL };
		}
	}
	return in->judge(in->arg, &at);
}

/* Nothing that differs can come below. */
static bool
finished(const struct walk *w, const struct joint *j)
{
	if (j->m != NULL || j->p != NULL)
		return false;
	for (size_t i = 0; i < w->w->ndfa; i++)
		if (!w->settled[i][j->states[i]])
			return false;
	return true;
}

static struct joint
start(struct walk *w)
{
	const struct sb_walk *in = w->w;
	struct joint j = { .path = "/", .len = 1, .m = sb_places(in->m) };

	j.residue = spot_of(j.m)->self;
	j.p = in->side != NULL ? in->side->root : NULL;
	j.states = arena_array(w->a, in->ndfa + 1, sizeof(*j.states));
	for (size_t i = 0; i < in->ndfa; i++)
		j.states[i] = dfa_run(in->dfa[i], 0, "/", 1);
	return j;
}

static void
find_settled(struct walk *w)
{
	w->settled = arena_array(w->a, w->w->ndfa + 1, sizeof(*w->settled));
	w->alike = arena_array(w->a, w->w->ndfa + 1, sizeof(*w->alike));
	for (size_t i = 0; i < w->w->ndfa; i++) {
		const struct dfa *d = w->w->dfa[i];
		w->settled[i] = arena_array(w->a, d->nstates, sizeof(bool));
		for (uint32_t s = 0; s < d->nstates; s++)
			w->settled[i][s] = is_settled(d, s);
		w->alike[i] = arena_array(w->a, d->nstates, sizeof(uint32_t));
		uint32_t *first = arena_array(w->a, d->nstates, 2 * sizeof(*first));
		for (uint32_t s = 0; s < d->nstates; s++) {
			uint32_t *at = &first[2 * dfa_run(d, s, "/", 1) + d->accept[s]];
			if (*at == 0)
				*at = s + 1;
			w->alike[i][s] = *at - 1;
		}
	}
}

int
sb_walk(struct arena *a, const struct sb_walk *in)
{
	struct walk w = { .a = a, .w = in, .seen = strmap_new(a), .expanded = strmap_new(a) };
	struct { struct joint *v; size_t len, cap; } level = { NULL, 0, 0 };

	find_settled(&w);
	VEC_PUSH(a, &level, start(&w));
	if (!judge(&w, &level.v[0]))
		return 0;
	while (level.len > 0 && !w.failed) {
		w.next.v = NULL;
		w.next.len = w.next.cap = 0;
		for (size_t i = 0; i < level.len && !w.failed; i++)
			if (!finished(&w, &level.v[i]))
				expand(&w, &level.v[i]);
		if (w.next.len > 1)
			qsort(w.next.v, w.next.len, sizeof(struct joint), joint_cmp);
		size_t n = 0;
		for (size_t i = 0; i < w.next.len && !w.failed; i++) {
			if (!first_visit(&w, &w.next.v[i]))
				continue;
			if (!judge(&w, &w.next.v[i]))
				return 0;
			w.next.v[n++] = w.next.v[i];
		}
		level.v = w.next.v;
		level.len = n;
	}
	return w.failed ? -1 : 0;
}

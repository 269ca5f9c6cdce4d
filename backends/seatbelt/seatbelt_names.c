/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_names.c - names that nobody wrote, as one for each thing that automata make of them */
#include <config.h>

#include "seatbelt_walk.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"

enum {
	MAX_NAME_STATES = 1 << 16,	/* of the automata over one name */
	MAX_ROUNDS = 6,			/* names that are kept for one tuple of states */
};

/* A tuple of states at the end of a name. */
struct raw {
	const uint32_t	*to;		/* as atoms */
	size_t		 group;		/* of those with the same atoms */
	struct { struct slice *v; size_t len, cap; } name;	/* in order */
	bool		 all;		/* there are no more */
};

/* What names lead to from some atoms. */
struct set {
	struct arena	*a;
	const struct seatbelt_model *m;
	struct sb_atoms	 atoms;
	const struct dfa **dfa;
	uint32_t	*start;		/* behind the slash */
	struct { struct raw *v; size_t len, cap; } raw;
	struct strmap	*by_tuple, *by_atoms;	/* index + 1 */
	size_t		 ngroups, rounds;
	uint32_t	*to;		/* scratch */
};

struct sb_names {
	struct arena	*a;
	struct seatbelt_model *m;
	struct strmap	*sets;
	struct sb_words	 key;
	struct { size_t *v; size_t len, cap; } best;	/* by group: index into the answer + 1 */
};

struct sb_names *
sb_names_new(struct arena *a, struct seatbelt_model *m)
{
	struct sb_names *x = arena_alloc(a, sizeof(*x));

	x->a = a;
	x->m = m;
	x->sets = strmap_new(a);
	return x;
}

static struct set *
set_new(struct sb_names *x, struct sb_atoms atoms, bool root)
{
	struct arena *a = x->a;
	struct set *s = arena_alloc(a, sizeof(*s));
	uint32_t *copy = arena_array(a, atoms.len + 1, sizeof(*copy));

	if (atoms.len > 0)
		memcpy(copy, atoms.v, atoms.len * sizeof(*copy));
	s->a = a;
	s->m = x->m;
	s->atoms = (struct sb_atoms){ copy, atoms.len };
	s->dfa = arena_array(a, atoms.len + 1, sizeof(*s->dfa));
	s->start = arena_array(a, atoms.len + 1, sizeof(*s->start));
	s->to = arena_array(a, atoms.len + 1, sizeof(*s->to));
	s->by_tuple = strmap_new(a);
	s->by_atoms = strmap_new(a);
	for (size_t i = 0; i < atoms.len; i++) {
		s->dfa[i] = x->m->dfa.v[SB_ATOM_DFA(atoms.v[i])].dfa;
		s->start[i] = SB_ATOM_STATE(atoms.v[i]);
		if (!root)
			s->start[i] = dfa_run(s->dfa[i], s->start[i], "/", 1);
	}
	return s;
}

static struct set *
set_of(struct sb_names *x, struct sb_atoms atoms, bool root)
{
	x->key.len = 0;
	VEC_PUSH(x->a, &x->key, root);
	for (size_t i = 0; i < atoms.len; i++)
		VEC_PUSH(x->a, &x->key, atoms.v[i]);
	const size_t len = x->key.len * sizeof(*x->key.v);
	struct set *s = strmap_get(x->sets, (const char *)x->key.v, len);
	if (s == NULL) {
		s = set_new(x, atoms, root);
		strmap_put(x->sets, (const char *)x->key.v, len, s);
	}
	return s;
}

/* Index of the bytes in the map, or the next one. */
static size_t
index_of(struct strmap *map, const void *key, size_t len, size_t next)
{
	uintptr_t known = (uintptr_t)strmap_get(map, key, len);

	if (known != 0)
		return known - 1;
	strmap_put(map, key, len, (void *)(uintptr_t)(next + 1));
	return next;
}

static struct raw *
raw_of(struct set *s, const uint32_t *tuple)
{
	const size_t n = s->atoms.len, len = n * sizeof(*tuple);
	size_t i = index_of(s->by_tuple, tuple, len, s->raw.len);

	if (i < s->raw.len)
		return &s->raw.v[i];
	uint32_t *to = arena_array(s->a, n + 1, sizeof(*to));
	for (size_t k = 0; k < n; k++)
		to[k] = sb_atom_of(s->m, SB_ATOM_DFA(s->atoms.v[k]), tuple[k]);
	struct raw r = { .to = to, .group = index_of(s->by_atoms, to, len, s->ngroups) };
	s->ngroups += r.group == s->ngroups;
	VEC_PUSH(s->a, &s->raw, r);
	return &s->raw.v[i];
}

static bool
tuple_found(void *arg, const uint32_t *tuple, const char *name, size_t len)
{
	struct set *s = arg;
	struct raw *r = raw_of(s, tuple);
	struct slice copy = { arena_strndup(s->a, name, len), len };

	VEC_PUSH(s->a, &r->name, copy);
	/* Where nothing moves one name is as good as another. */
	return s->atoms.len > 0;
}

/* One more name for each tuple that has one. */
static int
more_names(struct set *s)
{
	struct { struct slice *v; size_t len, cap; } known = { NULL, 0, 0 };
	const size_t before = s->raw.len;

	for (size_t i = 0; i < before; i++)
		for (size_t k = 0; k < s->raw.v[i].name.len; k++)
			VEC_PUSH(s->a, &known, s->raw.v[i].name.v[k]);
	s->rounds++;
	if (dfa_name_tuples(s->dfa, s->atoms.len, s->start, known.v, known.len, false,
	    MAX_NAME_STATES, tuple_found, s) != 0)
		return -1;
	for (size_t i = 0; i < s->raw.len; i++)
		s->raw.v[i].all = s->raw.v[i].name.len < s->rounds;
	return 0;
}

/* Of one group the first name stays. */
static void
add_other(struct sb_names *x, struct sb_others *out, const struct raw *r, struct slice name)
{
	size_t *at = &x->best.v[r->group];

	if (*at == 0) {
		VEC_PUSH(x->a, out, ((struct sb_other){ r->to, name }));
		*at = out->len;
		return;
	}
	struct sb_other *o = &out->v[*at - 1];
	if (name_order(name.p, name.len, o->name.p, o->name.len) < 0)
		o->name = name;
}

static void
clear_best(struct sb_names *x, const struct set *s)
{
	x->best.len = 0;
	for (size_t i = 0; i < s->ngroups; i++)
		VEC_PUSH(x->a, &x->best, 0);
}

int
sb_other_names(struct sb_names *x, struct sb_atoms atoms, bool root,
    bool (*taken)(void *, const char *, size_t), void *arg, struct sb_others *out)
{
	struct set *s = set_of(x, atoms, root);

	out->len = 0;
	out->every = true;
	if (s->rounds == 0 && more_names(s) != 0)
		return -1;
	clear_best(x, s);
	for (size_t i = 0; i < s->raw.len; i++) {
		for (size_t k = 0;; k++) {
			if (k == s->raw.v[i].name.len) {
				if (s->raw.v[i].all) {
					out->every = false;
					break;
				}
				if (s->rounds == MAX_ROUNDS)
					return 1;
				if (more_names(s) != 0)
					return -1;
				k--;
				continue;
			}
			struct slice n = s->raw.v[i].name.v[k];
			if (taken(arg, n.p, n.len))
				continue;
			add_other(x, out, &s->raw.v[i], n);
			break;
		}
	}
	return 0;
}

int
sb_other_names_but(struct sb_names *x, struct sb_atoms atoms, bool root, const struct slice *except,
    size_t n, bool folded, struct sb_others *out)
{
	struct set *s = set_new(x, atoms, root);

	out->len = 0;
	out->every = false;
	if (dfa_name_tuples(s->dfa, atoms.len, s->start, except, n, folded, MAX_NAME_STATES,
	    tuple_found, s) != 0)
		return -1;
	clear_best(x, s);
	for (size_t i = 0; i < s->raw.len; i++)
		add_other(x, out, &s->raw.v[i], s->raw.v[i].name.v[0]);
	return 0;
}

/* ---- other spellings of a name ---- */

struct spelling { uint32_t *states; char *text; };
struct spellings { struct spelling *v; size_t len, cap; };

static size_t
with_states(const struct spellings *s, const uint32_t *states, size_t n)
{
	size_t found = 0;
	for (size_t i = 0; i < s->len; i++)
		found += memcmp(s->v[i].states, states, n * sizeof(*states)) == 0;
	return found;
}

void
sb_spellings(struct arena *keep_in, struct sb_names *x, struct sb_atoms atoms, bool root,
    const char *name, size_t len, size_t keep, struct sb_spellings *out)
{
	struct arena *a = arena_new();
	const struct set *s = set_of(x, atoms, root);
	struct spellings from = { NULL, 0, 0 };
	struct spelling first = { s->start, arena_strndup(a, name, len) };

	VEC_PUSH(a, &from, first);
	for (size_t k = 0; k < len; k++) {
		struct spellings to = { NULL, 0, 0 };
		char low = name_fold(name[k]), both[2] = { low, low };
		if (low >= 'a' && low <= 'z')
			both[0] = (char)(low - 'a' + 'A');
		for (size_t i = 0; i < from.len; i++) {
			for (int c = both[0] == both[1]; c < 2; c++) {
				uint32_t *st = arena_array(a, atoms.len + 1, sizeof(*st));
				for (size_t d = 0; d < atoms.len; d++)
					st[d] = dfa_run(s->dfa[d], from.v[i].states[d], &both[c], 1);
				if (with_states(&to, st, atoms.len) >= keep)
					continue;
				struct spelling one = { st, arena_strndup(a, from.v[i].text, len) };
				one.text[k] = both[c];
				VEC_PUSH(a, &to, one);
			}
		}
		from = to;
	}
	out->len = 0;
	for (size_t i = 0; i < from.len; i++)
		VEC_PUSH(keep_in, out, arena_strndup(keep_in, from.v[i].text, len));
	arena_free(a);
}

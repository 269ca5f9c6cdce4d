/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_atom.c - the automata of a profile, and where they are at the end of a name */
#include <config.h>

#include "seatbelt_rules.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path_dfa.h"

bool
sb_dfa_stays(const struct dfa *d, uint32_t s)
{
	for (uint32_t c = 0; c < d->nclasses; c++)
		if (d->next[(size_t)s * d->nclasses + c] != s)
			return false;
	return true;
}

static bool
is_caseless(const struct dfa *d)
{
	for (unsigned c = 'a'; c <= 'z'; c++)
		if (d->class_of[c] != d->class_of[c - 'a' + 'A'])
			return false;
	return true;
}

static struct sb_dfa
prepare(struct arena *a, const struct dfa *d)
{
	struct sb_dfa out = { .dfa = d, .caseless = is_caseless(d) };
	uint32_t *first = arena_array(a, d->nstates, 2 * sizeof(*first));

	out.alike = arena_array(a, d->nstates, sizeof(*out.alike));
	out.settled = arena_array(a, d->nstates, sizeof(*out.settled));
	for (uint32_t s = 0; s < d->nstates; s++) {
		uint32_t next = dfa_run(d, s, "/", 1), *at = &first[2 * next + d->accept[s]];
		if (*at == 0)
			*at = s + 1;
		out.alike[s] = *at - 1;
		out.settled[s] = SB_OPEN;
		if (d->accept[next] == d->accept[s] && sb_dfa_stays(d, next))
			out.settled[s] = d->accept[s] ? SB_TRUE : SB_FALSE;
	}
	return out;
}

uint32_t
sb_dfa_index(struct seatbelt_model *m, const struct dfa *d)
{
	const size_t table = (size_t)d->nstates * d->nclasses * sizeof(*d->next);
	const size_t len = sizeof(d->class_of) + d->nstates * sizeof(*d->accept) + table;
	char *key = arena_alloc(m->a, len), *p = key;

	if (m->by_table == NULL)
		m->by_table = strmap_new(m->a);
	memcpy(p, d->class_of, sizeof(d->class_of));
	p += sizeof(d->class_of);
	memcpy(p, d->accept, d->nstates * sizeof(*d->accept));
	p += d->nstates * sizeof(*d->accept);
	memcpy(p, d->next, table);
	uintptr_t known = (uintptr_t)strmap_get(m->by_table, key, len);
	if (known == 0) {
		VEC_PUSH(m->a, &m->dfa, prepare(m->a, d));
		known = m->dfa.len;
		strmap_put(m->by_table, key, len, (void *)known);
	}
	return (uint32_t)known - 1;
}

uint32_t
sb_atom_of(const struct seatbelt_model *m, uint32_t dfa, uint32_t state)
{
	const struct sb_dfa *d = &m->dfa.v[dfa];

	switch ((enum sb_status)d->settled[state]) {
	case SB_FALSE:
		return SB_ATOM_FALSE;
	case SB_TRUE:
		return SB_ATOM_TRUE;
	case SB_OPEN:
		break;
	}
	return SB_ATOM(dfa, d->alike[state]);
}

uint32_t
sb_atom_start(const struct seatbelt_model *m, uint32_t dfa, bool root)
{
	const struct dfa *d = m->dfa.v[dfa].dfa;

	if (!root)
		return sb_atom_of(m, dfa, 0);
	uint32_t s = dfa_run(d, 0, "/", 1);
	if (sb_dfa_stays(d, s))
		return d->accept[s] ? SB_ATOM_TRUE : SB_ATOM_FALSE;
	return SB_ATOM(dfa, s);
}

uint32_t
sb_atom_step(const struct seatbelt_model *m, uint32_t atom, bool root, const char *name, size_t len)
{
	const struct dfa *d = m->dfa.v[SB_ATOM_DFA(atom)].dfa;
	uint32_t s = SB_ATOM_STATE(atom);

	if (!root)
		s = dfa_run(d, s, "/", 1);
	return sb_atom_of(m, SB_ATOM_DFA(atom), dfa_run(d, s, name, len));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* nfa.h - what a component glob is between its text (glob.c) and its DFA (automaton.c) */
#ifndef CDXP_NFA_H
#define CDXP_NFA_H

#include "base.h"

struct arena;
struct dfa;

enum nfa_kind {
	NFA_EMPTY,		/* takes nothing; goes to `out' and, where there is one, `alt' */
	NFA_BYTE,		/* takes `byte' */
	NFA_SET,		/* takes a byte of `set' */
	NFA_ANY,		/* takes one byte */
	NFA_STAR,		/* takes any number of bytes, none included */
	NFA_ACCEPT,
};

#define NFA_NONE	UINT32_MAX

struct byte_set {
	uint64_t	 w[4];
};

struct nfa_state {
	enum nfa_kind	 kind;
	uint8_t		 byte;
	uint32_t	 out, alt;	/* NFA_NONE: nowhere */
	const struct byte_set *set;
};

struct nfa {			/* state 0 is the start */
	struct nfa_state *v;
	uint32_t	 len;
	bool		 paths;		/* '/' is a byte like others: whole paths, not names */
};

static inline bool
byte_set_has(const struct byte_set *set, unsigned byte)
{
	return set->w[byte / 64] >> (byte % 64) & 1;
}

static inline void
byte_set_add(struct byte_set *set, unsigned byte)
{
	set->w[byte / 64] |= (uint64_t)1 << (byte % 64);
}

/* A name may not hold these two, so no automaton says anything of them. */
static inline bool
byte_in_names(unsigned byte)
{
	return byte != 0 && byte != '/';
}

/*
 * The canonical DFA of automaton.h, in `a'.  Returns -1 with *why set where
 * the subset construction meets more than max_states states, or needs more
 * steps than any sensible glob.
 */
int	dfa_from_nfa(struct arena *a, const struct nfa *, uint32_t max_states,
	    struct dfa *out, const char **why);

#endif

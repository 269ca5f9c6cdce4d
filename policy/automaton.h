/* SPDX-License-Identifier: Apache-2.0 */
/* automaton.h - component globs as byte DFAs, and joint questions to several of them */
#ifndef CDXP_AUTOMATON_H
#define CDXP_AUTOMATON_H

#include "base.h"

struct arena;
struct glob;

/*
 * A complete DFA over bytes 1..255 without '/', made from a glob; state 0 is
 * the start.  Minimal, states numbered by breadth first search over bytes in
 * rising order, byte classes by their first byte: equal languages give equal
 * tables.  The language is the glob's, which may hold the empty string and
 * "." and "..", though no name is one of them.
 *
 * One for whole paths (path_dfa.h) has a class for '/' too.
 */
struct dfa {
	uint32_t	 nstates;
	uint32_t	*next;		/* nstates x nclasses */
	bool		*accept;
	uint8_t		 class_of[256];	/* 0 and '/': no class, the value means nothing */
	uint32_t	 nclasses;
};

const struct dfa *glob_dfa(const struct glob *);

/*
 * Classes of names: given `n' DFAs and `k' names to leave out, call back once
 * for each combination of accepting DFAs that some other name has, with the
 * first such name in the order "fewest bytes, then letters before other
 * bytes, then bytewise".  Names are 1 to LIMIT_NAME_BYTES bytes, not "." and
 * not "..".  `accepts' is a bit set over the DFAs, in (n + 63) / 64 words but
 * at least one; it and `name' are the callback's for the call only.  The calls
 * come in the order of the names.  Stops when the callback returns false.
 * Returns -1 where more than `max_states' joint states were met (the caller
 * refuses), else 0.  The names left out do not count towards that; neither
 * order nor repetition among them matters.
 */
int	dfa_name_classes(const struct dfa *const *, size_t n,
	    const struct slice *except, size_t k, size_t max_states,
	    bool (*found)(void *, const uint64_t *accepts, const char *name, size_t len),
	    void *arg);

/*
 * The same from any states, and by states: call back once for each tuple of
 * states that some name leads to from `start', one state for each DFA.
 * `folded': what is left out is left out in every spelling (ASCII).
 */
int	dfa_name_tuples(const struct dfa *const *, size_t n, const uint32_t *start,
	    const struct slice *except, size_t k, bool folded, size_t max_states,
	    bool (*found)(void *, const uint32_t *tuple, const char *name, size_t len),
	    void *arg);

/* The order of names above: <0, 0, >0. */
int	name_order(const char *, size_t, const char *, size_t);

#endif

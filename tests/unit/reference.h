/* SPDX-License-Identifier: Apache-2.0 */
/* reference.h - spec 2.2 and 2.3 over bound policies, word by word; random policies */
#ifndef CDXP_TEST_REFERENCE_H
#define CDXP_TEST_REFERENCE_H

#include "bound.h"

struct arena;

struct prng { uint64_t state; };

/* SEED of the environment where set, else a fixed one; printed when a test fails. */
uint64_t	 test_seed(void);
uint32_t	 prng_below(struct prng *, uint32_t n);

/*
 * A policy over a few short names, so that entries, shields and patterns
 * meet often.  Everything exists and is a directory; matches and partial
 * matches are left out unless `tree' (host paths, sorted) is given.
 */
struct bound_policy *random_policy(struct arena *, struct prng *);

/*
 * Facts of a random host for it, once all random numbers of the policy are
 * drawn: each path that an entry, shield or pattern names, `more' (NULL ends
 * them) and what is above them, sorted, of random kinds, with things missing
 * and files in the way.  `sealed': some of what is missing cannot be made.
 */
void	 random_facts(struct arena *, struct bound_policy *, struct prng *, const char *const *more,
	    bool sealed);

struct ref_verdict { bool readable, writable, pinned; };

/*
 * Straight from the formulas: every entry, shield and pattern is looked at for
 * every path.  Shares no code with policy/; tests/run-reference holds it, too,
 * against reference.py, which reads the profile itself.
 */
struct ref_verdict reference(const struct bound_policy *, const char *path);

/* Call back for every path of at most `depth' names over the alphabet of random_policy(). */
void	 each_path(struct arena *, unsigned depth, void (*)(void *, const char *), void *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* compare_names.h - the names that matter below one place, for a walk over many */
#ifndef CDXP_COMPARE_NAMES_H
#define CDXP_COMPARE_NAMES_H

#include "base.h"
#include "region.h"

struct arena;
struct dfa;
struct name_memo;

struct literal_names { struct slice *v; size_t len, cap; };

/* The children of both nodes (either may be NULL) and what is in `out' already, bytewise and unique. */
void	names_merge(struct arena *, const struct region *, const struct region *,
	    struct literal_names *out);

/* One of them; they are sorted. */
bool	names_have(const struct literal_names *, struct slice);

/*
 * A spelling of a folded name that is not among the literals, in the arena:
 * false where the first thousand are.
 */
bool	names_spelling(struct arena *, const struct literal_names *, const struct region *folded,
	    struct slice *out);

/* Remembers what dfa_name_classes() said of a set of DFAs; lives in the arena. */
struct name_memo *name_memo_new(struct arena *);

/*
 * dfa_name_classes() for the same few sets of DFAs over and over: equal ones
 * count once, the sets of those that accept are not told, and `except' is
 * sorted as by names_merge().  The name of a class that is no exception is
 * its first name with the exceptions as without, so that one search for each
 * set serves every place but those with a child of just such a name.
 */
int	name_memo_classes(struct name_memo *, const struct dfa *const *, size_t n,
	    const struct literal_names *except, size_t max_states,
	    void (*found)(void *, const char *name, size_t len), void *arg);

#endif

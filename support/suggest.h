/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.h - "did you mean" */
#ifndef CDXP_SUGGEST_H
#define CDXP_SUGGEST_H

#include "base.h"

/* Damerau-Levenshtein distance (optimal string alignment), bytes; stops at max and returns max + 1. */
unsigned	edit_distance(const char *, const char *, unsigned max);

/* The nearest of n names within a third of the word's length (at least 1, at most 2), or NULL. */
const char	*suggest(const char *word, const char *const *names, size_t n);

#endif

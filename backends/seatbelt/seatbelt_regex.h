/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_regex.h - component globs and names as regular expressions that Seatbelt takes */
#ifndef CDXP_SEATBELT_REGEX_H
#define CDXP_SEATBELT_REGEX_H

#include "pattern.h"
#include "sbuf.h"

struct arena;

/*
 * Everything is written in the subset that Apple's own profiles use (spec
 * 3.3): ^ $ . [] [^] () | * + ? and a backslash before punctuation.  No host
 * path is ever in one: what lies above is "/[^/]+" for each component.
 */
enum { SEATBELT_REGEX_MAX = 900 };

/* "^" and one "/[^/]+" for each of `depth' components. */
void	regex_depth(struct sbuf *, size_t depth);

/* The name in both cases of its ASCII letters, or as it is. */
void	regex_name(struct sbuf *, const char *name, size_t len, bool folded);

/*
 * The steps of a pattern from its `from'th on, each with the "/" in front,
 * and an end that covers what lies below a match.  Steps that fold, to all
 * that letters.h has, are those that the pattern compares so: all from the
 * first that is not LITERAL.
 */
void	regex_steps(struct sbuf *, const struct pattern *, size_t from);

/*
 * The pattern in two, each with one half of the alternatives of some { }.
 * False where there is none that has two.
 */
bool	regex_split(struct arena *, const struct pattern *, struct pattern *one,
	    struct pattern *two);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* path_dfa.h - automata over whole paths: regular expressions of Seatbelt, prefixes, deny patterns */
#ifndef CDXP_PATH_DFA_H
#define CDXP_PATH_DFA_H

#include "base.h"

struct arena;
struct dfa;
struct pattern;

/*
 * The subset that Apple's own profiles use: ^ $ . [] [^] () | * + ? and a
 * backslash before punctuation; bytes, found anywhere unless ^ and $ say
 * otherwise, `.' is any byte, the slash too.  All else is an error: a
 * quantifier after nothing, ^, $ or another quantifier, an empty alternative
 * or group, `(?', braces, an unescaped `]', a backslash in a class or before a
 * letter or digit, a control byte.  NULL with *why set (static).
 */
const struct dfa *regex_dfa(struct arena *, const char *text, size_t len, const char **why);

/* Every string that begins with this. */
const struct dfa *prefix_dfa(struct arena *, const char *text, size_t len, const char **why);

/* What the pattern's steps from `from' on match, each with the "/" in front, and what lies below that. */
const struct dfa *pattern_dfa(struct arena *, const struct pattern *, size_t from, const char **why);

/* Run over some bytes. */
uint32_t dfa_run(const struct dfa *, uint32_t state, const char *text, size_t len);
bool	 dfa_equal(const struct dfa *, const struct dfa *);

enum { REGEX_DEPTH = 64 };	/* of groups */

#endif

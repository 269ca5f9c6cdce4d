/* SPDX-License-Identifier: Apache-2.0 */
/* glob.h - the glob of one component: its text to its DFA */
#ifndef CDXP_GLOB_H
#define CDXP_GLOB_H

#include "base.h"

struct arena;
struct glob;

/*
 * Spec 1.3, with what it leaves open decided so:
 * - a "]" right behind the opening "[", "[!" or "[^" is a member of the class,
 *   as in POSIX, and so is a "-" at either end; a backslash makes the next
 *   byte an ordinary member; a range that runs backwards is an error;
 * - braces nest, up to GLOB_BRACE_DEPTH; an alternative may be empty; a "{"
 *   or "}" without its partner is an error (a pattern that was meant to
 *   alternate across a "/" must not turn into one that matches nothing), a
 *   "]" alone is itself;
 * - outside classes a byte over 127 is itself, so UTF-8 is matched as it is
 *   written; "?" is one byte.
 * Returns NULL with *why set (static text).  At most max_states states.
 */
const struct glob *glob_compile(struct arena *, const char *text, size_t len,
	    uint32_t max_states, const char **why);
/*
 * The same, but an ASCII letter stands for both its cases, in a class too, and
 * outside classes for all that letters.h has for it.
 */
const struct glob *glob_compile_folded(struct arena *, const char *text, size_t len,
	    uint32_t max_states, const char **why);

/* How many bytes of p[0..n) from i on stand for themselves wherever they are: letters that go together. */
size_t	glob_plain_run(const char *p, size_t n, size_t i);

/* Every spelling of a name (name_fold()), whatever its bytes mean in a glob. */
const struct glob *glob_of_name(struct arena *, const char *name, size_t len);

/* The same, and in all that letters.h has for its letters. */
const struct glob *glob_of_letters(struct arena *, const char *name, size_t len);

enum { GLOB_BRACE_DEPTH = 16 };

/*
 * A class, for who writes globs in another notation: the index of the "]" that
 * closes the "[" at p[i], or n; and its members, of which those that are no
 * ASCII or run backwards are an error.  NULL, or what is wrong.
 */
struct byte_set;
size_t	glob_class_end(const char *p, size_t n, size_t i);
const char *glob_class_read(const char *p, size_t i, size_t end, bool folded, struct byte_set *,
	    bool *negated);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_spelling.h - other letters that a Mac's file systems take for those of a name */
#ifndef CDXP_SEATBELT_SPELLING_H
#define CDXP_SEATBELT_SPELLING_H

#include "base.h"

struct arena;

struct spellings { const char **v; size_t len, cap; };

/*
 * Names that hold more than ASCII and name the same file as `name', which is
 * ASCII, in a directory without regard to case: with a long s, the Kelvin
 * sign, a sharp s or a ligature in the place of letters (Unicode, full case
 * folding, and the characters that are canonically the same as an ASCII one).
 * Both cases of ASCII letters are not told apart: the name is given in lower
 * case, and so are these.  -1 where there are more than
 * SEATBELT_SPELLINGS_MAX.
 */
enum { SEATBELT_SPELLINGS_MAX = 64 };
int	seatbelt_spellings(struct arena *, const char *name, size_t len, struct spellings *out);

/* More than ASCII: other spellings, composed or not, are more than can be listed. */
bool	seatbelt_beyond_ascii(const char *name, size_t len);

#endif

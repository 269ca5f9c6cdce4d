/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - UTF-8 as RFC 3629 defines it */
#ifndef CDXP_UTF8_H
#define CDXP_UTF8_H

#include "base.h"

/*
 * Decode the first character of n > 0 bytes.  Returns its length (1 to 4) and
 * sets *cp, or 0 where no well-formed character begins there: surrogates,
 * overlong forms, more than U+10FFFF, a sequence that is cut off.
 */
size_t	utf8_decode(const char *, size_t n, uint32_t *cp);

/* Writes 1 to 4 bytes and returns how many; 0 where cp is no scalar value. */
size_t	utf8_encode(uint32_t cp, char out[4]);

/* Offset of the first byte that is not part of a well-formed character, or n. */
size_t	utf8_check(const char *, size_t n);

/*
 * Columns that a terminal gives a character: 0 (combining marks, joiners), 1,
 * or 2 (wide East Asian, emoji).  Approximate, and the same in each locale.
 */
unsigned	utf8_width(uint32_t cp);
/* The sum over a text; what is no character counts one. */
size_t		utf8_columns(const char *, size_t n);

/*
 * A reader does not see it, or takes it for a plain space: controls, other
 * blanks, marks without width that reorder or join text, tags.
 */
bool	utf8_is_hidden(uint32_t cp);

/* Controls, and the marks that reorder or hide what is written around them. */
bool	utf8_is_harmful(uint32_t cp);

#endif

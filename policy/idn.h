/* SPDX-License-Identifier: Apache-2.0 */
/* idn.h - one label of a host name as DNS has it */
#ifndef CDXP_IDN_H
#define CDXP_IDN_H

#include "base.h"

enum { IDN_LABEL_MAX = 63 };		/* RFC 1035 2.3.4 */

/*
 * Lower-case one label (no dots) into `out' (NUL-terminated), as an A-label
 * where it is not ASCII (RFC 5891, RFC 3492).  Only characters that are what
 * they are without tables are taken, lower-cased where they have case:
 * letters of Latin-1, Latin Extended-A, Greek and Cyrillic in one code point,
 * kana, Han, Hangul syllables, Hebrew and Arabic letters.  The rest, above
 * all combining marks and compatibility forms, would need normalisation to
 * mean the same everywhere: an error that asks for the "xn--" form.
 * Returns the length, or 0 with *why set (static text).
 */
size_t	idn_label(const char *label, size_t len, char out[IDN_LABEL_MAX + 1],
	    const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* letters.h - characters that are the same as ASCII letters where case does not matter */
#ifndef CDXP_LETTERS_H
#define CDXP_LETTERS_H

#include "base.h"

/* `other', in UTF-8, names the same file as `ascii', in lower case: "ss" and a sharp s. */
struct letters {
	const char	*ascii, *other;
};

/* All of them; the longest of `ascii' has LETTERS_MAX bytes, of `other' too. */
enum { LETTERS_MAX = 3 };
const struct letters *letters_all(size_t *n);

/* Whether name[0..len) begins with l->ascii, in either case. */
bool	letters_begin(const struct letters *l, const char *name, size_t len);

#endif

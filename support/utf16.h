/* SPDX-License-Identifier: Apache-2.0 */
/* utf16.h - text as Windows takes and gives it */
#ifndef CDXP_UTF16_H
#define CDXP_UTF16_H

#include "base.h"

struct arena;

/*
 * The text in UTF-16, NUL-terminated; its length goes to *len unless that is
 * NULL.  NULL where it is not UTF-8 (utf8.h).  On Windows uint16_t is wchar_t.
 */
uint16_t *utf16_from_utf8(struct arena *, const char *, size_t *len);

/*
 * The way back, of n units.  NULL where a surrogate stands alone: Windows
 * allows such names, and no two of them must become one.
 */
char	*utf16_to_utf8(struct arena *, const uint16_t *, size_t n);

/*
 * The same, where a surrogate that stands alone is written as its three bytes
 * (WTF-8), so that every name has one spelling and none is lost.  What is read
 * back is what was written: three bytes each for two that belong together are
 * refused, as all else that is not UTF-8.
 */
uint16_t *utf16_from_wtf8(struct arena *, const char *, size_t *len);
char	*utf16_to_wtf8(struct arena *, const uint16_t *, size_t n);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* letters.c - characters that are the same as ASCII letters where case does not matter */
#include <config.h>

#include "letters.h"

#include <string.h>

#include "path.h"

/*
 * All characters outside ASCII whose folding is ASCII alone: CaseFolding.txt
 * of Unicode, status C and F, and the singletons among the canonical
 * decompositions of UnicodeData.txt.
 */
static const struct letters all[] = {
	{ "s", "\xc5\xbf" },		/* U+017F LATIN SMALL LETTER LONG S */
	{ "k", "\xe2\x84\xaa" },	/* U+212A KELVIN SIGN */
	{ "ss", "\xc3\x9f" },		/* U+00DF LATIN SMALL LETTER SHARP S */
	{ "ss", "\xe1\xba\x9e" },	/* U+1E9E LATIN CAPITAL LETTER SHARP S */
	{ "ff", "\xef\xac\x80" },	/* U+FB00 to U+FB06: ligatures */
	{ "fi", "\xef\xac\x81" },
	{ "fl", "\xef\xac\x82" },
	{ "ffi", "\xef\xac\x83" },
	{ "ffl", "\xef\xac\x84" },
	{ "st", "\xef\xac\x85" },
	{ "st", "\xef\xac\x86" },
	{ ";", "\xcd\xbe" },		/* U+037E GREEK QUESTION MARK */
	{ "`", "\xe1\xbf\xaf" },	/* U+1FEF GREEK VARIA */
};

const struct letters *
letters_all(size_t *n)
{
	*n = NELEMS(all);
	return all;
}

bool
letters_begin(const struct letters *l, const char *name, size_t len)
{
	size_t i = 0;

	while (l->ascii[i] != '\0' && i < len && name_fold(name[i]) == l->ascii[i])
		i++;
	return l->ascii[i] == '\0';
}

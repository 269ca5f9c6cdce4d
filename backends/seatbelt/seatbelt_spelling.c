/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_spelling.c - other letters that a Mac's file systems take for those of a name */
#include <config.h>

#include "seatbelt_spelling.h"

#include <string.h>

#include "arena.h"
#include "letters.h"

bool
seatbelt_beyond_ascii(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] >= 0x80)
			return true;
	return false;
}

/* at[i] has the spellings of the first i letters. */
int
seatbelt_spellings(struct arena *a, const char *name, size_t len, struct spellings *out)
{
	struct spellings *at = arena_array(a, len + 1, sizeof(*at));
	size_t nsame;
	const struct letters *same = letters_all(&nsame);

	VEC_PUSH(a, &at[0], "");
	for (size_t i = 0; i < len; i++) {
		if (at[i].len > SEATBELT_SPELLINGS_MAX)
			return -1;
		for (size_t k = 0; k < at[i].len; k++)
			VEC_PUSH(a, &at[i + 1], arena_printf(a, "%s%c", at[i].v[k], name[i]));
		for (size_t r = 0; r < nsame; r++) {
			if (!letters_begin(&same[r], name + i, len - i))
				continue;
			struct spellings *to = &at[i + strlen(same[r].ascii)];
			for (size_t k = 0; k < at[i].len; k++)
				VEC_PUSH(a, to, arena_printf(a, "%s%s", at[i].v[k], same[r].other));
		}
	}
	*out = (struct spellings){ NULL, 0, 0 };
	for (size_t k = 0; k < at[len].len; k++)
		if (seatbelt_beyond_ascii(at[len].v[k], strlen(at[len].v[k])))
			VEC_PUSH(a, out, at[len].v[k]);
	return out->len > SEATBELT_SPELLINGS_MAX ? -1 : 0;
}

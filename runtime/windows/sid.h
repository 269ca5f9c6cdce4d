/* SPDX-License-Identifier: Apache-2.0 */
/* sid.h - security identifiers of Windows, as values */
#ifndef CDXP_SID_H
#define CDXP_SID_H

#include "base.h"

enum {
	SID_SUBS_MAX	= 15,
	SID_TEXT_MAX	= 192,		/* with the NUL: S-1-0x, 12 digits, 15 times a dash and 10 digits */
	SID_BYTES_MAX	= 8 + 4 * SID_SUBS_MAX,
};

/* Of revision 1, the only one there is. */
struct sid {
	uint64_t	authority;	/* 48 bits */
	uint8_t		n;		/* of sub[], 1 to SID_SUBS_MAX; the rest of it is 0 */
	uint32_t	sub[SID_SUBS_MAX];
};

/*
 * "S-1-5-21-1-2-3-1001": decimal without leading zeros, an authority from
 * 2^32 on as "0x" and 12 hexadecimal digits, as Windows writes them; at least
 * one sub-authority, none above 2^32 - 1 (Wine's own function takes such for
 * 2^32 - 1), and nothing else: no aliases ("BA"), no blanks.  Returns NULL,
 * or what is wrong with it, a static phrase ("has a number above 4294967295").
 */
const char *sid_parse(const char *text, size_t len, struct sid *);

/* What sid_parse() reads.  Returns its argument. */
const char *sid_text(const struct sid *, char out[SID_TEXT_MAX]);

bool	sid_equal(const struct sid *, const struct sid *);
int	sid_order(const struct sid *, const struct sid *);

/*
 * As Windows keeps them in memory and on disk.  sid_read() returns how many of
 * the n bytes it took, 0 where no SID of revision 1 begins there; sid_write()
 * how many it wrote.
 */
size_t	sid_read(const uint8_t *, size_t n, struct sid *);
size_t	sid_write(const struct sid *, uint8_t out[SID_BYTES_MAX]);

/* The well-known ones that decisions are made about. */
extern const struct sid sid_everyone;		/* S-1-1-0 */
extern const struct sid sid_owner_rights;	/* S-1-3-4 */
extern const struct sid sid_authenticated;	/* S-1-5-11 */
extern const struct sid sid_system;		/* S-1-5-18 */
extern const struct sid sid_administrators;	/* S-1-5-32-544 */
extern const struct sid sid_users;		/* S-1-5-32-545 */

#endif

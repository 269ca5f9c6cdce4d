/* SPDX-License-Identifier: Apache-2.0 */
/* cap_store.h - the made-up SIDs of roots, and the file that remembers them */
#ifndef CDXP_CAP_STORE_H
#define CDXP_CAP_STORE_H

#include "sid.h"
#include "state_files.h"

struct arena;

/*
 * STATE/capabilities, JSON:
 *
 *   {"capabilities":1,"readonly":SID,"roots":[{"hash":...,"path":...,"sid":SID},...]}
 *
 * One random S-1-5-21-a-b-c-d for each pair of a root's path and the hash of
 * its entries, and one for runs that write nothing; none is given twice.  A
 * SID is never changed: entries for it may be anywhere.  So a file that is not
 * exactly of this form is refused, not replaced.
 */
struct cap_request {
	const char	*path;		/* of the root, its final name; NULL: for runs that write nothing */
	const char	*hash;		/* 64 hexadecimal digits; NULL with it */
	struct sid	 sid;		/* the answer; n == 0: there is none yet */
};

/*
 * Look up n capabilities; with `make' those that are missing are made up, and
 * stored before this returns.  `avoid' has n_avoid SIDs whose domain (all but
 * the last number) is not to be used: those of real users.  0, or -1 with
 * *why, words in the arena.
 */
int	cap_store_get(struct arena *, struct state_files *, struct cap_request *, size_t n, bool make,
	    const struct sid *avoid, size_t n_avoid, const char **why);

#endif

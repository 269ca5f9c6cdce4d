/* SPDX-License-Identifier: Apache-2.0 */
/* stubs.h - mount points for protected places that do not exist (spec 3.1.2) */
#ifndef CDXP_STUBS_H
#define CDXP_STUBS_H

#include "base.h"

struct arena;

enum stub_kind { STUB_DIR, STUB_FILE };

/* Parents come before what is below them; a missing parent is a stub of its own. */
struct stub_request {
	const char	*path;		/* canonical, absolute */
	enum stub_kind	 kind;
	uint64_t	 dev, ino;	/* out: what stubs_make() made or found */
};

/*
 * Make, or share with other runs, every place in `want'.  First removes what
 * runs that were killed have left.  NULL with *why set (arena) where one
 * cannot be made; nothing is left behind then.  The caller holds the result
 * for as long as anything in the sandbox runs.
 */
struct stubs;
struct stubs	*stubs_make(struct arena *, struct stub_request *want, size_t n,
		    const char *state_dir, const char **why);

/*
 * Give them back: each that no other run holds and that is still empty and
 * still the one that was made goes, in reverse order.  NULL is allowed.
 */
void	stubs_remove(struct stubs *);

/*
 * An existing path is an empty stub of ours: it counts as missing when a
 * policy is bound.  No link is followed.  `state_dir' may be NULL; it is read
 * only where the file system keeps no extended attributes.
 */
bool	stub_is_ours(const char *path, const char *state_dir);

#endif

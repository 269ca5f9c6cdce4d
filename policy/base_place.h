/* SPDX-License-Identifier: Apache-2.0 */
/* base_place.h - what every sandbox has of its own, whatever the policy says (spec 2.3) */
#ifndef CDXP_BASE_PLACE_H
#define CDXP_BASE_PLACE_H

#include "decide_fs.h"

/* `path' lies in what is free for every profile: "/dev/null", on Linux "/dev/shm/x" and "/proc/self". */
struct base_place {
	const char	*path;
	bool		 below;		/* what lies below it, too */
	bool		 writable;
	bool		 movable;	/* what lies below it can be renamed and removed */
};
/* All of them, in order. */
const struct base_place *base_places(enum target, size_t *n);
const struct base_place *base_place_at(enum target, const char *path);

/*
 * decide_fs(), and where that says less, what the sandbox has of its own, of
 * kind WHY_BASE.  An entry written for a place in /dev or /proc, and a deny
 * pattern, keep their word: a backend obeys them or refuses.
 */
struct fs_verdict decide_sandbox(const struct decide_fs *, const char *path);

#endif

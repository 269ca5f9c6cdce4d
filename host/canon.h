/* SPDX-License-Identifier: Apache-2.0 */
/* canon.h - canonical paths, link by link, and every fact that was met on the way */
#ifndef CDXP_CANON_H
#define CDXP_CANON_H

#include "base.h"
#include "fact.h"
#include "place.h"

struct arena;
struct host;

/*
 * What has been asked of a host so far, by canonical path; nothing is asked
 * twice.  With the fact of a path come those of all its ancestors.
 */
struct canon;

/* Where a path leads, and the links that it goes through or ends in, in the order met. */
struct canon_way {
	const struct fact *end;		/* of the canonical path; never a link */
	struct { const struct fact **v; size_t len, cap; } links;
};

/* With `making' facts of what is missing say whether we could make it (sealed); else that is not asked. */
struct canon *canon_new(struct arena *, struct host *, bool making);

/*
 * Of a made-up host of that kind on which every path is a directory, but for
 * the links at the top of a Mac: nothing is asked.  Where names of Windows
 * were spelt in several ways the first is the stored one.
 */
struct canon *canon_new_made_up(struct arena *, enum target);

/*
 * Walk `path', which may hold "." and "..": absolute, or relative to the
 * canonical path `from'.  As the kernel does it: links one at a time, at most
 * 40 of them, ".." back from where they lead.  What does not exist, or lies
 * where we may not look, is appended as it is written.  0, or -1 with *why
 * (one line that names the path).
 */
int	canon_resolve(struct canon *, const char *from, const char *path,
	    struct canon_way *out, const char **why);

/* The fact of a path whose parent is canonical, links not followed.  NULL with *why. */
const struct fact *canon_fact(struct canon *, const char *path, const char **why);

/* The same for what lies in a directory of which that is the fact; `path' stays where it is. */
const struct fact *canon_child(struct canon *, const struct fact *dir, const char *path,
	    const char **why);

/* It exists, as far as the policy is concerned, and is a directory. */
bool	fact_is_dir(const struct fact *);
bool	fact_exists(const struct fact *);

/* How many leading components of a canonical path that was asked about exist. */
size_t	canon_existing(const struct canon *, const char *path);

/* Everything known, sorted by strcmp() of the paths, unique. */
struct fact *canon_facts(struct canon *, size_t *n);

#endif

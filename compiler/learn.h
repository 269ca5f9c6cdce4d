/* SPDX-License-Identifier: Apache-2.0 */
/* learn.h - from denials to the entries that would have allowed them */
#ifndef CDXP_LEARN_H
#define CDXP_LEARN_H

#include "base.h"
#include "denial_lines.h"
#include "sbuf.h"

/* A proposed entry, with what speaks for it. */
struct proposal {
	const char	*table, *place, *subpath;	/* subpath NULL: the place itself */
	const char	*access;
	const char	*path;		/* place and subpath as one, to compare with */
	const char	*rule_id;	/* of the rule that denied all of it */
	uint64_t	 count;
	size_t		 different;	/* denials */
	const struct denial_line *sample;
	bool		 missing;	/* a directory that does not exist yet */
	bool		 gone;		/* covered by another */
};

struct learned {
	struct { struct proposal *v; size_t len, cap; } entries;	/* by table, then path */
	struct { const struct denial_line **v; size_t len, cap; } left;	/* what has no entry, or is not asked for */
	uint64_t	 denials, covered;	/* counts: all, and those of the entries */
	bool		 network;	/* destinations are among the entries */
};

/*
 * The narrowest entries.  `generalise' at least 2: where so many entries for
 * the same access, denied by the same rule, lie in one directory, that
 * directory instead, again and again, but never an anchor, "/", or what lies
 * in "/" itself; 0: never.  Destinations only with `network'.
 */
void	learn(struct arena *, const struct denial_lines *, size_t generalise, bool network,
	    struct learned *out);

/* TOML that can be put behind the profile: a profile `name' that extends `parent'. */
void	learn_print(const struct learned *, const char *parent, const char *name, struct sbuf *out);

#endif

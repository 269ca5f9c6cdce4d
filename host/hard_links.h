/* SPDX-License-Identifier: Apache-2.0 */
/* hard_links.h - files below a place that have other names, which no policy about paths sees */
#ifndef CDXP_HARD_LINKS_H
#define CDXP_HARD_LINKS_H

#include "base.h"

struct arena;

struct hard_link {
	const char	*path;
	uint64_t	 names;		/* how many the file has, this one included */
};

struct hard_links {
	struct { struct hard_link *v; size_t len, cap; } found;	/* in path_order() */
	uint64_t	 looked_at;	/* names so far: of files, directories and all else */
	uint64_t	 unread;	/* directories that could not be read */
	bool		 cut;		/* the walk ended at its bound */
};

/*
 * Look at a file, or at all below a directory (spec 2.5), and add regular files
 * with more than one name.  Links are not followed.  Ends where `looked_at'
 * reaches `bound'; may be called again for another place.
 */
void	hard_links_below(struct arena *, const char *place, uint64_t bound,
	    struct hard_links *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* fact.h - what a host was asked about one path */
#ifndef CDXP_FACT_H
#define CDXP_FACT_H

#include "base.h"

enum node_kind { NODE_MISSING, NODE_DIR, NODE_FILE, NODE_LINK, NODE_OTHER };

/* There is one for every path that a bound policy mentions, and for its ancestors. */
struct fact {
	const char	*path;
	enum node_kind	 kind;
	uint64_t	 dev, ino;	/* 0 where missing */
	const char	*target;	/* NODE_LINK: as readlink(2) gives it */
	bool		 sealed;	/* NODE_MISSING, for Linux: the host's own permissions keep us from making it */
	bool		 device;	/* NODE_OTHER: a character or block device */
	bool		 bare;		/* a directory, or an empty file dated as one: may be a stub */
	bool		 stub;		/* made by us for a run: the policy takes it for missing */
};

/* What is known of a host. */
struct fact_list {
	const struct fact *v;		/* sorted by path_order(), unique */
	size_t		 len;
	bool		 all_dirs;	/* of a made-up one: every path is a directory, and none is listed */
};

/* NULL where nothing is known.  Where all are directories one fact without a path stands for them. */
const struct fact *fact_find(const struct fact_list *, const char *path);

/*
 * The same for paths that are asked for in much the same order: *hint is where
 * the last one was found, 0 at first.  Quick where the next is near.
 */
const struct fact *fact_near(const struct fact_list *, const char *path, size_t *hint);

#endif

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
	bool		 sealed;	/* NODE_MISSING: the host's own permissions keep us from making it */
	bool		 bare;		/* a directory, or an empty file: may be a stub */
	bool		 stub;		/* made by us for a run: the policy takes it for missing */
};

/* In a list sorted by path_order(); NULL where nothing is known. */
const struct fact *fact_find(const struct fact *, size_t n, const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* claim.h - a claim about paths, and whether a policy keeps it */
#ifndef CDXP_CLAIM_H
#define CDXP_CLAIM_H

#include "base.h"
#include "compare.h"
#include "decide_fs.h"

struct arena;

/* "`op' is allowed (or denied) at the path", or at every path that the pattern matches. */
struct claim {
	enum fs_op	 op;
	bool		 allow;
	const char	*path;		/* normal, absolute, canonical; NULL: the pattern says it */
	const struct pattern *pattern;	/* the whole path must match, not an ancestor */
	/* Not claimed of a pattern's paths that one of these covers: they match it, or are below a match. */
	const struct pattern *const *except;
	size_t		 nexcept;
};

struct claim_result {
	bool		 holds;
	/* Where it does not: the path itself, or the first one in the order of witnesses (spec 2.4). */
	const char	*path;
	struct fs_verdict verdict;	/* of a single path always, else of the counterexample */
};

/*
 * Decided over all paths, written down or not: the policy is compared, within
 * the pattern, with one that allows everything or nothing.  -1 where that
 * passes the limit of states; the caller says so.
 */
int	claim_decide(struct arena *, const struct decide_fs *, const struct claim *,
	    struct claim_result *out);

/* What a verdict says of one operation. */
bool	fs_verdict_allows(const struct fs_verdict *, enum fs_op);

#endif

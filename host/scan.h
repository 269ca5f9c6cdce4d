/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h - one walk over the host for all deny patterns */
#ifndef CDXP_SCAN_H
#define CDXP_SCAN_H

#include "bound.h"

struct arena;
struct host;

/*
 * Find what exists and matches, and the directories that match more of a
 * pattern than their parent does (spec 2.3); fills matches, partial and
 * unscanned of each of the n patterns, whose literal parts must be existing
 * directories and canonical.  Both lists are in path_order().
 *
 * Links are never followed, each directory is listed at most once, and only
 * where some pattern can still match below it.  What lies in a directory that
 * any of the patterns matches is denied already and not looked at, so it is
 * in nobody's list.  /proc is never entered.
 *
 * `depth': the children of a literal part are at depth 1, directories at this
 * depth are not listed but counted in unscanned; 0 is no limit.  So are
 * directories that we may not list (EACCES, EPERM): names in them could be
 * known all the same; and what has a path longer than LIMIT_PATH_BYTES.
 *
 * `limits', or NULL: a directory that is not wanted is not listed, as if it were empty.
 *
 * 0, or -1 with *why where a directory cannot be listed for another reason.
 */
struct scan_limits {
	bool	(*wanted)(const void *arg, const char *dir);
	const void *arg;
};
int	scan_patterns(struct arena *, struct host *, struct bound_pattern *const *,
	    size_t n, uint32_t depth, const struct scan_limits *limits, const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* make_dirs.h - directories that a run needs and that do not exist */
#ifndef CDXP_MAKE_DIRS_H
#define CDXP_MAKE_DIRS_H

#include <sys/types.h>

#include "base.h"

struct arena;
struct bound_policy;

/*
 * Make a directory and those above it; existing ones are left alone.  `path'
 * is normal.  A symbolic link on the way is an error, so that what is made is
 * where the path says.  0, or -1 with *why (one line, in the arena); what was
 * made by then stays.
 */
int	make_dirs(struct arena *, const char *path, mode_t mode, const char **why);

/*
 * Every written entry of access write whose place does not exist
 * (--create-missing).  *made counts them: where it is not 0, the host is no
 * longer what the policy was bound to.
 */
int	make_missing_grants(struct arena *, const struct bound_policy *, size_t *made,
	    const char **why);

#endif

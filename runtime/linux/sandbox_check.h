/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_check.h - looking at the finished mounts before the command starts */
#ifndef CDXP_SANDBOX_CHECK_H
#define CDXP_SANDBOX_CHECK_H

#include "base.h"

struct arena;
struct exec_check;

/*
 * `root' is the sandbox's root directory, seen through /proc; nothing of the
 * command runs yet.  Every place is opened there without following a link
 * and compared, and the working directory must be one.  NULL, or what is
 * wrong.
 */
const char	*sandbox_check(struct arena *, int root, const struct exec_check *, size_t n,
		    const char *cwd);

/*
 * Does anything but its first process live in the sandbox?  The first itself
 * may still be taking its namespaces down, which is not worth waiting for.
 */
bool		 sandbox_others_live(int root);

/* An open in the sandbox's view; no link is followed.  -1 with errno. */
int		 sandbox_open(int root, const char *path, int flags);

#endif

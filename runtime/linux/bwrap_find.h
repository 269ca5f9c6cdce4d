/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_find.h - which bwrap is run, and why one did not work */
#ifndef CDXP_BWRAP_FIND_H
#define CDXP_BWRAP_FIND_H

#include "base.h"

struct arena;

/*
 * The first executable bwrap in an absolute directory of `path' that is
 * neither itself nor by a link below one of `avoid': what the command could
 * have written is not run outside the sandbox.  NULL with *why.
 */
const char	*bwrap_find(struct arena *, const char *path, const char *const *avoid,
		    size_t navoid, const char **why);

/*
 * After a set-up that failed: one line that says which of the known causes
 * it is and what to do.  Runs bwrap and makes a user namespace to find out.
 * `args' is the artifact.  *unusable: no policy could be enforced with this
 * bwrap on this host.  Never NULL.
 */
const char	*bwrap_why(struct arena *, const char *bwrap, const char *args, size_t args_len,
		    bool *unusable);

/* uname's release is that of WSL 1, which has no namespaces. */
bool		 bwrap_is_wsl1(const char *release);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* socket_policy.h - may this very socket file be connected to? */
#ifndef CDXP_SOCKET_POLICY_H
#define CDXP_SOCKET_POLICY_H

#include <sys/stat.h>

#include "base.h"

struct arena;
struct decide_fs;

/*
 * Rules speak of paths.  Where the command may write it can move a socket of
 * the host to a path that is allowed; there the file must be the one that was
 * at that path when the sandbox was made.
 */
struct socket_policy;

/*
 * Looks at the host; both live in the arena.  NULL where no rule and no switch
 * allows any socket.  `mounts': what is pinned is a mount point, over which
 * nothing is moved.
 */
struct socket_policy *socket_policy_new(struct arena *, const struct decide_fs *, bool mounts);

/* `path' is normal, absolute and without links.  May be called by several threads at once. */
bool	socket_policy_allows(const struct socket_policy *, const char *path, const struct stat *);

#endif

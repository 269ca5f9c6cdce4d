/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_check.h - looking at the finished mounts before the command starts */
#ifndef CDXP_SANDBOX_CHECK_H
#define CDXP_SANDBOX_CHECK_H

#include <sys/types.h>

#include "base.h"

struct arena;
struct bwrap_args;
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
 * Can nothing be written but where the arguments say?  bwrap follows links in
 * the place that it mounts on, so that who swaps directories meanwhile might
 * have it make writable what it never named.  Mounts of the host that we cannot
 * get at, as they lie below a closed directory, are none of it.  `pid' is a
 * process of the sandbox.
 * NULL, or what is wrong.  The table is that of proc_pid_mountinfo(5).
 */
const char	*sandbox_check_writable(struct arena *, int root, pid_t pid, const struct bwrap_args *);

/*
 * Does anything but its first process live in the sandbox?  The first itself
 * may still be taking its namespaces down, which is not worth waiting for.
 */
bool		 sandbox_others_live(int root);

/* An open in the sandbox's view; no link is followed.  -1 with errno. */
int		 sandbox_open(int root, const char *path, int flags);

#endif

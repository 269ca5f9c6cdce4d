/* SPDX-License-Identifier: Apache-2.0 */
/* exec_start.h - a bwrap that has been started and waits for its arguments */
#ifndef CDXP_EXEC_START_H
#define CDXP_EXEC_START_H

#include <sys/types.h>

#include "all_ids.h"
#include "base.h"
#include "sandbox_watch.h"

struct arena;
struct exec_start_request;

struct exec_start {
	const char	*bwrap;		/* absolute */
	pid_t		 pid;
	int		 args_fd;	/* write end of what `--args' reads */
	int		 hold_fd;	/* other end of the socket that bwrap reads once it has mounted */
	int		 userns_fd;	/* as bwrap knows it; -1: it was given none */
	struct all_ids	 ids;		/* its helper; ended before the command starts */
	struct sandbox	 sandbox;
};

/*
 * As exec_bwrap_start(), with a line in *why where the result is NULL.
 * `all_ids': with a user namespace of ours for the sandbox.
 */
struct exec_start	*exec_start(struct arena *, const struct exec_start_request *, bool all_ids,
			    const char **why);

/* Close what is open and restore the signals.  The process has been waited for. */
void	exec_start_drop(struct exec_start *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* inner.h - the process inside: it makes the sandbox around itself and is pid 1 in it */
#ifndef CDXP_INNER_H
#define CDXP_INNER_H

#include <signal.h>

#include "base.h"

/*
 * Pid 1 is a fork of cdxp-run that never executes anything, so it holds
 * cdxp-run's memory, the caller's whole environment among it: it is not
 * dumpable, which keeps the command from reading it, and from tracing it.  It
 * has the command's system call filter and no more capabilities.
 */
struct inner_start {
	int		 control;	/* see inner_plan.h; all that is kept open but 0 to 2 and: */
	const int	*keep;		/* for the command */
	size_t		 nkeep;
	unsigned	 uid, gid;	/* effective ones, outside; the command's too */
	bool		 all_ids;	/* the maps are written from outside */
	bool		 net;		/* with a network namespace */
	const sigset_t	*mask;		/* of the command; all is blocked when this begins */
};

/*
 * To be called in a new process that has a new user and a new pid namespace.
 * Ends when the command has ended, and with it everything inside.
 */
_Noreturn void	inner_run(const struct inner_start *);

#endif

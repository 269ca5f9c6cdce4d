/* SPDX-License-Identifier: Apache-2.0 */
/* janitor.h - a process that outlives cdxp-run by a moment and ends what the command left (macOS) */
#ifndef CDXP_JANITOR_H
#define CDXP_JANITOR_H

#include <sys/types.h>

#include "base.h"

struct profile_file;

struct janitor {
	pid_t	 pid;		/* 0: none */
	int	 fd;		/* it acts once nobody holds this end; -1: none */
};

/*
 * macOS has neither process namespaces nor a signal at the death of a parent.
 * The janitor follows the descendants of the processes that it is told; when
 * cdxp-run ends, of SIGKILL too, it kills those that live and removes the
 * profile.  To be started where the process has one thread.  0, or -1 with
 * errno.
 */
int	janitor_start(struct janitor *, const struct profile_file *);
int	janitor_watch(struct janitor *, pid_t);

/* Let it act, and wait for that.  Also where it was not started. */
void	janitor_end(struct janitor *);

#endif

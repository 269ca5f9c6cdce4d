/* SPDX-License-Identifier: Apache-2.0 */
/* job.h - the command is part of the caller's job: whom it may signal, and what follows when it stops */
#ifndef CDXP_JOB_H
#define CDXP_JOB_H

#include "base.h"

/*
 * The command stays in the caller's process group, so that the shell's job
 * control works; kill(0, ...) would reach what else is in that group, past
 * every namespace.  From here on signals of this process and of all that it
 * starts reach only those (Landlock's scope for signals, Linux 6.12), and
 * rights can no more be gained by an exec.  Calls nothing but the kernel, so
 * it may stand between vfork and exec.
 * Returns 0, also where this kernel has no such scope, or -1 with errno.
 */
int	job_scope_signals(void);

/* Signals can be kept in on this kernel. */
bool	job_can_scope(void);

/*
 * To be called when the command has stopped, of whatever: a shell that waits
 * for us is to see a stopped job.  Stops this process where it is in the
 * foreground of its terminal, and returns once it is continued: the command
 * must then be, too.  False where there is nobody to show it to.
 * `stopped' looks again: by the terminal's own signal we stop anyway.
 */
bool	job_stop_too(bool (*stopped)(void *), void *arg);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_trace.h - bwrap and its first process under ptrace(2), as sandbox_watch.h says what for */
#ifndef CDXP_SANDBOX_TRACE_H
#define CDXP_SANDBOX_TRACE_H

#include <signal.h>
#include <sys/signalfd.h>

#include "sandbox_watch.h"

/* How often to look while sandbox_holds(): not every end is told. */
enum { SANDBOX_TRACE_MS = 100 };

/* Signals that the command gets where we do. */
void	sandbox_add_passed_on(sigset_t *);

/*
 * Answer every stop of what is traced, and reap it.  To be called after each
 * SIGCHLD.  Sets `ended' once bwrap has ended, and child_changed.
 */
void	sandbox_reap(struct sandbox *);

/* The first process is traced, and the command that it will fork is not known yet. */
bool	sandbox_holds(const struct sandbox *);

/*
 * Was the signal sent to the whole process group?  Then the command has it
 * already.  The kernel gives it to the group's younger members first, so when
 * we read ours bwrap has stopped with its copy, is about to, or has it
 * pending.  Untraced, only the terminal's are known for what they are.
 */
bool	sandbox_went_to_group(struct sandbox *, const struct signalfd_siginfo *);

#endif

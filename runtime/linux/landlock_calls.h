/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_calls.h - system calls that Landlock knows no right for, done for the command by its supervisor */
#ifndef CDXP_LANDLOCK_CALLS_H
#define CDXP_LANDLOCK_CALLS_H

#include <linux/seccomp.h>
#include <sys/types.h>

#include "base.h"

struct denial_watch;
struct landlock_model;

/*
 * Changing mode, owner, times and extended attributes needs the rights of
 * writing (spec 2.3), and a pinned place inside of what is writable is not to
 * be moved or removed.  Landlock knows neither, so the filter hands these calls
 * over.  None of them goes on by itself, since the memory that a path was read
 * from may change: the supervisor opens what is named, looks where that lies
 * (it stays in its place, or moves to where the command may write as well),
 * and does the call on what it opened, with the same ids and capabilities and
 * under the same ruleset as the command.  Calls about a process by number go
 * on, if the process is one of the sandbox.
 */
enum landlock_call_kind {
	CALL_ATTRIBUTE,		/* changes what is named by a path, or a descriptor */
	CALL_MOVE,		/* moves, links or removes */
	CALL_WATCH,		/* inotify */
	CALL_PROCESS,
};

struct landlock_call {
	long		 nr;		/* -1 ends the list */
	enum landlock_call_kind kind;
	unsigned	 target;	/* CALL_PROCESS: the argument that is the process */
};
extern const struct landlock_call landlock_calls[];

struct landlock_supervisor {
	int		 listener;
	const struct landlock_model *model;
	struct denial_watch *watch;	/* told of what is denied; or NULL */
	pid_t		 janitor;	/* our child that is no part of the sandbox, or 0 */
};

/* Answer one notification; there is one to be read, or was. */
void	landlock_serve(const struct landlock_supervisor *);

#endif

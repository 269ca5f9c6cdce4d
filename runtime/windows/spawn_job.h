/* SPDX-License-Identifier: Apache-2.0 */
/* spawn_job.h - a program of Windows, born in a job, with nothing but what it was given */
#ifndef CDXP_SPAWN_JOB_H
#define CDXP_SPAWN_JOB_H

#include <windows.h>

#include "base.h"

struct arena;

/* A local user with its password; texts of Windows. */
struct spawn_logon {
	const wchar_t	*user, *password;
};

struct spawn_request {
	HANDLE		 token;		/* NULL: our own */
	/*
	 * Or as this user, with its profile and environment (`envp' and `desktop'
	 * are not looked at): the job is joined before the first instruction.
	 */
	const struct spawn_logon *logon;
	const char	*program;	/* native, without "\\?\"; a batch file too */
	const char	*const *argv;	/* ends with NULL, not empty */
	const char	*const *envp;	/* "NAME=VALUE", ends with NULL */
	const char	*cwd;		/* native, without "\\?\" */
	const char	*desktop;	/* "station\\desktop"; NULL: ours, of which some programs make none */
	HANDLE		 stream[3];	/* input, output, error: inheritable, and of these nothing else is inherited */
	bool		 console;	/* it shares our console; else it has none */
};

struct spawned {
	HANDLE	process;
	HANDLE	job;	/* all that it starts is in there too; when the last handle closes, or we die, they die */
	DWORD	pid;
};

/* 0, or -1 with *why: then nothing runs. */
int	spawn(struct arena *, const struct spawn_request *, struct spawned *, const char **why);

/* Program and working directory of a request: ourselves, in the system's directory.  0, or -1 with *why. */
int	spawn_ourselves(struct arena *, struct spawn_request *, const char **why);

/* End all that is in the job with this exit code. */
void	spawned_end(struct spawned *, DWORD code);
/* Close the handles, which ends what is left in the job. */
void	spawned_close(struct spawned *);

/*
 * A pipe: the child's end can be inherited, ours cannot.  `to_child': we
 * write.  0, or -1 with *why.
 */
int	spawn_pipe(struct arena *, bool to_child, HANDLE *ours, HANDLE *childs, const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* child.h - starting a program with nothing but what it was given */
#ifndef CDXP_CHILD_H
#define CDXP_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "base.h"

struct filter_insn;

struct child_start {
	const char	*program;	/* absolute */
	const char	*const *argv, *const *envp;
	const int	*fds;		/* above 2; all others are closed */
	size_t		 nfds;
	const sigset_t	*mask;		/* signal mask of the child */
	int		 output;	/* becomes descriptors 1 and 2; 0: they are inherited */
	bool		 dies_with_us;	/* SIGKILL when this thread dies; Linux only */
	bool		 scoped;	/* its signals reach only itself and what it starts; Linux only */
	/*
	 * Linux only: a system call filter for the child, and where its
	 * listener goes, as a descriptor of ours; -1 without a child.  Also
	 * takes from the child, for good, what a set-user-ID program gives.
	 */
	const struct filter_insn *filter;	/* NULL: none */
	size_t		 nfilter;
	int		*listener;
	bool		 answered;	/* the filter notifies of calls on the way to the exec, which go on */
	/* macOS only; elsewhere NULL and false. */
	const char	*cwd;		/* where it starts; NULL: where we are */
	const sigset_t	*defaults;	/* signals that are not ignored in the child; NULL: as here */
	bool		 in_place;	/* replaces this process: returns only where it failed */
	bool		 own_group;	/* in a process group of its own: the terminal's signals pass by */
	bool		 suspended;	/* it waits for SIGCONT before its first instruction */
};

/* The pid, or -1 with errno, that of the failed exec included. */
pid_t	child_start(const struct child_start *);

/* Wait status to exit status: the code, or 128 + signal. */
int	child_status(int wait_status);

/* Descriptors 0 to 2 are open; those that were not are /dev/null.  -1 with errno. */
int	child_standard_fds(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* exec_landlock.h - runs a command under a Landlock ruleset, and gives its exit status */
#ifndef CDXP_EXEC_LANDLOCK_H
#define CDXP_EXEC_LANDLOCK_H

#include "base.h"
#include "seccomp_filter.h"

struct arena;
struct decide_fs;
struct denials_request;
struct exec_check;
struct landlock_model;

/*
 * Three processes work for a command.  The runtime passes signals on and
 * waits.  Its supervisor puts the ruleset on itself and starts the command,
 * which inherits it and enters a domain of its own within; it does for the
 * command the calls that Landlock has no right for (landlock_calls.h), and
 * what the command leaves running becomes its child.  The janitor, in the
 * supervisor's domain and in a process group of its own, sleeps until the runtime
 * or the supervisor has died of something that nobody can catch.  A signal
 * to everybody (kill(2) with -1) reaches from that domain just what is in it:
 * so everything of the sandbox ends, forks that go on meanwhile included.
 * Before Landlock 6 signals are not limited, and children are ended one by one.
 */
struct landlock_request {
	const struct landlock_model *model;	/* the proved artifact, as it was read back */
	const struct exec_check *checks;	/* device and inode of what the rules are for */
	size_t		 nchecks;
	const char	*program;	/* absolute */
	const char	*const *argv, *const *envp;
	const char	*cwd;
	enum filter_mode mode;
	bool		 no_debug;	/* nothing in the sandbox can be traced */
	enum filter_log	 log;
	const struct denials_request *denials;	/* where a log goes */
	const struct decide_fs *decide;		/* and what it asks */
	bool		 last;		/* our process ends with the command */
	const int	*keep_fds;	/* above 2; stay open for the command */
	size_t		 nkeep;
};

/*
 * Run to the end.  Returns the exit status for cdxp-run: the command's, or
 * 125..127 after one line on standard error.  When it returns, what the
 * command left running has been killed.  Changes nothing of this process but
 * its signal mask, while it runs.
 */
int	exec_landlock(struct arena *, const struct landlock_request *);

/* The version of Landlock that this kernel has, 0 where it has none or it is switched off. */
unsigned	exec_landlock_abi(void);

/* A line that says why no ruleset can work here, or NULL. */
const char	*exec_landlock_unsupported(struct arena *);

#endif

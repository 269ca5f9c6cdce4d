/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_watch.h - from the start of bwrap to the end of everything in its sandbox */
#ifndef CDXP_SANDBOX_WATCH_H
#define CDXP_SANDBOX_WATCH_H

#include <signal.h>
#include <sys/types.h>

#include "base.h"
#include "seccomp_filter.h"

struct arena;
struct artifact;
struct proxy_run;

/*
 * How bwrap, its sandbox and we hang together.
 *
 * The filter is given to bwrap as a pipe of one slot.  bwrap reads it after
 * the last mount and pivot, right before it forks the command; so one
 * instruction is put in at the start, and when it has been taken (the pipe
 * is writable again) the sandbox is complete and waits for the rest.  If we
 * die before, it finds an incomplete filter, which the kernel refuses, and
 * starts nothing.
 *
 * bwrap itself has no signal handlers: ^C, which the terminal sends to the
 * whole process group, would end it and with it the command, before the
 * command's own handler has done anything.  So we trace bwrap (ptrace(2)) and
 * keep those signals from it, and trace the sandbox's first process for the
 * option that kills it when we die: die-with-parent is set up late.  The
 * command itself is not traced.  Where tracing is refused (Yama, or somebody
 * traces us), bwrap's own ways remain.
 */

struct supervisor;

/* In which bwrap must have made a child; what it mounts after that may take longer. */
enum { SANDBOX_START_MS = 10 * 1000 };

struct sandbox {
	/* Set by the caller. */
	int		 status_fd;	/* bwrap writes --json-status-fd there */
	int		 filter_fd;	/* write end of the pipe; -1 once released or lost */
	const struct filter_insn *filter;
	size_t		 filter_len;
	int		 listener;	/* of the outer filter; -1: none, or the supervisor has it */
	struct supervisor *supervisor;	/* or NULL; freed with the rest */
	struct proxy_run *proxy;	/* or NULL; started here when it is connected to */
	/* Told of its first process before that has done anything, where bwrap is traced.  May be NULL. */
	void		(*born)(void *arg, pid_t init);
	/* Asked when the sandbox is complete, with its root: start the command? */
	bool		(*complete)(void *arg, int root);
	void		*arg;
	struct arena	*arena;
	const struct artifact *artifact;	/* whose masks are renewed; or NULL */

	/* Kept by the watch. */
	sigset_t	 old_mask;	/* what was in force before; the child's */
	pid_t		 bwrap, init;	/* init: pid 1 of the sandbox as we see it, 0: not yet */
	int		 signal_fd;
	int		 root;		/* the sandbox's root directory */
	int		 init_fd;	/* pidfd */
	bool		 traced, init_traced;
	bool		 command_held;	/* its fork was heard of */
	bool		 child_changed;	/* a child of its, the command perhaps, stopped, went on or ended */
	bool		 unseen;	/* the sandbox could not be looked into: errno in `error' */
	bool		 late;		/* bwrap did nothing for SANDBOX_START_MS */
	bool		 refused;	/* complete() said no */
	bool		 broken;	/* the command was ended, as it could have seen what is denied */
	struct mask_watch *masks;	/* or NULL */
	int		 error;
	int		 stop_signal;	/* ended by us before the command started; 0: not */
	uint64_t	 held;		/* signals that wait for the command to exist */
	struct { int signal; int64_t at; } group;	/* last signal that bwrap got as well */
	char		 text[512];	/* an incomplete line of the status */
	size_t		 text_len;
	bool		 ended;
	int		 wait_status;	/* bwrap's */
	int		 exit_code;	/* the command's, -1: bwrap told none */
};

/*
 * Block the signals that are passed on, and make the descriptor they are read
 * from.  Before anything is made that must be unmade.  -1 with errno.
 */
int	sandbox_begin(struct sandbox *);

/* bwrap runs: keep signals from it, and its sandbox from outliving us. */
void	sandbox_attach(struct sandbox *, pid_t bwrap);

/*
 * Put the first instruction in; before bwrap has its arguments.  -1 with
 * errno.
 */
int	sandbox_prime(struct sandbox *);

/*
 * How long to watch.  What the command left behind is killed when bwrap ends
 * (die-with-parent), and bwrap when we do.
 */
enum sandbox_until {
	SANDBOX_STATUS,		/* the command's exit status is known; our own end must follow */
	SANDBOX_BWRAP,		/* bwrap has ended */
	SANDBOX_EMPTY,		/* nothing in the sandbox lives any more */
};
void	sandbox_watch(struct sandbox *, enum sandbox_until);

/* Close everything and restore the signal mask. */
void	sandbox_end(struct sandbox *);

#endif

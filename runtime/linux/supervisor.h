/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.h - connects the command's sockets for it, where the policy allows (spec 3.1.1) */
#ifndef CDXP_SUPERVISOR_H
#define CDXP_SUPERVISOR_H

#include "base.h"

/*
 * How an executor uses it.
 *
 *  1. The child that becomes the command, or bwrap, calls supervisor_filter()
 *     after PR_SET_NO_NEW_PRIVS and before its exec.  It must share our
 *     descriptor table then (CLONE_FILES), so that the listener appears in
 *     ours, and unshare(CLONE_FILES) right after; or hand the descriptor over
 *     in a way of its own.  The listener is close-on-exec.
 *  2. supervisor_new() once the sandbox is made: it starts no thread, and
 *     makes our process not dumpable, so ids must be mapped before.
 *  3. The executor's loop polls the listener for POLLIN; the first time there
 *     is something, supervisor_serve() starts the threads, and the descriptor
 *     is to be polled no more.  A loop-less executor calls it at once.
 *  4. supervisor_free() when the command has ended.
 *
 * From 1 on, until 3, a connect(2) waits; from 4 on, and when our process has
 * died, it fails with ENOSYS.  It never goes on by itself.
 */

struct denial_watch;
struct filter_insn;
struct stat;
struct supervisor;

struct supervisor_request {
	int		 listener;	/* taken over, whatever the result */
	/*
	 * The sandbox has a network namespace that no other process is in.
	 * Where it has none (Landlock) the command's own sockets cannot be
	 * told from others, and nothing but Unix sockets that `allows' allows
	 * is connected.
	 */
	bool		 own_network;
	/*
	 * May this Unix socket of the host be connected to?  The path is
	 * normal, without links.  Called by several threads at once, until
	 * supervisor_free() has returned.  NULL: none may.
	 */
	bool		(*allows)(void *arg, const char *path, const struct stat *);
	void		*arg;
	/*
	 * Or NULL: told of the other calls that the filter notifies of, which
	 * go on at once, and of how connects end.  Must outlive it.
	 */
	struct denial_watch *watch;
};

/*
 * In the child: install the filter that makes connect(2) a notification
 * (seccomp_filter_outer(), or a whole one, by seccomp_filter_get()).  Calls
 * nothing but the kernel, so it may be used between vfork and exec.  Returns
 * the listener, or -1 with errno (EBUSY: somebody supervises us already).
 */
int	supervisor_filter(const struct filter_insn *, size_t len);

/* Without a supervisor yet: receive what there is, and let it go on. */
void	supervisor_let_pass(int listener);

/* NULL with errno: then the sandbox must not be used. */
struct supervisor *supervisor_new(const struct supervisor_request *);

/* The listener, to be polled until supervisor_serve(). */
int	supervisor_fd(const struct supervisor *);

/* -1 with errno where no thread can be made. */
int	supervisor_serve(struct supervisor *);

/* Interrupts what still blocks, ends the threads, closes the listener.  NULL is allowed. */
void	supervisor_free(struct supervisor *);

#endif

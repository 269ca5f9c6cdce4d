/* SPDX-License-Identifier: Apache-2.0 */
/* stub_janitor.h - a process that outlives the run and its sandbox, and cleans up after them (Linux) */
#ifndef CDXP_STUB_JANITOR_H
#define CDXP_STUB_JANITOR_H

#include <sys/types.h>

#include "base.h"

/*
 * A process in a session of its own, with no descriptor but those that it is
 * given: not the caller's standard streams, nothing of the sandbox.  It does
 * nothing until the run ends, of SIGKILL too.  Then it ends the processes
 * that it was told of, waits until they have ended, and cleans.
 */
struct stub_janitor {
	pid_t	 pid;		/* 0: none */
	int	 fd;		/* it acts once nobody holds this end; -1: none */
};

/*
 * `clean' runs in the janitor, with what it was given to hold: fds[i] is the
 * descriptor given as number i, or -1.  To be started where the process has
 * one thread, and before there is anything to clean.  0, or -1 with errno.
 */
int	stub_janitor_start(struct stub_janitor *, void (*clean)(void *arg, const int *fds),
	    void *arg, size_t nfds);

/* Wait until it can no longer be hit by what ends our process group.  -1 with errno. */
int	stub_janitor_ready(struct stub_janitor *);

/* Have it hold copies of these descriptors, which are its numbers first, first + 1 ...; -1 with errno. */
int	stub_janitor_hold(struct stub_janitor *, const int *fds, size_t n, size_t first);

/* Have it end that process, a pidfd, and wait for its end. */
int	stub_janitor_watch(struct stub_janitor *, int pidfd);

/*
 * The same for one whose pid we may not know yet: bwrap writes it to this
 * pipe, and what we have not read when we die the janitor reads.
 */
int	stub_janitor_status(struct stub_janitor *, int fd);

/*
 * Put a shared flock(2) of its own on what each of these has open, none of
 * them too, into a stream socket, with at least one byte.  Whoever holds the
 * other end and never takes them holds the locks until it reads the bytes,
 * closes it or ends.  POSIX locks of ours on the same files are gone
 * afterwards.  0, or -1 with errno.
 */
int	stub_lend(int socket, const int *fds, size_t n);

/* Nothing is left to do: end it, and wait for that or not.  Also where it was not started. */
void	stub_janitor_end(struct stub_janitor *, bool wait);

#endif

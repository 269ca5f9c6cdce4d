/* SPDX-License-Identifier: Apache-2.0 */
/* session.h - a command of Windows while it runs: its streams, its end (spec 3.4) */
#ifndef CDXP_SESSION_H
#define CDXP_SESSION_H

#include "spawn_job.h"

enum { SESSION_PIECE = 8 * 1024, SESSION_DRAIN_MS = 5000 };

enum session_end {
	SESSION_EXITED,
	SESSION_INTERRUPTED,	/* Ctrl-C, Ctrl-Break, or the console closed: all of the job was ended */
	SESSION_TIMED_OUT,	/* the same */
};

struct session_request {
	struct spawn_request start;	/* its streams are made here */
	HANDLE		 stream[3];	/* ours, that are bridged to them; NULL: none, as if it were at its end */
	const void	*preface;	/* so many bytes that its input begins with, before ours */
	size_t		 preface_len;
	/* Or NULL: told of what was written to the output (1) and error (2), by the threads that do it. */
	void		(*seen)(void *arg, int stream, const void *, size_t);
	void		*seen_arg;
	SECURITY_ATTRIBUTES *threads;	/* of those that bridge; NULL: as our token has it */
	unsigned	 timeout_ms;	/* 0: it may take as long as it likes */
};

struct session_result {
	enum session_end end;
	DWORD		 code;		/* the command's exit code */
	bool		 cut;		/* something that it had started still held its output after the drain, and was ended */
};

/*
 * Start, bridge the three streams by a thread each, wait for the command, then
 * for its output at most SESSION_DRAIN_MS; what is left in the job ends then.
 * The end of our input is the end of its.  0, or -1 with *why where it could
 * not be started.  Handles Ctrl-C of the process meanwhile: one session at a
 * time.
 */
int	session_run(struct arena *, const struct session_request *, struct session_result *,
	    const char **why);

#endif

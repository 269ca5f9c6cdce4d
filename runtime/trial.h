/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h - work that may hang, or break, done by a process of its own with a limit of time */
#ifndef CDXP_TRIAL_H
#define CDXP_TRIAL_H

#include "base.h"
#include "sbuf.h"

enum {
	TRIAL_SECONDS_MOST	= 600,
	TRIAL_TEXT_BYTES	= 4 * 1024 * 1024,	/* of what it prints; more is read and dropped */
};

struct trial {
	int		 status;	/* its exit status, 128 + N for signal N; -1: none could be started */
	bool		 late;		/* it was ended, with its process group, as the time was over */
	struct sbuf	 text;		/* what it wrote to standard output and error; sbuf_free() it */
};

/*
 * Run `work' in a fork of this process, which has one thread, and give its
 * result as exit status.  Its standard input is /dev/null; it is in a process
 * group of its own, so that what it starts ends with it.  When we are told to
 * end (SIGINT, SIGTERM, SIGHUP), it ends first.
 */
void	trial_run(int (*work)(void *), void *arg, unsigned seconds, struct trial *);

#endif

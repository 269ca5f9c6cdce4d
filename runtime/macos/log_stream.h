/* SPDX-License-Identifier: Apache-2.0 */
/* log_stream.h - log(1) as it runs, line by line (macOS) */
#ifndef CDXP_LOG_STREAM_H
#define CDXP_LOG_STREAM_H

#include <sys/types.h>

#include "base.h"
#include "sbuf.h"

struct denials;
struct process_tree;

struct log_stream {
	pid_t		 pid;		/* 0: not started, or waited for */
	int		 fd;		/* what it prints; -1: closed */
	struct sbuf	 line;		/* the beginning of one that is not complete */
	bool		 skipping;	/* a line that is too long */
	struct denials	*denials;
	struct process_tree *tree;
};

/*
 * Start it, and wait until it follows the log, or a second has passed.  0, or
 * -1 with errno.
 */
int	log_stream_start(struct log_stream *, struct denials *);

/* Read what there is; denials of what is in the tree are reported.  False: it has ended. */
bool	log_stream_read(struct log_stream *);

/* End it.  *failed: it had ended by itself before. */
void	log_stream_stop(struct log_stream *, bool *failed);

#endif

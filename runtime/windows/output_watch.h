/* SPDX-License-Identifier: Apache-2.0 */
/* output_watch.h - denials that a session can know of: from the command's output and exit code */
#ifndef CDXP_OUTPUT_WATCH_H
#define CDXP_OUTPUT_WATCH_H

#include "base.h"

struct arena;
struct decide_fs;
struct denials;

struct output_watch_request {
	struct denials	*denials;
	const struct decide_fs *decide;
	const char	*cwd, *command;	/* in our form */
	bool		 reads;
};

/* See denial_words.h.  The denials and the decisions must last until the end. */
struct output_watch;
struct output_watch *output_watch_new(struct arena *, const struct output_watch_request *);
/* For session_request.seen: by several threads at once, also after the end. */
void	output_watch_seen(void *watch, int stream, const void *, size_t);
/* `ran': with this exit code.  NULL is allowed. */
void	output_watch_end(struct output_watch *, bool ran, uint32_t code);

#endif

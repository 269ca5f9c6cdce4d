/* SPDX-License-Identifier: Apache-2.0 */
/* output.h - files that appear complete or not at all */
#ifndef CDXP_OUTPUT_H
#define CDXP_OUTPUT_H

#include "base.h"
#include "sbuf.h"

struct arena;

struct output {
	const char	*path;		/* "-": standard output */
	struct sbuf	 bytes;
};

/*
 * Write all: each to a temporary name beside its place, synced; then all are
 * renamed.  What is no regular file ("/dev/stdout", a pipe) is written to
 * directly.  A file that is replaced keeps its mode.  Returns 0, or -1 with *why (one line, naming the file); then
 * nothing that existed was touched, unless a rename itself failed after
 * another had succeeded.  No temporary name is left, not on SIGINT, SIGTERM
 * or SIGHUP either: these wait until the end.
 */
int	output_write(struct arena *, const struct output *, size_t n, const char **why);

#endif

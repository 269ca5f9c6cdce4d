/* SPDX-License-Identifier: Apache-2.0 */
/* denial_log.h - lines of macOS's unified log that say what a sandbox refused */
#ifndef CDXP_DENIAL_LOG_H
#define CDXP_DENIAL_LOG_H

#include <sys/types.h>

#include "base.h"

struct arena;

enum {
	/* Names and paths in a line are short; what is longer is no denial. */
	LIMIT_LOG_LINE	= 64 * 1024,
};

/* What log(1) is started with: "log", "stream", ..., NULL. */
const char *const *denial_log_words(void);
#define DENIAL_LOG_PROGRAM	"/usr/bin/log"

struct log_denial {
	const char	*process;	/* its short name, as the kernel knows it */
	pid_t		 pid;
	const char	*operation;	/* "file-write-create" */
	const char	*target;	/* a path, a service, an address; "" where there is none */
	uint64_t	 time;		/* microseconds since 1970; 0: the line does not say */
};

/*
 * Read one line, without its newline, in one of the styles of log(1):
 *
 *	ndjson	 {"eventMessage":"Sandbox: cat(12) deny(1) file-read-data \/x", ...}
 *	compact  2026-01-31 10:00:00.000 E  kernel[0:1f3] (Sandbox) Sandbox: cat(12) deny(1) ...
 *
 * The kernel's repeats ("2 duplicate reports for Sandbox: ...") are denials
 * like any other.  False for every other line: the header, what is not the
 * kernel's, what is not a denial, what cannot be read.  In the arena.
 */
bool	denial_log_line(struct arena *, const char *line, size_t len, struct log_denial *out);

#endif

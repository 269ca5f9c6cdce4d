/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_command.h - from the text of a Seatbelt profile to the command that applies it */
#ifndef CDXP_SEATBELT_COMMAND_H
#define CDXP_SEATBELT_COMMAND_H

#include "base.h"

struct arena;

/* That path only: nothing that a PATH finds is given the profile (spec 3.3). */
#define SANDBOX_EXEC	"/usr/bin/sandbox-exec"

enum {
	LIMIT_SEATBELT_TEXT	= 2 * 1024 * 1024,
	LIMIT_SEATBELT_ARGS	= 256 * 1024,	/* all "NAME=VALUE" together */
};

struct seatbelt_param { const char *name, *value; };
struct seatbelt_params { struct seatbelt_param *v; size_t len, cap; };

/*
 * The parameters of a text, from the lines
 *
 *	;; -D NAME=VALUE
 *
 * of the comment that it begins with; VALUE is spelt as in a string literal
 * (\\ and \").  They are sorted by name, each once.  0, or -1 with *why, one
 * line: also for such a line after the first form, which a reader that stops
 * there would miss.  All in the arena.
 */
int	seatbelt_params(struct arena *, const char *text, size_t len,
	    struct seatbelt_params *out, const char **why);

/*
 * The words of
 *
 *	sandbox-exec -f FILE -D NAME=VALUE ... -- COMMAND [ARG]...
 *
 * ending with NULL, which *n does not count.  `argv' is the command as it was
 * given, `command' what its first word was looked up as.  NULL with *why.
 */
const char **seatbelt_words(struct arena *, const char *text, size_t len, const char *file,
	    const char *command, char *const *argv, size_t *n, const char **why);

/*
 * What the end of sandbox-exec means for cdxp-run.  `executed': it was seen to
 * execute the command, so that the status is the command's.  Where it failed
 * before that: a status of our own, with *why, one line.
 */
int	seatbelt_outcome(struct arena *, bool executed, int wait_status, const char *command,
	    const char **why);

#endif

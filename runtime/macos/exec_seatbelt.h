/* SPDX-License-Identifier: Apache-2.0 */
/* exec_seatbelt.h - runs a command under sandbox-exec, and gives its exit status (macOS) */
#ifndef CDXP_EXEC_SEATBELT_H
#define CDXP_EXEC_SEATBELT_H

#include "base.h"

struct arena;
struct denials;

struct seatbelt_request {
	const char	*text;		/* the proved profile */
	size_t		 len;
	const char	*command;	/* absolute: what argv[0] was looked up as */
	char		*const *argv;
	const char	*const *envp;
	const char	*cwd;
	const int	*keep_fds;
	size_t		 nkeep;
	const char	*state_dir;	/* exists */
	struct denials	*denials;	/* NULL: denials are not looked for */
};

/*
 * Run to the end.  Returns the exit status for cdxp-run: the command's, or
 * 125..127 after one line on standard error.  When it returns, what the
 * command left running has been killed and the profile is gone.
 */
int	exec_seatbelt(struct arena *, const struct seatbelt_request *);

/* This process is in a Seatbelt sandbox; macOS applies no second one. */
bool	exec_seatbelt_is_inside(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* exec_windows.h - a command under a plan for Windows, from the plan's text to its exit code */
#ifndef CDXP_EXEC_WINDOWS_H
#define CDXP_EXEC_WINDOWS_H

#include "base.h"

struct arena;

struct windows_request {
	const char	*plan;		/* the printed plan */
	size_t		 plan_len;
	const char	*name;		/* of the profile, for people */
	const char	*command;	/* in our form (native_path.h) */
	const char	*const *argv, *const *envp;
	const char	*cwd;		/* in our form, canonical */
	bool		 private_desktop;
	struct output_watch *watch;	/* of denials, or NULL; ended */
	const void	*test;		/* what is tried first (self_test_list()), or NULL */
	size_t		 test_len;
	bool		 test_only;	/* and no command */
	bool		 proxied;	/* `envp' names a managed proxy, the plan only where it might have been */
};

/* What becomes of a plan without a command. */
enum windows_setup { WINDOWS_DRY_RUN, WINDOWS_APPLY, WINDOWS_VERIFY, WINDOWS_UNDO };

/*
 * Apply the plan, make the token and look at it, have a program try what must
 * fail, and the list of a self-test, run the command.  0 and its exit code in *status, or -1 with *why and
 * nothing was run.
 */
int	exec_windows(struct arena *, const struct windows_request *, int *status, const char **why);

/* The same without any confinement, for a profile that has none. */
int	exec_windows_plain(struct arena *, const struct windows_request *, int *status, const char **why);

/* What the process does that a command leaves behind, to hand on entries for reading.  The exit status. */
int	exec_windows_spread(void);

/*
 * Can commands be run here at all?  A token is made, looked at and tried, with
 * a made-up identifier that no entry names.  `elevated': and is there the
 * sandbox user?  0, or -1 with a word that is stable in *id and *why.
 */
int	exec_windows_check(struct arena *, bool elevated, const char *const *envp, const char **id, const char **why);

/*
 * One of the four with a plan (for WINDOWS_UNDO NULL: with all that were ever
 * applied).  0, or -1 where something in the report is an error; *text is the
 * report, for people or as JSON, or NULL with *why where nothing could be
 * begun.
 */
int	windows_set_up(struct arena *, enum windows_setup, const char *plan, size_t plan_len,
	    const char *name, bool json, const char **text, const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_box.h - the supervisor of a command under Landlock */
#ifndef CDXP_LANDLOCK_BOX_H
#define CDXP_LANDLOCK_BOX_H

#include <signal.h>
#include <sys/types.h>

#include "landlock_calls.h"
#include "landlock_filter.h"
#include "landlock_model.h"

struct arena;
struct landlock_request;

struct landlock_box {
	struct arena	*arena;
	const struct landlock_request *req;
	const struct landlock_model *model;
	sigset_t	 mask;		/* of the command */
	int		 orders;	/* signals for the command, a byte each; ends with the runtime */

	struct landlock_supervisor supervisor;
	struct landlock_filter filter;
	int		 inner;		/* the ruleset that the command enters on top; -1: none */
	const char	**shell;	/* the command as the shell's, where the program is no program */
	pid_t		 command;
	/* Written by the child that shares our memory until it becomes the command. */
	volatile int	 error;
	const char	*volatile failed;	/* what it was about; NULL: executing the program */
};

/*
 * Restrict this process: capabilities, ruleset, no new privileges.  For good.
 * 0, or STATUS_SETUP after one line on standard error.
 */
int	landlock_box_enter(struct landlock_box *);

/*
 * Start the janitor, before there is anybody who could outlive us.  0, or
 * STATUS_SETUP after one line.
 */
int	landlock_box_guard(struct landlock_box *);

/* Start the command inside.  0, or 125..127 after one line. */
int	landlock_box_start(struct landlock_box *);

/* Serve it to its end and end what it left; its status. */
int	landlock_box_watch(struct landlock_box *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* runner.h - commands of a sandbox user: cdxp-run started again as that user (spec 3.4, windows-elevated) */
#ifndef CDXP_RUNNER_H
#define CDXP_RUNNER_H

#include "acl_ground.h"
#include "runner_request.h"
#include "session.h"

/* First arguments of cdxp-run: run what the input begins with; hand on what is left of entries for reading. */
#define RUNNER_ROLE	":runner"
#define SPREAD_ROLE	":spread"

/* ---- as the user ---- */

/*
 * The user of a plan, into ground.context.people, and its password, which is
 * among the credentials of whoever runs commands.  One without a network is
 * refused where the machine plan is not carried out (machine_ready()).  With a
 * model there is none: logon->user is NULL, and the runner is not another
 * user.  0, or -1 with *why.
 */
int	runner_logon(struct arena *, struct acl_ground *, const struct win_plan *, struct spawn_logon *, const char **why);
void	runner_forget(struct spawn_logon *);

/*
 * Turn a session with a command into one with the runner.  `q' has all that is
 * not in the session, and `preface' has to last as long as it.  0, or -1 with
 * *why.
 */
int	runner_session(struct arena *, const struct spawn_logon *, struct runner_request *q, struct session_request *,
	    struct sbuf *preface, const char **why);

/* Start what hands on entries for reading (SPREAD_ROLE) beside us; it outlives us.  0, or -1 with *why. */
int	runner_spread(struct arena *, struct acl_ground *, const char **why);

/* ---- as the sandbox user ---- */

/* What RUNNER_ROLE does.  The exit status: the command's, or STATUS_SETUP after one line. */
int	runner_main(void);

#endif

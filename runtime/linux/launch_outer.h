/* SPDX-License-Identifier: Apache-2.0 */
/* launch_outer.h - a command with nothing around it but the sandbox that we are in */
#ifndef CDXP_LAUNCH_OUTER_H
#define CDXP_LAUNCH_OUTER_H

#include "launch.h"

/*
 * The same launch with no backend but the sandbox around us, if the caller
 * trusts that one and there is one: 1, and *outer is to be dropped; 0 if not;
 * -1 with *err where the request allows no such thing (--strict).
 */
int	launch_outer_make(struct arena *, const struct launch *, struct launch *outer,
	    struct launch_error *err);

/*
 * What can be held without a sandbox of our own, for this process and what it
 * executes: privileges, system calls and, where the policy has none, the network.  NULL
 * after one line that says so, or what failed.
 */
const char *launch_outer_hold(struct arena *, const struct launch *);

/* `reasons' against a sandbox of our own, with what is around us and what to do. */
const char *launch_outer_refusal(struct arena *, const char *reasons);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* machine_run.h - the machine plan of this computer, for its administrator and for who runs commands */
#ifndef CDXP_MACHINE_RUN_H
#define CDXP_MACHINE_RUN_H

#include "acl_ground.h"
#include "exec_windows.h"

/*
 * One of the four with the text of a machine plan (NULL: the one for profiles
 * without a proxy; WINDOWS_UNDO needs none).  As windows_set_up().
 */
int	machine_run(struct arena *, enum windows_setup, const char *plan, size_t plan_len, bool json,
	    const char **text, const char **why);

/*
 * Does all stand that keeps the sandbox user without a network off it, but for
 * these ports of loopback?  0, or -1 with *why, and what to do.
 */
int	machine_ready(struct arena *, struct acl_ground *, const uint16_t *ports, size_t n, const char **why);

#endif

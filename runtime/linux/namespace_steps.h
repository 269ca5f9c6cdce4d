/* SPDX-License-Identifier: Apache-2.0 */
/* namespace_steps.h - all that a sandbox of namespaces and mounts takes, tried step by step */
#ifndef CDXP_NAMESPACE_STEPS_H
#define CDXP_NAMESPACE_STEPS_H

#include "base.h"

/* In the order in which they are tried, which is that of inner.c. */
enum namespace_step {
	STEP_NONE,		/* all of them work */
	STEP_USER,		/* a user namespace */
	STEP_PID, STEP_MOUNT, STEP_IPC, STEP_UTS, STEP_NET,
	STEP_MAP,		/* our own id mapped in it */
	STEP_LOOPBACK,
	STEP_SETATTR,		/* mount_setattr(2), */
	STEP_TREE,		/* open_tree(2), */
	STEP_TMPFS,		/* fsopen(2) and what follows it: of our own executor */
	STEP_CALL,		/* mount(2): of bwrap */
	STEP_PROC,		/* a /proc of its own */
	STEP_AGAIN,		/* another user namespace in it, for the user's own id */
	STEP_LISTENER,		/* a system call filter that notifies */
	STEP_UNKNOWN,		/* it could not be tried, or not in time */
};

/* The first that fails, with its errno; `ours': by the calls that our own executor makes, else by bwrap's. */
enum namespace_step	namespace_steps(bool ours, unsigned seconds, int *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* denial_caller.h - who makes a call, and with which rights */
#ifndef CDXP_DENIAL_CALLER_H
#define CDXP_DENIAL_CALLER_H

#include <sys/types.h>

#include "base.h"
#include "denial.h"

enum { DENIAL_NAME_BYTES = 64 };

/* Set pid and process, which is in `name', of a thread's process; false: it is gone. */
bool	denial_process(pid_t tid, struct denial *, char name[DENIAL_NAME_BYTES]);

/*
 * No more capabilities than the command has, for the calling thread, and back:
 * what is asked with them is then answered as the command would be.
 */
void	denial_low_rights(bool low);

#endif

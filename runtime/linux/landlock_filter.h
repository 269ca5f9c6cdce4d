/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_filter.h - the system call filter that goes with a Landlock ruleset, beside the usual one */
#ifndef CDXP_LANDLOCK_FILTER_H
#define CDXP_LANDLOCK_FILTER_H

#include <linux/filter.h>

#include "base.h"

enum { LANDLOCK_FILTER_MAX = 512 };

struct landlock_filter {
	struct sock_filter insn[LANDLOCK_FILTER_MAX];
	unsigned short	 len;
};

/*
 * What namespaces do under bwrap, and Landlock does not: sockets and
 * connections are refused with the network off, System V and POSIX queues
 * always, as are the calls that change attributes in ways nobody can be asked
 * about; and calls on which landlock_calls.h decides are handed over
 * (SECCOMP_RET_USER_NOTIF).
 * `pins': those that move and remove are, too.  For this architecture.
 */
void	landlock_filter_make(struct landlock_filter *, bool network_off, bool pins);

#endif

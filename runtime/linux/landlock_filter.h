/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_filter.h - the system call filter that goes with a Landlock ruleset, beside the usual one */
#ifndef CDXP_LANDLOCK_FILTER_H
#define CDXP_LANDLOCK_FILTER_H

#include <linux/filter.h>

#include "base.h"
#include "seccomp_filter.h"

enum { LANDLOCK_FILTER_MAX = 768 };

struct landlock_filter {
	struct sock_filter insn[LANDLOCK_FILTER_MAX];
	unsigned short	 len;
};

struct landlock_filter_request {
	bool		 network_off;
	bool		 pins;		/* calls that move and remove are handed over, too */
	enum filter_log	 log;		/* as are those that denials are seen by */
	const char	*own[2];	/* but for executing these two pointers, by which the command begins */
};

/*
 * What namespaces do under bwrap, and Landlock does not: sockets and
 * connections are refused with the network off, System V and POSIX queues
 * always, as are the calls that change attributes in ways nobody can be asked
 * about; and calls on which landlock_calls.h decides are handed over
 * (SECCOMP_RET_USER_NOTIF).  With a log sockets are refused by whoever gets
 * the notifications.  For this architecture.
 */
void	landlock_filter_make(struct landlock_filter *, const struct landlock_filter_request *);

#endif

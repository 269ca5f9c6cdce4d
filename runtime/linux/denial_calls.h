/* SPDX-License-Identifier: Apache-2.0 */
/* denial_calls.h - the system calls that denials are seen by, and where their arguments are */
#ifndef CDXP_DENIAL_CALLS_H
#define CDXP_DENIAL_CALLS_H

#include "base.h"
#include "denial.h"

enum watched_kind {
	WATCH_OPEN,		/* by its flags; a path */
	WATCH_OPEN_HOW,		/* the flags are in memory: openat2(2) */
	WATCH_EXECUTE,
	WATCH_ACCESS,		/* what may be done; that is the argument behind the path */
	WATCH_LOOK,
	WATCH_ENTER,		/* chdir(2) */
	WATCH_MAKE,		/* what was not there before */
	WATCH_REMOVE,
	WATCH_MOVE,		/* two paths */
	WATCH_LINK,		/* likewise */
	WATCH_CHANGE,		/* what is there, named by a path */
	WATCH_CHANGE_FD,	/* named by a descriptor */
	WATCH_BIND, WATCH_SEND,	/* an address in memory */
	WATCH_SEND_MESSAGE, WATCH_SEND_MESSAGES,	/* in a head in memory: sendmsg(2), sendmmsg(2) */
	WATCH_SOCKET, WATCH_PAIR,	/* refused: the arguments say it all */
};

enum { NO_ARG = -1 };

/* Arguments by their number; NO_ARG: it has none such. */
struct watched_call {
	long		 nr;
	const char	*name;
	enum watched_kind kind;
	enum denial_action action;
	int8_t		 dir, path;	/* dir NO_ARG: the working directory */
	int8_t		 flags;		/* of open, or AT_* */
	int8_t		 dir2, path2;
	bool		 nofollow;	/* a link is meant itself; AT_SYMLINK_NOFOLLOW says it too */
};

/* NULL: not one of them. */
const struct watched_call *watched_call(long nr);

#endif

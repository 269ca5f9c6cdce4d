/* SPDX-License-Identifier: Apache-2.0 */
/* denial_watch.h - sees what a command is denied, from the calls that it is about to make (spec 3.1.4) */
#ifndef CDXP_DENIAL_WATCH_H
#define CDXP_DENIAL_WATCH_H

#include <sys/types.h>

#include "base.h"

struct arena;
struct connection;
struct decide_fs;
struct denials;
struct landlock_model;
struct seccomp_notif;

/*
 * A log, never a gate: whatever is found here, the call goes on, or gets the
 * errors that it gets without a log.  Denied is what the policy says no to and
 * what, looked up in the command's own mounts, is about to fail.
 */
struct denial_watch;

/*
 * The denials and the decisions must outlive it.  Until denial_watch_live() it
 * lets everything pass: a sandbox is still being set up.  `rules': those that
 * confine the command, NULL where mounts do.
 */
struct denial_watch *denial_watch_new(struct arena *, struct denials *, const struct decide_fs *,
	    const struct landlock_model *rules);
void	denial_watch_live(struct denial_watch *);	/* NULL is allowed */
/* Nothing is said from here on; NULL is allowed. */
void	denial_watch_end(struct denial_watch *);

/*
 * A notification that was received from the listener; quick, does not block.
 * False: it is none of ours, to be answered by somebody else (connect(2)).
 * *error: what to answer, or 0: it goes on.  From one thread at a time.
 */
bool	denial_watch_call(struct denial_watch *, int listener, const struct seccomp_notif *, int *error);

/* A call that was done for the command ended so, and it is about to hear of it. */
void	denial_watch_answered(struct denial_watch *, int listener, const struct seccomp_notif *, int error);

/*
 * How a connect(2) ended that the supervisor judged and made; from any thread.
 */
void	denial_watch_connect(struct denial_watch *, const struct connection *, int error);

#endif

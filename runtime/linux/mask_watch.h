/* SPDX-License-Identifier: Apache-2.0 */
/* mask_watch.h - narrower places that the host replaces while a command runs (spec 3.1.3) */
#ifndef CDXP_MASK_WATCH_H
#define CDXP_MASK_WATCH_H

#include <sys/types.h>

#include "backend.h"
#include "base.h"

struct arena;

/*
 * A mask is a mount on what has the name when the sandbox is made: nothing that
 * can be read or, in a writable directory, a read-only view.  Where the
 * host renames something else onto that name, as editors do to save, or
 * removes it and makes it anew, the mount goes and the new one can be seen.
 * So we watch, by inotify(7), for names that appear in the directories that
 * hold masked places, and for those directories themselves being renamed; and
 * what is not masked then is masked again by a child that enters the
 * sandbox's mount namespace through the user namespace that owns it.
 *
 * Closing an inotify descriptor costs ten milliseconds, so nothing is opened
 * for commands that have ended before MASK_WATCH_START_MS, and the last close
 * is left to a process that nobody waits for.
 *
 * Directories that cannot be watched (no permission, the limit of inotify)
 * are looked at in turn: MASK_WATCH_LOOKS places every MASK_WATCH_TICK_MS.
 */
enum {
	MASK_WATCH_START_MS	= 30,
	MASK_WATCH_TICK_MS	= 20,
	MASK_WATCH_LOOKS	= 256,
	MASK_WATCH_DIRS		= 1 << 16,	/* more are looked at in turn */
};

struct mask_watch;

/*
 * `init' is a process of the sandbox that outlives the command, and `init_fd'
 * its pidfd.  NULL where nothing is masked.  To be called once it has its mount
 * namespace, while we may look at it, and before it is waited for; what is
 * passed must outlive the result.
 */
struct mask_watch *mask_watch_new(struct arena *, pid_t init, int init_fd, const struct artifact *);

/* The command starts now: what it takes to mount 20,000 masks is not counted.  NULL is allowed. */
void	mask_watch_started(struct mask_watch *);

/* What to poll for input, -1: nothing yet; and how long at most, in ms, -1: for ever. */
int	mask_watch_fd(const struct mask_watch *);
int	mask_watch_timeout(const struct mask_watch *);

/*
 * To be called after every poll, once the command runs.  0, or -1 with *why where something denied
 * can be seen and cannot be masked: then the command must end.
 */
int	mask_watch_serve(struct mask_watch *, const char **why);

/* NULL is allowed. */
void	mask_watch_end(struct mask_watch *);

#endif

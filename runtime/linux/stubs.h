/* SPDX-License-Identifier: Apache-2.0 */
/* stubs.h - mount points for protected places that do not exist (spec 3.1.2) */
#ifndef CDXP_STUBS_H
#define CDXP_STUBS_H

#include <sys/types.h>

#include "base.h"
#include "stub_place.h"

struct arena;

enum stub_kind { STUB_DIR, STUB_FILE };

/* Parents come before what is below them; a missing parent is a stub of its own. */
struct stub_request {
	const char	*path;		/* canonical, absolute */
	enum stub_kind	 kind;
	uint64_t	 dev, ino;	/* out: what stubs_make() made or found */
};

/*
 * Make, or share with other runs, every place in `want'.  First removes what
 * runs that were killed have left.  NULL with *why set (arena) where one
 * cannot be made; nothing is left behind then.  The caller holds the result
 * for as long as anything in the sandbox runs.
 *
 * From here on there is a janitor, which does what stubs_remove() does if
 * this process ends without.  To be called where the process has one thread,
 * and before the sandbox can have made its first mount.
 */
struct stubs;
struct stubs	*stubs_make(struct arena *, struct stub_request *want, size_t n,
		    const char *state_dir, const char **why);

/*
 * Have whoever holds the other end of that stream socket keep the stubs from
 * being removed until it reads a byte of it, closes it or ends: bwrap, which
 * makes anew what is missing where it mounts, and not as ours.  A process's
 * locks go before its children are ended with it, so that ours alone would
 * leave it a moment for that.  NULL is allowed.  0, or -1 with errno.
 */
int	stubs_lend(const struct stubs *, int socket);

/*
 * A stub that is removed takes the mount over it along, so the janitor first
 * ends the sandbox.  It must know, before the first mount, the process that
 * makes them, and before the command starts the first process of its
 * namespace: each a pidfd, which stays the caller's.  bwrap tells of the
 * latter by a pipe; what is in it when this process ends the janitor reads.
 * NULL is allowed.  0, or -1 with errno.
 */
int	stubs_watch(struct stubs *, int pidfd);
int	stubs_watch_status(struct stubs *, int fd);

/*
 * Give them back: each that no other run holds and that is still empty and
 * still the one that was made goes, in reverse order.  What only a run that
 * was killed a moment ago still holds is waited for.  NULL is allowed.
 */
void	stubs_remove(struct stubs *);

/* The same for a process that ends now: its janitor, which has nothing left to do, is not waited for. */
void	stubs_leave(struct stubs *);

/*
 * An existing path is an empty stub of ours: it counts as missing when a
 * policy is bound.  No link is followed.  `state_dir' may be NULL; it is read
 * only where the file system keeps no extended attributes.  Where false, errno
 * is ENOENT if nothing is there, and else it is not.
 */
bool	stub_is_ours(const char *path, const char *state_dir);

#endif

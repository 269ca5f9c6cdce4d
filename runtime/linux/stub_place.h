/* SPDX-License-Identifier: Apache-2.0 */
/* stub_place.h - one place where a stub is, was, or will be: whose it is, who uses it, removing it */
#ifndef CDXP_STUB_PLACE_H
#define CDXP_STUB_PLACE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base.h"

struct arena;
struct ledger;

/*
 * A stub is made under a temporary name beside its place, marked, locked and
 * recorded, and only then renamed: whoever sees it under its own name can
 * know it for ours and take the lock too.  A run holds a shared flock(2) on
 * the stub's inode for as long as anything in its sandbox lives, and so does
 * its janitor, by the same open file; who gets the exclusive one may remove
 * it.  The ledger's lock keeps the runs of one user out of each other's way,
 * the stub's own lock those of several users.
 *
 * The run, and not its janitor, holds a POSIX read lock besides, which only
 * tells others that a stub is held by somebody who will hold it for long.
 */

enum { STUB_NAME_MAX = 32 };

/* The directory that holds `path', opened without following links; *name points into path. */
int	stub_parent(struct arena *, const char *path, const char **name);

/* Always the same for one name, so that what a killed run left is found; never too long. */
void	stub_temporary_name(const char *name, char out[STUB_NAME_MAX]);

/* What lies at a name, and what it is.  No link is followed.  -1 with errno. */
int	stub_open(int dir, const char *name, struct stat *);

/* The name still leads to that inode. */
bool	stub_still_there(int dir, const char *name, const struct stat *);

/* Mark an inode that we have just made.  0, also where there can be no marks; -1 with errno. */
int	stub_mark(int fd, const struct stat *);

/* There could be a mark, and there is none.  No link is followed. */
bool	stub_unmarked(const char *path);

/* It can only be told from the ledger whether this inode is ours. */
bool	stub_has_no_marks(int fd, const struct stat *);

/* A stub of ours that nobody has filled.  Without a ledger only marks count. */
bool	stub_recognise(int fd, const struct stat *, const struct ledger *);

/*
 * Say that a living run holds it.  Goes with the process, or with any close
 * of that inode.  -1 with errno where the file system has no such locks.
 */
int	stub_say_live(int fd);

/* What became of a place. */
enum stub_fate {
	STUB_NOTHING,		/* there is none of ours */
	STUB_REMOVED,
	STUB_HELD,		/* a living run uses it */
	STUB_DYING,		/* a run that was killed has not ended altogether: soon */
	STUB_TAKEN,		/* somebody has filled or replaced it: theirs now */
	STUB_UNSURE,		/* only the ledger of an earlier boot speaks for it */
	STUB_STUCK,		/* cannot be removed: errno */
};

/*
 * Remove what `fd' has open from its name, unless another run holds it or it
 * is no longer empty.  Looked at again under the exclusive lock; rmdir(2)
 * itself refuses a directory that has been filled.  With `dry' it says what
 * it would do.
 */
enum stub_fate	stub_remove(int dir, const char *name, int fd, const struct ledger *, bool dry);

/* The same for whatever lies at a name; `temporary': it is one of our temporary names. */
enum stub_fate	stub_sweep(int dir, const char *name, const struct ledger *, bool temporary,
		    bool dry);

/* The process that a held stub is held by, or 0 where it cannot be seen. */
pid_t	stub_holder(int dir, const char *name);

#endif

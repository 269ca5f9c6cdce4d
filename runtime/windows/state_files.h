/* SPDX-License-Identifier: Apache-2.0 */
/* state_files.h - what the system does for state that must survive: locked, synced, replaced as a whole */
#ifndef CDXP_STATE_FILES_H
#define CDXP_STATE_FILES_H

#include "base.h"
#include "sbuf.h"

/*
 * A directory with few small files, outside every root; whoever has it open
 * can write all of them.  Names are ours: letters, digits, '-' and '.'.
 * Implementations: state_files_posix.c, state_files_win32.c, and one in memory
 * for tests that stop between any two of the calls.
 */
enum state_status {
	STATE_OK,
	STATE_MISSING,		/* read: there is no such file */
	STATE_LOCKED,		/* another process holds the lock */
	STATE_TOO_LARGE,
	STATE_FAILED,
};

struct state_files {
	const struct state_files_ops *ops;
	const char	*why;		/* words for the last status but STATE_OK; valid until the next call */
	const char	*dir;		/* where they are, for messages and for the check against roots */
};

/* A lock that is held; it ends with the process, whatever ends that. */
struct state_lock;

struct state_files_ops {
	/*
	 * An exclusive lock on the file `name', which is made where it is missing
	 * and never replaced.  Waits at most `ms' milliseconds.  It stops nobody
	 * from reading, appending or replacing (LockFileEx() on bytes far behind
	 * the end; a file of its own).
	 */
	enum state_status (*lock)(struct state_files *, const char *name, unsigned ms, struct state_lock **);
	void		(*unlock)(struct state_files *, struct state_lock *);

	/* Append the whole file to the buffer; STATE_TOO_LARGE beyond `limit'. */
	enum state_status (*read)(struct state_files *, const char *name, size_t limit, struct sbuf *);

	/* Add bytes at the end, synced when it returns; the file is made where it is missing. */
	enum state_status (*append)(struct state_files *, const char *name, const void *, size_t);

	/* The file has these bytes or its old ones, whatever happens; synced, with its name, when it returns. */
	enum state_status (*replace)(struct state_files *, const char *name, const void *, size_t);

	/* The names that begin with `prefix', at most `limit'; each on the heap, as the array is. */
	enum state_status (*list)(struct state_files *, const char *prefix, size_t limit, char ***, size_t *n);

	/* Remove a file; none is no error. */
	enum state_status (*remove)(struct state_files *, const char *name);

	/* Bytes that nobody can foresee. */
	enum state_status (*random)(struct state_files *, void *, size_t);
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* helper_lock.h - one of us at a time: a named mutex of this logon session */
#ifndef CDXP_HELPER_LOCK_H
#define CDXP_HELPER_LOCK_H

#include "base.h"

struct arena;

enum helper_status {
	HELPER_ALONE,		/* we have it */
	HELPER_AFTER_CRASH,	/* we have it, and who had it died: what it was doing is half done */
	HELPER_BUSY,		/* another one has it, and kept it for all of the time */
	HELPER_FAILED,
};

struct helper_lock;

/*
 * Take the lock `name' (letters, digits, '-'), waiting at most `ms'
 * milliseconds.  For the first two *out is to be given to helper_unlock() by
 * the same thread; else *why says what was wrong, in the arena.
 */
enum helper_status helper_lock(struct arena *, const char *name, unsigned ms,
    struct helper_lock **out, const char **why);
void	helper_unlock(struct helper_lock *);

#endif

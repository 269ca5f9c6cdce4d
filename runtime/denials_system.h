/* SPDX-License-Identifier: Apache-2.0 */
/* denials_system.h - what a run's denials need of the system: denials_posix.c, windows/denials_windows.c */
#ifndef CDXP_DENIALS_SYSTEM_H
#define CDXP_DENIALS_SYSTEM_H

#include "base.h"

struct sbuf;

/* One thread has it at a time. */
struct denials_lock;
struct denials_lock *denials_lock_new(void);
void	denials_lock(struct denials_lock *);
void	denials_unlock(struct denials_lock *);
void	denials_lock_free(struct denials_lock *);

/*
 * Write all of it, unless nobody reads.  `wait' false: only where the reader
 * does not have to be waited for, as far as the system can tell; false where
 * nothing was written for that.
 */
bool	denials_write(int fd, const struct sbuf *, bool wait);

#endif

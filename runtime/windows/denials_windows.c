/* SPDX-License-Identifier: Apache-2.0 */
/* denials_windows.c - what a run's denials need of Windows: a lock, and writing */
#include <config.h>

#include "denials_system.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

#include <windows.h>

#include "arena.h"
#include "sbuf.h"

struct denials_lock { SRWLOCK it; };

struct denials_lock *
denials_lock_new(void)
{
	struct denials_lock *l = calloc(1, sizeof(*l));

	if (l == NULL)
		out_of_memory();
	InitializeSRWLock(&l->it);
	return l;
}

void
denials_lock(struct denials_lock *l)
{
	AcquireSRWLockExclusive(&l->it);
}

void
denials_unlock(struct denials_lock *l)
{
	ReleaseSRWLockExclusive(&l->it);
}

void
denials_lock_free(struct denials_lock *l)
{
	free(l);
}

/*
 * It waits in either case: what room a pipe is said to have is less by all that
 * a reader has already asked for, so that an empty one seems full.
 */
bool
denials_write(int fd, const struct sbuf *text, bool wait)
{
	(void)wait;
	(void)_setmode(fd, _O_BINARY);
	for (size_t done = 0; done < text->len;) {
		int n = _write(fd, text->p + done, (unsigned)(text->len - done));
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return true;
}

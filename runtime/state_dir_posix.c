/* SPDX-License-Identifier: Apache-2.0 */
/* state_dir_posix.c - where cdxp-run keeps what must not be lost between two runs */
#include <config.h>

#include "state_dir.h"

#include <stdlib.h>
#include <unistd.h>

#include "arena.h"

/* Without links on the way: it is made without following any. */
#ifdef __APPLE__
static const char of_root[] = "/private/var/db/cdxp";
#else
static const char of_root[] = "/var/lib/cdxp";
#endif

const char *
state_dir(struct arena *a)
{
	const char *dir;

	if (geteuid() == 0)
		return of_root;
	if ((dir = getenv("XDG_STATE_HOME")) != NULL && dir[0] == '/')
		return arena_printf(a, "%s/cdxp", dir);
	if ((dir = getenv("HOME")) != NULL && dir[0] == '/')
		return arena_printf(a, "%s/.local/state/cdxp", dir);
	return NULL;
}

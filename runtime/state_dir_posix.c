/* SPDX-License-Identifier: Apache-2.0 */
/* state_dir_posix.c - where cdxp-run keeps what must not be lost between two runs */
#include <config.h>

#include "state_dir.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

/* Without links on the way: it is made without following any. */
#ifdef __APPLE__
static const char of_root[] = "/private/var/db/cdxp", above[] = "/private/var/db";
#else
static const char of_root[] = "/var/lib/cdxp", above[] = "/var/lib";
#endif

const char *
state_dir(struct arena *a)
{
	const char *dir;
	struct stat st;

	/* User 0 of a user namespace may be anybody, whom what is root's does not belong to. */
	if (geteuid() == 0 && (stat(above, &st) != 0 || st.st_uid == 0))
		return of_root;
	if ((dir = getenv("XDG_STATE_HOME")) != NULL && dir[0] == '/')
		return arena_printf(a, "%s/cdxp", dir);
	if ((dir = getenv("HOME")) != NULL && dir[0] == '/')
		return arena_printf(a, "%s/.local/state/cdxp", dir);
	return NULL;
}

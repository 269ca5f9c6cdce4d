/* SPDX-License-Identifier: Apache-2.0 */
/* desktop.h - the desktop that the windows of a command are on */
#ifndef CDXP_DESKTOP_H
#define CDXP_DESKTOP_H

#include <windows.h>

#include "ace_list.h"

struct arena;

struct desktop {
	const char	*name;		/* "WinSta0\\Default", for STARTUPINFO: left out, some programs do not start */
	HDESK		 handle;	/* of a private one; the desktop is there while somebody has it open */
};

/* The one that we are on. */
int	desktop_own(struct arena *, struct desktop *, const char **why);

/*
 * A new one on the same window station, which nobody sees: windows on it can
 * neither look at nor send messages to those of the user.  These SIDs may use
 * it, and no others.  0, or -1 with *why.
 */
int	desktop_private(struct arena *, const struct sid *, size_t n, struct desktop *, const char **why);
void	desktop_close(struct desktop *);

#endif

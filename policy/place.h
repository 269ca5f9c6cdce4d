/* SPDX-License-Identifier: Apache-2.0 */
/* place.h - anchors: the names that a profile gives to places it cannot know yet */
#ifndef CDXP_PLACE_H
#define CDXP_PLACE_H

#include "base.h"

enum anchor {
	ANCHOR_ABS,		/* a fixed absolute POSIX path */
	ANCHOR_HOME,		/* ~ */
	ANCHOR_WORKSPACE,	/* every workspace root: the working directory and the enabled workspace_roots */
	ANCHOR_TMPDIR,		/* $TMPDIR */
	ANCHOR_SLASH_TMP,	/* /tmp where it is a directory */
	ANCHOR_MINIMAL,		/* the target's platform roots */
	ANCHOR_WINDOWS,		/* a fixed Windows path; the POSIX targets pass over it */
};
/* `:root' is ANCHOR_ABS with the path "/". */

/* "abs", "home", "workspace", "tmpdir", "slash_tmp", "minimal", "windows": the IR's JSON spelling. */
const char	*anchor_name(enum anchor);
bool		 anchor_from_name(const char *, enum anchor *);

enum target { TARGET_LINUX, TARGET_MACOS, TARGET_WINDOWS };

/* In rising order of what is allowed. */
enum access { ACCESS_DENY, ACCESS_READ, ACCESS_WRITE };
const char	*access_name(enum access);	/* "deny", "read", "write" */
bool		 access_from_name(const char *, enum access *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* legacy.h - the legacy form: what a sandbox_mode means as a profile (spec 2.7) */
#ifndef CDXP_LEGACY_H
#define CDXP_LEGACY_H

#include "profile.h"

/* "read-only", "workspace-write", "danger-full-access" */
extern const char *const legacy_modes[3];
bool	legacy_mode_known(const char *mode);

/*
 * raise(L) for a known mode and the file's sandbox_workspace_write, whose
 * options concern "workspace-write" alone.  The profile goes by the mode's
 * name; `origin' is where the mode was chosen.
 */
struct profile *legacy_raise(struct config *, const char *mode, struct origin);

#endif

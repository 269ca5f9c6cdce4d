/* SPDX-License-Identifier: Apache-2.0 */
/* launch_seatbelt.h - a launch through sandbox-exec in words, on any system */
#ifndef CDXP_LAUNCH_SEATBELT_H
#define CDXP_LAUNCH_SEATBELT_H

#include "launch.h"

/*
 * launch_words() for a backend whose target is macOS.  The file of the profile
 * is named as it will be, but for the XXXXXX of its directory.
 */
int	launch_seatbelt_words(struct arena *, const struct launch *, const char **program,
	    const char ***argv, size_t *len, struct launch_error *err);

#endif

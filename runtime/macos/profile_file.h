/* SPDX-License-Identifier: Apache-2.0 */
/* profile_file.h - the profile of one run in a file that nobody else can write */
#ifndef CDXP_PROFILE_FILE_H
#define CDXP_PROFILE_FILE_H

#include "base.h"

struct arena;

struct profile_file {
	const char	*path;		/* STATE/seatbelt-XXXXXX/profile.sb */
	const char	*dir;
	int		 lock;		/* descriptor of the directory, held for as long as the run */
};

/* The path that profile_file_make() would give, with XXXXXX as it stands. */
const char *profile_file_name(struct arena *, const char *state_dir);

/*
 * Write `text' to a new file (0600) in a new directory (0700) of ours below
 * state_dir, which exists and is shielded from every command.  What killed
 * runs have left there is removed first.  0, or -1 with *why and nothing left
 * behind.  The descriptor is close-on-exec; the child must not inherit it.
 */
int	profile_file_make(struct arena *, const char *state_dir, const char *text, size_t len,
	    struct profile_file *out, const char **why);

/* Remove both.  Also for a struct that profile_file_make() did not fill. */
void	profile_file_remove(struct profile_file *);

#endif

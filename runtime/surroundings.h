/* SPDX-License-Identifier: Apache-2.0 */
/* surroundings.h - what the program was started with: arguments, environment, places */
#ifndef CDXP_SURROUNDINGS_H
#define CDXP_SURROUNDINGS_H

#include "base.h"

struct arena;

struct surroundings {
	int	 argc;
	char	**argv;		/* ends with NULL */
	char	**environment;	/* NAME=VALUE, ends with NULL */
	/* Where the user's files and temporary files are, as the environment says; or NULL. */
	const char *home, *tmpdir, *tmp;	/* tmp: of Windows alone, which has two */
};

/*
 * Of main()'s arguments what the system really gave: on Windows all text is
 * made UTF-8 and the names of variables are in upper case, as they are
 * compared there, and the places have the form of native_path.h.  0, or -1
 * after one line on standard error.
 */
int	surroundings_find(struct arena *, int argc, char **argv, struct surroundings *out);

/*
 * We were started by ourselves for a purpose of our own, which is done: true,
 * with the exit status.
 */
bool	surroundings_role(const struct surroundings *, int *status);

#endif

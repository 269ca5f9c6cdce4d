/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_try.h - starting a backend for real, with small policies */
#ifndef CDXP_DOCTOR_TRY_H
#define CDXP_DOCTOR_TRY_H

#include "doctor.h"

struct surroundings;

struct doctor_backend {
	const char	*name;
	bool		 works;		/* a sandbox that only reads starts, and ends as it should */
	bool		 writes;	/* so does one that writes, with something denied and protected */
	struct doctor_cause why;	/* of the first of these that is false; else no id */
	const char	*said;		/* what was said of it then, one line, or "" */
};

/* A new empty directory of ours, where one can be made, or NULL; 0 when it is removed again, or -1 with errno. */
const char *doctor_directory(struct arena *, const struct surroundings *);
int	doctor_directory_remove(const char *);

/* Leaves nothing behind.  `directory' is an empty one of ours, or NULL: there is no place for one. */
void	doctor_try(struct arena *, const char *backend, const char *directory, unsigned seconds,
	    const struct surroundings *, struct doctor_backend *out);

/*
 * A policy file of the user's, and the sandbox that it makes, tried from inside
 * (--self-test).  `text' is what was written about it: lines, or a line that
 * is one JSON document; in the arena.
 */
struct doctor_policy {
	const char	*file, *profile, *directory;	/* -P, -C: or NULL */
	bool		 json;
};
bool	doctor_try_policy(struct arena *, const struct doctor_policy *, const char *backend, unsigned seconds,
	    const struct surroundings *, const char **text);

/* This system has a backend of that name, which is never taken by itself. */
bool	doctor_has_named(const char *backend);

/* We were started by ourselves to try a file, and that is done: true, with the exit status. */
bool	doctor_role(const struct surroundings *, int *status);

#endif

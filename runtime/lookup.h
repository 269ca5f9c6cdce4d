/* SPDX-License-Identifier: Apache-2.0 */
/* lookup.h - finding the command before the sandbox is made */
#ifndef CDXP_LOOKUP_H
#define CDXP_LOOKUP_H

#include "base.h"

struct arena;

struct lookup_request {
	const char	*name;		/* argv[0] as given */
	const char	*path;		/* the child's PATH; NULL: the C library's default */
	const char	*suffixes;	/* Windows: the child's PATHEXT; NULL: the system's default */
	const char	*cwd;		/* canonical; relative names and PATH entries start here */
	/* readable(p) of the bound policy, for a canonical path. */
	bool		(*readable)(void *arg, const char *canonical);
	void		*arg;
};

struct lookup_result {
	int		 status;	/* 0, or STATUS_NOEXEC or STATUS_NOTFOUND (report.h) */
	const char	*found;		/* status 0: as execvp would try it, absolute */
	const char	*message;	/* else one line without prefix, naming what is missing */
};

/*
 * Answers what execvp(name) will do inside the sandbox, interpreters of
 * scripts ("#!", execve(2)) and the ELF loader included, since a missing
 * one gives the same ENOENT as a missing command.  All in the arena.
 */
struct lookup_result	lookup_command(struct arena *, const struct lookup_request *);

#endif

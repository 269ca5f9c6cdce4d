/* SPDX-License-Identifier: Apache-2.0 */
/* runner_request.h - what cdxp-run tells the one that it starts as a sandbox user: the command and its token */
#ifndef CDXP_RUNNER_REQUEST_H
#define CDXP_RUNNER_REQUEST_H

#include "ace_list.h"
#include "sbuf.h"

struct arena;

enum { RUNNER_BYTES = 16 * 1024 * 1024 };

/*
 * Only who is logged on as the sandbox user can restrict its token, so that
 * cdxp-run starts itself as that user, and this stands in front of the input
 * of the command.  Paths are native.
 */
struct runner_request {
	/* Of the token; sub-authorities none (n == 0): the logon SID of the session that is yet to begin. */
	struct { struct sid *v; size_t len, cap; } restricting;
	struct ace_list		 dacl;		/* allow entries */
	struct sid		 group;		/* that the user has to be in; n == 0: it is not looked at */
	bool			 unconfined;	/* a model stands for the files, and nothing is checked */
	bool			 private_desktop;
	const char		*program, *cwd;
	struct { const char **v; size_t len, cap; } argv, envp, canaries;	/* as in their structures, without NULL */
	/*
	 * A name for a junction in the user's profile to the directory `target',
	 * by which `cwd' is to be reached; or NULL, both.
	 */
	const char		*point, *target;
};

/* A line with the length of the rest in decimal, and the rest. */
void	runner_request_write(const struct runner_request *, struct sbuf *);

/* That rest; all of it is copied.  NULL, or what is wrong with it, a static phrase or one in the arena. */
const char *runner_request_read(struct arena *, const char *, size_t len, struct runner_request *);

/* `cwd', which lies in `target' or is it, by the way of the junction. */
const char *runner_cwd(struct arena *, const char *cwd, const char *target, const char *junction);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* exec_builtin.h - runs a command in a sandbox that we make ourselves, from bwrap's arguments (spec 3.1) */
#ifndef CDXP_EXEC_BUILTIN_H
#define CDXP_EXEC_BUILTIN_H

#include "base.h"
#include "exec_bwrap.h"

struct arena;

/*
 * The process inside is started before the policy is known: its namespaces
 * are made beside our reading and planning.  Blocks the signals that are
 * passed on, which wait from here to exec_builtin() or
 * exec_builtin_abandon(), one of which must follow.  NULL, with nothing
 * changed, where it cannot be: *why says it.
 */
struct builtin_start;
struct builtin_start	*exec_builtin_start(struct arena *, const int *keep_fds, size_t nkeep,
			    bool net, const char **why);

/*
 * Wait until the namespaces are there: at most some seconds.  NULL, or why
 * this executor cannot work here; to be abandoned then.
 */
const char	*exec_builtin_ready(struct arena *, struct builtin_start *);

/* End one that was given nothing to do.  NULL is allowed. */
void	exec_builtin_abandon(struct builtin_start *);

/*
 * As exec_bwrap(), with the same artifact; `start' may be NULL, and is
 * consumed.  -1 with *why, where this executor cannot work here: then nothing
 * has happened, and another one may be tried.
 */
int	exec_builtin(struct arena *, const struct exec_request *, struct builtin_start *,
	    const char **why);

/* What would be executed, for --print: as exec_bwrap_words(). */
void	exec_builtin_words(struct arena *, const struct exec_request *, const char **program,
	    const char ***argv, size_t *len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* environ.h - the child's environment (spec 1.6) */
#ifndef CDXP_ENVIRON_H
#define CDXP_ENVIRON_H

#include "base.h"

struct arena;
struct ir_environment;
struct ir_origin;
struct proxy_variable;

struct environ_request {
	const struct ir_environment *policy;
	const char	*const *from;	/* the caller's environment, NULL-terminated */
	const char	*backend;	/* value of CDXP_SANDBOX; "seatbelt" of CODEX_SANDBOX too */
	const char	*cwd;		/* value of PWD, or NULL: as the caller has it */
	bool		 network_off;	/* adds CODEX_SANDBOX_NETWORK_DISABLED=1 */
	const struct proxy_variable *proxy;	/* added as well, but for what `set' names */
	size_t		 nproxy;
};

struct child_environ {
	const char	**envp;		/* "NAME=value", NULL-terminated; each name once */
	size_t		 len;
	const char	**dropped;	/* names of the caller's that the child does not get */
	size_t		 ndropped;
};

/*
 * Inherited variables keep their order (of two with one name the first, as
 * getenv(3) would find it), then what `set' adds, then our own.  Entries of
 * the caller that are not NAME=value are left out.  All in the arena.
 */
void	environ_build(struct arena *, const struct environ_request *, struct child_environ *out);

/* The value of a name, or NULL. */
const char	*environ_get(const char *const *envp, const char *name);

#endif

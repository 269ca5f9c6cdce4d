/* SPDX-License-Identifier: Apache-2.0 */
/* environ.h - the child's environment (spec 1.6) */
#ifndef CDXP_ENVIRON_H
#define CDXP_ENVIRON_H

#include "base.h"

struct arena;
struct ir_environment;
struct ir_origin;

struct environ_request {
	const struct ir_environment *policy;
	const char	*const *from;	/* the caller's environment, NULL-terminated */
	const char	*backend;	/* value of CDXP_SANDBOX: "bwrap" */
	bool		 network_off;	/* adds CODEX_SANDBOX_NETWORK_DISABLED=1 */
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

enum environ_reason {
	ENVIRON_INHERITED,	/* the caller's, and nothing is against it */
	ENVIRON_SET,		/* `set' gives it */
	ENVIRON_OURS,		/* the runtime adds it */
	ENVIRON_NONE,		/* inherit = "none" */
	ENVIRON_NOT_CORE,	/* inherit = "core", and it is not of the core */
	ENVIRON_LOADER,		/* a dynamic loader would obey it */
	ENVIRON_SECRET,		/* it is named like a secret, and ignore_default_excludes is false */
	ENVIRON_EXCLUDED,	/* a pattern of `exclude' */
	ENVIRON_NOT_INCLUDED,	/* no pattern of `include_only' */
};

struct environ_decision {
	bool		 passes;
	enum environ_reason reason;
	const struct ir_origin *origin;	/* SET and EXCLUDED; NULL: no rule with a line */
};

/* Does the child have a variable of that name, where the caller has it? */
struct environ_decision environ_decide(const struct ir_environment *, bool network_off,
    const char *name);

/* One line for people: "inherited", "excluded by a pattern", ... */
const char	*environ_reason_text(enum environ_reason);

/* The value of a name, or NULL. */
const char	*environ_get(const char *const *envp, const char *name);

/* A whole name against a pattern of 1.6: * ? [..], without regard to (ASCII) case. */
bool	environ_match(const char *pattern, const char *name);

#endif

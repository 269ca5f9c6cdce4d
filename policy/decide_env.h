/* SPDX-License-Identifier: Apache-2.0 */
/* decide_env.h - what becomes of one environment variable (spec 1.6) */
#ifndef CDXP_DECIDE_ENV_H
#define CDXP_DECIDE_ENV_H

#include "base.h"
#include "ir.h"

struct arena;

enum env_result {
	ENV_DROPPED,		/* the child does not have it */
	ENV_KEPT,		/* the child has the caller's, where the caller has one */
	ENV_SET,		/* the child has `value' */
};

enum env_reason {
	ENV_BY_INHERIT,		/* kept: nothing drops it; dropped: inherit = "none" */
	ENV_BY_LOADER,		/* dynamic loaders obey it: never the caller's */
	ENV_BY_CORE,		/* inherit = "core", and it is none of those */
	ENV_BY_DEFAULTS,	/* a default exclude, `pattern' */
	ENV_BY_EXCLUDE,
	ENV_BY_INCLUDE_ONLY,	/* no pattern of include_only matches */
	ENV_BY_SET,
	ENV_BY_RUNTIME,		/* the runtime sets it, whatever the policy says */
	ENV_BY_PROXY,		/* it names the managed proxy, or what goes past it */
};

struct env_decision {
	enum env_result	 result;
	enum env_reason	 reason;
	const struct ir_origin *origin;	/* of the rule, or NULL: a default */
	const char	*pattern;	/* that matched, or NULL */
	const char	*value;		/* ENV_SET; NULL where only the run knows it */
};

/* What becomes of a caller's variable before `set' and the runtime have their say. */
struct env_decision decide_env_inherited(const struct ir_environment *, const char *name);

/* What one line of `set' comes to: ENV_SET, or ENV_DROPPED by include_only.  The last for a name counts. */
struct env_decision decide_env_set(const struct ir_environment *, const struct ir_setting *);

/*
 * The whole of it: the runtime's own variables (CDXP_SANDBOX, PWD, and
 * CODEX_SANDBOX_NETWORK_DISABLED where the network is off), then `set', then
 * what is inherited.
 */
struct env_decision decide_env(const struct ir_environment *, bool network_off, const char *name);

/*
 * The same for the environment of a run with this policy, where the managed
 * proxy has variables of its own: they lead there whatever the caller's say,
 * and only `set' comes before them.
 */
struct env_decision decide_env_run(const struct ir_policy *, const char *name);

/* Names of those variables; NULL behind the last.  "JAVA_TOOL_OPTIONS" is added to what is there. */
const char *decide_env_proxy(size_t i);

/* What decided, in one phrase: `exclude "LC_*" matches', ...; in the arena. */
const char *decide_env_text(struct arena *, const struct env_decision *);

/* A whole name against a pattern of 1.6: * ? [..], without regard to (ASCII) case. */
bool	decide_env_match(const char *pattern, const char *name);

/*
 * For whoever asks about all names: those that the rules above list one by one
 * (of DYLD_* one), and the default excludes; NULL behind the last.
 */
const char *decide_env_listed(size_t i);
const char *decide_env_default_exclude(size_t i);

#endif

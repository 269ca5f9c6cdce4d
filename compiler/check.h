/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - what check finds out about one profile, and its three ways to be printed */
#ifndef CDXP_CHECK_H
#define CDXP_CHECK_H

#include "artifacts.h"
#include "backend.h"
#include "base.h"
#include "diag.h"
#include "json.h"
#include "legacy_verdict.h"
#include "subject.h"

struct arena;

/* How a backend enforces one rule. */
enum rule_status {
	RULE_EXACT,
	RULE_CLOSED,		/* a pattern: what matches later cannot appear, or is denied with its directory */
	RULE_SNAPSHOT,		/* a pattern: what exists when the command starts */
	RULE_WATCHED,		/* denied, and denied again when the host replaces it (spec 3.1.3) */
	RULE_DEVIATION,		/* otherwise than written, by named deviations */
	RULE_REFUSED,		/* the reason why the profile is refused */
	RULE_UNENFORCED,	/* the profile is refused, for another rule */
	RULE_ELSEWHERE,		/* for another system */
};
const char *rule_status_name(enum rule_status);	/* "exact"; UNENFORCED: "-" */

struct rule_cell {
	enum rule_status status;
	const struct deviation **deviations;	/* those that concern the rule */
	size_t		 ndeviations;
};

struct check_rule {
	const char	*kind;		/* "entry", "pattern", "protected", "network", "domain", "socket", "environment" */
	const char	*text;		/* as written: "src/gen", "*.example.org" */
	const char	*says;		/* "write", "deny", "off" */
	const struct ir_origin *origin;	/* or NULL */
	struct rule_cell *cell;		/* one for each backend */
};

struct check_backend {
	const struct backend *backend;
	struct artifact	 artifact;
	bool		 asked;		/* a refusal is an error; else it is worth a warning */
};

struct check {
	const struct subject *subject;
	const struct bound_policy *bound;	/* or NULL: it cannot be bound, for the reason in each refusal */
	bool		 generic;
	struct legacy_verdict legacy;
	struct check_backend *backend;
	size_t		 nbackends;
	struct { struct check_rule *v; size_t len, cap; } rules;
	size_t		 first_diag, end_diag;	/* of the queue: what the lints said */
};

/*
 * Find out all of that but for the lints, for n backends; `asked' when they
 * were asked for by name, else those of bundles are, and those for few
 * profiles are left out where they refuse.  check_free() frees what the
 * backends printed; all else is the arena's.
 */
void	check_policy(struct arena *, const struct subject *, const struct artifact_host *,
	    const struct backend *const *backends, size_t n, bool asked, struct check *out);
void	check_free(struct check *);
/* By a backend that was asked. */
bool	check_refused(const struct check *);

/* "exact", "exact but for snapshot (wider)", "refused: REASON (profile.toml:3)". */
const char *check_summary(struct arena *, const struct check *, size_t backend);
/* "profile.toml:14", ":workspace" for a built-in's, or "". */
const char *check_place(struct arena *, const struct check *, const struct ir_origin *);

/* Appended to *out: for people, with colours or not; for pull requests. */
void	check_print_text(struct sbuf *out, struct arena *, const struct check *, bool colour);
void	check_print_markdown(struct sbuf *out, struct arena *, const struct check *,
	    const struct diags *);
/* One element of "profiles"; the caller owns it. */
cJSON	*check_json(struct arena *, const struct check *, const struct diags *);

#endif

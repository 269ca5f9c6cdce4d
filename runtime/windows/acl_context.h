/* SPDX-License-Identifier: Apache-2.0 */
/* acl_context.h - what applying, verifying and undoing plans is done with, and what they report */
#ifndef CDXP_ACL_CONTEXT_H
#define CDXP_ACL_CONTEXT_H

#include <cjson/cJSON.h>

#include "acl_store.h"
#include "sbuf.h"
#include "state_files.h"
#include "win_path.h"
#include "win_plan.h"

/* Whom the names of a plan stand for in this session; n == 0: not known here, and refused where it is needed. */
struct acl_people {
	struct sid	user, group, sandbox_user, logon;
};

struct acl_context {
	struct acl_store	*store;
	struct state_files	*files;
	struct acl_people	 people;
	struct win_dirs		 dirs;
	uint64_t		 now;			/* milliseconds since anything, for now_ms == NULL */
	uint64_t		(*now_ms)(void *arg);	/* for the limits of audits */
	void			*now_arg;
	/*
	 * Entries for reading are handed on to at most so many objects before
	 * the command starts; the rest is left to acl_spread_rest().  0: to all.
	 */
	size_t			 spread_now;
};

enum acl_severity {
	ACL_NOTE,	/* worth knowing */
	ACL_WARNING,	/* something is narrower, or wider, than the plan, which says or allows so */
	ACL_ERROR,	/* not done, for this reason */
};

struct acl_finding {
	enum acl_severity	 severity;
	const char		*code;		/* a word of cdxp-acl(5): "wrong-name" */
	const char		*path;		/* or NULL */
	const char		*text;		/* what is so, and what to do */
	const char		*at;		/* the line of the profile that asks; "" */
};

/* One entry or placeholder, as a plan of what would be done, or as what was done. */
enum acl_deed { DEED_ADD, DEED_KEEP, DEED_REMOVE, DEED_MAKE, DEED_UNMAKE, DEED_DEEDS };

struct acl_step {
	enum acl_deed		 deed;
	const char		*path;
	const char		*text;		/* of the entry; what is made */
	const char		*purpose;	/* "carve-out"; "" */
	const char		*at;
};

/* All strings live in the arena. */
struct acl_report {
	struct arena		*a;
	struct { struct acl_finding *v; size_t len, cap; } findings;
	struct { struct acl_step *v; size_t len, cap; } steps;
	size_t			 errors, warnings;
	size_t			 deeds[DEED_DEEDS];
	size_t			 spread_objects;	/* that took over entries, or lost them */
	size_t			 audit_checks;
	bool			 dry;			/* nothing was done: these are the steps that would be */
	bool			 spreading;		/* acl_spread_rest() has to be called */
	bool			 machine;		/* about parts of the machine plan (machine.h), not entries */
};

void	acl_find(struct acl_report *, enum acl_severity, const char *code, const char *path, const char *at,
	    const char *fmt, ...) PRINTF_LIKE(6, 7);
void	acl_step(struct acl_report *, enum acl_deed, const char *path, const char *purpose, const char *at,
	    const char *text);

/* For people: findings, worst first, steps where `steps', and a last line of counts. */
void	acl_report_text(const struct acl_report *, const char *verb, bool steps, struct sbuf *);
/* For programs: cdxp-acl(5) describes it. */
cJSON	*acl_report_json(const struct acl_report *, const char *verb);

/*
 * The SID of a principal; n == 0 where it is not known.  The capabilities are
 * those of cap_store.h, by the number of their root; of a plan without roots
 * there is one, the readonly one.
 */
struct sid acl_sid_of(const struct acl_context *, const struct sid *capabilities, const struct plan_to *);

uint64_t acl_now(struct acl_context *);

#endif

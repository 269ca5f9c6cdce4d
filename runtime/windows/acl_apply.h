/* SPDX-License-Identifier: Apache-2.0 */
/* acl_apply.h - a plan on a computer: tried dry, applied, verified, undone */
#ifndef CDXP_ACL_APPLY_H
#define CDXP_ACL_APPLY_H

#include "acl_context.h"

/*
 * All of these hold the journal's lock while they run, report into a report
 * that is empty but for its arena, and return 0, or -1 with at least one error
 * in it.  What a run before this one has left half done is repaired first, by
 * those that may change something.
 */

/* What the token is made with. */
struct acl_applied {
	struct sid	*capabilities;	/* by root; of a plan without roots the readonly one alone */
	size_t		 n;
};

/* What acl_apply() would do, as steps; nothing is written. */
int	acl_dry_run(struct acl_context *, const struct win_plan *, struct acl_report *);

/*
 * Placeholders are made, entries added and handed on, places audited, all of it
 * recorded before and read back after.  Where something fails everything is
 * taken back.  `name' is what people will know the plan by.  What is there
 * already is not written again: a second apply writes nothing.
 */
int	acl_apply(struct acl_context *, const struct win_plan *, const char *name, struct acl_report *,
	    struct acl_applied *);

/* Everything is there as acl_apply() leaves it, below the places too; nothing is written. */
int	acl_verify(struct acl_context *, const struct win_plan *, struct acl_report *);

/*
 * Remove what was added for the plan with this id, or for all where it is
 * NULL: exactly those entries, unless another plan needs them, and placeholders
 * that are still empty.  Refused while a session of it runs.
 */
int	acl_undo(struct acl_context *, const char *plan_id, struct acl_report *);

/* The plans that are applied: {"plans":[{"id","name","entries","placeholders"}...]}; NULL with errors. */
cJSON	*acl_list(struct acl_context *, struct acl_report *);

/*
 * Hand on what was left when report.spreading was set; one process at a time
 * does it, others return 0 at once.
 */
int	acl_spread_rest(struct acl_context *, struct acl_report *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_retract.h - taking back what was done: after a failure, after a kill, and when a plan is undone */
#ifndef CDXP_ACL_RETRACT_H
#define CDXP_ACL_RETRACT_H

#include "acl_context.h"
#include "acl_journal.h"
#include "acl_spread.h"

/*
 * Finish what is under way in the journal: an apply is taken back, an undo
 * completed.  Every step can be done twice, so that it may stop anywhere and
 * be begun again.  0 with the end recorded, or -1 with errors in the report and
 * the journal still open.
 */
int	acl_retract(struct acl_context *, struct journal *, struct acl_report *);

/* The same at the beginning of a run, with a note about it in the report; nothing where nothing is under way. */
int	acl_repair(struct acl_context *, struct journal *, struct acl_report *);

/* All that the journal has, as acl_spread.h wants it. */
struct acl_ours acl_ours_of(const struct journal *, struct arena *);

/* Held by who changes entries of many objects.  NULL with an error in the report. */
struct state_lock *acl_lock_spread(struct acl_context *, struct acl_report *, unsigned ms);

#endif

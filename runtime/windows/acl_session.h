/* SPDX-License-Identifier: Apache-2.0 */
/* acl_session.h - which plans are in use, and by which processes */
#ifndef CDXP_ACL_SESSION_H
#define CDXP_ACL_SESSION_H

#include "acl_context.h"

/*
 * A session is a file STATE/session-PID-RANDOM with {"pid","plan","reads"}, and
 * a lock of the same name with ".lock" behind it, which lasts as long as the
 * process, whatever ends that.
 */
struct acl_session;

/*
 * Begin one, before the plan is applied.  Entries for reading are for the
 * group, so for every session of it: while another one runs whose `reads'
 * differs this is refused with its process id.  NULL with an error in the
 * report.
 */
struct acl_session *acl_session_begin(struct acl_context *, const struct win_plan *, uint64_t pid,
	    struct acl_report *);
void	acl_session_end(struct acl_context *, struct acl_session *);	/* NULL is allowed */

/* The process of a session that runs with this plan (NULL: with any), or 0; -1 with an error in the report. */
int	acl_session_of(struct acl_context *, const char *plan_id, struct acl_report *, uint64_t *pid);

#endif

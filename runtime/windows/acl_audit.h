/* SPDX-License-Identifier: Apache-2.0 */
/* acl_audit.h - what is open by entries that are not the plan's */
#ifndef CDXP_ACL_AUDIT_H
#define CDXP_ACL_AUDIT_H

#include "acl_target.h"

/*
 * After the entries of a plan are set: where somebody whom the token stands
 * for is allowed more, by an entry that counts before the plan's denies or
 * where there are none, denies are to be added; *found has these places as
 * targets.  There are two ways of it:
 *
 *   - below a carve-out or denied place (the audit "inside"): objects with
 *     entries of their own, or protected, which count before inherited ones;
 *   - at the places of the other audits, outside the roots, or, for reading,
 *     outside all that is granted.
 *
 * What was not looked at (limits, no access) is in the report.  0, or -1 with
 * errors in the report.
 */
enum acl_audit_scope {
	AUDIT_LIMITED,
	AUDIT_ALL_INSIDE,	/* no limits for the former: everything below has just been changed anyway */
	AUDIT_OUTSIDE,		/* not the former: its denies are not there yet */
};
int	acl_audit(struct acl_context *, const struct win_plan *, const struct acl_targets *, const struct journal *,
	    enum acl_audit_scope, struct acl_report *, struct acl_targets *found);

#endif

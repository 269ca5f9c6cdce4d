/* SPDX-License-Identifier: Apache-2.0 */
/* acl_plan.h - the entries that make permissions true on Windows, place by place */
#ifndef CDXP_ACL_PLAN_H
#define CDXP_ACL_PLAN_H

#include "acl_names.h"
#include "acl_permissions.h"

struct acl_entry {
	enum acl_purpose purpose;
	uint32_t	 who;		/* enum acl_principal */
	const struct ir_origin *origin;	/* or NULL */
};

struct acl_plan_place {
	const char	*path;		/* in the form of bound paths */
	bool		 above;		/* the directory that holds it, which has no path until it is bound */
	bool		 directory, link, make;
	bool		 profile;	/* ACL_READ_PROFILE is for each child, less permissions.private */
	struct { struct acl_entry *v; size_t len, cap; } entries;	/* canonical order */
};

struct acl_plan {
	const struct acl_permissions *permissions;
	struct { struct acl_plan_place *v; size_t len, cap; } places;	/* in the order of paths */
};

void	acl_plan(struct arena *, const struct acl_permissions *, struct acl_plan *);

/* Inheritance of an entry at that place: a file has none. */
static inline bool
acl_inherits(const struct acl_plan_place *p)
{
	return p->directory && !p->link;
}

/* acl_print.c: canonical JSON (cdxp-acl(5)); `b' is for the lines of the rules. */
void	acl_print(struct arena *, const struct bound_policy *b, const struct acl_plan *,
	    struct sbuf *out);

/* acl_audit_places.c: the members "audits" of a plan. */
void	acl_print_audits(struct arena *, const struct acl_plan *, struct sbuf *out);

#endif

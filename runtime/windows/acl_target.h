/* SPDX-License-Identifier: Apache-2.0 */
/* acl_target.h - a plan on this computer: objects that exist, entries with SIDs, what is missing */
#ifndef CDXP_ACL_TARGET_H
#define CDXP_ACL_TARGET_H

#include "acl_context.h"
#include "acl_journal.h"

enum acl_have {
	HAVE_NOT,		/* to be added */
	HAVE_OURS,		/* it is there, ours, and this plan is known to need it */
	HAVE_SHARED,		/* it is there and ours: this plan is to be recorded too */
	HAVE_FOREIGN,		/* it, or what does as well, is there and not ours: never recorded, never removed */
};

struct acl_target_entry {
	struct ace	 ace;
	enum acl_have	 have;
	const char	*purpose, *at;
	bool		 may_wait;	/* it is for reading: it may spread while the command runs */
	bool		 or_public;	/* that everybody may read does as well */
	bool		 or_nobody;	/* that nobody is allowed what it denies does as well */
};

struct acl_target {
	const char	*path;
	enum acl_kind	 kind;
	bool		 link;		/* opened as itself */
	bool		 missing;	/* to be made; identity and hashes come then */
	bool		 share_made;	/* a placeholder of another plan */
	uint64_t	 volume, id[2];
	char		 whole[65];	/* hashes of the descriptor as it was seen: all of it, */
	char		 own[65];	/* the explicit part, */
	char		 base[65];	/* the same without ours */
	struct { struct acl_target_entry *v; size_t len, cap; } entries;
};

struct acl_targets {
	struct { struct acl_target *v; size_t len, cap; } at;	/* in path order */
	struct sid	*capabilities;		/* by root; of a plan without roots one */
};

/*
 * Find every place of a plan and see what is to be done.  All that speaks
 * against it is in the report; 0, or -1 where something is an error.  Nothing
 * is changed, but that capabilities are made up where `make'; without it one
 * that is missing is S-1-0-0 in the entries.
 */
int	acl_survey(struct acl_context *, const struct win_plan *, const struct journal *, bool make,
	    struct acl_report *, struct acl_targets *);

/*
 * Look at one target again, and judge its entries: after it was made, and
 * where an audit has found something.  0, or -1 with errors in the report.
 */
int	acl_survey_one(struct acl_context *, const struct journal *, uint32_t plan, struct acl_report *,
	    struct acl_target *);

/* Its entries are all there and recorded. */
bool	acl_target_done(const struct acl_target *);

#endif

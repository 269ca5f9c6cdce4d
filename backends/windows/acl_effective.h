/* SPDX-License-Identifier: Apache-2.0 */
/* acl_effective.h - the bound policy as ACLs can enforce it: named rewritings (spec 2.9, 3.4) */
#ifndef CDXP_ACL_EFFECTIVE_H
#define CDXP_ACL_EFFECTIVE_H

#include "backend.h"
#include "decide_fs.h"

/*
 * region.mark of every node of the effective tree.  An ACL belongs to what a
 * name leads to, so that case means nothing: names in the tree are in lower
 * case, and `path' has the one that is to be printed.
 */
struct acl_place {
	const char	*path;		/* in the form of bound paths */
	enum node_kind	 kind;		/* after what is missing was made */
	bool		 make;		/* it is missing */
	bool		 profile;	/* the user's profile, granted child by child */
	bool		 private;	/* in the profile, and not granted for that */
	bool		 by_profile;	/* readable for being in the profile, */
	bool		 platform;	/* or for being a directory of the platform, under a full read */
};

/*
 * Rewrites: what is missing is made, or has the access of its surroundings;
 * elevated, patterns become what matches now, and reading everything becomes
 * reading the directories of the platform and of the user's profile.
 * Deviations are appended to *out.  NULL where the backend refuses:
 * out->refused.
 */
struct region *acl_effective(struct arena *, const struct decide_fs *, bool elevated,
	    struct artifact *out);

/* Children of a user's profile that are not read for being in it; ends with NULL. */
extern const char *const acl_private[];

static inline struct acl_place *
acl_place_of(const struct region *r)
{
	return r->mark;
}

#endif

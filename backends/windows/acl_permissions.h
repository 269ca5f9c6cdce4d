/* SPDX-License-Identifier: Apache-2.0 */
/* acl_permissions.h - what a command may do on Windows: made once, read by all that follows */
#ifndef CDXP_ACL_PERMISSIONS_H
#define CDXP_ACL_PERMISSIONS_H

#include "acl_effective.h"
#include "backend.h"

/* A file or directory, and the rule on whose account it is named. */
struct acl_spot {
	const char	*path;		/* in the form of bound paths */
	bool		 directory;
	bool		 link;		/* directory or not, nothing is inherited from it */
	bool		 make;		/* missing: made before entries are set */
	const struct ir_origin *origin;	/* or NULL */
};
struct acl_spots { struct acl_spot *v; size_t len, cap; };

struct acl_write_root {
	struct acl_spot	 spot;
	struct acl_spots carve_outs;	/* read-only below it; each as far up as it goes */
	struct acl_spots pinned;	/* used and filled, but not moved, and not the root itself */
};

enum acl_identity { ACL_ONLINE, ACL_OFFLINE, ACL_ADVISORY };

struct acl_variable { const char *name, *value; };

/*
 * The policy as Windows will enforce it, resolved: nothing after this looks
 * at a rule, a pattern or a tree of the policy again.
 */
struct acl_permissions {
	bool		 elevated;
	bool		 everyone;	/* among the restricting SIDs */
	bool		 user_reads;	/* unelevated: reads are the user's */
	bool		 public_denied;	/* what everybody may read is not for the command */
	const char	*cwd, *home, *tmpdir;	/* or NULL */
	struct acl_spots read_roots;
	struct acl_spots private;	/* with `profile': no children of it that are granted */
	struct acl_spot	 profile;	/* read child by child; path NULL: it is not */
	struct { struct acl_write_root *v; size_t len, cap; } write_roots;	/* in the order of paths */
	struct acl_spots denied;	/* and all that is below */
	struct acl_spots denied_below;	/* what is below, but not itself */
	enum acl_identity identity;
	unsigned	 proxy_port[2];	/* 0: none */
	struct { struct acl_variable *v; size_t len, cap; } environment;
};

/* From the effective tree of a policy and the policy's network.  0, or -1 with out->refused. */
int	acl_permissions(struct arena *, const struct decide_fs *, const struct region *effective,
	    bool elevated, const struct backend_options *, struct acl_permissions *, struct artifact *out);

#endif

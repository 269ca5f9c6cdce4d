/* SPDX-License-Identifier: Apache-2.0 */
/* acl_model.h - what a printed plan grants, read back and evaluated as Windows would */
#ifndef CDXP_ACL_MODEL_H
#define CDXP_ACL_MODEL_H

#include "base.h"
#include "region.h"

struct arena;

/*
 * A plan and nothing else: the DACLs that its entries make where the user
 * (unelevated), or some user who is not the sandbox (elevated), has full
 * control of the whole disk by inheritance and nobody else has anything.
 */
struct acl_read_plan;

struct acl_model {
	const struct acl_read_plan *plan;	/* as it was read */
	bool		 elevated;
	const char	*identity;	/* of the network */
	unsigned	 proxy_port[2];	/* that it lets an offline user reach; 0: none */
	bool		 everyone;	/* among the restricting SIDs */
	/*
	 * What can be read, written, and used without being moved; names are in
	 * lower case.  Both readings of a write-restricted token (acl_eval.h)
	 * agree on all of it.
	 */
	struct region	*root;
	/*
	 * The first place, or NULL, where that is not all: rights that come apart,
	 * a protection that can be rewritten, something that is not writable but
	 * can be deleted from where it is protected.
	 */
	const char	*breach;	/* a path as plans have it */
	const char	*breach_what;	/* one phrase */
};

/*
 * Read the bytes of a plan (canonical or not, but strict JSON with no member
 * that is not known).  0, or -1 with *why: it is no plan, an entry is not what
 * its purpose says, a hash is wrong, the token holds something that it must not.
 */
int	acl_model_read(struct arena *, const char *bytes, size_t len, struct acl_model *,
	    const char **why);

/*
 * The entries that a path has of its own or inherits from the nearest place
 * above it that has some for what is below, as text, or NULL where there are
 * none; and what they come to.  The path is one of bound ones.
 */
const char *acl_model_shown(struct arena *, const struct acl_model *, const char *path,
		    enum access *);

#endif

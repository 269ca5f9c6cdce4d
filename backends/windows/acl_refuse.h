/* SPDX-License-Identifier: Apache-2.0 */
/* acl_refuse.h - policies that Windows cannot enforce (spec 3.4) */
#ifndef CDXP_ACL_REFUSE_H
#define CDXP_ACL_REFUSE_H

#include "backend.h"
#include "decide_fs.h"

/* Fill in the refusal, the first one stays.  Returns -1. */
int	acl_refuse(struct artifact *out, const struct ir_origin *, const char *witness,
	    const char *reason);

/*
 * Refuse what is asked of files and cannot be had: a disk, C:\Windows or a
 * profile that can be written as a whole, what is on a share, what can be
 * written below what cannot; without elevation also whatever is not read, and
 * roots that the legacy form does not have.  `root' is the policy's tree with
 * struct acl_place.  0 or -1.
 */
int	acl_refuse_policy(struct arena *, const struct decide_fs *, const struct region *root,
	    bool elevated, struct artifact *out);

#endif

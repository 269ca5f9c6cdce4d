/* SPDX-License-Identifier: Apache-2.0 */
/* acl_backend.h - the backends for Windows */
#ifndef CDXP_ACL_BACKEND_H
#define CDXP_ACL_BACKEND_H

#include "backend.h"
#include "region.h"

struct acl_permissions;

extern const struct backend backend_windows_elevated, backend_windows_unelevated;

/*
 * Read the plan in out->bytes back and hold it against the effective policy
 * (of the permissions only what is no path is looked at):
 * 0, or -1 with out->refused.  Part of compile(); for tests, which change bytes.
 */
int	acl_prove(struct arena *, const struct bound_policy *, const struct region *effective,
	    const struct acl_permissions *, struct artifact *out);

#endif

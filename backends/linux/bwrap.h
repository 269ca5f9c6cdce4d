/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap.h - the backend of spec 3.1 */
#ifndef CDXP_BWRAP_H
#define CDXP_BWRAP_H

#include "backend.h"

extern const struct backend backend_bwrap;

/*
 * The same artifact, to be carried out by cdxp-run itself: no limit on the
 * number of arguments.  In bundles it is the part of backend_bwrap.
 */
extern const struct backend backend_builtin;

/*
 * Read out->bytes back and hold them against the effective tree (effective.h),
 * with the stubs of *out in place.  0, or -1 with out->refused.  compile()
 * ends with this; tests call it on arguments that they have tampered with.
 */
struct region;
int	bwrap_prove(struct arena *, const struct bound_policy *, const struct region *effective,
	    const struct backend_options *, struct artifact *out);

#endif

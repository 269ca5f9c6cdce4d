/* SPDX-License-Identifier: Apache-2.0 */
/* landlock.h - the backend of spec 3.2 */
#ifndef CDXP_LANDLOCK_H
#define CDXP_LANDLOCK_H

#include "backend.h"

extern const struct backend backend_landlock;

/*
 * Read out->bytes back and hold them against the effective tree
 * (landlock_plan.h) and the network's mode, for a kernel of that ABI.  0, or
 * -1 with out->refused.  compile() ends with this; tests call it on text that
 * they have tampered with.
 */
struct region;
int	landlock_prove(struct arena *, const struct bound_policy *, const struct region *effective,
	    unsigned abi, struct artifact *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* crosscheck.h - the policy against what a model read from the artifact */
#ifndef CDXP_CROSSCHECK_H
#define CDXP_CROSSCHECK_H

#include "backend.h"
#include "region.h"

/*
 * Equal over all paths, links on the way to grants included.  0, or -1 with a
 * refusal that holds the shortest witness; `b' is for the words.
 */
int	crosscheck_regions(struct arena *, const struct bound_policy *b,
	    const struct region *effective, const struct region *model,
	    struct refusal *out);

#endif

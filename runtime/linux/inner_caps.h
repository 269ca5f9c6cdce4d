/* SPDX-License-Identifier: Apache-2.0 */
/* inner_caps.h - giving up what a sandboxed process must not have */
#ifndef CDXP_INNER_CAPS_H
#define CDXP_INNER_CAPS_H

#include "base.h"

/*
 * Keep the capabilities in `keep', a bit for each, and no others: out of the
 * bounding, permitted, effective, inheritable and ambient sets; the securebits
 * are locked so that user 0 means nothing of its own; no new privileges.
 * Needs CAP_SETPCAP.  -1 with errno.
 */
int	inner_caps_drop(uint64_t keep);

#endif

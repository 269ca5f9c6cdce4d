/* SPDX-License-Identifier: Apache-2.0 */
/* denial_proxy.h - what the managed proxy refused, as denials */
#ifndef CDXP_DENIAL_PROXY_H
#define CDXP_DENIAL_PROXY_H

#include "base.h"

struct arena;
struct denials;
struct proxy_plan;

/* There is a proxy, whose decisions are not written elsewhere already. */
bool	denial_proxy_needed(const struct proxy_plan *);

/*
 * Have it write them to this descriptor, of a file that nobody else knows, and
 * which is to be given to denial_proxy_end().  -1: the plan as it is.
 */
struct proxy_plan *denial_proxy_begin(struct arena *, struct proxy_plan *, int fd);

/* Count what was refused; with NULL for the denials only close it.  -1 is allowed. */
void	denial_proxy_end(int fd, struct denials *);

#endif

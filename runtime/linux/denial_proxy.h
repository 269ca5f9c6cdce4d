/* SPDX-License-Identifier: Apache-2.0 */
/* denial_proxy.h - what the managed proxy refused, as denials */
#ifndef CDXP_DENIAL_PROXY_H
#define CDXP_DENIAL_PROXY_H

#include "base.h"

struct arena;
struct denials;
struct proxy_plan;

/*
 * Have the proxy write its decisions into memory of ours, unless the plan has
 * them written elsewhere already, or is NULL: then it is given back as it is.
 * *fd is to be given to denial_proxy_end(); -1: there is none.
 */
const struct proxy_plan *denial_proxy_begin(struct arena *, const struct proxy_plan *, int *fd);

/* Count what was refused; with NULL for the denials only close it. */
void	denial_proxy_end(int fd, struct denials *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_run.h - the managed proxy as a process beside the sandbox */
#ifndef CDXP_PROXY_RUN_H
#define CDXP_PROXY_RUN_H

#include "base.h"
#include "proxy_plan.h"

struct arena;
struct proxy_run;

/*
 * Start it: from then on it gets ready beside all else.  It waits for its
 * listeners, which proxy_run_give() hands over in the order of the plan.  The
 * command need not wait for it: what connects to a listener before waits in
 * the kernel.  NULL with *why.
 */
struct proxy_run *proxy_run_start(struct arena *, const struct proxy_plan *, const char **why);

/* Where its program is, or NULL with *why. */
const char *proxy_run_program(struct arena *, const char **why);

/* A listener, which is ours no more: if the proxy ends nobody listens.  -1 with errno. */
int	proxy_run_give(struct proxy_run *, int fd);

/*
 * The command has ended: so does the proxy.  `last': so do we, and nobody
 * waits for it.  Says so where it had ended before.  NULL is allowed.
 */
void	proxy_run_end(struct proxy_run *, bool last);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_run.h - the managed proxy as a process beside the sandbox */
#ifndef CDXP_PROXY_RUN_H
#define CDXP_PROXY_RUN_H

#include "base.h"
#include "proxy_plan.h"

struct arena;
struct proxy_run;

/*
 * The program is started when somebody connects: most commands do not, and
 * until then what connects waits in the kernel.  Only what its listeners are
 * and where decisions are written is made ready here; where the plan says so
 * it starts at once.  NULL with *why.
 */
struct proxy_run *proxy_run_new(struct arena *, const struct proxy_plan *, const char **why);

/* Where its program is, or NULL with *why. */
const char *proxy_run_program(struct arena *, const char **why);

/* A listener, in the order of the plan; the proxy's from now on. */
void	proxy_run_give(struct proxy_run *, int fd);

/* Readable when it is to be started, by proxy_run_serve(); -1: not (any more).  NULL is allowed. */
int	proxy_run_fd(const struct proxy_run *);

/* Start it.  Where that fails it is said, and nothing listens any more. */
void	proxy_run_serve(struct proxy_run *);

/*
 * The command has ended: so does the proxy.  `last': so do we, and nobody
 * waits for it.  Says so where it had ended before.  NULL is allowed.
 */
void	proxy_run_end(struct proxy_run *, bool last);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_start.h - the managed proxy as a process that listens on this host's own loopback */
#ifndef CDXP_PROXY_START_H
#define CDXP_PROXY_START_H

#include "proxy_config.h"

struct arena;
struct proxy_child;

/*
 * Start the program, which has a token, and wait until it listens: ports[i] is
 * where of listener i.  Decisions go to the descriptor `audit', on macOS alone,
 * or where the configuration says (-1).  It ends with us, however we end.  NULL
 * with *why, and nothing is left.  Of macOS and Windows; proxy_start_posix.c, and
 * windows/proxy_start_windows.c.
 */
struct proxy_child *proxy_start(struct arena *, const struct proxy_config *, const char *program,
	    int audit, uint16_t *ports, const char **why);

/* The command has ended: so does the proxy.  Says so where it had ended before. */
void	proxy_stop(struct proxy_child *);

#endif

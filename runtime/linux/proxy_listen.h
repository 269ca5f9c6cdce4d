/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_listen.h - the managed proxy's sockets, made in the sandbox's network (spec 2.6) */
#ifndef CDXP_PROXY_LISTEN_H
#define CDXP_PROXY_LISTEN_H

#include <sys/types.h>

#include "proxy_config.h"

/* In the network of the caller: a descriptor that is close-on-exec, or -1 with errno. */
int	proxy_listen(const struct proxy_listener *);

/*
 * In the network of that process, by a child that enters it and shares our
 * descriptors.  The processes of the sandbox take no part.  0, or -1 with
 * errno and nothing made.
 */
int	proxy_listen_inside(pid_t, const struct proxy_listener *, size_t n, int *fds);

#endif

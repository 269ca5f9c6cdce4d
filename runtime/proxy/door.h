/* SPDX-License-Identifier: Apache-2.0 */
/* door.h - how the proxy is told what to do, and where its listeners come from */
#ifndef CDXP_DOOR_H
#define CDXP_DOOR_H

#include <event2/util.h>

#include "proxy.h"

/* What is the matter, and the end. */
_Noreturn void	proxy_die(const char *what);

/* The configuration and the audit's descriptor; main()'s arguments say where they come from. */
void	door_open(struct proxy *, int argc, char **argv);

/* The sockets of the configuration's listeners, one after the other. */
evutil_socket_t	door_listener(struct proxy *, size_t i);

/* All of them listen.  From now on the proxy ends with whoever started it. */
void	door_ready(struct proxy *);

#endif

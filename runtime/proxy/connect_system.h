/* SPDX-License-Identifier: Apache-2.0 */
/* connect_system.h - what that connection needs of the system: connect_posix.c, connect_windows.c */
#ifndef CDXP_CONNECT_SYSTEM_H
#define CDXP_CONNECT_SYSTEM_H

#include "base.h"

struct arena;
struct net_address;

/* A socket that is connected to an address of this host; -1 with *why. */
intptr_t	connect_open(struct arena *, const struct net_address *, uint16_t port, const char **why);
void		connect_close(intptr_t);

/* Some bytes; 0 at their end, -1 where it broke off. */
ptrdiff_t	connect_read(intptr_t, void *, size_t);
/* All of them: 0 or -1. */
int		connect_write(intptr_t, const void *, size_t);

/*
 * Join it to standard input and output until the other side ends it.  What came
 * of it before is written first.  CONNECT_DONE or CONNECT_FAILED; nothing may be
 * done after it but to close the socket and end.
 */
int		connect_join(intptr_t, const void *before, size_t len);

#endif

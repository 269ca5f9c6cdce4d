/* SPDX-License-Identifier: Apache-2.0 */
/* unix_listeners.h - which Unix sockets listen in a network namespace */
#ifndef CDXP_UNIX_LISTENERS_H
#define CDXP_UNIX_LISTENERS_H

#include <sys/stat.h>

#include "base.h"

/* A descriptor to ask about our own network namespace; -1 with errno. */
int	unix_listeners_here(void);

/*
 * The same about that of the process that the pidfd means, whose user
 * namespace we own.  -1 with errno.
 */
int	unix_listeners_of(int pidfd);

/*
 * Does a socket that is bound to this inode listen there?  1: yes, 0: no, -1
 * with errno: it cannot be known.  The inode must be held open by the caller,
 * so that its number means no other.
 */
int	unix_listeners_has(int fd, const struct stat *);

/* The network namespace of any socket of ours: 0, or -1 (EPERM: one that is not ours). */
int	unix_listeners_namespace(int socket, struct stat *);

#endif

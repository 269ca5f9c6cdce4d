/* SPDX-License-Identifier: Apache-2.0 */
/* send_fds.h - descriptors for another process, through a Unix socket (Linux) */
#ifndef CDXP_SEND_FDS_H
#define CDXP_SEND_FDS_H

#include "base.h"

enum { SEND_FDS_MAX = 128 };		/* in a message; the kernel takes 253 */

/*
 * One message of `len' bytes, at least one, and n descriptors, at most
 * SEND_FDS_MAX.  A user may have no more of them on the way, in all processes
 * together, than this one may open files (unix(7), ETOOMANYREFS): waits two
 * seconds at most for others to be received.  0, or -1 with errno.
 */
int	send_fds(int socket, const void *text, size_t len, const int *fds, size_t n);

#endif

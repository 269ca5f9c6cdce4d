/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_copy.h - a bwrap that its own sandbox cannot change */
#ifndef CDXP_BWRAP_COPY_H
#define CDXP_BWRAP_COPY_H

struct arena;

/*
 * The first process of a sandbox executes a file of the host, and
 * /proc/1/exe leads the command to it, past all mounts: who owns the file, or
 * is root, could change its mode or attributes.  For such a caller the
 * program is a copy in memory, open as *fd, to be closed after the exec; for
 * others it is `bwrap' and *fd is -1.  NULL with errno.
 */
const char	*bwrap_copy(struct arena *, const char *bwrap, int *fd);

#endif

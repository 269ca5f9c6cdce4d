/* SPDX-License-Identifier: Apache-2.0 */
/* mount_calls.h - the system calls of the mount interface, which C libraries lack or spell differently */
#ifndef CDXP_MOUNT_CALLS_H
#define CDXP_MOUNT_CALLS_H

#include "base.h"

/* Each as the system call of its name: -1 with errno. */
int	mount_clone(int fd, bool recursive);			/* open_tree(2), OPEN_TREE_CLONE */
int	mount_clone_at(int dir, const char *name);		/* ... of a name, itself where it is a link; recursive */
int	mount_attach(int tree, int at);				/* move_mount(2), both by descriptor */
int	mount_attach_at(int tree, int dir, const char *name);	/* ... onto a name, itself where it is a link */
int	mount_attach_root(int tree);				/* ... onto "/" */
int	mount_restrict(int fd, uint64_t attributes, bool recursive);	/* mount_setattr(2): set, never clear */
int	mount_private(void);					/* all from "/" down */
int	mount_pivot(void);					/* pivot_root(".", ".") */
int	mount_detach(void);					/* umount2(".", MNT_DETACH) */

/* A new file system of that type, detached; options end with NULL. */
struct mount_option { const char *key, *value; };
int	mount_new(const char *type, const struct mount_option *, uint64_t attributes);

#endif

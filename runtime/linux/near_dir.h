/* SPDX-License-Identifier: Apache-2.0 */
/* near_dir.h - opening many places of one tree, neighbours quickly */
#ifndef CDXP_NEAR_DIR_H
#define CDXP_NEAR_DIR_H

#include "base.h"

/*
 * Places come sorted, hundreds in one directory.  From the second of a
 * directory on only its last component is walked, from the directory's own
 * descriptor.
 */
struct near_dir {
	int		 root;		/* of the tree; borrowed */
	int		 fd;		/* of `dir'; -1: not opened */
	const char	*dir;		/* of the place opened last, not NUL-terminated; borrowed */
	size_t		 len;
};

/* `root' is the directory for "/". */
void	near_dir_begin(struct near_dir *, int root);

/*
 * Open an absolute path below the root, as sandbox_open() does: no link is
 * followed, and none leads out.  The path must stay where it is until the
 * next call.  -1 with errno.
 */
int	near_dir_open(struct near_dir *, const char *path, int flags);

/* Something else lies at `path' now. */
void	near_dir_changed(struct near_dir *, const char *path);

void	near_dir_end(struct near_dir *);

#endif

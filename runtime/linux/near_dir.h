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
 * The directory that the place is in, open for paths only, and the place's
 * last component, which points into `path'.  The descriptor is borrowed until
 * the next call, and so is `path'.  No link is followed on the way, and none leads out.
 * -1 with errno.
 */
int	near_dir_parent(struct near_dir *, const char *path, const char **name);

/* Something else lies at `path' now. */
void	near_dir_changed(struct near_dir *, const char *path);

void	near_dir_end(struct near_dir *);

#endif

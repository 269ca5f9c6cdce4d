/* SPDX-License-Identifier: Apache-2.0 */
/* mask_cover.h - is a place of a sandbox masked, and masking it from outside */
#ifndef CDXP_MASK_COVER_H
#define CDXP_MASK_COVER_H

#include <sys/types.h>

#include "base.h"

struct arena;
struct mask_place;
struct near_dir;

/* A sandbox, entered without its help. */
struct mask_view {
	int	 root;		/* its root directory; -1: not entered yet */
	int	 mounts;	/* its mount namespace, and the user namespace that owns that */
	int	 owner;
};

/*
 * Of the sandbox that this process is in, once it has its mount namespace and
 * while it may be looked at.  -1 with errno: ENOSYS where the kernel is too
 * old; nothing is open then.
 */
int	mask_view_open(struct mask_view *, pid_t);
/* When its mounts are made: find its root.  -1 with errno. */
int	mask_view_enter(struct mask_view *);
void	mask_view_close(struct mask_view *);

enum mask_state {
	MASK_ABSENT,		/* nothing that could be read has that name, with errno: ELOOP for a link */
	MASK_IN_PLACE,
	MASK_BARE,		/* what has that name can be seen */
};
/* `near' begins at the view's root and is for one pass: directories may be replaced between two. */
enum mask_state	mask_state(struct near_dir *near, const char *path);

/*
 * Is each of them masked, before the command starts?  bwrap mounts by names, and
 * who changes a directory above one meanwhile leads it elsewhere.  NULL, or what
 * is wrong; also NULL where the kernel cannot tell (before Linux 5.8), and for
 * what we may not look at, as the command may not either.
 */
const char	*masks_check(struct arena *, int root, const struct mask_place *v, size_t n);

/*
 * Mask each of `n' places, given by their index in `v': read-only, or denied as
 * what has the name in the sandbox asks for, a directory by an empty one, all
 * else by /dev/null without device rights.  No link is followed.  By a child process, which is
 * waited for: it becomes a member of the sandbox's namespaces.  0, or an
 * errno: that of the first that failed.
 */
int	mask_cover(const struct mask_view *, const struct mask_place *v, const size_t *index, size_t n);

#endif

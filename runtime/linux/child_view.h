/* SPDX-License-Identifier: Apache-2.0 */
/* child_view.h - a path as a process of the sandbox means it */
#ifndef CDXP_CHILD_VIEW_H
#define CDXP_CHILD_VIEW_H

#include <sys/types.h>

#include "base.h"

/* A process, or a thread, as the caller sees it; it must be checked afterwards that it still is that one. */
struct child_view {
	pid_t		 tid;
	int		 pidfd;
};

/* -1 with errno. */
int	child_view_open(struct child_view *, pid_t tid);
void	child_view_close(struct child_view *);

/* Its descriptor `fd', as one of ours, close-on-exec; -1 with errno. */
int	child_view_fd(const struct child_view *, int fd);

/* Exactly n bytes of its memory, read once: 0, or -1 with errno. */
int	child_view_read(const struct child_view *, uint64_t address, void *to, size_t n);

/*
 * What `path' means for it, links followed, an O_PATH descriptor; -1 with the
 * errno that it would have met.  Nothing outside its root is reached but
 * through descriptors that it has itself.
 */
int	child_view_path(const struct child_view *, const char *path);

#endif

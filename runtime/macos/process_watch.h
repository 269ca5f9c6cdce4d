/* SPDX-License-Identifier: Apache-2.0 */
/* process_watch.h - a process tree that is fed by a kqueue (macOS) */
#ifndef CDXP_PROCESS_WATCH_H
#define CDXP_PROCESS_WATCH_H

#include <sys/event.h>
#include <sys/types.h>

#include "base.h"

struct process_tree;

/* The kqueue is the caller's; the tree is freed with process_tree_free(). */
struct process_watch {
	int		 kq;
	struct process_tree *tree;
};

/* The struct must stay where it is for as long as the tree is used. */
void	process_watch_start(struct process_watch *, int kq);

/* Tell the tree what an event of EVFILT_PROC says. */
void	process_watch_event(struct process_watch *, const struct kevent *);

/* Microseconds since 1970. */
uint64_t process_watch_now(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* process_tree.h - which processes descend from one, told from what the kernel reports */
#ifndef CDXP_PROCESS_TREE_H
#define CDXP_PROCESS_TREE_H

#include <sys/types.h>

#include "base.h"

/*
 * macOS reports that a process forked, but not what came of it: NOTE_TRACK,
 * with which other systems follow forks, is not supported there since 10.5
 * (kqueue(2)).  So after each fork the children are listed, and each new one
 * is watched and its own children listed, which may be there already.  A
 * process that forks and is gone before it could be asked is missed, with
 * what descends from it, unless something asks about it while its parents
 * still live.
 */
struct process_source {
	void	*arg;
	/* Have events of a process reported: 0, or -1 where it is gone. */
	int	(*watch)(void *arg, pid_t);
	/* Fill at most `max'; returns how many there are, which may be more. */
	size_t	(*children)(void *arg, pid_t, pid_t *out, size_t max);
	pid_t	(*parent)(void *arg, pid_t);	/* 0: gone, or not known */
};

enum process_event { PROCESS_FORKED, PROCESS_EXITED };

/* The source must outlive the tree.  Free with process_tree_free(). */
struct process_tree;
struct process_tree *process_tree_new(const struct process_source *);
void	process_tree_free(struct process_tree *);	/* NULL is allowed */

/* Take a process and all that descends from it.  `now' in microseconds since 1970. */
void	process_tree_add(struct process_tree *, pid_t, uint64_t now);

/* What the kernel reported; of a process that is not in the tree it is ignored. */
void	process_tree_event(struct process_tree *, pid_t, enum process_event, uint64_t now);

/*
 * It is in the tree, or was at `time' (0: not known).  A number is given to
 * new processes again, so what is said of one long after its end is said of
 * another.
 */
bool	process_tree_has(struct process_tree *, pid_t, uint64_t time);

/* Those that live, at most `max', in the order of their numbers; returns how many there are. */
size_t	process_tree_living(const struct process_tree *, pid_t *out, size_t max);

#endif

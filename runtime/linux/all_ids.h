/* SPDX-License-Identifier: Apache-2.0 */
/* all_ids.h - a user namespace in which root has all the ids it has outside (spec 3.1) */
#ifndef CDXP_ALL_IDS_H
#define CDXP_ALL_IDS_H

#include "base.h"

/* Effective uid 0, and the capabilities that the maps take. */
bool	all_ids_possible(void);

/* Map every id of ours to itself in the new user namespace of a process.  -1 with errno. */
int	all_ids_write(int pid);

/*
 * A new user namespace, made by a helper process that exists only for that.
 * In parts, so that bwrap can do its own start-up meanwhile.
 */
struct all_ids {
	int	 pid;		/* of the helper; -1: none */
	int	 go[2];		/* closed once the maps are written */
	void	*stack;
};

/*
 * Returns a descriptor (close-on-exec) of the namespace, whose maps are still
 * empty, or -1 with errno.  all_ids_end() must follow in either case.
 */
int	all_ids_begin(struct all_ids *);

/* Map every id of ours to itself; until then nobody may enter.  -1 with errno. */
int	all_ids_map(struct all_ids *);

/*
 * Wait for the helper, which has then forbidden further user namespaces
 * inside: before the command starts.
 */
void	all_ids_end(struct all_ids *);

#endif

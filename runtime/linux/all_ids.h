/* SPDX-License-Identifier: Apache-2.0 */
/* all_ids.h - a user namespace in which root has all the ids it has outside (spec 3.1) */
#ifndef CDXP_ALL_IDS_H
#define CDXP_ALL_IDS_H

#include "base.h"

/* Effective uid 0, and the capabilities that the maps take. */
bool	all_ids_possible(void);

/*
 * A new user namespace, made by a helper process that exists only for that.
 * In two parts, so that bwrap can be started in between and does its own
 * start-up while the maps are written.
 */
struct all_ids {
	int	 pid;		/* of the helper; -1: none */
	int	 go[2];		/* closed once the maps are written */
	void	*stack;
};

/*
 * Returns a descriptor (close-on-exec) of the namespace, whose maps are still
 * empty, or -1 with errno.  all_ids_finish() must follow in either case.
 */
int	all_ids_begin(struct all_ids *);

/*
 * Map every id of ours to itself and forbid further user namespaces inside;
 * the helper is gone then.  Until it has returned nobody may enter.  -1 with
 * errno.
 */
int	all_ids_finish(struct all_ids *);

#endif

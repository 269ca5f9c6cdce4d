/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_sweep.h - removing the mount points that killed runs left (spec 3.1.2) */
#ifndef CDXP_LEDGER_SWEEP_H
#define CDXP_LEDGER_SWEEP_H

#include <sys/types.h>

#include "base.h"
#include "stub_place.h"

struct arena;
struct ledger;

/*
 * Everything recorded that no run holds, in an open ledger.  Returns how many
 * places are held by runs that are dying: in a moment they can be had.
 */
size_t	ledger_sweep(struct arena *, struct ledger *);

/* As ledger_open(), and swept; for the dying it waits some milliseconds. */
int	ledger_open_swept(struct arena *, const char *state_dir, bool only_existing, struct ledger *,
	    const char **why);

/* From a millisecond on twice as long each turn, 0 the first; with these turns it is a second in all. */
enum { LEDGER_DYING_WAITS = 10 };
void	ledger_wait(int turn);

/* A recorded place, and what became of it. */
struct stub_left {
	const char	*path;
	enum stub_fate	 fate;
	int		 error;		/* STUB_STUCK: errno */
	pid_t		 holder;	/* STUB_HELD: by whom; 0: not known */
};

/*
 * Remove what is recorded and not in use; with `dry', only say what would be
 * removed.  What is there no more and never was ours is not listed.  0, or -1
 * with *why where the record cannot be read.
 */
int	ledger_clean(struct arena *, const char *state_dir, bool dry, struct stub_left **,
	    size_t *n, const char **why);

#endif

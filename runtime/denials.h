/* SPDX-License-Identifier: Apache-2.0 */
/* denials.h - where a run's denials go: as they come to a descriptor, or to standard error at the end */
#ifndef CDXP_DENIALS_H
#define CDXP_DENIALS_H

#include "base.h"
#include "denial.h"

/* What was asked for. */
struct denials_request {
	bool		 on;
	bool		 reads;		/* what is opened to be read, or executed, as well; not on macOS */
	bool		 json;
	bool		 table;		/* for people, by rule; not with json */
	int		 fd;		/* above 2: JSON goes there, each denial when it is seen first; else 0 */
};

/* Used by several threads at once. */
struct denials;
struct denials *denials_new(const struct denials_request *, const struct decide_fs *);

/*
 * Does not wait for whoever reads the descriptor (on Windows it does): what
 * finds it full goes there at the end.
 */
void	denials_add(struct denials *, const struct denial *);

/* Nothing was run: there is nothing to be said.  NULL is allowed. */
void	denials_free(struct denials *);

/* Say what is left to be said, and free it.  NULL is allowed. */
void	denials_end(struct denials *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* machine_work.h - what the verbs of machine.h are made of */
#ifndef CDXP_MACHINE_WORK_H
#define CDXP_MACHINE_WORK_H

#include "machine.h"

struct work {
	struct machine_context	*c;
	const struct machine_plan *plan;
	struct acl_report	*r;
	struct arena		*a;
	struct state_lock	*lock;
	struct machine_facts	 facts;
	cJSON			*state;			/* as in machine.h */
	cJSON			*found[MACHINE_PARTS];	/* by the part's number; NULL: nothing is there */
};

/* An error in the report, with the store's words, or those of the state's files; -1. */
int	machine_failed(struct work *, const struct machine_part *, const char *what);
int	machine_state_failed(struct work *, const char *what, const char *why);

/* ---- the state: 0, or -1 and an error ---- */

int	machine_load(struct work *);
int	machine_save(struct work *);

/* The row of a part in "made" or "before"; NULL. */
cJSON	*machine_made(const struct work *, const char *which, const struct machine_part *);
/* Replace the row in "made", which is taken over; NULL: there is none any more. */
void	machine_set_made(struct work *, const struct machine_part *, cJSON *row);
/* "apply", with what was made before, which is taken over; "undo", NULL; or NULL, NULL. */
void	machine_set_doing(struct work *, const char *doing, cJSON *before);
const char *machine_doing(const struct work *);

/* ---- what is there ---- */

size_t	machine_number(const struct work *, const struct machine_part *);
int	machine_look(struct work *, const struct machine_part *);
int	machine_look_at_all(struct work *);

/* The SID of the user of this name, as it was found; NULL: there is none. */
const char *machine_sid(const struct work *, const char *name);

/* There or not: without an identity of its own. */
bool	machine_is_relation(enum machine_kind);

/* Is what was found what a row of the state speaks of? */
bool	machine_is_ours(const struct work *, const struct machine_part *, const cJSON *row);

/* What was found, which is not NULL, as machine_differs(). */
const char *machine_part_differs(struct work *, const struct machine_part *);

/* ---- single steps, found afterwards as they should be: 0, or -1 and an error ---- */

/* With a row in the state first; or as a row that is there has it. */
int	machine_make(struct work *, const struct machine_part *);
int	machine_make_now(struct work *, const struct machine_part *, const cJSON *want, const char *tag);
int	machine_unmake(struct work *, const struct machine_part *);

#endif

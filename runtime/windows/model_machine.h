/* SPDX-License-Identifier: Apache-2.0 */
/* model_machine.h - accounts, rules and filters of a computer as JSON, for tests and where there is no Windows */
#ifndef CDXP_MODEL_MACHINE_H
#define CDXP_MODEL_MACHINE_H

#include "machine_store.h"
#include "model_store.h"

/*
 * {"administrator": bool, "firewall": null or text, "next": the last number of
 * the next SID, "parts": what is found, by label, "running": pid or 0}.  A
 * test changes it as it likes.  With faults of model_store.h: each make() and
 * unmake() is a call, and `hollow' ones say that they did.
 */
struct model_machine {
	struct machine_store	 store;		/* first */
	cJSON			*computer;
	struct model_faults	*faults;
	uint64_t		 random;	/* what random() gives next */
};

/* Takes `computer' over; NULL: one where nothing is, and the asker is an administrator. */
void	model_machine_init(struct model_machine *, cJSON *computer, struct model_faults *);
void	model_machine_free(struct model_machine *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* machine_store.h - what the system does for the machine plan: accounts, rights, firewall, filters, credentials */
#ifndef CDXP_MACHINE_STORE_H
#define CDXP_MACHINE_STORE_H

#include "machine_plan.h"

/*
 * All decisions are made above this interface (machine.c), in code that runs
 * on every system.  There are two below it: Windows (machine_win32.c), and a
 * model for tests and for where there is no Windows (model_machine.c).
 *
 * What is found of a part is an object with the members of its `want', and
 *
 *   of accounts		"sid" and "comment"
 *   of rules			"description"; {"many": N} where several have the name
 *   of what we may not look at	{"unknown": why}
 */
struct machine_store {
	const struct machine_store_ops *ops;
	const char	*why;		/* words for the last failure; valid until the next call */
};

/* About the computer and whoever asks. */
struct machine_facts {
	bool		 administrator;
	const char	*firewall;	/* NULL, or why rules of this computer's own confine nobody: "is off (public)" */
};

struct machine_store_ops {
	int		(*facts)(struct machine_store *, struct arena *, struct machine_facts *);

	/* *found: what is there, for cJSON_Delete(); NULL: nothing. */
	int		(*look)(struct machine_store *, struct arena *, const struct machine_part *, cJSON **found);

	/*
	 * Make what is not there.  `want' is machine_want()'s; `tag' goes behind
	 * the comment of an account, as " [tag]", and is the description of a
	 * rule.  `secret': the password of a new user, or to be set for
	 * MACHINE_PASSWORD.
	 */
	int		(*make)(struct machine_store *, const struct machine_part *, const cJSON *want, const char *tag,
			    const char *secret);

	/* Take back what is there. */
	int		(*unmake)(struct machine_store *, const struct machine_part *);

	/* *pid: a process that runs as this user, or 0. */
	int		(*running)(struct machine_store *, const char *sid, uint64_t *pid);

	/* Bytes that nobody can foresee. */
	int		(*random)(struct machine_store *, void *, size_t);
};

#endif

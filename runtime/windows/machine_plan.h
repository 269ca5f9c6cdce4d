/* SPDX-License-Identifier: Apache-2.0 */
/* machine_plan.h - the machine plan of cdxp-acl(5) as parts that are there, or not, or are not as they should be */
#ifndef CDXP_MACHINE_PLAN_H
#define CDXP_MACHINE_PLAN_H

#include <cjson/cJSON.h>

#include "base.h"

struct arena;

enum { MACHINE_PLAN_BYTES = 64 * 1024, MACHINE_PARTS = 24 };

enum machine_kind {
	MACHINE_GROUP,
	MACHINE_RIGHT,		/* of the group's accounts */
	MACHINE_USER,
	MACHINE_MEMBER,		/* the user is in the group */
	MACHINE_HIDDEN,		/* the screen where people sign in does not show the user */
	MACHINE_RULE,		/* of the firewall */
	MACHINE_FILTERS,	/* of the Windows Filtering Platform, with their provider and sublayer: all or none */
	MACHINE_PASSWORD,	/* that of the user is among the credentials of whoever asks */
};

/*
 * One thing that is made, and taken back, as a whole.  `want' has what it has
 * to be like: an object, empty for what is there or not.  A member "user"
 * names an account, in whose place a SID stands in what is found.
 */
struct machine_part {
	enum machine_kind	 kind;
	const char		*label;		/* "user cdxp-offline": no two have the same */
	const char		*name;		/* "cdxp-offline" */
	const char		*user;		/* the account that a rule or filters are about; NULL */
	const char		*group;		/* of members, and rights: the account that has them; NULL */
	const char		*comment;	/* of accounts; NULL */
	const char		*text;		/* for people */
	cJSON			*want;		/* machine_plan_free() frees it */
};

/* The parts in the order that they are made: nothing is used before what it needs. */
struct machine_plan {
	struct machine_part	 v[MACHINE_PARTS];
	size_t			 n;
};

/*
 * Read a plan that whoever is an administrator carries out, so that nothing
 * else gets in: it has to be, member by member, what this version writes for
 * some ports of the proxy.  0, or -1 with *why (arena).  The rest is
 * machine_plan_free()'s, also after -1.
 */
int	machine_plan_read(struct arena *, const char *text, size_t len, struct machine_plan *, const char **why);

/* The plan that lets these ports of loopback be reached; at most BACKEND_MACHINE_PORTS. */
int	machine_plan_of(struct arena *, const unsigned *ports, size_t n, struct machine_plan *, const char **why);
void	machine_plan_free(struct machine_plan *);

/* NULL where there is none. */
const struct machine_part *machine_part(const struct machine_plan *, const char *label);

/*
 * What a part has to be like, with `sid' for its user (NULL: not known yet),
 * addresses and ports in one spelling; for cJSON_Delete().
 */
cJSON	*machine_want(const struct machine_part *, const char *sid);

/*
 * NULL where what was found is as it is wanted, else the first difference in
 * words: "enabled is false, and has to be true" (arena).  Members that are not
 * wanted may be anything.
 */
const char *machine_differs(struct arena *, const struct machine_part *, const cJSON *want, const cJSON *found);

#endif

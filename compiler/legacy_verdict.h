/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_verdict.h - does a policy round-trip through the legacy model? (spec 2.7) */
#ifndef CDXP_LEGACY_VERDICT_H
#define CDXP_LEGACY_VERDICT_H

#include <stdio.h>

#include "json.h"
#include "legacy_policy.h"
#include "region.h"

struct arena;
struct decide_fs;
struct ir_policy;

/* What one of the two policies says to the operation of a witness. */
struct legacy_side {
	bool		 allows;
	struct why	 why;
	const char	*net;		/* of network and sockets: why, in words; NULL: `why' says it */
};

struct legacy_verdict {
	bool		 round_trips;
	/* project(P); where there is none, the one that the witness compares P with. */
	struct legacy_policy policy;
	/* !round_trips: why there is no project(P), or why it could not be asked; or NULL. */
	const char	*reason;
	/*
	 * !round_trips: "read", "write", "rename", "connect"; NULL where nothing
	 * could be asked, since the policy cannot be bound.
	 */
	const char	*operation;
	/* As `explain' takes it: a path of the generic binding, HOST, HOST:PORT, "unix:PATH". */
	const char	*what;
	struct legacy_side profile, legacy;	/* one allows it, the other does not */
	const struct ir_policy *ir, *raised;	/* whose rules the two sides name */
};

/*
 * The verdict on P.  `generic' decides P under its generic binding for Linux,
 * or is NULL where the caller has no such thing.  The witness is real: P and raise(policy) differ there.
 * Of what differs it is, in this order: a write that has no projection, a
 * destination, the shortest path of spec 2.4, a Unix socket, a Windows path.
 * All in the arena; `ir' and `generic' must outlive the result.
 */
struct legacy_verdict legacy_verdict(struct arena *, const struct ir_policy *,
    const struct decide_fs *generic);

/*
 * For people, without a final newline: "round-trips as POLICY", or "does not
 * round-trip: ..." with the two rules and where they stand on further lines.
 */
const char *legacy_verdict_text(struct arena *, const struct legacy_verdict *);

/*
 * The member "legacy" of a bundle (spec 4.3): {"round_trips":true,"policy":POLICY}
 * or {"round_trips":false,"witness":{"operation":...,"what":...,"reason":...,
 * "profile":{"allows":...,"why":WHY},"legacy":{"allows":...,"policy":POLICY,"why":WHY}}}.
 * POLICY is that of legacy_policy_json(), WHY that of why_json().  The caller
 * owns it.
 */
cJSON	*legacy_verdict_json(struct arena *, const struct legacy_verdict *);

/*
 * What `cdxpc check --legacy' prints for one profile, and whether its exit
 * status is 0: "NAME: TEXT" (nothing where it round-trips and `quiet'), or with
 * `json' one object on one line, {"profile":NAME,"legacy":...}.
 */
bool	legacy_check_print(FILE *, struct arena *, const struct legacy_verdict *, bool json,
	    bool quiet);

#endif

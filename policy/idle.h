/* SPDX-License-Identifier: Apache-2.0 */
/* idle.h - entries that decide nothing, or without which nothing would change */
#ifndef CDXP_IDLE_H
#define CDXP_IDLE_H

#include "base.h"
#include "region.h"

struct arena;
struct bound_entry;
struct decide_fs;

enum entry_use {
	USE_UNBOUND,		/* it has no place here: another system's path, an unset TMPDIR */
	USE_DECIDES,		/* without it some path would be decided otherwise */
	USE_SHADOWED,		/* on each of its paths another entry wins (spec 1.3) */
	USE_IDLE,		/* without it the policy would be equal (spec 2.4) */
	USE_UNCLEAR,		/* the tree alone does not tell: bind without it, and compare */
};

struct entry_verdict {
	enum entry_use	 use;
	const struct bound_entry *entry;	/* its first place; NULL: USE_UNBOUND */
	const struct bound_entry *winner;	/* USE_SHADOWED: what wins there */
	struct why	 instead;		/* USE_IDLE: what decides there without it */
};

/*
 * One verdict for each entry of the IR, in its order; in n log n of the size of
 * the policy.  "Without it" means bound again without it, so that protected
 * names which it brings are gone as well.
 *
 * Only what changes at the entry's own paths and at the shields that it alone
 * brings can change anything: a node below is decided by what its parent
 * hands down and by its own marks, and all that is handed down is what the
 * parent's own decision shows, since a write entry lifts every shield above
 * it.  So an entry is idle exactly where those nodes keep their decision and
 * stay pinned.  Two things are left to a comparison (USE_UNCLEAR): a change
 * that a deny pattern covers, which may still unpin what is above, and an
 * entry whose removal gives another one protected names of its own.
 */
struct entry_verdict *idle_entries(struct arena *, const struct decide_fs *);

#endif

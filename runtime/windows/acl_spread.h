/* SPDX-License-Identifier: Apache-2.0 */
/* acl_spread.h - what objects below a place take over from it */
#ifndef CDXP_ACL_SPREAD_H
#define CDXP_ACL_SPREAD_H

#include "acl_context.h"

struct arena;
struct strmap;

/*
 * Which inherited entries are ours: those that are what a directory or a file
 * takes over from an entry in the journal.  They have no mark; somebody else's
 * entry that is exactly the same, and is handed on, counts as ours below it.
 */
struct acl_ours {
	struct ace	*v;		/* as objects inherit them; sorted by acl_ours_seal() */
	size_t		 len, cap;
};
void	acl_ours_add(struct arena *, struct acl_ours *, const struct ace *);
void	acl_ours_seal(struct acl_ours *);
bool	acl_is_ours(const struct acl_ours *, const struct ace *);

/*
 * What the list of an object has to be, its parent's being `parent'.  Where the
 * inherited entries, less ours, are those that the parent hands on, they
 * become just those, as Windows would make them.  Where they are others (it was
 * moved here, or its entries are older than its parent's) they stay as they
 * are, and ours alone come in front of them or go: *stale.  So taking ours away
 * again leaves the list that was there.  Returns whether *out differs from
 * what is there.
 */
bool	acl_renew(struct arena *, const struct descriptor *, bool is_dir, const struct ace_list *parent,
	    const struct acl_ours *, struct ace_list *out, bool *stale);

struct acl_spread {
	struct acl_context	*c;
	struct acl_report	*report;
	const struct acl_ours	*ours;
	/* Keys: paths whose own list has changed, so that what is below them is looked at; or NULL. */
	const struct strmap	*changed;
	/*
	 * Look at everything, since a run before this one stopped somewhere; else
	 * below an object that was as it should be nothing is looked at.
	 */
	bool			 thorough;
	size_t			 limit;		/* of objects; 0: none */
	size_t			 seen;		/* objects, so far */
	size_t			 stale;		/* with inherited entries of another place */
	size_t			 cut_off;	/* that are protected, and take over nothing */
	const char		*first_cut_off;	/* in the report's arena */
	bool			 stopped;	/* at the limit */
	bool			 look;		/* write nothing: count what would be */
	size_t			 behind;	/* what was not as it should be, with `look' */
	bool			 back;		/* entries are taken back */
	struct strmap		*walked;	/* paths of directories that were looked into; or NULL */
};

/*
 * Hand on what the directory `top' has.  Protected objects take over nothing;
 * links and junctions do themselves, but not what they lead to.  What cannot
 * be opened for a change is an error where a deny of ours would have to come
 * there, else a warning.  0, or -1 with errors in the report.
 */
int	acl_spread_below(struct acl_spread *, const char *top);

#endif

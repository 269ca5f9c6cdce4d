/* SPDX-License-Identifier: Apache-2.0 */
/* denial_report.h - what a report holds, for those that print it */
#ifndef CDXP_DENIAL_REPORT_H
#define CDXP_DENIAL_REPORT_H

#include "denial.h"

struct bound_policy;
struct ir_origin;
struct strmap;

struct kept_denial {
	struct denial	 d;
	uint64_t	 count;
	bool		 told;		/* denial_report_add() gave its line */
	/* Of the rule: why_kind_name(), "pin", "network", "unix-socket", "deviation", "none". */
	const char	*kind;
	const char	*rule;		/* the rule in words */
	const struct ir_origin *origin;	/* or NULL: no line of the profile */
	const char	*spelt;		/* the path, from the anchor it is below; == target elsewhere */
	struct denial_entry entry;
};

struct denial_report {
	struct arena	*a;
	const struct decide_fs *decide;
	const struct bound_policy *bound;
	struct strmap	*seen;		/* by process, action and target; index + 1 */
	struct { struct kept_denial *v; size_t len, cap; } list;
	uint64_t	 lost;		/* new ones beyond LIMIT_DENIALS */
};

/*
 * A path from the anchor of the profile that it lies below: *place is
 * ":workspace_roots", "~", ":tmpdir", ":slash_tmp" or, where it is below none,
 * the path itself; *rest what follows, "" for the anchor.
 */
void	denial_spell(struct arena *, const struct bound_policy *, const char *path,
	    const char **place, const char **rest);

/* One as JSON, with its newline. */
void	denial_line(const struct denial_report *, const struct kept_denial *, struct sbuf *out);

/* The key and value of an entry as the language writes them: `":workspace_roots" = { "a" = "write" }'. */
void	denial_entry_text(const struct denial_entry *, struct sbuf *out);

#endif

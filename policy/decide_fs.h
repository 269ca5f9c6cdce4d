/* SPDX-License-Identifier: Apache-2.0 */
/* decide_fs.h - the function of spec 2.2 and 2.3: what a bound policy says about a path */
#ifndef CDXP_DECIDE_FS_H
#define CDXP_DECIDE_FS_H

#include "bound.h"
#include "region.h"

struct arena;

/*
 * Built once from a bound policy, in n log n of its size; asked any number of
 * times, each in time proportional to the depth of the path (and to the
 * patterns whose literal part it passes).  Canonical: two policies that mean
 * the same, but for the text of their rules, have the same tree once
 * redundant nodes are left out, which is what compare.h looks at.
 *
 * The rule, in one sentence: the entry with the most components decides,
 * among equals deny before write before read; below a protected name write
 * becomes read unless a write entry lies at or below that name and at or
 * above the path; a deny pattern that matches the path or an ancestor beats
 * everything.
 */
struct decide_fs {
	const struct bound_policy *bound;
	struct region	*root;		/* entries, shields, pins; patterns are apart */
	bool		 free;		/* spec 2.2 */
	const struct bound_link *links;	/* by path; readable, and apart from the tree */
	size_t		 nlinks;
};

struct fs_verdict {
	bool		 readable, writable;
	bool		 pinned;
	bool		 traversable;	/* readable, or an ancestor of a readable path */
	struct why	 why;
};

/* The policy must outlive the result; both live in the arena. */
struct decide_fs *decide_fs_build(struct arena *, const struct bound_policy *);

/* `path' is normal, absolute and free of links. */
struct fs_verdict decide_fs(const struct decide_fs *, const char *path);

/* The rules that a verdict came from, those that were overruled among them. */
struct fs_rules {
	const struct bound_pattern *pattern;	/* covers the path: the first that was asked; or NULL */
	const struct bound_entry *entry;	/* entry(p) of spec 2.2, or NULL */
	const struct bound_shield *shield;	/* that no entry lifts, whether or not `entry' is write; or NULL */
	const struct bound_link *link;	/* the path is a link to a grant, and readable for that alone; or NULL */
};
struct fs_rules decide_fs_rules(const struct decide_fs *, const char *path);
/* Why a link that leads to a grant is readable: the entry. */
struct why link_why(const struct bound_link *);

/* One line for people: `entry "a/b" = "write"', `".git" is protected', ... in the arena. */
const char *why_text(struct arena *, const struct bound_policy *, const struct why *);
/* "profile.toml:14", or "" for what has no line. */
const char *why_place(struct arena *, const struct bound_policy *, const struct why *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* show_view.h - a policy as a reviewer reads it: the places where access changes */
#ifndef CDXP_SHOW_VIEW_H
#define CDXP_SHOW_VIEW_H

#include "base.h"
#include "bound.h"
#include "decide_fs.h"
#include "region.h"

struct arena;

/*
 * The view is a tree of rows.  Its rows determine access: a path has the access
 * of the row of the place nearest above it (or its own), and none where a
 * pattern of a pattern row matches it or an ancestor of it.  Every access is
 * what decide_fs() says; nothing is worked out a second time.
 */
enum view_kind {
	VIEW_PLACE,		/* access here and below; different from around, or with protected names */
	VIEW_LIFTED,		/* access as around, but a protection would stand here and does not */
	VIEW_WAY,		/* no access of its own: only where several rows part */
	VIEW_PATTERN,		/* a deny pattern; nothing stands below it */
};

/* In the order in which the children of a row stand. */
enum view_group { GROUP_PATTERN, GROUP_PROTECTED, GROUP_PLATFORM, GROUP_NONE };

struct view_row {
	enum view_kind	 kind;
	enum view_group	 group;		/* PROTECTED, PLATFORM: such a place, with nothing below it */
	const char	*path;		/* in the words of the language: "~/.ssh", ":workspace_roots/doc", "/tmp" */
	const char	*label;		/* what `path' adds to the row above, "/" for none */
	const char	*bound;		/* as the binding has it; of a pattern its literal part */
	enum access	 access;	/* VIEW_WAY: that of the row above */
	bool		 pinned;
	struct why	 why;		/* VIEW_WAY: nothing */
	const struct bound_pattern *pattern;	/* VIEW_PATTERN, else NULL */
	struct view_row	**child;	/* by group, then by path */
	size_t		 nchild;
};

/* A written rule that no row comes from. */
struct view_idle {
	const struct ir_origin *origin;
	enum access	 access;
	bool		 pattern;
	bool		 elsewhere;	/* it is for another system */
};

struct view {
	const struct bound_policy *bound;
	bool		 free;		/* spec 2.2: everything may be written, nothing is protected */
	/* "/", and in a portable policy then ":workspace_roots", "~", ":tmpdir" where they have rows. */
	struct view_row	*top[4];
	size_t		 ntop;
	const struct view_row **row;	/* all of them but VIEW_WAY, each before what is below it */
	size_t		 nrow;
	const char	**pin;		/* places that can be neither moved nor removed, as `path' */
	size_t		 npin;
	struct view_idle *idle;
	size_t		 nidle;
};

/* The decision structure must outlive the view; all lives in the arena. */
struct view *view_build(struct arena *, const struct decide_fs *);

/* A path of the binding in the words of the language. */
const char *view_path(struct arena *, const struct bound_policy *, const char *path);

/*
 * How many of the children from `i' on are to be shown as one: protected names
 * or platform roots for the same reason on the same line; else 1.
 */
size_t	view_run(const struct view_row *, size_t i);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* amend.h - what the command line of a run adds to a compiled policy */
#ifndef CDXP_AMEND_H
#define CDXP_AMEND_H

#include "base.h"

struct arena;
struct ir_policy;

enum amendment_kind {
	AMEND_WRITABLE,		/* --add-writable DIR */
	AMEND_READABLE,		/* --add-readable DIR */
	AMEND_WORKSPACE_ROOT,	/* --add-workspace-root DIR */
	AMEND_PROTECT,		/* --protect NAME */
	AMEND_UNIX_SOCKET,	/* --allow-unix-socket PATH */
	AMEND_DEVICE,		/* --device PATH */
};

struct amendment {
	enum amendment_kind kind;
	const char	*value;		/* a path, absolute or below `directory'; or a name */
};

/*
 * Add each to the policy, in which it is then a rule like any other.  As `-c'
 * would (spec 1.7), an entry replaces those that are written for the same
 * absolute path, and a socket rule likewise.  A socket that every command may
 * connect to already (an open network without a table of them) adds nothing: a
 * table would close all others.  `directory' is absolute.  Returns 0, or -1 with *why (one
 * line, in the arena) and the policy unchanged.
 */
int	amend_policy(struct arena *, struct ir_policy *, const char *directory,
	    const struct amendment *, size_t n, const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_model.h - what a printed Landlock ruleset does, worked out from the print alone */
#ifndef CDXP_LANDLOCK_MODEL_H
#define CDXP_LANDLOCK_MODEL_H

#include "base.h"
#include "region.h"

struct arena;

struct landlock_rule {
	const char	*path;
	uint64_t	 rights;
	bool		 base;		/* passed over where the path is missing */
	bool		 file;		/* for something that is no directory */
	const char	*at;		/* "profile.toml:14", or NULL */
};

struct landlock_model {
	struct region	*root;		/* what a command inside can do with each path */
	unsigned	 abi;		/* the least that the kernel must have */
	uint64_t	 fs, net, scope;	/* handled, and scoped */
	bool		 log;
	struct { struct landlock_rule *v; size_t len, cap; } rules;	/* in the order of paths */
	struct { const char **v; size_t len, cap; } pinned;	/* that the executor keeps in place */
};

/*
 * Read the JSON and say what it makes of every path.  Knows nothing of
 * policies or plans, and nothing of the host but what the print says.  A
 * ruleset gives a path the union of what the rules at it and above it grant
 * (landlock(7)); what is read, and what is read and written, are the only
 * unions that it vouches for.  It takes the executor at its word for two
 * things: that a change of mode, owner, times or attributes needs the rights
 * of writing, and that a pinned place is not moved or removed
 * (landlock_calls.h).
 *
 * Returns -1 with *why (in the arena) for whatever it cannot vouch for: text
 * that is not of this form, unknown names, rights that are not handled, that
 * do not fit the kind of place or are neither reading nor writing, a right of
 * the ABI that is left free, rules out of order.
 */
int	landlock_model_read(struct arena *, const char *text, size_t len,
	    struct landlock_model *out, const char **why);

/* The rule that gives a path what it has, or NULL; and the access. */
const struct landlock_rule *landlock_model_rule(const struct landlock_model *, const char *path,
	    enum access *);

#endif

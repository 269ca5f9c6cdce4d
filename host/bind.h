/* SPDX-License-Identifier: Apache-2.0 */
/* bind.h - a portable policy meets a host */
#ifndef CDXP_BIND_H
#define CDXP_BIND_H

#include "bound.h"
#include "host_facts.h"

struct bind_request {
	const struct ir_policy *ir;
	enum target	 target;
	const char	*cwd;		/* absolute, as the target spells it; NULL: the process's own */
	const char	*home;		/* $HOME, or NULL: the user database where an entry needs it */
	const char	*tmpdir;	/* $TMPDIR as it stands, or NULL; Windows: %TEMP% */
	const char	*tmp;		/* Windows: %TMP%, or NULL */
	bool		 network_off;	/* then the directory of resolv.conf is no platform root */
	/*
	 * macOS: matches of patterns are looked for only where something can be
	 * written.  They pin directories, and nothing else can be pinned, so an
	 * artifact is the same; who tells people of matches wants all.
	 */
	bool		 pins_only;
	const char	*const *shielded;	/* policy files in use */
	size_t		 nshielded;
};

struct bind_error {
	const char	*text;		/* one line: what, which path, what to do */
	const struct ir_origin *origin;	/* the entry at fault, or NULL */
};

/*
 * Bind (spec 2.1, 2.5, 1.4).  Returns NULL with *err filled where the policy
 * is refused (a link in a writable place, $HOME needed and not known, cwd
 * does not exist, an entry below /proc ...).  All in the arena.
 */
struct bound_policy *bind_policy(struct arena *, const struct bind_request *,
    struct host *, struct bind_error *err);

/*
 * A made-up host on which every place exists and is a directory, and nothing
 * matches a pattern.  cwd and home are given and absolute; tmpdir may be NULL.
 */
struct bound_policy *bind_made_up(struct arena *, const struct bind_request *,
    struct bind_error *err);

/* The generic binding: every place exists and is a directory; /@cwd, /@home, /@tmpdir. */
struct bound_policy *bind_generic(struct arena *, const struct ir_policy *, enum target,
    struct bind_error *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* bound.h - a policy whose anchors are paths, with the facts of one host attached */
#ifndef CDXP_BOUND_H
#define CDXP_BOUND_H

#include "base.h"
#include "fact.h"
#include "ir.h"
#include "pattern.h"

/*
 * What host/ (or the generic binding, or a test) hands to everyone else.
 * Nothing downstream asks the host anything.  All paths are normal, absolute
 * and canonical: no component but possibly the last is a symbolic link.
 */

enum bound_source {
	BOUND_WRITTEN,		/* an entry of the profile */
	BOUND_PLATFORM,		/* a platform root of :minimal: loses to a written one on the same path */
};

struct bound_entry {
	const char	*path;
	enum access	 access;
	enum bound_source source;
	bool		 shared_tmp;	/* from :tmpdir or :slash_tmp: protects only children that exist */
	const char	*spelt;		/* before links were resolved; == path where there were none */
	const struct ir_origin *origin;
};

struct bound_pattern {
	const struct pattern *pattern;	/* absolute, anchor bound */
	const char	*literal;	/* absolute literal part */
	const struct ir_origin *origin;
	/* Facts: what matches now, and the directories that match more than their parent (spec 2.3). */
	struct { const char **v; size_t len, cap; } matches;
	struct { const char **v; size_t len, cap; } partial;
	uint64_t	 unscanned;	/* directories below the depth cap, not looked into */
};

enum shield_kind {
	SHIELD_NAME,		/* a protected name below a writable entry */
	SHIELD_GITDIR,		/* what a .git file or commondir points to */
	SHIELD_POLICY,		/* the policy file in use: no entry lifts it */
};

/* Already restricted to those that count: the entry is an existing directory, see 1.4. */
struct bound_shield {
	const char	*path;
	enum shield_kind kind;
	const struct ir_origin *origin;	/* the entry (or --protect) that it comes from */
	const char	*name;		/* ".git" */
};

struct bound_link {		/* a link on the way to something mentioned: readable by name */
	const char	*path;
	const char	*target;
	bool		 platform;	/* to a platform root alone */
	const struct ir_origin *origin;	/* the first entry whose way it is on */
};

struct bound_socket {
	const char	*path;
	bool		 allow;
	const struct ir_origin *origin;
};

struct bound_policy {
	const struct ir_policy *ir;
	enum target	 target;
	bool		 generic;	/* every place exists and is a directory; nothing matches */
	const char	*cwd;		/* canonical */
	const char	*home;		/* or NULL */
	const char	*tmpdir;	/* or NULL */
	struct { const char **v; size_t len, cap; } roots;	/* further workspace roots */
	struct { struct bound_entry *v; size_t len, cap; } entries;
	struct { struct bound_pattern *v; size_t len, cap; } patterns;
	struct { struct bound_shield *v; size_t len, cap; } shields;
	/* Those that another entry brings as well; may repeat. */
	struct { uint32_t *v; size_t len, cap; } shared_shields;
	struct { struct bound_link *v; size_t len, cap; } links;
	struct { struct bound_socket *v; size_t len, cap; } sockets;
	/* In path_order(), unique.  None where all paths are directories: see bound_facts(). */
	struct { struct fact *v; size_t len, cap; } facts;
};

/*
 * What is known of the host.  On the one that the generic binding for Linux
 * makes up every path is a directory; for macOS the paths that were asked about
 * are listed there too, since on them hangs where names compare by bytes.
 */
struct fact_list bound_facts(const struct bound_policy *);

/* Binary search; NULL where nothing is known of that path. */
const struct fact *bound_fact(const struct bound_policy *, const char *path);

/* The same for paths in order, as fact_near() is. */
const struct fact *bound_fact_near(const struct bound_policy *, const char *path, size_t *near);

/*
 * How many leading components of a path are compared by bytes: all of them
 * where the target is Linux; else those that existed at binding, whose case is
 * the stored one (spec 2.2).
 */
size_t	bound_exact(const struct bound_policy *, const char *path);
/* The same for paths in order, as fact_near() is. */
size_t	bound_exact_near(const struct bound_policy *, const char *path, size_t *near);

/* Spec 2.2: "/" is write, nothing is less, no deny pattern. */
bool	bound_is_free(const struct bound_policy *);

#endif

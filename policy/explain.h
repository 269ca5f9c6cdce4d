/* SPDX-License-Identifier: Apache-2.0 */
/* explain.h - decisions with everything that was overruled on the way, and words for it */
#ifndef CDXP_EXPLAIN_H
#define CDXP_EXPLAIN_H

#include "base.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "domain.h"

struct arena;

/*
 * Nothing here decides: the verdict is that of decide_fs(), decide_net(),
 * decide_net_socket() or decide_env().  What is added is which other rules
 * speak of the same thing, and why none of them counted.
 */
enum loss {
	LOSS_NONE,		/* it is the rule that decided */
	LOSS_DEEPER,		/* `by' is for a more specific path */
	LOSS_STRONGER,		/* `by' is for the same path: deny before write before read */
	LOSS_WRITTEN,		/* a platform root, and `by' was written for the same path */
	LOSS_SAME,		/* `by' says the same already */
	LOSS_SHIELDED,		/* what `by' protects cannot be written */
	LOSS_PATTERN,		/* a pattern denies, whatever else is said */
	LOSS_LIFTED,		/* a protection that the write entry `by' lifts */
	LOSS_NO_WRITE,		/* a protection where nothing is granted that it could take back */
	LOSS_LINK,		/* the path is a link on the way to what is granted */
	LOSS_BASE,		/* every sandbox has the path of its own */
	LOSS_REPLACED,		/* `by' names the same place, in a child or on the command line */
	LOSS_DENY,		/* domains, sockets: deny beats allow */
	LOSS_MODE,		/* domains: the network is off, or open to all */
	LOSS_ADDRESS,		/* domains: the name is allowed, the address is not */
};

/* The name in JSON: "deeper", "stronger", ... */
const char *loss_name(enum loss);

/* A rule that speaks of what was asked about. */
struct explained_rule {
	struct why	 why;
	const char	*where;		/* the bound path, or the pattern or domain; never NULL */
	enum access	 access;	/* what it would give */
	enum loss	 loss;
	/* What it lost to: a rule of the same explanation or another; kind WHY_NOTHING: nobody. */
	struct why	 by;
	const char	*by_where;
};

/* In the arena: `"/repo" is less specific than "/repo/a"'.  "" for LOSS_NONE. */
const char *loss_text(struct arena *, const struct bound_policy *, const struct explained_rule *);

struct explained_rules { struct explained_rule *v; size_t len, cap; };

enum pin_kind {
	PIN_ROOT,		/* it is "/" */
	PIN_TOP,		/* its parent cannot be written */
	PIN_ENTRY,		/* an entry is for this very path */
	PIN_BELOW,		/* `path', below it, is not writable */
	PIN_PATTERN,		/* the literal part `path' of a pattern is here or below */
	PIN_MATCH,		/* `path', below it, matches a pattern */
	PIN_PARTIAL,		/* it matches the beginning of a pattern */
	PIN_BASE,		/* it is the sandbox's own */
};
const char *pin_name(enum pin_kind);	/* "root", "top", ... */

/* Why a writable path cannot be renamed or removed (spec 2.3). */
struct explained_pin {
	enum pin_kind	 kind;
	const char	*path;		/* or NULL */
	struct why	 why;		/* WHY_NOTHING where no rule is to be named */
};
const char *pin_text(struct arena *, const struct bound_policy *, const struct explained_pin *);

struct path_explanation {
	const char	*path;
	struct fs_verdict verdict;
	struct explained_rule decided;	/* why.kind WHY_NOTHING: no rule covers the path */
	struct explained_rules lost;	/* the strongest first */
	struct { struct explained_pin *v; size_t len, cap; } pins;	/* not empty exactly where it is pinned */
};

/* `path' as for decide_fs(); must outlive the result, as must the structure. */
void	explain_path(struct arena *, const struct decide_fs *, const char *path,
	    struct path_explanation *out);

struct net_explanation {
	struct net_decision decision;
	/* The domain or socket rule that counted, or NULL: see decision.reason. */
	const struct explained_rule *decided;
	struct explained_rules lost;
	size_t		 other_ports;	/* rules for the host, but for particular ports, and none was asked about */
};

/* A destination (HOST or ADDRESS).  -1: a rule of the IR is not in normal form. */
int	explain_net(struct arena *, const struct ir_network *, const struct domain *dest,
	    struct net_explanation *out);
/* A Unix socket of the host, as for decide_net_socket(). */
void	explain_socket(struct arena *, const struct bound_policy *, const char *path,
	    struct net_explanation *out);
/* One phrase for what decided: "the network is off", ... */
const char *net_reason_text(struct arena *, const struct ir_network *, const struct net_decision *);

/*
 * A path as its author would write it: below the anchors of the generic
 * binding "~/x", ":workspace_roots/x", ":tmpdir/x"; others as they are.
 */
const char *explain_spell(struct arena *, const struct bound_policy *, const char *path);

#endif

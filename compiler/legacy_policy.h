/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_policy.h - legacy policies as values: project() and raise() between them and the IR (spec 2.7) */
#ifndef CDXP_LEGACY_POLICY_H
#define CDXP_LEGACY_POLICY_H

#include "base.h"
#include "json.h"
#include "place.h"

struct arena;
struct ir_policy;

enum legacy_kind {
	LEGACY_READ_ONLY,
	LEGACY_WORKSPACE_WRITE,
	LEGACY_DANGER_FULL_ACCESS,
	LEGACY_EXTERNAL_SANDBOX,	/* somebody else confines the files; no file can ask for it */
};
/* "read-only", "workspace-write", "danger-full-access", "external-sandbox" */
const char *legacy_kind_name(enum legacy_kind);

struct legacy_root {
	enum anchor	 anchor;	/* ABS, HOME or WINDOWS */
	const char	*path;		/* normal, as in struct ir_entry */
};

struct legacy_policy {
	enum legacy_kind kind;
	bool		 network_access;	/* of danger-full-access: true */
	/* Of workspace-write alone: */
	bool		 exclude_tmpdir, exclude_slash_tmp;
	struct { struct legacy_root *v; size_t len, cap; } roots;
};

/* "/srv/x", "~", "~/x", "C:\x": as in writable_roots. */
const char *legacy_root_text(struct arena *, const struct legacy_root *);

/*
 * Brings the roots into their order, bytewise by their text, each once: of
 * Windows paths that differ in case alone the last stays.
 */
void	legacy_policy_sort(struct arena *, struct legacy_policy *);
bool	legacy_policy_equal(struct arena *, const struct legacy_policy *, const struct legacy_policy *);

/*
 * raise(L): what L means, with the built-in protected names and the default
 * environment.  Its rules stand in no text: their source is the name of L.
 */
struct ir_policy *legacy_policy_raise(struct arena *, const struct legacy_policy *);

/*
 * project(P): the only legacy policy that could equal P, from its written
 * entries.  False where there is none, with *why a clause for people ("..., as
 * ..."); *out is then one to compare P with: what would be left of P without
 * the entries that have no projection.
 */
bool	legacy_policy_project(struct arena *, const struct ir_policy *, struct legacy_policy *out,
	    const char **why);

/* One line: "workspace-write, network off; also writable: /srv/cache; not writable: /tmp". */
const char *legacy_policy_text(struct arena *, const struct legacy_policy *);

/*
 * {"type":"workspace-write","network_access":false,"writable_roots":[...],
 * "exclude_slash_tmp":false,"exclude_tmpdir_env_var":false}; of "read-only" and
 * "external-sandbox" only the first two, of "danger-full-access" the first.
 * The caller owns it.
 */
cJSON	*legacy_policy_json(struct arena *, const struct legacy_policy *);

#endif

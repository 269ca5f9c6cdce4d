/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan.h - a plan for Windows as it is applied: what cdxp-acl(5) describes, read and believed in nothing */
#ifndef CDXP_WIN_PLAN_H
#define CDXP_WIN_PLAN_H

#include "ace_list.h"
#include "acl_store.h"

struct arena;

enum {
	WIN_PLAN_BYTES		= 32 * 1024 * 1024,
	WIN_PLAN_PLACES		= 100000,
	WIN_PLAN_ENTRIES	= 1500,		/* of one place: the list of an object has 65,535 bytes */
	WIN_PLAN_ROOTS		= 1024,
	WIN_PLAN_RULES		= 1000000,
	WIN_PLAN_AUDIT_DEPTH	= 256,
};

/* Whom an entry is for; the names of cdxp-acl(5), in this order. */
enum plan_principal {
	TO_CAPABILITY, TO_READONLY, TO_USER, TO_GROUP, TO_SANDBOX_USER,
	TO_OWNER_RIGHTS, TO_LOGON, TO_EVERYONE, TO_USERS, TO_AUTHENTICATED,
	PLAN_PRINCIPALS
};

struct plan_to {
	enum plan_principal	 who;
	uint32_t		 root;		/* of TO_CAPABILITY: a position in roots */
};

struct plan_tos {
	struct plan_to		*v;
	size_t			 len, cap;
};

/* What an entry is there for: each has the masks and flags of one row of the table in win_purpose.c. */
enum plan_purpose {
	FOR_CARVE_OUT, FOR_CARVE_OUT_HOLDS, FOR_DENIED, FOR_DENIED_BELOW, FOR_HOLDS_PINNED, FOR_OWNER,
	FOR_PINNED, FOR_READ, FOR_READ_PROFILE, FOR_WRITE, FOR_WRITE_DELETE, FOR_WRITE_FILE,
	PLAN_PURPOSES
};
extern const char *const plan_purpose_words[PLAN_PURPOSES];

struct plan_entry {
	enum plan_purpose	 purpose;
	struct plan_to		 to;
	uint8_t			 type, flags;	/* as in struct ace */
	uint32_t		 mask;
	const char		*at;		/* FILE:LINE:COLUMN and the text of the line; "" where no line asks for it */
};

struct plan_place {
	const char		*path;
	enum acl_kind		 kind;
	bool			 link;		/* opened as itself, not as what it leads to; `kind' is ACL_FILE */
	bool			 make;
	bool			 for_children;	/* those for FOR_READ_PROFILE are for each child but these names */
	struct { const char **v; size_t len, cap; } but;
	struct { struct plan_entry *v; size_t len, cap; } entries;
};

struct plan_root {
	const char		*path;
	enum acl_kind		 kind;
	char			 hash[65];
	const char		*at;
};

struct plan_audit_place {
	const char		*path;		/* or "@path" and its like, which the runtime knows */
	unsigned		 depth;		/* at most WIN_PLAN_AUDIT_DEPTH, which stands for "all" too */
};

struct plan_audit {
	const char		*name;
	uint32_t		 mask;
	bool			 required;
	unsigned		 entries, seconds, checks;
	struct plan_tos		 principals;
	struct { struct plan_audit_place *v; size_t len, cap; } places;
	struct { struct plan_entry *v; size_t len, cap; } deny;		/* of purpose FOR_CARVE_OUT */
};

struct plan_grant {
	struct plan_to		 to;
	uint32_t		 mask;
};

struct plan_variable {
	const char		*name, *value;
};

enum plan_identity { PLAN_ONLINE, PLAN_OFFLINE, PLAN_ADVISORY };

struct win_plan {
	bool			 elevated;
	char			 id[65];	/* SHA-256 of its canonical text */
	struct { struct plan_root *v; size_t len, cap; } roots;
	struct { struct plan_place *v; size_t len, cap; } places;
	struct { const char **v; size_t len, cap; } denied;
	const char		*reads;		/* 64 digits; NULL */
	struct plan_tos		 restricting;
	struct { struct plan_grant *v; size_t len, cap; } default_dacl;
	enum plan_identity	 identity;
	struct { uint16_t *v; size_t len, cap; } proxy_ports;
	struct { struct plan_variable *v; size_t len, cap; } environment;
	struct { struct plan_audit *v; size_t len, cap; } audits;
	const char		*junction;	/* NULL */
};

/*
 * Read a plan, or the one of the backend that is meant out of the file with
 * both ("windows-elevated", "windows-unelevated"; NULL: the text is a plan).
 * Nothing is passed over: unknown members, wrong types, sizes, depths, paths
 * with more than one meaning, masks that are not in the table of cdxp-acl(5),
 * entries for whom they must not be for, roots whose hash is not that of their
 * entries.  NULL with *why, words in the arena that name the member
 * ("places[3].entries[0].mask: ...").
 */
struct win_plan *win_plan_read(struct arena *, const char *text, size_t len, const char *backend,
	    const char **why);

/*
 * What the table says about an entry for this purpose, on a place of that
 * kind, in an elevated plan or not.  NULL, or what is wrong.
 */
const char *plan_entry_check(const struct plan_entry *, enum acl_kind, bool elevated);

/* "capability:3", "user"; a phrase where it is none. */
const char *plan_to_read(const char *, struct plan_to *);
const char *plan_to_text(struct arena *, const struct plan_to *);

#endif

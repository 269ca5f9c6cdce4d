/* SPDX-License-Identifier: Apache-2.0 */
/* denial.h - what a sandbox refused: one structure for every backend, the rule behind it, one printer */
#ifndef CDXP_DENIAL_H
#define CDXP_DENIAL_H

#include "base.h"
#include "decide_fs.h"

struct arena;
struct sbuf;

/* What was tried, in the words of spec 2.3 and 2.6. */
enum denial_action {
	DENIAL_READ, DENIAL_EXECUTE, DENIAL_STAT,
	DENIAL_WRITE,		/* the content of what exists */
	DENIAL_CHANGE,		/* mode, owner, times, attributes */
	DENIAL_CREATE, DENIAL_REMOVE, DENIAL_RENAME, DENIAL_LINK,
	DENIAL_CONNECT, DENIAL_SEND, DENIAL_BIND, DENIAL_ACCEPT, DENIAL_SOCKET,
	DENIAL_OTHER,		/* known by its operation alone */
	DENIAL_ACTIONS,
};
const char *denial_action_name(enum denial_action);	/* "read", ...; "" for DENIAL_OTHER */

/* What it was tried on. */
enum denial_object {
	DENIAL_PATH,
	DENIAL_UNIX_SOCKET,	/* by its path */
	DENIAL_ADDRESS,		/* "1.2.3.4:443", "[::1]:80", "example.org:443" */
	DENIAL_THING,		/* anything else: a service, a family of sockets */
	DENIAL_OBJECTS,
};
const char *denial_object_name(enum denial_object);	/* "path", "unix-socket", "address", "other" */

/* How it is known, so that nobody takes a prediction for a fact. */
enum denial_known {
	DENIAL_PREDICTED,	/* worked out right before the call, which then went its own way */
	DENIAL_ANSWERED,	/* cdxp-run itself gave the answer */
	DENIAL_LOGGED,		/* the system's log says so */
	DENIAL_OUTPUT,		/* the command's own output says so, and the policy */
	DENIAL_STATUS,		/* the command's exit code says so */
	DENIAL_KNOWNS,
};
/* "predicted", "answered", "logged", "output", "status" */
const char *denial_known_name(enum denial_known);

struct denial {
	enum denial_action action;
	enum denial_object object;
	enum denial_known known;
	bool		 absent;	/* there was nothing at the path: only its directory could be granted */
	bool		 itself;	/* it takes no name in a directory: it has none, or is there already */
	int		 error;		/* errno; 0: not known */
	int		 pid;		/* as the host numbers it; 0: not known */
	const char	*operation;	/* as the system calls it: "openat", "file-write-create" */
	const char	*target;
	const char	*process;	/* its short name */
	/* Who refused knows better than the policy: "no sandbox has this"; else NULL. */
	const char	*rule;
};

/* "EACCES"; NULL for 0 and what has no name here. */
const char *denial_error_name(int error);

/* ---- the entry that would allow it ---- */

enum denial_table { DENIAL_FILESYSTEM, DENIAL_UNIX_SOCKETS, DENIAL_DOMAINS, DENIAL_TABLES };
const char *denial_table_name(enum denial_table);	/* "filesystem", "unix_sockets", "domains" */

struct denial_entry {
	enum denial_table table;
	const char	*place;		/* the key, as the language spells it; NULL: there is no entry */
	const char	*subpath;	/* below the place; or NULL */
	const char	*access;	/* "read", "write", "allow" */
	const char	*none;		/* why there is none; else NULL */
};

/*
 * The narrowest entry that would allow the denied thing.  None is named that
 * would open what a rule denies in so many words: a deny entry, a deny
 * pattern, the policy file in use.
 */
struct denial_entry denial_entry(struct arena *, const struct decide_fs *, const struct denial *);

/* ---- a run's denials ---- */

enum { LIMIT_DENIALS = 10000 };		/* different ones that are kept; the rest is counted */

/*
 * Each different one (process, action, target) once, with a count.  Not for
 * several threads at once.  The decisions must outlive it.
 */
struct denial_report;
struct denial_report *denial_report_new(const struct decide_fs *);
void	denial_report_free(struct denial_report *);	/* NULL is allowed */

/*
 * Count it; nothing of *d is referred to afterwards.  True: it is new, and
 * where `line' is given that got it as denial_report_print() would write it as
 * JSON now.
 */
bool	denial_report_add(struct denial_report *, const struct denial *d, struct sbuf *line);

size_t	denial_report_count(const struct denial_report *);	/* different ones */

enum denial_form {
	DENIAL_TEXT,		/* spec 4.2: a heading, then a line for each, or "None found." */
	DENIAL_TABLE,		/* for people: by rule, the most frequent first, with the entries to write */
	/* An object on a line for each (denials.schema.json); nothing where there are none. */
	DENIAL_JSON,
	/*
	 * The same after denial_report_add() gave each its line: those that
	 * came again, with the count that now holds, and what was not kept.
	 */
	DENIAL_JSON_AGAIN,
};

/*
 * In the order in which they came:
 *
 *	=== Sandbox denials ===
 *	bash: write /repo/.git/hooks/x  profile.toml:7 ".git" is protected
 *
 * Control bytes are shown as "?".
 */
void	denial_report_print(const struct denial_report *, enum denial_form, struct sbuf *out);

#endif

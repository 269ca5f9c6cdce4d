/* SPDX-License-Identifier: Apache-2.0 */
/* acl_names.h - the words of a plan: purposes with their masks, principals, backends */
#ifndef CDXP_ACL_NAMES_H
#define CDXP_ACL_NAMES_H

#include "base.h"

struct arena;

/* What an entry is for; mask, inheritance and whether it denies follow (spec 3.4). */
enum acl_purpose {
	ACL_CARVE_OUT,		/* what cannot be written, below what can */
	ACL_CARVE_OUT_HOLDS,	/* the same: nothing is deleted through its directories */
	ACL_DENIED,		/* what cannot be read */
	ACL_DENIED_BELOW,	/* what is below it cannot */
	ACL_HOLDS_PINNED,	/* nothing is deleted through this directory */
	ACL_OWNER,		/* who makes a file does not own its protection */
	ACL_PINNED,		/* what cannot be moved */
	ACL_READ,		/* a readable root */
	ACL_READ_PROFILE,	/* the children of the user's profile */
	ACL_WRITE,		/* a writable root */
	ACL_WRITE_DELETE,	/* what is in it can be deleted, and it cannot */
	ACL_WRITE_FILE,		/* a writable root that is one file */
	ACL_PURPOSES
};

struct acl_purpose_row {
	const char	*name;		/* "carve-out" */
	const char	*mask;		/* "0xD0156" */
	uint32_t	 bits;
	const char	*flags;		/* "OICI"; of an entry of a file there are none */
	uint8_t		 flag_bits;
	bool		 deny;
};
const struct acl_purpose_row *acl_purpose_row(enum acl_purpose);
/*
 * An entry for the group that is for this decides what other sessions read;
 * roots, which are read too, only where not everything is (`all' is false).
 */
bool	acl_is_about_reading(enum acl_purpose, bool all);
/* By name; ACL_PURPOSES: there is none. */
enum acl_purpose acl_purpose_find(const char *name);

/* Whom an entry, a token or an audit names. */
enum acl_principal {
	ACL_TO_OWNER,		/* OWNER RIGHTS; 0, as acl_eval.h has it */
	ACL_TO_USER, ACL_TO_GROUP, ACL_TO_SANDBOX_USER, ACL_TO_LOGON, ACL_TO_EVERYONE,
	ACL_TO_USERS, ACL_TO_AUTHENTICATED, ACL_TO_READONLY,
	ACL_TO_CAPABILITY,	/* and the number of the root more */
};
const char *acl_principal_name(struct arena *, uint32_t who);
/* UINT32_MAX: no such word.  The number of a root is not compared with how many there are. */
uint32_t acl_principal_find(const char *name);

/* Of a path of the trees, "/C:/a" as "C:\a", "/@cwd" as "@cwd"; "/" as "\". */
const char *acl_path_text(struct arena *, const char *path);
/* What a plan has behind an anchor for the directory that it is in, which has no path until it is bound. */
extern const char acl_above[];
/* Back, acl_above as "/"; NULL: no path that a plan has. */
const char *acl_path_parse(struct arena *, const char *text);

extern const char acl_unelevated[], acl_elevated[];	/* "windows-unelevated", ... */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* acl_eval.h - what a Windows DACL grants to a token */
#ifndef CDXP_ACL_EVAL_H
#define CDXP_ACL_EVAL_H

#include "base.h"

/* Access rights of files and directories (winnt.h has them under other names). */
enum acl_right {
	ACL_READ_DATA		= 0x1,		/* directories: list */
	ACL_WRITE_DATA		= 0x2,		/* directories: make a file */
	ACL_APPEND		= 0x4,		/* directories: make a directory */
	ACL_READ_EA		= 0x8,
	ACL_WRITE_EA		= 0x10,
	ACL_EXECUTE		= 0x20,
	ACL_DELETE_CHILD	= 0x40,
	ACL_READ_ATTRIBUTES	= 0x80,
	ACL_WRITE_ATTRIBUTES	= 0x100,
	ACL_DELETE		= 0x10000,
	ACL_READ_CONTROL	= 0x20000,
	ACL_WRITE_DAC		= 0x40000,
	ACL_WRITE_OWNER		= 0x80000,
	ACL_SYNCHRONIZE		= 0x100000,
	ACL_ALL			= 0x1f01ff,
	/* What asks for all that a program means by the word. */
	ACL_READS		= ACL_READ_DATA | ACL_READ_EA | ACL_EXECUTE | ACL_READ_ATTRIBUTES,
	ACL_WRITES		= ACL_WRITE_DATA | ACL_APPEND | ACL_WRITE_EA | ACL_WRITE_ATTRIBUTES,
};

/* Inheritance of an entry. */
enum acl_flag {
	ACL_OI = 1,			/* files below inherit it */
	ACL_CI = 2,			/* directories below inherit it */
	ACL_NP = 4,			/* those below them do not */
	ACL_IO = 8,			/* it is not for the object itself */
	ACL_ID = 16,			/* it was inherited */
};

/* Principals are numbers; this one is S-1-3-4, which stands for the owner of the object. */
enum { ACL_OWNER_RIGHTS = 0 };

struct acl_ace {
	uint32_t	 mask;
	uint32_t	 who;
	uint8_t		 flags;
	bool		 deny;
};

/* How a principal stands in a token. */
enum acl_role {
	ACL_ENABLED = 1,		/* the user, or an enabled group */
	ACL_DENY_ONLY = 2,
	ACL_RESTRICTING = 4,
};

struct acl_token {
	const uint8_t	*role;		/* bits, by principal; those from `n' on have none */
	size_t		 n;
	bool		 restricted;	/* has restricting SIDs */
	bool		 write_restricted;
};

/*
 * Which rights a write-restricted token puts to its restricting SIDs, too, is
 * not documented to the bit.  Measured: what real machines answered; all that
 * writes, DELETE, WRITE_DAC and WRITE_OWNER, but not DELETE_CHILD.  Strict:
 * all that is not part of reading or executing.  Lenient: what generic
 * writing has and nothing else.
 */
enum acl_reading { ACL_STRICT, ACL_MEASURED, ACL_LENIENT };

/*
 * The rights that the token has by a DACL of n entries (NULL: no DACL, which
 * grants everything), each as if asked for alone; a request for several
 * succeeds where all of them are among these.  Entries count in the order in
 * which they stand.
 */
uint32_t	acl_granted(const struct acl_ace *, size_t n, uint32_t owner,
		    const struct acl_token *, enum acl_reading);

/* Generic rights (the top four bits) replaced by what they mean for files. */
uint32_t	acl_map_generic(uint32_t mask);

/*
 * The entries that a file or a directory gets from the n of its parent, in
 * their order, written to out[0..n); returns how many.
 */
size_t		acl_inherit(const struct acl_ace *, size_t n, bool directory, struct acl_ace *out);

/* Entries in the order that Windows wants: of its own, deny before allow, then inherited ones. */
void		acl_canonical(const struct acl_ace *, size_t n, struct acl_ace *out);

#endif

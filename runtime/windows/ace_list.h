/* SPDX-License-Identifier: Apache-2.0 */
/* ace_list.h - the entries of an access control list: their order, adding and taking away, inheritance */
#ifndef CDXP_ACE_LIST_H
#define CDXP_ACE_LIST_H

#include "base.h"
#include "sid.h"

struct arena;

/* Of ace.flags, as Windows numbers them. */
enum {
	ACE_OBJECT_INHERIT	= 0x01,
	ACE_CONTAINER_INHERIT	= 0x02,
	ACE_NO_PROPAGATE	= 0x04,
	ACE_INHERIT_ONLY	= 0x08,
	ACE_INHERITED		= 0x10,
	ACE_INHERITANCE		= 0x0f,		/* those that a plan may give */
};

enum { ACE_ALLOW = 0, ACE_DENY = 1 };

/*
 * One entry.  What is neither a plain allow nor a plain deny (an object or
 * conditional entry, one of a kind to come) is carried along byte by byte in
 * `raw', which begins with its header: its flags are known, mask and SID are
 * not looked at.
 */
struct ace {
	uint8_t		 type;		/* ACE_ALLOW, ACE_DENY, or as Windows numbers it */
	uint8_t		 flags;
	uint32_t	 mask;
	struct sid	 sid;
	const uint8_t	*raw;		/* else NULL */
	uint16_t	 raw_len;
};

struct ace_list {
	struct ace	*v;
	size_t		 len, cap;
};

/* What decides about one object, less its group, SACL and label, which are never touched. */
struct descriptor {
	struct sid	 owner;
	bool		 no_dacl;	/* a "NULL DACL": everything is allowed to everybody */
	bool		 is_protected;	/* takes over nothing from its parent */
	bool		 auto_inherited;
	struct ace_list	 dacl;
};

bool	ace_equal(const struct ace *, const struct ace *);
bool	ace_lists_equal(const struct ace_list *, const struct ace_list *);
void	ace_add(struct arena *, struct ace_list *, struct ace);		/* at the end */

/*
 * The order that Windows calls canonical: explicit denies, explicit allows,
 * inherited entries.  An explicit entry of another kind is a deny or an allow
 * by what Windows makes of its type; one that is neither counts as an allow.
 */
bool	ace_is_deny(const struct ace *);
bool	ace_list_is_canonical(const struct ace_list *);

/* A mask with what GENERIC_READ and its like stand for on files in their place. */
uint32_t ace_without_generic(uint32_t mask);

/* How many explicit entries are exactly this one (ours have no ACE_INHERITED). */
size_t	ace_list_count(const struct ace_list *, const struct ace *);

/*
 * A copy with one explicit entry more, a deny after the explicit denies, an
 * allow after the explicit allows; all others keep their order.  The list is
 * canonical.
 */
struct ace_list ace_list_with(struct arena *, const struct ace_list *, const struct ace *);

/*
 * A copy without one explicit entry that is exactly this one, the last of
 * them; *found says whether there was one.  The list may have any order.
 */
struct ace_list ace_list_without(struct arena *, const struct ace_list *, const struct ace *, bool *found);

/*
 * What a child takes over from a directory with this list, in its order, as
 * Windows does: a directory what is for containers, and what is for objects
 * as inherit-only to hand on; a file what is for objects.  All have
 * ACE_INHERITED.  Entries for CREATOR OWNER and CREATOR GROUP, and generic
 * rights, are rewritten for the owner; ours have neither.
 */
struct ace_list ace_list_inherited(struct arena *, const struct ace_list *parent, bool is_dir,
	    const struct sid *owner);

/* Only the explicit ones, only the inherited ones. */
struct ace_list ace_list_part(struct arena *, const struct ace_list *, bool inherited);

/*
 * An ACL as Windows keeps it.  ace_list_read() believes nothing: NULL, or what
 * is wrong with the n bytes; `raw' is copied.  ace_list_write() returns the
 * bytes, *n of them, a multiple of 4; NULL where it would be more than the
 * 65,535 that Windows takes.
 */
const char *ace_list_read(struct arena *, const uint8_t *, size_t n, struct ace_list *);
uint8_t	*ace_list_write(struct arena *, const struct ace_list *, size_t *n);

/*
 * SHA-256, as 64 hexadecimal digits, of owner, protection and entries: of all,
 * or of the explicit ones alone, which no change of a parent changes.
 */
void	descriptor_hash(const struct descriptor *, bool explicit_only, char out[65]);

/* "deny 0xd0156 OI CI S-1-5-21-1-2-3-4", for people. */
const char *ace_text(struct arena *, const struct ace *);

#endif

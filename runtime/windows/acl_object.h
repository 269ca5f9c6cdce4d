/* SPDX-License-Identifier: Apache-2.0 */
/* acl_object.h - one object, opened once: what it is, what its list was and becomes */
#ifndef CDXP_ACL_OBJECT_H
#define CDXP_ACL_OBJECT_H

#include "acl_store.h"

struct arena;

/* An open object with all that is known of it; names and lists live in the arena that was given. */
struct acl_seen {
	struct acl_store	*store;
	struct acl_object	*handle;
	struct acl_facts	 facts;
	const char		*path;		/* its final name as path; NULL with the store's `why' where that is none */
	struct descriptor	 d;
};

/* Open, and ask everything on that one handle.  What does not end in ACL_OK leaves nothing open. */
enum acl_status	acl_see(struct acl_store *, struct arena *, const char *path, enum acl_open, struct acl_seen *);
/* The same by identity. */
enum acl_status	acl_see_id(struct acl_store *, struct arena *, uint64_t volume, const uint64_t id[2],
		    struct acl_seen *);
void		acl_unsee(struct acl_seen *);

/* It has that identity. */
bool		acl_is(const struct acl_seen *, uint64_t volume, const uint64_t id[2]);

/*
 * Write this list, read it back and compare entry by entry: systems that
 * accept everything and store nothing exist.  ACL_FAILED with the store's
 * `why' where what is there is not what was written; `dacl' of the object is
 * what is there.
 */
enum acl_status	acl_put(struct arena *, struct acl_seen *, const struct ace_list *);

#endif

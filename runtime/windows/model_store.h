/* SPDX-License-Identifier: Apache-2.0 */
/* model_store.h - a tree of objects with descriptors as Windows would keep them, for tests and where there are none */
#ifndef CDXP_MODEL_STORE_H
#define CDXP_MODEL_STORE_H

#include <cjson/cJSON.h>

#include "acl_store.h"

/*
 * One object.  Names are compared without regard to ASCII case; the tree owns
 * them.  `alias' is a second name, as 8.3 names are; `target' makes the
 * object a junction: a path goes on there, and it is `reparse' itself.
 */
struct model_node {
	char			*name;
	char			*alias;
	char			*target;
	char			*text;		/* contents of a file; NULL: none */
	enum acl_kind		 kind;
	bool			 deny_look, deny_change;	/* the system refuses to open it for that */
	uint32_t		 links;
	uint64_t		 size, id;
	struct descriptor	 d;
	struct model_node	*parent, *child, *next;		/* children in the order they came */
};

/*
 * Where a test wants something to go wrong.  Each call that changes something
 * is counted, those of other stores that share the structure too.  From call
 * number `stop_at' on (1 is the first) nothing works any more, as if the
 * process had been killed in front of it; call number `fail_at' alone fails.
 */
struct model_faults {
	uint64_t	calls, stop_at, fail_at;
	bool		hollow;		/* write() says that it did, and does nothing */
};
/* Counts a call; false: it must fail. */
bool	model_fault(struct model_faults *);

struct model_store;

/* An empty drive "C:\" with this owner and a DACL that grants him and his children everything. */
struct model_store *model_new(const struct sid *owner, struct model_faults *);
void	model_free(struct model_store *);
struct acl_store *model_acl(struct model_store *);

/* Exactly there, through no alias and no junction; NULL. */
struct model_node *model_find(struct model_store *, const char *path);

/*
 * A new object below an existing directory, with what it inherits; NULL where
 * that is missing or has one of this name.  As create(), for tests.
 */
struct model_node *model_add(struct model_store *, const char *path, enum acl_kind);

/* What an object takes over from its parent is worked out again, here and below, as Windows does. */
void	model_propagate(struct model_store *, struct model_node *);

/* Replace the DACL; its lists are copied. */
void	model_set(struct model_store *, struct model_node *, const struct ace_list *);

/* The path of a node; arena. */
const char *model_path(struct arena *, const struct model_node *);

/*
 * The whole as JSON, and back; a text of a different form is refused with
 * *why.  {"drives": {"C:": NODE}}, where a NODE is {"kind": "dir" or "file",
 * "owner": SID, "protected": bool, "dacl": null or [["deny" or "allow", flags,
 * mask, SID] ...], "links": n, "size": n, "alias", "target", "text": text, "no_look",
 * "no_change": bool, "children": {name: NODE}}; what is not said is "dir", the
 * owner of its parent, what it inherits, 1, 0 and nothing.  A "dacl" is the
 * explicit part where no entry in it has ACE_INHERITED: what is inherited is
 * added; else it is the whole.
 */
cJSON	*model_json(struct model_store *);
struct model_store *model_load(const cJSON *, struct model_faults *, const char **why);

#endif

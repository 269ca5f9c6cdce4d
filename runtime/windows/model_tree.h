/* SPDX-License-Identifier: Apache-2.0 */
/* model_tree.h - the tree behind model_store.h */
#ifndef CDXP_MODEL_TREE_H
#define CDXP_MODEL_TREE_H

#include "model_store.h"

struct model_store {
	struct acl_store	 store;		/* first: what the interface hands around */
	struct model_node	 top;		/* its children are the drives, "C:" */
	struct sid		 owner;		/* of what create() makes */
	uint64_t		 last_id;
	size_t			 open_objects;
	struct model_faults	*faults;
};

extern const struct acl_store_ops model_ops;

/* The child of that name, or alias; NULL. */
struct model_node *model_child(const struct model_node *dir, const char *name, size_t len, bool aliases);

/* A new last child, without any right, owned as its directory is. */
struct model_node *model_append(struct model_store *, struct model_node *dir, const char *name, enum acl_kind);

/* Its inherited entries become what its parent hands on; none where it is protected. */
void	model_inherit(struct model_store *, struct model_node *);

/* Take it out of the tree, with all below it. */
void	model_unlink(struct model_node *);

#endif

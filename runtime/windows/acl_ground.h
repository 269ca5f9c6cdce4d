/* SPDX-License-Identifier: Apache-2.0 */
/* acl_ground.h - this computer as plans for Windows need it: store, state, people, places */
#ifndef CDXP_ACL_GROUND_H
#define CDXP_ACL_GROUND_H

#include "acl_context.h"

struct arena;
struct model_store;

/*
 * Where the system is not Windows but says that it is, entries would be stored
 * nowhere.  There this variable may name a file with a model of the objects
 * (model_store.h, as JSON), which is used and written back instead, so that all
 * but the system can be tested; on Windows it means nothing.
 */
#define GROUND_MODEL	"CDXP_WINE_MODEL"

struct acl_ground {
	struct acl_context	 context;
	const char		*not_windows;	/* what it is, with a model in the place of its files; NULL */
	const char		*state_dir;	/* in our form */
	/* Private. */
	struct model_store	*model;
	const char		*model_file;
	bool			 saved;
};

/* Accounts that the machine plan makes (cdxp-acl(5)). */
#define GROUND_GROUP	"cdxp-sandbox"
#define GROUND_ONLINE	"cdxp-online"
#define GROUND_OFFLINE	"cdxp-offline"

/* 0, or -1 with *why: what this is, or what is not known here. */
int	acl_ground_open(struct arena *, struct acl_ground *, const char **why);

/* The two without which nothing is run under windows-elevated. */
bool	acl_ground_has_accounts(struct arena *);

/* The user of this name, one of the two, as context.people.sandbox_user; with a model a made-up one.  0, or -1 with *why. */
int	acl_ground_user(struct arena *, struct acl_ground *, const char *name, const char **why);

/*
 * Write a model back now, and not again: another process goes on with it.  0,
 * or -1 with *why.
 */
int	acl_ground_save(struct arena *, struct acl_ground *, const char **why);

/* 0, or -1 with *why where a model could not be written. */
int	acl_ground_close(struct arena *, struct acl_ground *, const char **why);

#endif

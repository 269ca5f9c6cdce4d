/* SPDX-License-Identifier: Apache-2.0 */
/* profile_schema.h - the keys of the language as a table: which there are, and of which type */
#ifndef CDXP_PROFILE_SCHEMA_H
#define CDXP_PROFILE_SCHEMA_H

#include "base.h"
#include "toml.h"

struct arena;
struct diags;

enum schema_table {
	TABLE_TOP, TABLE_PROFILE, TABLE_FILESYSTEM, TABLE_NETWORK,
	TABLE_ENVIRONMENT, TABLE_LEGACY, TABLE_CDXP, TABLE_FEATURES,
	TABLE_TEST_FILE, TABLE_TEST,	/* not of profiles: what cdxpc test reads */
};

enum schema_key {
#define KEY(table, sym, name, types)	KEY_##sym,
#include "profile_schema.def"
#include "test_schema.def"
#undef KEY
	SCHEMA_KEYS
};

/* What a table of ours says about keys that are not in the schema. */
enum schema_unknown {
	UNKNOWN_ERROR,		/* an error, with a suggestion */
	UNKNOWN_FOREIGN,	/* another program's: ignored, a warning where it is nearly one of ours */
};

/*
 * Sort the keys of `node', which is a table, into found[SCHEMA_KEYS]; keys of
 * the wrong type are reported and left out.  `what' names the table in
 * messages ("a profile").
 */
void	schema_read(struct arena *, struct diags *, enum schema_table,
	    enum schema_unknown, const char *what, const struct toml_node *node,
	    const struct toml_key **found);

/* The schema's key of that name in that table, or SCHEMA_KEYS. */
enum schema_key schema_find(enum schema_table, const struct slice *name);
const char *schema_name(enum schema_key);
/* The nearest key of the table to a misspelt one, or NULL. */
const char *schema_suggest(enum schema_table, const char *word);

/*
 * The text of a string node, NUL-terminated; NULL after an error where it
 * holds a NUL, which would end it early for everybody downstream.
 */
const char *schema_text(struct diags *, const struct slice *, struct span);

/*
 * An error was reported at exactly this place: `enabled = maybe' is bad TOML
 * already, and whatever it was taken for is not to be judged again.
 */
bool	schema_blamed(const struct diags *, struct span);

/* "a string", "an array" for "must be ..., not ...". */
const char *schema_type_phrase(enum toml_type);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* toml.h - TOML 1.0 text in; a tree with a span on every node, or diagnostics, out */
#ifndef CDXP_TOML_H
#define CDXP_TOML_H

#include "base.h"

struct arena;
struct diags;
struct source;

enum toml_type {
	TOML_STRING, TOML_INTEGER, TOML_FLOAT, TOML_BOOLEAN,
	TOML_DATETIME, TOML_DATETIME_LOCAL, TOML_DATE_LOCAL, TOML_TIME_LOCAL,
	TOML_ARRAY, TOML_TABLE,
};

struct toml_node {
	enum toml_type	 type;
	struct span	 span;		/* the value; of a [table]: its header */
	union {
		struct slice	 string;	/* decoded, NUL-terminated; may hold NULs. Dates: normalised text */
		int64_t		 integer;
		double		 real;
		bool		 boolean;
		struct { struct toml_node **v; size_t len, cap; } array;
		struct toml_table *table;
	};
};

struct toml_key {
	struct slice	 name;		/* decoded, NUL-terminated */
	struct span	 span;		/* with its quotes, where it has them */
	struct toml_node *value;
};

/* Keys in the order of the file; lookup by name in constant time. */
struct toml_table {
	struct { struct toml_key *v; size_t len, cap; } keys;
	struct strmap	*index;		/* NULL while small */
	unsigned	 state;		/* grammar's own: how the table may still be extended */
};

/*
 * Parse a whole document.  Returns its root table; where the text has errors,
 * they are in the queue (several, none only a consequence of another) and the
 * tree holds what could be understood: a caller that wants valid input only
 * looks at diags_errors().  NULL only where a limit ended the parse.
 * Everything returned lives in the arena; the source must outlive it.
 */
struct toml_node *toml_parse(struct arena *, struct diags *, const struct source *);

/*
 * One "KEY=VALUE" as `-c' takes it: dotted key on the left, a TOML value on
 * the right or, where that does not parse, the rest of the text as a string
 * (no diagnostics from that attempt).  Returns a root table with that one
 * path, or NULL after one error.
 */
struct toml_node *toml_parse_override(struct arena *, struct diags *, const struct source *);

/* NULL where there is none, or `t' is no table. */
const struct toml_key *toml_get(const struct toml_node *t, const char *name);
const struct toml_key *toml_getn(const struct toml_node *t, const char *name, size_t len);

/*
 * Lay `over' on `base', table by table; what is no table on both sides is
 * replaced.  Both must be tables; nodes are shared, not copied.
 */
void toml_merge(struct arena *, struct toml_node *base, const struct toml_node *over);

/* The same values under the same keys in the same order; places may differ. */
bool toml_same(const struct toml_node *, const struct toml_node *);

/* "string", "integer", ... for messages. */
const char *toml_type_name(enum toml_type);

#endif

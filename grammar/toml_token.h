/* SPDX-License-Identifier: Apache-2.0 */
/* toml_token.h - a valid document as the list of its tokens, for who cares how it was written */
#ifndef CDXP_TOML_TOKEN_H
#define CDXP_TOML_TOKEN_H

#include "base.h"
#include "toml.h"

struct arena;
struct diags;
struct source;

enum toml_token_kind {
	TOML_TOKEN_KEY,		/* one component of a dotted key */
	TOML_TOKEN_SCALAR,
	TOML_TOKEN_DOT, TOML_TOKEN_EQUALS, TOML_TOKEN_COMMA,
	TOML_TOKEN_OPEN_ARRAY,	/* or, first on its line, a [header] */
	TOML_TOKEN_CLOSE_ARRAY,
	TOML_TOKEN_OPEN_ARRAY_HEADER, TOML_TOKEN_CLOSE_ARRAY_HEADER,
	TOML_TOKEN_OPEN_TABLE, TOML_TOKEN_CLOSE_TABLE,
	TOML_TOKEN_NEWLINE,	/* that ends a line; those inside of arrays are no tokens */
	TOML_TOKEN_END,
};

/* What lies between two tokens is blanks, newlines and comments. */
struct toml_token {
	enum toml_token_kind kind;
	struct span	 span;
	struct slice	 name;		/* of a key: decoded */
	const struct toml_node *scalar;
};

struct toml_tokens {
	struct toml_token *v;		/* the last one is TOML_TOKEN_END */
	size_t		 len, cap;
};

/*
 * The tokens of a text that toml_parse() took without an error.  -1, and
 * perhaps an error in the queue: it is no such text.
 */
int	toml_tokens(struct arena *, struct diags *, const struct source *, struct toml_tokens *out);

#endif

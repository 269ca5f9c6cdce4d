/* SPDX-License-Identifier: Apache-2.0 */
/* toml_ctx.h - what the TOML scanner, parser and tree share during one parse */
#ifndef CDXP_TOML_CTX_H
#define CDXP_TOML_CTX_H

#include "base.h"
#include "toml.h"

struct arena;
struct diags;
struct source;
struct strmap;

/* One component of a dotted key, and the key as a list of them. */
struct toml_part {
	struct slice	  name;
	struct span	  span;
	struct toml_part *next;
};

struct toml_path {
	struct toml_part *first, *last;
	unsigned	  len;
};

/* A value and how many levels lie below it (0 for scalars). */
struct toml_value {
	struct toml_node *node;
	unsigned	  height;
};

/* A bracket that the scanner has seen open and not yet closed. */
struct toml_frame {
	struct span	 span;
	char		 open;		/* '[' or '{' */
	bool		 multiline;	/* a newline in this '{' was reported */
};

struct toml_scan_state {
	void		*flex;
	char		*copy;		/* of the text; flex writes into it */
	size_t		 len;
	struct toml_frame frames[LIMIT_TOML_DEPTH];
	unsigned	 depth;		/* frames in use */
	int		 mode;		/* start condition to come back to */
	int		 last;		/* the token before this one; 0 at the start */
	int		 first;		/* a token to hand out before the text, or 0 */
	bool		 raw;		/* after the first '=' all is one token */
	bool		 doubt;		/* a bracket may be hidden in a broken string */
	bool		 ended;		/* no more text is read */
	/*
	 * Repair: frames above `pop_to' are being closed by tokens that are not
	 * in the text; then comes `after', unless it is 0.
	 */
	bool		 popping;
	unsigned	 pop_to;
	int		 after;
	struct span	 pop_span;
};

struct toml_ctx {
	struct arena		*arena;
	struct diags		*diags;
	const struct source	*src;

	struct toml_scan_state	 scan;

	/* Reports. */
	uint32_t		 quiet_until;	/* syntax errors before it are consequences */
	size_t			 errors;
	bool			 only_one;	/* the first error silences all others */
	bool			 override;	/* the text is a `KEY=VALUE' */
	bool			 limit;		/* a limit ended the parse */

	/* Tree. */
	struct toml_node	*root;
	struct toml_table	*current;	/* where pairs go */
	size_t			 keys;
	bool			 guess;		/* a header was lost */
	struct strmap		*blamed;	/* nodes that had their error already */
};

#endif

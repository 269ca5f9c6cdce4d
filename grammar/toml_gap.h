/* SPDX-License-Identifier: Apache-2.0 */
/* toml_gap.h - what lies between two tokens: blanks, newlines, comments */
#ifndef CDXP_TOML_GAP_H
#define CDXP_TOML_GAP_H

#include "base.h"

struct source;
struct toml_token;

struct toml_gap {
	const char	*p, *end;	/* what is left of it */
	unsigned	 newlines;	/* since the token or the last comment; no more than 2 are counted */
};

struct toml_comment {
	struct slice	 text;		/* from its '#', without blanks at the end */
	bool		 own_line;	/* nothing stands before it on its line */
	bool		 blank;		/* a blank line stands before it */
};

struct toml_gap toml_gap(const struct source *, const struct toml_token *before,
	    const struct toml_token *after);
/* In front of the first token. */
struct toml_gap toml_gap_first(const struct source *, const struct toml_token *);

/* The next comment; false: there is none, and `newlines' are those up to the token behind. */
bool	toml_gap_next(struct toml_gap *, struct toml_comment *);

/* Anywhere in it. */
bool	toml_gap_has_comment(const struct toml_gap *);
bool	toml_gap_has_newline(const struct toml_gap *);
bool	toml_gap_has_blank(struct toml_gap);

#endif

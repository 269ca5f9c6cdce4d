/* SPDX-License-Identifier: Apache-2.0 */
/* sbpl.h - SBPL text in; forms with a span on every one, or diagnostics, out */
#ifndef CDXP_SBPL_H
#define CDXP_SBPL_H

#include "base.h"

struct arena;
struct diags;
struct source;

enum sbpl_kind { SBPL_LIST, SBPL_SYMBOL, SBPL_STRING, SBPL_NUMBER, SBPL_BOOLEAN };

/* Siblings are chained by `next', in the order of the text. */
struct sbpl_form {
	struct sbpl_form *next;
	struct span	 span;		/* with its parentheses, quotes or quotation marks */
	enum sbpl_kind	 kind;
	union {
		struct slice	 text;		/* SYMBOL; STRING: decoded. NUL-terminated, no NUL inside */
		int64_t		 number;
		bool		 boolean;
		struct { struct sbpl_form *first; size_t len; } list;
	};
};

/*
 * Read a whole text.  Returns a list of its forms; where the text has errors
 * they are in the queue and the list holds what could be read, so a caller
 * looks at diags_errors() first.  NULL only where a limit ended the reading.
 * Everything returned lives in the arena.
 *
 * The notation is that of Scheme as sandbox profiles use it: lists, symbols,
 * integers (decimal, or hexadecimal after #x), #t and #f, strings "..." with
 * the escapes \" \\ \n \t \r \xHH and octal, raw strings #"..." that end at
 * the first quotation mark, comments ; and #| |# (which nest).  'x, `x, ,x and
 * ,@x are lists of two, as in Scheme.  Anything else, such as an escape that
 * would silently lose its backslash, a dotted pair, a fraction, or a string
 * over LIMIT_SBPL_STRING, which macOS refuses, is an error.
 */
struct sbpl_form *sbpl_parse(struct arena *, struct diags *, const struct source *);

/* A symbol, or a list that begins with one, of that name. */
bool	sbpl_is_symbol(const struct sbpl_form *, const char *name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_quote.h - text to TOML: the one spelling of a string and of a key */
#ifndef CDXP_TOML_QUOTE_H
#define CDXP_TOML_QUOTE_H

#include "base.h"
#include "sbuf.h"

/*
 * UTF-8 as a string on one line: "..." where nothing in it needs an escape,
 * else '...' where that holds it as it is, else "..." with escapes.  What
 * cannot be seen (controls, blanks other than the space, marks that reorder
 * text) is always escaped.
 */
void	toml_quote(struct sbuf *, struct slice);

/* The same for a key: without quotes where it can do without. */
void	toml_quote_key(struct sbuf *, struct slice);

/* "..." holds the text as it is. */
bool	toml_quote_is_plain(struct slice);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_format.h - a TOML document in its one canonical form, comments and order kept */
#ifndef CDXP_TOML_FORMAT_H
#define CDXP_TOML_FORMAT_H

#include "base.h"
#include "sbuf.h"

struct arena;
struct diags;
struct source;
struct sources;

enum {
	TOML_FORMAT_COLUMNS = 100,	/* arrays that would be longer are broken */
	TOML_FORMAT_ALIGN = 64,		/* comments behind longer lines are not aligned */
	TOML_FORMAT_INDENT = 2,
};

/*
 * Append the canonical form of a document.  0, or -1 with errors in the queue:
 * the text is not TOML, or its canonical form, parsed again, would not have
 * the same values, order and comments; what was appended is then of no use.
 */
int	toml_format(struct arena *, struct sources *, struct diags *, const struct source *,
	    struct sbuf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_tree.h - tables, and what TOML allows to be added to one already there */
#ifndef CDXP_TOML_TREE_H
#define CDXP_TOML_TREE_H

#include "base.h"
#include "toml_ctx.h"

/*
 * What follows returns false only where a limit ended the parse (reported);
 * every other fault is reported and survived.
 */

/* The empty document. */
void	toml_tree_begin(struct toml_ctx *);

/* Add a component to a dotted key; the first one to an empty path. */
bool	toml_tree_part(struct toml_ctx *, struct toml_path *, struct toml_part);

/*
 * [path] or, where `array' is set, [[path]]: what comes next goes there.  The
 * `lost' form is for a header that is not whole: it never complains.
 */
bool	toml_tree_header(struct toml_ctx *, const struct toml_path *, bool array,
    struct span);
bool	toml_tree_header_lost(struct toml_ctx *, const struct toml_path *,
    bool array, struct span);

/* path = value, below the last header. */
bool	toml_tree_pair(struct toml_ctx *, const struct toml_path *,
    struct toml_value);

/* An inline table or array under construction; `height' is kept up to date. */
struct toml_value toml_tree_inline(struct toml_ctx *);
bool	toml_tree_inline_pair(struct toml_ctx *, struct toml_value *,
    const struct toml_path *, struct toml_value);
struct toml_value toml_tree_array(struct toml_ctx *);
bool	toml_tree_array_item(struct toml_ctx *, struct toml_value *,
    struct toml_value);

#endif

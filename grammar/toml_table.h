/* SPDX-License-Identifier: Apache-2.0 */
/* toml_table.h - keys of one table, by order and by name */
#ifndef CDXP_TOML_TABLE_H
#define CDXP_TOML_TABLE_H

#include "toml.h"

/* NULL: absent.  Valid until the next key is added. */
struct toml_key	*toml_table_find(const struct toml_table *, const char *, size_t len);

/* The name must not be there yet. */
void	toml_table_add(struct arena *, struct toml_table *, struct toml_key);

#endif

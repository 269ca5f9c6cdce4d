/* SPDX-License-Identifier: Apache-2.0 */
/* toml_date.h - dates and times as RFC 3339 writes them */
#ifndef CDXP_TOML_DATE_H
#define CDXP_TOML_DATE_H

#include "base.h"
#include "toml.h"

struct toml_ctx;

/* Digits, then '-' or ':'. */
bool	toml_date_looks_like(const char *, size_t len);

/*
 * One of the four kinds.  The text kept in *out has an upper-case T and Z;
 * digits of the second are kept as they are.  Returns false after a syntax
 * error where the form is wrong; true where only a range is (reported).
 */
bool	toml_date_read(struct toml_ctx *, const char *, size_t len, struct span,
    struct toml_node *out);

#endif

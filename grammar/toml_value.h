/* SPDX-License-Identifier: Apache-2.0 */
/* toml_value.h - the text of one TOML value to what it means */
#ifndef CDXP_TOML_VALUE_H
#define CDXP_TOML_VALUE_H

#include "base.h"
#include "toml.h"

struct toml_ctx;

enum toml_string_kind {
	TOML_BASIC = 1,			/* with escapes; else literal */
	TOML_MULTI = 2,			/* may hold newlines */
};

/*
 * What stands between the quotes, decoded into the arena.  At most one error
 * is reported; the result is then what could be understood.  `at' is the
 * offset of raw[0] in the set of sources.
 */
struct slice	toml_value_string(struct toml_ctx *, const char *raw, size_t len,
    uint32_t at, unsigned kind);

/*
 * A value without quotes: a number, a boolean, a date or a time.  Returns true
 * with *out filled in, also where it has the form of such a value but not the
 * range (reported); false after a report where it is none.  The report counts
 * as a syntax error.
 */
bool	toml_value_word(struct toml_ctx *, const char *text, size_t len,
    struct span, struct toml_node *out);

/*
 * The first byte of text that TOML allows nowhere: a control character other
 * than tab and newline, or a carriage return without a newline.  len: none.
 * text[len] is readable.
 */
size_t	toml_value_control(const char *text, size_t len);

/* Report the byte that toml_value_control() found. */
void	toml_value_control_error(struct toml_ctx *, unsigned char, uint32_t at,
    const char *where);

/* A typographic quotation mark (U+2018 to U+201F) begins here. */
bool	toml_value_smart_quote(const char *, size_t len);

#endif

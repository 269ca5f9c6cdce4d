/* SPDX-License-Identifier: Apache-2.0 */
/* toml_report.h - which of a text's faults are told, and how often */
#ifndef CDXP_TOML_REPORT_H
#define CDXP_TOML_REPORT_H

#include "base.h"
#include "diag.h"

struct toml_ctx;

/* A fault of its own, whatever else is wrong on its line.  NULL: silenced. */
struct diag	*toml_report(struct toml_ctx *, enum diag_code, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * A fault in the structure of the text.  NULL where the line has had one: what
 * comes after the first is taken for its consequence, whether the scanner or
 * the parser found it.
 */
struct diag	*toml_report_syntax(struct toml_ctx *, enum diag_code, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * A fault in one value, told unless its line has had a fault of the kind above
 * before; it silences nothing itself.
 */
struct diag	*toml_report_value(struct toml_ctx *, enum diag_code, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* No further syntax error up to the end of the line that holds this offset. */
void	toml_report_quiet(struct toml_ctx *, uint32_t offset);

/* For what the three above returned; nothing happens where that is NULL. */
void	toml_report_hint(struct toml_ctx *, struct diag *, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void	toml_report_note(struct toml_ctx *, struct diag *, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* The parse is over and gives no tree; says so once. */
void	toml_report_limit(struct toml_ctx *, enum diag_code, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Text in double quotes for a message: shortened, control characters escaped. */
const char	*toml_report_quote(struct toml_ctx *, struct slice);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* toml_repair.h - open brackets, and the tokens that are missing from a text */
#ifndef CDXP_TOML_REPAIR_H
#define CDXP_TOML_REPAIR_H

#include "base.h"

struct toml_ctx;

/*
 * The parser only ever sees brackets in pairs: where the text leaves some
 * open, the scanner says so, sends one error token and then the brackets that
 * are missing.  Recovery in the grammar can then skip to the end of the
 * innermost bracket and be sure that it is there.
 *
 * Functions that report return true where an error token is to be sent.
 */

/* False: nested too deep; the parse is over (reported). */
bool	toml_repair_push(struct toml_ctx *, char open, struct span);

/*
 * A closing bracket.  Takes its frame off the stack; where others lie above
 * it, they are closed first.  One that closes nothing is left to the parser.
 */
bool	toml_repair_close(struct toml_ctx *, char close, struct span);

/* The innermost open bracket; 0: none. */
char	toml_repair_top(const struct toml_ctx *);

/* A newline inside brackets; the next text that is no blank begins at `next'. */
bool	toml_repair_newline(struct toml_ctx *, struct span, uint32_t next);

/* The end of the text. */
bool	toml_repair_end(struct toml_ctx *, struct span);

/*
 * A string without its end.  Reported; true where it may be taken for a value
 * all the same, because no bracket can be hidden in it.
 */
bool	toml_repair_open_string(struct toml_ctx *, struct span, char quote, bool multi);

/* The last token makes a value come next. */
bool	toml_repair_wants_value(const struct toml_ctx *);

/*
 * A faulty item of an array was skipped up to the end of its line: that it
 * has no comma either is not worth a second error.
 */
void	toml_repair_item_skipped(struct toml_ctx *, uint32_t at);

/*
 * A line ended too early, after its '=' (want_value) or elsewhere: where the
 * next one seems to go on with it, that one has no error of its own.
 */
void	toml_repair_line_cut(struct toml_ctx *, uint32_t next, bool want_value);

/* Close all that is open. */
void	toml_repair_pop_all(struct toml_ctx *, struct span);

/* The next token of a repair; false: none is under way. */
bool	toml_repair_pop(struct toml_ctx *, struct span *, int *token);

#endif

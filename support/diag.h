/* SPDX-License-Identifier: Apache-2.0 */
/* diag.h - diagnostics as data, in a queue */
#ifndef CDXP_DIAG_H
#define CDXP_DIAG_H

#include <stdio.h>

#include "base.h"

struct arena;
struct sources;

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

/* One row for each message in diag_codes.def: DIAG(symbol, "id", severity, "meaning"). */
enum diag_code {
#define DIAG(sym, id, sev, meaning)	D_##sym,
#include "diag_codes.def"
#undef DIAG
	DIAG_CODES
};

struct diag_note {
	struct span	 span;		/* {0,0}: none */
	const char	*text;
};

struct diag {
	enum diag_code		 code;
	enum diag_severity	 severity;
	struct span		 span;		/* {0,0}: none, prints "cdxpc: error: ..." */
	const char		*text;		/* one line, no full stop */
	const char		*hint;		/* what to write instead, beside the caret; or NULL */
	struct { struct diag_note *v; size_t len, cap; } notes;
};

/*
 * The queue owns what it is given (copies live in the arena).  Nothing is
 * printed until diags_print().  At most LIMIT_DIAGS errors and as many
 * warnings are kept, the rest are counted.
 */
struct diags;
struct diags	*diags_new(struct arena *, const struct sources *);

/* -W[no-]ID, -Werror, -Werror=ID, -w as in gcc.  -1: no such id. */
int	diags_flag(struct diags *, const char *flag);

/* Add one; severity comes from the table.  The result is never NULL and valid until the queue goes. */
struct diag	*diag_add(struct diags *, enum diag_code, struct span,
    const char *fmt, ...) PRINTF_LIKE(4, 5);
void	diag_hint(struct diags *, struct diag *, const char *fmt, ...) PRINTF_LIKE(3, 4);
void	diag_note(struct diags *, struct diag *, struct span, const char *fmt, ...) PRINTF_LIKE(4, 5);

size_t	diags_errors(const struct diags *);
/* Less the warnings that -Werror made errors: these say nothing against what was understood. */
size_t	diags_own_errors(const struct diags *);
size_t	diags_count(const struct diags *);
const struct diag *diags_at(const struct diags *, size_t);
const char *diag_id(enum diag_code);
const char *diag_meaning(enum diag_code);
enum diag_severity diag_default_severity(enum diag_code);
const struct sources *diags_sources(const struct diags *);

/*
 * Two lines: the one that `where' (with a source) is on, and under it caret
 * and tildes, as every diagnostic has them; safe on a terminal.
 */
struct place_in_source;
struct sbuf;
void	diag_quote(struct sbuf *out, const struct place_in_source *where, enum diag_severity,
    bool colour);
/* A text of one line, with what could harm a terminal spelt out. */
void	diag_show(struct sbuf *out, const char *);

enum diag_format { DIAG_TEXT, DIAG_JSON, DIAG_SARIF, DIAG_GITHUB };

/* "text", "json", "sarif", "github"; false: none of them. */
bool	diag_format_named(const char *, enum diag_format *);

/*
 * Print the whole queue in the order of severity-independent discovery.
 * Text: file:line:col: severity: message [id], the quoted line, carets, hint,
 * notes.  JSON: one array, canonical, see man page.  SARIF: one document of
 * version 2.1.0.  These two are printed for an empty queue as well.  GitHub: a
 * workflow command for each.  `colour' only for text.  `prog' names the program
 * where a diagnostic has no place.
 */
void	diags_print(const struct diags *, FILE *, enum diag_format, bool colour, const char *prog);

#endif

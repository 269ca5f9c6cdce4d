/* SPDX-License-Identifier: Apache-2.0 */
/* diag_queue.h - the inside of the queue, for diag.c and the printers alone */
#ifndef CDXP_DIAG_QUEUE_H
#define CDXP_DIAG_QUEUE_H

#include "diag.h"
#include "sbuf.h"

enum promotion { BY_DEFAULT, PROMOTE, KEEP };

struct diags {
	struct arena		*a;
	const struct sources	*sources;
	struct { struct diag **v; size_t len, cap; } queue;
	size_t		 kept_errors, kept_others;	/* together queue.len */
	size_t		 promoted;	/* errors, kept or not, that are warnings by themselves */
	size_t		 dropped_errors, dropped_others;
	/* What is switched off or over the limit is handed out here, and never read. */
	struct diag	 nowhere;
	bool		 no_warnings, all_errors;
	bool		 off[DIAG_CODES];
	unsigned char	 promote[DIAG_CODES];		/* enum promotion */
};

/* The text with each byte that is no character as \xNN. */
void	diag_add_text(struct sbuf *, const char *);

/*
 * All diagnostics in one form; `more' counts in words those that were not
 * kept, and is empty where all were.
 */
void	diag_sarif(const struct diags *, struct sbuf *, const char *prog, const char *more);
void	diag_github(const struct diags *, struct sbuf *, const char *more);

#endif

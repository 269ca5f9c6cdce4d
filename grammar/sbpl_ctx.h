/* SPDX-License-Identifier: Apache-2.0 */
/* sbpl_ctx.h - what the SBPL scanner, parser and form builder share during one parse */
#ifndef CDXP_SBPL_CTX_H
#define CDXP_SBPL_CTX_H

#include "base.h"
#include "diag.h"
#include "sbpl.h"

struct arena;
struct source;

/* A chain of siblings under construction. */
struct sbpl_chain {
	struct sbpl_form *first, *last;
	size_t		 len;
};

struct sbpl_ctx {
	struct arena		*arena;
	struct diags		*diags;
	const struct source	*src;
	struct sbpl_form	*root;
	size_t			 forms;
	struct slice		 word[64];	/* symbols met, by a hash: most are the same few */
	bool			 limit;		/* a limit ended the parse */

	/* The scanner's own. */
	void			*flex;
	char			*copy;		/* of the text; flex writes into it */
	unsigned		 depth;		/* parentheses that are open */
	struct span		 open[LIMIT_SBPL_DEPTH];
	unsigned		 comment;	/* #| that are open */
	struct span		 comment_start;
	bool			 closing;	/* the text has ended, open lists are being closed */
};

/* sbpl_scan.l */
void	sbpl_scan_begin(struct sbpl_ctx *);
void	sbpl_scan_end(struct sbpl_ctx *);

/* sbpl_form.c: nodes.  NULL after a limit, with its error in the queue. */
struct sbpl_form *sbpl_form_new(struct sbpl_ctx *, enum sbpl_kind, struct span);
struct sbpl_form *sbpl_form_list(struct sbpl_ctx *, const struct sbpl_chain *, struct span);
/* 'x and its like: a list of a symbol and the form. */
struct sbpl_form *sbpl_form_quoted(struct sbpl_ctx *, const char *symbol, struct sbpl_form *,
	    struct span);
void	sbpl_form_append(struct sbpl_chain *, struct sbpl_form *);
/* A word of the text: symbol, number or boolean.  NULL after an error. */
struct sbpl_form *sbpl_form_word(struct sbpl_ctx *, const char *, size_t, struct span);
/* The inside of a string literal.  NULL after an error. */
struct sbpl_form *sbpl_form_string(struct sbpl_ctx *, const char *, size_t, bool raw, struct span);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* show_page.h - the pieces that the HTML page of cdxpc show is made of */
#ifndef CDXP_SHOW_PAGE_H
#define CDXP_SHOW_PAGE_H

#include "show.h"

struct page {
	const struct show *s;
	struct sbuf	*out;
	const char	*once;		/* show_protected_once() */
	char		*line_class;	/* of each line of the source, from 1: 'w', 'r', 'd' or NUL */
	size_t		 nlines;
};

/* Markup of our own, as it is. */
void	page_put(struct page *, const char *markup);
/* Text of others: nothing in it is markup, and what could mislead is shown as its number. */
void	page_text(struct page *, const char *text);
/* The same for n bytes; a tab stays one. */
void	page_bytes(struct page *, const char *text, size_t n);
/* The same, and a line may break behind each slash. */
void	page_path(struct page *, const char *path);
/* 'w', 'r', 'd'. */
char	page_access_class(enum access);
/* Where a rule stands, with a link where that line is on the page. */
void	page_where(struct page *, const struct ir_origin *);
/* Find the lines of the source, and which rules stand on them. */
void	page_index_source(struct page *);
/* The source with its lines numbered; nothing where there is none. */
void	page_source(struct page *);

#endif

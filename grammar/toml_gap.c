/* SPDX-License-Identifier: Apache-2.0 */
/* toml_gap.c - what lies between two tokens: blanks, newlines, comments */
#include <config.h>

#include "toml_gap.h"

#include <string.h>

#include "source.h"
#include "toml_token.h"

struct toml_gap
toml_gap(const struct source *src, const struct toml_token *before, const struct toml_token *after)
{
	return (struct toml_gap){
		src->text + (before->span.end - src->base),
		src->text + (after->span.start - src->base),
		/* The newline that ended the line is a token, and counts. */
		before->kind == TOML_TOKEN_NEWLINE,
	};
}

struct toml_gap
toml_gap_first(const struct source *src, const struct toml_token *first)
{
	return (struct toml_gap){ src->text, src->text + (first->span.start - src->base), 1 };
}

bool
toml_gap_next(struct toml_gap *g, struct toml_comment *c)
{
	for (; g->p < g->end && *g->p != '#'; g->p++)
		if (*g->p == '\n' && g->newlines < 2)
			g->newlines++;
	if (g->p == g->end)
		return false;
	const char *start = g->p, *stop = memchr(start, '\n', (size_t)(g->end - start));
	g->p = stop == NULL ? g->end : stop;
	stop = g->p;
	while (strchr(" \t\r", stop[-1]) != NULL)
		stop--;
	*c = (struct toml_comment){ { start, (size_t)(stop - start) }, g->newlines > 0, g->newlines > 1 };
	g->newlines = 0;
	return true;
}

bool
toml_gap_has_comment(const struct toml_gap *g)
{
	return g->end > g->p && memchr(g->p, '#', (size_t)(g->end - g->p)) != NULL;
}

bool
toml_gap_has_newline(const struct toml_gap *g)
{
	return g->end > g->p && memchr(g->p, '\n', (size_t)(g->end - g->p)) != NULL;
}

bool
toml_gap_has_blank(struct toml_gap g)
{
	struct toml_comment c;

	while (toml_gap_next(&g, &c))
		if (c.blank)
			return true;
	return g.newlines > 1;
}

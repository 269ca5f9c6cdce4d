/* SPDX-License-Identifier: Apache-2.0 */
/* toml_lines.h - lines under construction, the comments at their ends brought into line */
#ifndef CDXP_TOML_LINES_H
#define CDXP_TOML_LINES_H

#include "base.h"
#include "sbuf.h"

struct arena;

struct toml_line {
	size_t		 from, to;	/* in the code; equal where there is only a comment */
	struct slice	 comment;	/* lives as long as the source; or empty */
	unsigned	 indent;
	bool		 alone;		/* not aligned with others */
	bool		 blank;
};

/* Zero but for `a' at the start; who is done frees `code'. */
struct toml_lines {
	struct arena	*a;
	struct sbuf	 code;
	struct { struct toml_line *v; size_t len, cap; } list;
	struct toml_line now;		/* the line that is open */
	size_t		 column;	/* where it stands, from 0 */
	bool		 opens;		/* it is the head of a block */
	bool		 want_blank;	/* before the next line */
	bool		 at_head;	/* no blank line here */
};

void	toml_lines_begin(struct toml_lines *, unsigned indent);
void	toml_lines_add(struct toml_lines *, const char *, size_t);
void	toml_lines_puts(struct toml_lines *, const char *);
void	toml_lines_end(struct toml_lines *, struct slice comment);

/* A line with nothing but a comment. */
void	toml_lines_comment(struct toml_lines *, unsigned indent, struct slice);
/* One blank line before what comes next, unless that is the first line or begins or ends a block. */
void	toml_lines_blank(struct toml_lines *);

/* The open line stands on its own; so does one that opens a block, and the line that begins with its end. */
void	toml_lines_alone(struct toml_lines *);
void	toml_lines_open(struct toml_lines *);
void	toml_lines_close(struct toml_lines *, unsigned indent);

/* All of them, each with a newline. */
void	toml_lines_join(const struct toml_lines *, struct sbuf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* source.h - the texts that diagnostics quote, kept in memory */
#ifndef CDXP_SOURCE_H
#define CDXP_SOURCE_H

#include "base.h"

struct arena;
struct diags;

/*
 * A set of source texts.  Each gets a range of its own in one offset space, so
 * that a `struct span' needs no file.  Offset 0 belongs to nobody.
 */
struct sources;

struct source {
	const char	*name;		/* as it is printed: "profile.toml", "-c#1" */
	const char	*text;		/* NUL-terminated copy; UTF-8, no NUL inside */
	size_t		 len;
	const char	*raw;		/* as it was given: with the byte-order mark that text lacks */
	size_t		 raw_len;
	uint32_t	 base;		/* offset of text[0] in the set */
};

struct sources	*sources_new(struct arena *);

/*
 * Adopt a text (copied).  Checks the size limit, NUL bytes and UTF-8
 * (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF); a leading
 * byte-order mark is dropped.  Returns NULL after exactly one error in the
 * queue, which names the byte's line and column.
 */
const struct source *sources_add(struct sources *, struct diags *,
    const char *name, const char *text, size_t len);

/*
 * Read a file ("-" is standard input).  Returns NULL after one error (with
 * strerror) in the queue; *io is then true where the file could not be read
 * (exit status 2) and false where its content is at fault (1).  A directory
 * and a file over the limit are errors of their own.
 */
const struct source *sources_read(struct sources *, struct diags *,
    const char *path, bool *io);

struct place_in_source {
	const struct source	*source;	/* NULL: no place */
	uint32_t		 line;		/* from 1 */
	uint32_t		 column;	/* from 1, in bytes */
	uint32_t		 length;	/* bytes on that line */
	const char		*line_text;
	size_t			 line_len;
};
struct place_in_source source_locate(const struct sources *, struct span);
/*
 * The way back: `length' bytes at a line and column (from 1) of the text that
 * was added under that name, with or without a directory before it.  {0,0}
 * where there is no such text or place.
 */
struct span source_span(const struct sources *, const char *name, uint32_t line,
    uint32_t column, uint32_t length);
/* The same in one text of the set. */
struct span source_span_in(const struct sources *, const struct source *, uint32_t line,
    uint32_t column, uint32_t length);

/* The whole of a span, over as many lines as it has, counted in characters (code points). */
struct region_in_source {
	const struct source	*source;	/* NULL: no place */
	uint32_t		 line, column;	/* from 1 */
	uint32_t		 end_line, end_column;	/* one past the last character */
};
/* No place either where the set is NULL. */
struct region_in_source source_region(const struct sources *, struct span);

#endif

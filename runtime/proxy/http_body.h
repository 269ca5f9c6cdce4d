/* SPDX-License-Identifier: Apache-2.0 */
/* http_body.h - where the body of an HTTP/1 message ends (RFC 9112 6, 7) */
#ifndef CDXP_HTTP_BODY_H
#define CDXP_HTTP_BODY_H

#include "http_head.h"

enum {
	HTTP_CHUNK_LINE	 = 1024,	/* a chunk's size with its extensions */
	HTTP_TRAILER	 = 8 * 1024,	/* all that follows the last chunk */
};

struct http_body {
	enum http_framing framing;
	bool		 done;		/* also from the start, where there is none */
	uint64_t	 left;		/* of the length, or of the chunk */
	int		 state;		/* within chunks */
	size_t		 line;		/* bytes of the current line, or of the trailer */
};

/* What follows this head. */
void	http_body_begin(struct http_body *, const struct http_head *);

/*
 * How many of these bytes belong to the body, which are passed on as they
 * are; `done' is set with the last of them.  -1: they are no chunks.
 */
ptrdiff_t http_body_take(struct http_body *, const char *, size_t len);

#endif

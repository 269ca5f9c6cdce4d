/* SPDX-License-Identifier: Apache-2.0 */
/* http_head.h - the head of an HTTP/1 message, read strictly (RFC 9110, RFC 9112) */
#ifndef CDXP_HTTP_HEAD_H
#define CDXP_HTTP_HEAD_H

#include "base.h"

/*
 * What two readers could take for different messages is refused, never
 * repaired: bare CR or LF, folded lines, a space before a colon, more than one
 * way of telling where the body ends.
 */
enum {
	HTTP_HEAD_BYTES	 = 32 * 1024,	/* the whole head */
	HTTP_LINE_BYTES	 = 8 * 1024,
	HTTP_MAX_FIELDS	 = 100,
	HTTP_BLANK_LINES = 2,		/* before a request, which RFC 9112 2.2 lets a server skip */
};

/* Looks for the end of a head while it comes in. */
struct http_scan {
	size_t		 at;		/* bytes looked at */
	size_t		 line;		/* where the current line begins */
	size_t		 lines;		/* that have ended */
	size_t		 blank;		/* leading empty lines */
	size_t		 start;		/* where the first line begins */
};

enum http_result { HTTP_MORE, HTTP_DONE, HTTP_BAD };

/*
 * `bytes' are all so far; what was looked at before is not looked at again.
 * HTTP_DONE: the head is bytes[scan->start .. scan->at).  HTTP_BAD: *why is
 * static text, and *status 400, 414 or 431.
 */
enum http_result http_scan(struct http_scan *, const char *bytes, size_t len,
	    const char **why, int *status);

struct http_field {
	struct slice	 name, value;	/* value: without the space around it */
};

enum http_framing { HTTP_NO_BODY, HTTP_LENGTH, HTTP_CHUNKED, HTTP_UNTIL_CLOSE };

struct http_head {
	struct slice	 method, target;	/* of a request */
	int		 status;		/* of a response */
	struct slice	 reason;
	unsigned	 minor;			/* HTTP/1.minor: 0 or 1 */
	struct http_field field[HTTP_MAX_FIELDS];
	size_t		 nfields;
	enum http_framing framing;
	uint64_t	 length;		/* HTTP_LENGTH */
	bool		 persistent;		/* by version and Connection */
};

/*
 * A whole head as http_scan() found it, the empty line at its end included;
 * slices point into it.  0, or -1 with *why (static) and *status: what to
 * answer, 400, 431, 501 or 505.
 */
int	http_request_read(const char *, size_t len, struct http_head *, const char **why, int *status);

/* `to_head': it answers a HEAD.  -1 with *why where it cannot be passed on. */
int	http_response_read(const char *, size_t len, bool to_head, struct http_head *, const char **why);

/* The first field of that name, or NULL; names compare without regard to case. */
const struct http_field *http_field(const struct http_head *, const char *name);
bool	http_name_is(struct slice name, const char *text);
/* One of the comma-separated words of `list'. */
bool	http_list_has(struct slice list, struct slice word);

/* This field concerns one connection only and is not passed on (RFC 9110 7.6.1), or is for us. */
bool	http_is_hop_by_hop(const struct http_head *, const struct http_field *);

/* A request target: CONNECT's authority, or an absolute URI of the scheme http. */
struct http_target {
	struct slice	 authority;	/* "host", "host:port", "[v6]:port" */
	struct slice	 path;		/* with its query; empty: "/", or "*" for OPTIONS */
};
int	http_target_read(const struct http_head *, struct http_target *, const char **why, int *status);

#endif

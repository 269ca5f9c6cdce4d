/* SPDX-License-Identifier: Apache-2.0 */
/* http_body.c - counts bytes, and reads chunks without changing them */
#include <config.h>

#include "http_body.h"

#include <string.h>

enum chunk_state {
	CHUNK_SIZE,		/* hex digits, at least one */
	CHUNK_EXTENSION,	/* up to CR */
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,		/* at the beginning of a line */
	CHUNK_TRAILER_LINE,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
};

void
http_body_begin(struct http_body *b, const struct http_head *h)
{
	*b = (struct http_body){ .framing = h->framing, .left = 0, .state = CHUNK_SIZE };
	if (h->framing == HTTP_LENGTH)
		b->left = h->length;
	b->done = h->framing == HTTP_NO_BODY || (h->framing == HTTP_LENGTH && b->left == 0);
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int
size_char(struct http_body *b, char c)
{
	int digit = hex(c);

	if (digit >= 0) {
		if (b->left >> 56 != 0)
			return -1;
		b->left = b->left << 4 | (uint64_t)digit;
		return CHUNK_SIZE;
	}
	/* The first must be a digit. */
	if (b->line == 1)
		return -1;
	return c == '\r' ? CHUNK_SIZE_LF : c == ';' || c == ' ' || c == '\t' ? CHUNK_EXTENSION : -1;
}

static bool
is_text(char c)
{
	return ((unsigned char)c >= ' ' || c == '\t') && c != 0x7f;
}

static int
begin_line(struct http_body *b, int state)
{
	b->line = 0;
	return state;
}

/* The state after one byte that is not data; -1: it does not belong there. */
static int
next_state(struct http_body *b, char c)
{
	b->line++;
	switch ((enum chunk_state)b->state) {
	case CHUNK_SIZE:
		return b->line > HTTP_CHUNK_LINE ? -1 : size_char(b, c);
	case CHUNK_EXTENSION:
		return b->line > HTTP_CHUNK_LINE ? -1 : c == '\r' ? CHUNK_SIZE_LF :
		    is_text(c) ? CHUNK_EXTENSION : -1;
	case CHUNK_SIZE_LF:
		return c != '\n' ? -1 : begin_line(b, b->left > 0 ? CHUNK_DATA : CHUNK_TRAILER);
	case CHUNK_DATA_CR:
		return c == '\r' ? CHUNK_DATA_LF : -1;
	case CHUNK_DATA_LF:
		return c != '\n' ? -1 : begin_line(b, CHUNK_SIZE);
	case CHUNK_TRAILER:
		return c == '\r' ? CHUNK_END_LF : is_text(c) && c != ' ' && c != '\t' ? CHUNK_TRAILER_LINE : -1;
	case CHUNK_TRAILER_LINE:
		return b->line > HTTP_TRAILER ? -1 : c == '\r' ? CHUNK_TRAILER_LF :
		    is_text(c) ? CHUNK_TRAILER_LINE : -1;
	case CHUNK_TRAILER_LF:
		return c == '\n' ? CHUNK_TRAILER : -1;
	case CHUNK_END_LF:
		b->done = c == '\n';
		return b->done ? CHUNK_END_LF : -1;
	case CHUNK_DATA:
		break;
	}
	return -1;
}

static size_t
take_data(struct http_body *b, size_t len)
{
	size_t n = b->left < len ? (size_t)b->left : len;

	b->left -= n;
	return n;
}

static ptrdiff_t
take_chunks(struct http_body *b, const char *p, size_t len)
{
	size_t at = 0;

	while (at < len && !b->done) {
		if (b->state == CHUNK_DATA) {
			at += take_data(b, len - at);
			if (b->left == 0)
				b->state = begin_line(b, CHUNK_DATA_CR);
			continue;
		}
		b->state = next_state(b, p[at++]);
		if (b->state < 0)
			return -1;
	}
	return (ptrdiff_t)at;
}

ptrdiff_t
http_body_take(struct http_body *b, const char *p, size_t len)
{
	size_t n;

	if (b->done || b->state < 0)
		return b->state < 0 ? -1 : 0;
	switch (b->framing) {
	case HTTP_NO_BODY:
		return 0;
	case HTTP_LENGTH:
		n = take_data(b, len);
		b->done = b->left == 0;
		return (ptrdiff_t)n;
	case HTTP_UNTIL_CLOSE:
		return (ptrdiff_t)len;
	case HTTP_CHUNKED:
		return take_chunks(b, p, len);
	}
	return -1;
}

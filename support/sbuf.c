/* SPDX-License-Identifier: Apache-2.0 */
/* sbuf.c - a growing byte buffer on the heap */
#include <config.h>

#include "sbuf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

/* Room for `more' bytes and the NUL behind them. */
static void
reserve(struct sbuf *b, size_t more)
{
	if (more >= SIZE_MAX / 2 - b->len)
		out_of_memory();
	size_t need = b->len + more + 1;
	if (need <= b->cap)
		return;
	size_t cap = b->cap < 32 ? 64 : b->cap * 2;
	if (cap < need)
		cap = need;
	char *p = realloc(b->p, cap);
	if (p == NULL)
		out_of_memory();
	b->p = p;
	b->cap = cap;
}

void
sbuf_reserve(struct sbuf *b, size_t more)
{
	reserve(b, more);
}

void
sbuf_free(struct sbuf *b)
{
	free(b->p);
	*b = (struct sbuf)SBUF_INIT;
}

char *
sbuf_take(struct sbuf *b)
{
	reserve(b, 0);
	char *p = b->p;
	p[b->len] = '\0';
	*b = (struct sbuf)SBUF_INIT;
	return p;
}

void
sbuf_add(struct sbuf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n > 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
sbuf_add_front(struct sbuf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (b->len > 0)
		memmove(b->p + n, b->p, b->len);
	if (n > 0)
		memcpy(b->p, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
sbuf_addc_grown(struct sbuf *b, char c)
{
	reserve(b, 1);
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}

void
sbuf_puts(struct sbuf *b, const char *s)
{
	sbuf_add(b, s, strlen(s));
}

void
sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;

	reserve(b, 0);
	size_t room = b->cap - b->len;
	va_start(ap, fmt);
	int n = vsnprintf(b->p + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	if ((size_t)n >= room) {
		reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

int
sbuf_read(struct sbuf *b, int fd, size_t limit)
{
	char piece[64 * 1024];

	while (b->len <= limit) {
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		sbuf_add(b, piece, (size_t)n);
	}
	return 0;
}

const char *
sbuf_str(const struct sbuf *b)
{
	return b->p == NULL ? "" : b->p;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sbuf.h - a growing byte buffer on the heap */
#ifndef CDXP_SBUF_H
#define CDXP_SBUF_H

#include "base.h"

struct sbuf {
	char	*p;		/* always NUL-terminated once something was added; else NULL */
	size_t	 len;		/* without that NUL */
	size_t	 cap;
};
#define SBUF_INIT	{ NULL, 0, 0 }

/* Running out of memory aborts, as in arena.h. */
void	sbuf_reserve(struct sbuf *, size_t more);	/* room, so that what follows need not be moved */
void	sbuf_free(struct sbuf *);		/* leaves it empty and usable */
/* The bytes, NUL-terminated, which the caller frees; the buffer is empty then. */
char	*sbuf_take(struct sbuf *);
void	sbuf_add(struct sbuf *, const void *, size_t);
void	sbuf_add_front(struct sbuf *, const void *, size_t);	/* moves what is there */
void	sbuf_addc_grown(struct sbuf *, char);	/* for sbuf_addc() alone */
void	sbuf_puts(struct sbuf *, const char *);
void	sbuf_printf(struct sbuf *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* In line, as names are written byte by byte. */
static inline void
sbuf_addc(struct sbuf *b, char c)
{
	if (b->cap - b->len < 2) {
		sbuf_addc_grown(b, c);
		return;
	}
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}
/* Append what can be read, until that is more than `limit' bytes in all.  0, or -1 with errno. */
int	sbuf_read(struct sbuf *, int fd, size_t limit);
/* The text so far, never NULL. */
const char *sbuf_str(const struct sbuf *);

#endif

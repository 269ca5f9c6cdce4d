/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - memory that lives and dies together */
#ifndef CDXP_ARENA_H
#define CDXP_ARENA_H

#include "base.h"

struct arena;

/*
 * Everything from one arena is freed by one arena_free().  Memory is zeroed
 * and aligned for any type.  Input sizes are bounded before they get here, so
 * running out of memory is treated as a failed assertion: one line on standard
 * error, then abort(); no function below returns NULL.
 */
struct arena	*arena_new(void);
void		 arena_free(struct arena *);	/* NULL is allowed */

void	*arena_alloc(struct arena *, size_t size);
/* n * size bytes; the product is checked. */
void	*arena_array(struct arena *, size_t n, size_t size);
/* A NUL-terminated copy of len bytes (which may hold NULs themselves). */
char	*arena_strndup(struct arena *, const char *, size_t len);
char	*arena_strdup(struct arena *, const char *);
char	*arena_printf(struct arena *, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Grow an array that lives in an arena.  Returns the new array, of which only
 * the first `len' elements are set; the old one must not be used any more.
 * *cap is the new capacity, at least `want'.
 */
void	*arena_grow(struct arena *, void *old, size_t len, size_t *cap,
    size_t want, size_t size);

/* How every allocation of ours ends where there is no memory. */
_Noreturn void	 out_of_memory(void);

/* Append to `struct { T *v; size_t len, cap; }' whose storage is in `a'. */
#define VEC_PUSH(a, vec, item) do {					\
	if ((vec)->len == (vec)->cap)					\
		(vec)->v = arena_grow((a), (vec)->v, (vec)->len,	\
		    &(vec)->cap, (vec)->len + 1, sizeof(*(vec)->v));	\
	(vec)->v[(vec)->len++] = (item);				\
} while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* arena.c - memory that lives and dies together */
#include <config.h>

#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system.h"

/*
 * Pieces of one block lie side by side, where AddressSanitizer cannot see a
 * step from one into the next; in its builds each is followed by a gap, and
 * most arrays that grow are moved, so that it sees who still points into the
 * old one.
 */
#ifndef __has_feature
#define __has_feature(x)	0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
enum { GAP = 16, ALONE_MIN = 1024 };
#define CLOSE(p, n)	ASAN_POISON_MEMORY_REGION((p), (n))
#define OPEN(p, n)	ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
enum { GAP = 0, ALONE_MIN = 64 * 1024 };
#define CLOSE(p, n)	((void)0)
#define OPEN(p, n)	((void)0)
#endif

enum {
	FIRST_BYTES = 16,		/* of an array that grows */
	BLOCK_FIRST = 8 * 1024,
	BLOCK_MANY = 512 * 1024,	/* from there on the next one is large at once */
	BLOCK_MAX = 4 * 1024 * 1024,
	LARGE_PAGE = 2 * 1024 * 1024,
};

struct block {
	struct block		*next;
	size_t			 used, size;	/* of mem */
	alignas(max_align_t) char mem[];
};

/* Blocks come from calloc() and no piece is handed out twice: all is zero. */
struct arena {
	struct block	*first;		/* the one that is being filled */
	struct block	*alone;		/* one array each, of those that arena_grow() has made large */
	size_t		 next_size;
};

void
out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (a == NULL)
		out_of_memory();
	a->next_size = BLOCK_FIRST;
	return a;
}

static void
free_blocks(struct block *b)
{
	for (struct block *next; b != NULL; b = next) {
		next = b->next;
		OPEN(b->mem, b->size);
		free(b);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->first);
	free_blocks(a->alone);
	free(a);
}

/*
 * Page faults were a third of the time of a compile with 10,000 entries; a
 * large block asks for large pages (madvise(2)), and is filled from the first
 * on: what lies before is never touched.  Only advice: failing is fine.
 */
static void
use_large_pages(struct block *b)
{
	uintptr_t mem = (uintptr_t)b->mem;
	uintptr_t start = (mem + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;

	b->used = start - mem;
	system_use_large_pages(b->mem + b->used, (b->size - b->used) / LARGE_PAGE * LARGE_PAGE);
}

static struct block *
block_new(size_t size)
{
	if (size > SIZE_MAX - sizeof(struct block) - LARGE_PAGE)
		out_of_memory();
	bool large = size >= BLOCK_MAX;
	if (large)
		size += LARGE_PAGE;
	struct block *b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		out_of_memory();
	b->size = size;
	if (large)
		use_large_pages(b);
	CLOSE(b->mem, b->size);
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > SIZE_MAX / 2)
		out_of_memory();
	size_t need = (size + GAP + align - 1) / align * align;
	struct block *b = a->first;
	if (b == NULL || need > b->size - b->used) {
		/*
		 * What is large gets a block of its own, put behind the first
		 * so that the rest of that one is not lost.
		 */
		bool large = need > a->next_size / 4;
		b = block_new(large ? need : a->next_size);
		if (large && a->first != NULL) {
			b->next = a->first->next;
			a->first->next = b;
		} else {
			b->next = a->first;
			a->first = b;
		}
		if (!large && a->next_size < BLOCK_MAX)
			a->next_size = a->next_size < BLOCK_MANY ? 2 * a->next_size : BLOCK_MAX;
	}
	void *p = b->mem + b->used;
	b->used += need;
	OPEN(p, size);
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(a, n * size);
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	if (len == SIZE_MAX)
		out_of_memory();
	char *copy = arena_alloc(a, len + 1);
	if (len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	char shorter[256];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(shorter, sizeof(shorter), fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	if ((size_t)n < sizeof(shorter))
		return arena_strndup(a, shorter, (size_t)n);
	char *s = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

/*
 * A large array has a block of its own: realloc(3) moves its pages rather than
 * copying them, and no old one stays behind.  Growing made a fifth of the
 * memory that a compile touched.
 */
static void *
grow_alone(struct arena *a, void *old, size_t len, size_t size)
{
	struct block **link = &a->alone;

	if (size > SIZE_MAX - sizeof(struct block))
		out_of_memory();
	while (*link != NULL && (*link)->mem != old)
		link = &(*link)->next;
	struct block *b = *link, *next = b != NULL ? b->next : NULL;
	bool move = b != NULL;
	b = realloc(b, sizeof(*b) + size);
	if (b == NULL)
		out_of_memory();
	b->next = next;
	b->size = b->used = size;
	*link = b;
	if (!move && len > 0)
		memcpy(b->mem, old, len);
	return b->mem;
}

void *
arena_grow(struct arena *a, void *old, size_t len, size_t *cap, size_t want,
    size_t size)
{
	/* Most are short for ever: of what is large one is enough, of pointers two. */
	size_t few = size == 0 || size > FIRST_BYTES ? 1 : FIRST_BYTES / size;
	size_t n = *cap < few ? few : *cap;

	while (n < want) {
		if (n > SIZE_MAX / 2)
			out_of_memory();
		n *= 2;
	}
	if (n == *cap && old != NULL)
		return old;
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory();
	*cap = n;
	if (n * size >= ALONE_MIN)
		return grow_alone(a, old, len * size, n * size);
	void *p = arena_alloc(a, n * size);
	if (len > 0)
		memcpy(p, old, len * size);
	return p;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* path_sort.c - sorting paths */
#include <config.h>

#include "path_sort.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct key {
	const char	*path;
	uint32_t	 len, number;
};

/* '/' ends a component, so it comes before every other byte. */
static unsigned
rank_of(char c)
{
	return c == '/' ? 0 : (unsigned char)c;
}

/* path_order() with the lengths known, word by word: sorted paths share most of their bytes. */
static int
key_cmp(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len, i = 0;

	for (uint64_t v, w; n - i >= sizeof(v); i += sizeof(v)) {
		memcpy(&v, x->path + i, sizeof(v));
		memcpy(&w, y->path + i, sizeof(w));
		if (v != w)
			break;
	}
	while (i < n && x->path[i] == y->path[i])
		i++;
	if (i < n)
		return rank_of(x->path[i]) < rank_of(y->path[i]) ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

uint32_t *
path_sort(struct arena *a, size_t n, const char *(*path)(const void *arg, size_t i),
    const void *arg)
{
	struct arena *scratch = arena_new();
	struct key *v = arena_array(scratch, n, sizeof(*v));
	uint32_t *order = arena_array(a, n, sizeof(*order));

	for (size_t i = 0; i < n; i++) {
		const char *p = path(arg, i);
		v[i] = (struct key){ p, (uint32_t)strlen(p), (uint32_t)i };
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), key_cmp);
	for (size_t i = 0; i < n; i++)
		order[i] = v[i].number;
	arena_free(scratch);
	return order;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.c - "did you mean" */
#include <config.h>

#include "suggest.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

static unsigned
min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Row i of the table: the distance of a's first i bytes to each beginning of
 * b.  Cells further than `max' from the diagonal cannot matter and hold
 * max + 1.  Returns the least cell.
 */
static unsigned
next_row(const char *a, const char *b, size_t lb, size_t i, unsigned max,
    const unsigned *before, const unsigned *above, unsigned *row)
{
	size_t first = i > max ? i - max : 1;
	size_t last = lb - 1 < i + max - 1 ? lb : i + max;
	unsigned least;

	row[first - 1] = first == 1 ? (unsigned)i : max + 1;
	least = row[first - 1];
	for (size_t j = first; j <= last; j++) {
		unsigned swap = a[i - 1] != b[j - 1];
		unsigned d = above[j - 1] + swap;
		d = min2(d, above[j] + 1);
		d = min2(d, row[j - 1] + 1);
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
			d = min2(d, before[j - 2] + 1);
		row[j] = min2(d, max + 1);
		least = min2(least, row[j]);
	}
	if (last < lb)
		row[last + 1] = max + 1;
	return least;
}

unsigned
edit_distance(const char *a, const char *b, unsigned max)
{
	size_t la = strlen(a), lb = strlen(b);

	if (la > lb ? la - lb > max : lb - la > max)
		return max + 1;
	if (la == 0 || lb == 0)
		return (unsigned)(la + lb);

	unsigned *cells = calloc(3 * (lb + 1), sizeof(*cells));
	if (cells == NULL)
		out_of_memory();
	unsigned *before = cells, *above = cells + (lb + 1), *row = cells + 2 * (lb + 1);
	for (size_t j = 0; j <= lb; j++)
		above[j] = j > max ? max + 1 : (unsigned)j;
	unsigned least = 0;
	for (size_t i = 1; i <= la && least <= max; i++) {
		least = next_row(a, b, lb, i, max, before, above, row);
		unsigned *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	unsigned d = least > max ? max + 1 : above[lb];
	free(cells);
	return d;
}

const char *
suggest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word);
	unsigned max = len < 6 ? 1 : 2;

	/* Replacing the only letter of a word leaves nothing of it. */
	if (len < 2)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned d = edit_distance(word, names[i], max);
		if (d > max)
			continue;
		best = names[i];
		if (d == 0)
			break;
		max = d - 1;
	}
	return best;
}

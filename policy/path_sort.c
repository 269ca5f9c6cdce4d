/* SPDX-License-Identifier: Apache-2.0 */
/* path_sort.c - sorting paths */
#include <config.h>

#include "path_sort.h"

#include <string.h>

#include "arena.h"

enum {
	WORD = 8,		/* bytes that are compared as one number */
	FEW = 24,		/* below that inserting is quicker than merging */
	MANY = 512,		/* from there on counting is quicker than merging */
	RUNS = 4,		/* so many that are in order are merged as they are */
};

struct key {
	const char	*path;
	uint64_t	 word;		/* WORD bytes from some depth on, as ranks; the first counts most */
	uint32_t	 len, number;
};

/* The end comes before all bytes, and '/', which ends a component, before all others. */
static unsigned
rank_of(char c)
{
	unsigned u = (unsigned char)c;
	return c == '/' ? 1 : u < '/' ? u + 1 : u;
}

/* path_order() behind `i' bytes that they share, with the lengths known. */
static bool
comes_before(const struct key *x, const struct key *y, size_t i)
{
	size_t n = x->len < y->len ? x->len : y->len;

	for (uint64_t a, b; i + sizeof(a) <= n; i += sizeof(a)) {
		memcpy(&a, x->path + i, sizeof(a));
		memcpy(&b, y->path + i, sizeof(b));
		if (a != b)
			break;
	}
	while (i < n && x->path[i] == y->path[i])
		i++;
	if (i < n)
		return rank_of(x->path[i]) < rank_of(y->path[i]);
	return x->len < y->len;
}

static void
sort_few(struct key *v, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++) {
		const struct key moving = v[i];
		size_t to = i;
		for (; to > 0 && comes_before(&moving, &v[to - 1], depth); to--)
			v[to] = v[to - 1];
		v[to] = moving;
	}
}

/* How many bytes all share, of which `depth' are known. */
static size_t
common_bytes(const struct key *v, size_t n, size_t depth)
{
	size_t shared = v[0].len;

	for (size_t i = 1; i < n && shared > depth; i++) {
		size_t at = depth;
		if (v[i].len < shared)
			shared = v[i].len;
		if (memcmp(v[i].path + at, v[0].path + at, shared - at) == 0)
			continue;
		while (at < shared && v[i].path[at] == v[0].path[at])
			at++;
		shared = at;
	}
	return shared;
}

static void
set_words(struct key *v, size_t n, size_t depth)
{
	for (size_t i = 0; i < n; i++) {
		size_t left = v[i].len > depth ? v[i].len - depth : 0;
		uint64_t word = 0;
		for (size_t k = 0; k < WORD; k++)
			word = word << 8 | (k < left ? rank_of(v[i].path[depth + k]) : 0);
		v[i].word = word;
	}
}

/* v[0..mid) and v[mid..n) are in order; what is equal keeps its order. */
static void
merge_runs(struct key *v, struct key *other, size_t mid, size_t n, size_t depth)
{
	size_t i = 0, j = mid, k = 0;

	while (i < mid && j < n)
		other[k++] = comes_before(&v[j], &v[i], depth) ? v[j++] : v[i++];
	memcpy(other + k, v + i, (mid - i) * sizeof(*v));
	memcpy(v, other, (k + mid - i) * sizeof(*v));
}

/*
 * Most lists come in order, or as a few that are, one behind the other.
 * Sorts those; false where it is none.
 */
static bool
sort_runs(struct key *v, struct key *other, size_t n, size_t depth)
{
	size_t start[RUNS + 1] = { 0 }, runs = 1;

	for (size_t i = 1; i < n; i++) {
		if (!comes_before(&v[i], &v[i - 1], depth))
			continue;
		if (runs == RUNS)
			return false;
		start[runs++] = i;
	}
	start[runs] = n;
	for (size_t i = 1; i < runs; i++)
		merge_runs(v, other, start[i], start[i + 1], depth);
	return true;
}

/* Pieces of a few, merged two by two. */
static void
sort_merging(struct key *v, struct key *other, size_t n, size_t depth)
{
	for (size_t lo = 0; lo < n; lo += FEW)
		sort_few(v + lo, n - lo < FEW ? n - lo : FEW, depth);
	for (size_t run = FEW; run < n; run *= 2)
		for (size_t lo = 0; lo + run < n; lo += 2 * run)
			merge_runs(v + lo, other, run, n - lo < 2 * run ? n - lo : 2 * run, depth);
}

/* By their words, last byte first; each pass keeps the order of what is equal. */
static void
sort_words(struct key *v, struct key *other, size_t n)
{
	struct key *from = v, *to = other;

	for (unsigned shift = 0; shift < 8 * WORD; shift += 8) {
		size_t at[256] = { 0 }, sum = 0;
		for (size_t i = 0; i < n; i++)
			at[from[i].word >> shift & 255]++;
		if (at[from[0].word >> shift & 255] == n)
			continue;
		for (size_t k = 0; k < NELEMS(at); k++) {
			size_t count = at[k];
			at[k] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[at[from[i].word >> shift & 255]++] = from[i];
		struct key *swap = from;
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

/* Bytes that x shares with y, which share `i'. */
static size_t
shared_bytes(const struct key *x, const struct key *y, size_t i)
{
	while (i < x->len && i < y->len && x->path[i] == y->path[i])
		i++;
	return i;
}

/*
 * Most places lie in one directory, and a few are its ancestors or lie
 * elsewhere, which leaves little that all share.  Moves these before and
 * behind the others, each in its order; returns where those begin, sets *end,
 * and *shared to what they share, or returns n where they are not most.
 */
static size_t
split_most(struct key *v, struct key *other, size_t n, size_t depth, size_t *end, size_t *shared)
{
	const struct key in = v[n / 2];
	size_t before = shared_bytes(&v[n / 4], &in, depth);
	size_t behind = shared_bytes(&v[n / 4 * 3], &in, depth);
	size_t same = before < behind ? before : behind, at[3] = { 0, 0, 0 };

	if (same == depth)
		return n;
	/* 0: before them, 1: one of them, 2: behind. */
	for (size_t i = 0; i < n; i++) {
		bool one = v[i].len >= same &&
		    memcmp(v[i].path + depth, in.path + depth, same - depth) == 0;
		v[i].word = one ? 1 : comes_before(&v[i], &in, depth) ? 0 : 2;
		at[v[i].word]++;
	}
	if (at[1] < n / 2)
		return n;
	*shared = same;
	*end = at[0] + at[1];
	at[2] = *end;
	at[1] = at[0];
	at[0] = 0;
	const size_t begin = at[1];
	for (size_t i = 0; i < n; i++)
		other[at[v[i].word]++] = v[i];
	memcpy(v, other, n * sizeof(*v));
	return begin;
}

/*
 * Of keys that agree in `depth' bytes and stand in the order of their numbers.
 * Each level takes a word more, or half of them away and a byte more, so that
 * there are at most a path's length of them.
 */
static void
sort_keys(struct key *v, struct key *other, size_t n, size_t depth)
{
	if (n < FEW) {
		sort_few(v, n, depth);
		return;
	}
	if (sort_runs(v, other, n, depth))
		return;
	depth = common_bytes(v, n, depth);
	if (n < MANY) {
		sort_merging(v, other, n, depth);
		return;
	}
	size_t behind = n, shared = depth, begin = split_most(v, other, n, depth, &behind, &shared);
	if (begin < n) {
		sort_keys(v, other, begin, depth);
		sort_keys(v + begin, other, behind - begin, shared);
		sort_keys(v + behind, other, n - behind, depth);
		return;
	}
	set_words(v, n, depth);
	sort_words(v, other, n);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && v[end].word == v[i].word; end++)
			continue;
		/* A last rank of 0: they have ended and are equal. */
		if (end - i > 1 && (v[i].word & 255) != 0)
			sort_keys(v + i, other, end - i, depth + WORD);
	}
}

uint32_t *
path_sort(struct arena *a, size_t n, const char *(*path)(const void *arg, size_t i),
    const void *arg)
{
	/* The caller's arena has large pages where there are many; one of our own would have none. */
	struct key *v = arena_array(a, n, sizeof(*v));
	uint32_t *order = arena_array(a, n, sizeof(*order));

	for (size_t i = 0; i < n; i++) {
		const char *p = path(arg, i);
		v[i] = (struct key){ p, 0, (uint32_t)strlen(p), (uint32_t)i };
	}
	if (n > 1)
		sort_keys(v, arena_array(a, n, sizeof(*v)), n, 0);
	for (size_t i = 0; i < n; i++)
		order[i] = v[i].number;
	return order;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* intern.c - a hash map from byte strings to pointers, and unique strings */
#include <config.h>

#include "intern.h"

#include <string.h>
#include <sys/random.h>

#include "arena.h"

struct entry {
	void		*value;
	uint32_t	 len;
	uint32_t	 hash;		/* 0 in a small map */
	char		 key[];		/* and a NUL */
};

/*
 * Up to SMALL entries are a list, in the order they came.  With more, `slots'
 * is a hash table, probed linearly, at most three quarters full, and doubled
 * when it is.  The hash is keyed at random, so that nobody can write a file
 * whose keys all collide; nothing that is printed depends on it.
 */
enum { SMALL = 8, TABLE_FIRST = 4 * SMALL };

struct strmap {
	struct arena	*a;
	struct entry	**slots;
	size_t		 nslots;	/* of a table a power of two */
	size_t		 count;
	uint64_t	 secret[3];	/* the factors are odd */
};

static bool
same(const struct entry *e, const char *key, size_t len)
{
	return e->len == len && (len == 0 || memcmp(e->key, key, len) == 0);
}

struct strmap *
strmap_new(struct arena *a)
{
	struct strmap *m = arena_alloc(a, sizeof(*m));
	m->a = a;
	return m;
}

static bool
is_table(const struct strmap *m)
{
	return m->nslots > SMALL;
}

/* The upper bits of the product hang on all of both; they are folded onto the lower ones. */
static uint64_t
mix(uint64_t a, uint64_t odd)
{
	uint64_t p = a * odd;

	return p ^ p >> 32;
}

/*
 * Keys are short and many: SipHash, which holds against whoever can watch many
 * runs with one secret, was a tenth of a large compile.  Here each map has its
 * own, and nothing of it shows.
 */
static uint32_t
hash_of(const struct strmap *m, const char *key, size_t len)
{
	uint64_t h = m->secret[0] ^ len, word = 0;
	size_t i = 0;

	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, key + i, sizeof(word));
		h = mix(h ^ word, m->secret[1]);
	}
	word = 0;
	if (len > i)
		memcpy(&word, key + i, len - i);
	h = mix(mix(h ^ word, m->secret[1]), m->secret[2]);
	return (uint32_t)(h ^ h >> 32);
}

/* The slot of the key, or the one where it belongs. */
static size_t
probe(const struct strmap *m, const char *key, size_t len, uint32_t hash)
{
	size_t mask = m->nslots - 1, i = hash & mask;

	for (; m->slots[i] != NULL; i = (i + 1) & mask) {
		const struct entry *e = m->slots[i];
		if (e->hash == hash && same(e, key, len))
			break;
	}
	return i;
}

static void
make_secret(struct strmap *m)
{
	/* Without entropy the map is merely as good as an unkeyed one. */
	if (getentropy(m->secret, sizeof(m->secret)) != 0)
		for (size_t i = 0; i < NELEMS(m->secret); i++)
			m->secret[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	for (size_t i = 1; i < NELEMS(m->secret); i++)
		m->secret[i] |= 1;
}

static void
table_grow(struct strmap *m)
{
	struct entry **old = m->slots;
	size_t n = m->nslots;
	bool first = !is_table(m);

	if (first)
		make_secret(m);
	m->nslots = first ? TABLE_FIRST : 2 * n;
	m->slots = arena_array(m->a, m->nslots, sizeof(struct entry *));
	for (size_t i = 0; i < n; i++) {
		struct entry *e = old[i];
		if (e == NULL)
			continue;
		if (first)
			e->hash = hash_of(m, e->key, e->len);
		m->slots[probe(m, e->key, e->len, e->hash)] = e;
	}
}

static struct entry *
find(const struct strmap *m, const char *key, size_t len, uint32_t *hash)
{
	*hash = 0;
	if (len > UINT32_MAX)
		return NULL;
	if (is_table(m)) {
		*hash = hash_of(m, key, len);
		return m->slots[probe(m, key, len, *hash)];
	}
	for (size_t i = 0; i < m->count; i++) {
		if (same(m->slots[i], key, len))
			return m->slots[i];
	}
	return NULL;
}

/* The key is new: find() said so, and gave the hash. */
static struct entry *
insert(struct strmap *m, const char *key, size_t len, uint32_t hash, void *value)
{
	if (len > UINT32_MAX)
		out_of_memory();
	struct entry *e = arena_alloc(m->a, sizeof(*e) + len + 1);
	e->value = value;
	e->len = (uint32_t)len;
	e->hash = hash;
	if (len > 0)
		memcpy(e->key, key, len);

	if (is_table(m)) {
		if (m->count == m->nslots / 4 * 3)
			table_grow(m);
	} else if (m->count == SMALL) {
		table_grow(m);
		e->hash = hash_of(m, key, len);
	} else if (m->count == m->nslots) {
		m->slots = arena_grow(m->a, m->slots, m->count, &m->nslots, m->count + 1,
		    sizeof(struct entry *));
	}
	size_t at = is_table(m) ? probe(m, e->key, len, e->hash) : m->count;
	m->slots[at] = e;
	m->count++;
	return e;
}

void *
strmap_get(const struct strmap *m, const char *key, size_t len)
{
	uint32_t hash;
	struct entry *e = find(m, key, len, &hash);

	return e == NULL ? NULL : e->value;
}

void *
strmap_put(struct strmap *m, const char *key, size_t len, void *value)
{
	uint32_t hash;
	struct entry *e = find(m, key, len, &hash);

	if (e == NULL) {
		insert(m, key, len, hash, value);
		return NULL;
	}
	void *before = e->value;
	e->value = value;
	return before;
}

size_t
strmap_count(const struct strmap *m)
{
	return m->count;
}

/* A map whose values nobody asks for. */
struct intern {
	struct strmap	*map;
};

struct intern *
intern_new(struct arena *a)
{
	struct intern *in = arena_alloc(a, sizeof(*in));
	in->map = strmap_new(a);
	return in;
}

const char *
intern_str(struct intern *in, const char *s, size_t len)
{
	uint32_t hash;
	struct entry *e = find(in->map, s, len, &hash);

	if (e == NULL)
		e = insert(in->map, s, len, hash, in);
	return e->key;
}

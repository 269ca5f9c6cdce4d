/* SPDX-License-Identifier: Apache-2.0 */
/* intern.c - a hash map from byte strings to pointers, and unique strings */
#include <config.h>

#include "intern.h"

#include <string.h>

#include "arena.h"
#include "system.h"

struct entry {
	const char	*key;
	void		*value;
	uint32_t	 len;
};

/*
 * Entries stand in the order they came.  Up to SMALL of them are searched one
 * by one.  With more, `slots' is a hash table, probed linearly, at most three
 * quarters full, and doubled when it is; a slot holds the hash in its upper
 * half and the entry's number plus one in its lower, so that neither a probe
 * that misses nor growing looks at an entry.  The hash is keyed at random, so
 * that nobody can write a file whose keys all collide; nothing that is printed
 * depends on it.
 */
enum { SMALL = 8, TABLE_FIRST = 4 * SMALL };

struct strmap {
	struct arena	*a;
	struct { struct entry *v; size_t len, cap; } entries;
	uint64_t	*slots;
	size_t		 nslots;	/* a power of two; 0: no table yet */
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

static void
make_secret(struct strmap *m)
{
	/* Without entropy the map is merely as good as an unkeyed one. */
	if (system_random(m->secret, sizeof(m->secret)) != 0)
		for (size_t i = 0; i < NELEMS(m->secret); i++)
			m->secret[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	for (size_t i = 1; i < NELEMS(m->secret); i++)
		m->secret[i] |= 1;
}

static void
set_slot(struct strmap *m, uint64_t slot)
{
	size_t mask = m->nslots - 1, i = (size_t)(slot >> 32) & mask;

	while (m->slots[i] != 0)
		i = (i + 1) & mask;
	m->slots[i] = slot;
}

static uint64_t
slot_of(const struct strmap *m, size_t number)
{
	const struct entry *e = &m->entries.v[number];

	return (uint64_t)hash_of(m, e->key, e->len) << 32 | (number + 1);
}

static void
table_grow(struct strmap *m)
{
	const uint64_t *old = m->slots;
	size_t n = m->nslots;

	m->nslots = n == 0 ? TABLE_FIRST : 2 * n;
	m->slots = arena_array(m->a, m->nslots, sizeof(*m->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i] != 0)
			set_slot(m, old[i]);
}

static struct entry *
find(const struct strmap *m, const char *key, size_t len)
{
	if (m->nslots == 0) {
		for (size_t i = 0; i < m->entries.len; i++)
			if (same(&m->entries.v[i], key, len))
				return &m->entries.v[i];
		return NULL;
	}
	uint32_t hash = hash_of(m, key, len);
	size_t mask = m->nslots - 1;
	for (size_t i = hash & mask; m->slots[i] != 0; i = (i + 1) & mask) {
		struct entry *e = &m->entries.v[(uint32_t)m->slots[i] - 1];
		if (m->slots[i] >> 32 == hash && same(e, key, len))
			return e;
	}
	return NULL;
}

/* The key is new, and stays where it is. */
static void
insert(struct strmap *m, const char *key, size_t len, void *value)
{
	size_t number = m->entries.len;

	if (len > UINT32_MAX || number >= UINT32_MAX - 1)
		out_of_memory();
	VEC_PUSH(m->a, &m->entries, ((struct entry){ key, value, (uint32_t)len }));
	if (number < SMALL)
		return;
	if (number == SMALL) {
		make_secret(m);
		table_grow(m);
		for (size_t i = 0; i < number; i++)
			set_slot(m, slot_of(m, i));
	} else if (number == m->nslots / 4 * 3) {
		table_grow(m);
	}
	set_slot(m, slot_of(m, number));
}

void *
strmap_get(const struct strmap *m, const char *key, size_t len)
{
	const struct entry *e = find(m, key, len);

	return e == NULL ? NULL : e->value;
}

/* What it replaces, in *before; false where the key is new. */
static bool
replace(struct strmap *m, const char *key, size_t len, void *value, void **before)
{
	struct entry *e = find(m, key, len);

	if (e == NULL)
		return false;
	*before = e->value;
	e->value = value;
	return true;
}

void *
strmap_put(struct strmap *m, const char *key, size_t len, void *value)
{
	void *before = NULL;

	if (!replace(m, key, len, value, &before))
		insert(m, arena_strndup(m->a, key, len), len, value);
	return before;
}

void *
strmap_put_kept(struct strmap *m, const char *key, size_t len, void *value)
{
	void *before = NULL;

	if (!replace(m, key, len, value, &before))
		insert(m, key, len, value);
	return before;
}

void
strmap_add_kept(struct strmap *m, const char *key, size_t len, void *value)
{
	insert(m, key, len, value);
}

size_t
strmap_count(const struct strmap *m)
{
	return m->entries.len;
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
	const struct entry *e = find(in->map, s, len);

	if (e != NULL)
		return e->key;
	const char *own = arena_strndup(in->map->a, s, len);
	insert(in->map, own, len, in);
	return own;
}

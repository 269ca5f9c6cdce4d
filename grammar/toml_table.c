/* SPDX-License-Identifier: Apache-2.0 */
/* toml_table.c - keys of one table, by order and by name; looking and merging */
#include <config.h>

#include "toml_table.h"

#include <string.h>

#include "arena.h"
#include "intern.h"

/* Up to here a search along the keys is cheaper than a map. */
enum { SMALL = 8 };

/* The index maps a name to the key's number plus one. */
static void
index_key(struct toml_table *t, size_t i)
{
	const struct slice name = t->keys.v[i].name;

	strmap_put_kept(t->index, name.p, name.len, (void *)(uintptr_t)(i + 1));
}

struct toml_key *
toml_table_find(const struct toml_table *t, const char *name, size_t len)
{
	if (t->index != NULL) {
		uintptr_t i = (uintptr_t)strmap_get(t->index, name, len);
		return i == 0 ? NULL : &t->keys.v[i - 1];
	}
	for (size_t i = 0; i < t->keys.len; i++) {
		const struct slice s = t->keys.v[i].name;
		if (s.len == len && memcmp(s.p, name, len) == 0)
			return &t->keys.v[i];
	}
	return NULL;
}

void
toml_table_add(struct arena *a, struct toml_table *t, struct toml_key key)
{
	VEC_PUSH(a, &t->keys, key);
	if (t->index != NULL) {
		index_key(t, t->keys.len - 1);
	} else if (t->keys.len > SMALL) {
		t->index = strmap_new(a);
		for (size_t i = 0; i < t->keys.len; i++)
			index_key(t, i);
	}
}

const struct toml_key *
toml_getn(const struct toml_node *t, const char *name, size_t len)
{
	if (t == NULL || t->type != TOML_TABLE)
		return NULL;
	return toml_table_find(t->table, name, len);
}

const struct toml_key *
toml_get(const struct toml_node *t, const char *name)
{
	return toml_getn(t, name, strlen(name));
}

/* As deep as a tree may be: LIMIT_TOML_DEPTH. */
void
toml_merge(struct arena *a, struct toml_node *base, const struct toml_node *over)
{
	for (size_t i = 0; i < over->table->keys.len; i++) {
		const struct toml_key *k = &over->table->keys.v[i];
		struct toml_key *old = toml_table_find(base->table, k->name.p,
		    k->name.len);
		if (old == NULL)
			toml_table_add(a, base->table, *k);
		else if (old->value->type == TOML_TABLE && k->value->type == TOML_TABLE)
			toml_merge(a, old->value, k->value);
		else
			*old = *k;
	}
}

static bool
same_text(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool
same_table(const struct toml_table *a, const struct toml_table *b)
{
	if (a->keys.len != b->keys.len)
		return false;
	for (size_t i = 0; i < a->keys.len; i++)
		if (!same_text(a->keys.v[i].name, b->keys.v[i].name) ||
		    !toml_same(a->keys.v[i].value, b->keys.v[i].value))
			return false;
	return true;
}

static bool
same_array(const struct toml_node *a, const struct toml_node *b)
{
	if (a->array.len != b->array.len)
		return false;
	for (size_t i = 0; i < a->array.len; i++)
		if (!toml_same(a->array.v[i], b->array.v[i]))
			return false;
	return true;
}

/* As deep as a tree may be: LIMIT_TOML_DEPTH. */
bool
toml_same(const struct toml_node *a, const struct toml_node *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case TOML_TABLE:
		return same_table(a->table, b->table);
	case TOML_ARRAY:
		return same_array(a, b);
	case TOML_INTEGER:
		return a->integer == b->integer;
	case TOML_BOOLEAN:
		return a->boolean == b->boolean;
	case TOML_FLOAT:
		return memcmp(&a->real, &b->real, sizeof(a->real)) == 0;
	default:
		return same_text(a->string, b->string);
	}
}

const char *
toml_type_name(enum toml_type type)
{
	static const char *const names[] = {
		[TOML_STRING] = "string",
		[TOML_INTEGER] = "integer",
		[TOML_FLOAT] = "float",
		[TOML_BOOLEAN] = "boolean",
		[TOML_DATETIME] = "date-time",
		[TOML_DATETIME_LOCAL] = "local date-time",
		[TOML_DATE_LOCAL] = "local date",
		[TOML_TIME_LOCAL] = "local time",
		[TOML_ARRAY] = "array",
		[TOML_TABLE] = "table",
	};
	return names[type];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* profile_schema.c - keys looked up, types checked, misspellings named */
#include <config.h>

#include "profile_schema.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "suggest.h"

enum {
	TY_STRING	= 1 << 0,
	TY_INTEGER	= 1 << 1,
	TY_BOOLEAN	= 1 << 2,
	TY_ARRAY	= 1 << 3,
	TY_TABLE	= 1 << 4,
};

struct schema_row {
	enum schema_table table;
	const char	*name;
	unsigned	 types;
};

static const struct schema_row rows[SCHEMA_KEYS] = {
#define KEY(table, sym, name, types)	[KEY_##sym] = { TABLE_##table, name, types },
#include "profile_schema.def"
#include "test_schema.def"
#undef KEY
};

/* Names beyond this cannot be near any of ours; edit_distance() need not see them. */
enum { LONGEST_NEAR_NAME = 64 };

static unsigned
type_bit(enum toml_type type)
{
	switch (type) {
	case TOML_STRING:	return TY_STRING;
	case TOML_INTEGER:	return TY_INTEGER;
	case TOML_BOOLEAN:	return TY_BOOLEAN;
	case TOML_ARRAY:	return TY_ARRAY;
	case TOML_TABLE:	return TY_TABLE;
	default:		return 0;
	}
}

static const char *
types_phrase(unsigned types)
{
	switch (types) {
	case TY_STRING:		return "a string";
	case TY_INTEGER:	return "an integer";
	case TY_BOOLEAN:	return "true or false";
	case TY_ARRAY:		return "an array";
	case TY_TABLE:		return "a table";
	default:		return "true, false or a table";
	}
}

const char *
schema_type_phrase(enum toml_type type)
{
	switch (type) {
	case TOML_STRING:	return "a string";
	case TOML_INTEGER:	return "an integer";
	case TOML_FLOAT:	return "a float";
	case TOML_BOOLEAN:	return "a boolean";
	case TOML_ARRAY:	return "an array";
	case TOML_TABLE:	return "a table";
	default:		return "a date or time";
	}
}

enum schema_key
schema_find(enum schema_table table, const struct slice *name)
{
	for (size_t i = 0; i < SCHEMA_KEYS; i++)
		if (rows[i].table == table && strlen(rows[i].name) == name->len &&
		    memcmp(rows[i].name, name->p, name->len) == 0)
			return (enum schema_key)i;
	return SCHEMA_KEYS;
}

const char *
schema_name(enum schema_key key)
{
	return rows[key].name;
}

const char *
schema_suggest(enum schema_table table, const char *word)
{
	const char *names[SCHEMA_KEYS];
	size_t n = 0;
	if (strlen(word) > LONGEST_NEAR_NAME)
		return NULL;
	for (size_t i = 0; i < SCHEMA_KEYS; i++)
		if (rows[i].table == table)
			names[n++] = rows[i].name;
	return suggest(word, names, n);
}

/* Spec 1.1: within edit distance 2, however short the word is. */
static const char *
similar(enum schema_table table, const char *word)
{
	const char *best = NULL;
	unsigned least = 3;
	if (strlen(word) > LONGEST_NEAR_NAME)
		return NULL;
	for (size_t i = 0; i < SCHEMA_KEYS; i++) {
		if (rows[i].table != table)
			continue;
		unsigned d = edit_distance(word, rows[i].name, 2);
		if (d < least) {
			least = d;
			best = rows[i].name;
		}
	}
	return best;
}

const char *
schema_text(struct diags *d, const struct slice *text, struct span span)
{
	if (memchr(text->p, '\0', text->len) == NULL)
		return text->p;
	struct diag *e = diag_add(d, D_STRING_NUL, span, "the text contains a NUL character");
	diag_hint(d, e, "it would end the text here for every program that reads it");
	return NULL;
}

bool
schema_blamed(const struct diags *d, struct span span)
{
	if (diags_errors(d) == 0)
		return false;
	for (size_t i = 0; i < diags_count(d); i++) {
		const struct diag *e = diags_at(d, i);
		if (e->severity == DIAG_ERROR && e->span.start == span.start &&
		    e->span.end == span.end)
			return true;
	}
	return false;
}

static void
report_unknown(struct arena *a, struct diags *d, enum schema_table table, const char *what,
    const struct toml_key *key)
{
	const char *name = arena_strndup(a, key->name.p, key->name.len);
	const char *near = schema_suggest(table, name);
	struct diag *e = diag_add(d, D_KEY_UNKNOWN, key->span, "unknown key \"%s\" in %s",
	    name, what);
	if (near != NULL) {
		diag_hint(d, e, "did you mean \"%s\"?", near);
		return;
	}
	const char *list = NULL;
	for (size_t i = 0; i < SCHEMA_KEYS; i++)
		if (rows[i].table == table)
			list = list == NULL ? rows[i].name :
			    arena_printf(a, "%s, %s", list, rows[i].name);
	diag_note(d, e, (struct span){ 0, 0 }, "%s takes %s", what, list);
}

static void
report_type(struct diags *d, const struct toml_key *key, unsigned types)
{
	const struct toml_node *v = key->value;
	struct diag *e = diag_add(d, D_KEY_TYPE, v->span, "\"%s\" must be %s, not %s",
	    key->name.p, types_phrase(types), schema_type_phrase(v->type));
	if ((types & TY_BOOLEAN) != 0 && v->type == TOML_STRING &&
	    (strcmp(v->string.p, "true") == 0 || strcmp(v->string.p, "false") == 0))
		diag_hint(d, e, "without quotes: %s", v->string.p);
}

void
schema_read(struct arena *a, struct diags *d, enum schema_table table,
    enum schema_unknown unknown, const char *what, const struct toml_node *node,
    const struct toml_key **found)
{
	for (size_t i = 0; i < node->table->keys.len; i++) {
		const struct toml_key *key = &node->table->keys.v[i];
		enum schema_key k = schema_find(table, &key->name);
		if (k == SCHEMA_KEYS && unknown == UNKNOWN_ERROR) {
			report_unknown(a, d, table, what, key);
			continue;
		}
		if (k == SCHEMA_KEYS) {
			const char *near = similar(table, key->name.p);
			if (near == NULL)
				continue;
			struct diag *w = diag_add(d, D_KEY_SIMILAR, key->span,
			    "key \"%s\" is ignored: it is none of ours", key->name.p);
			diag_hint(d, w, "did you mean \"%s\"?", near);
			continue;
		}
		if (schema_blamed(d, key->value->span))
			continue;
		if ((type_bit(key->value->type) & rows[k].types) == 0) {
			report_type(d, key, rows[k].types);
			continue;
		}
		if (key->value->type == TOML_STRING &&
		    schema_text(d, &key->value->string, key->value->span) == NULL)
			continue;
		found[k] = key;
	}
}

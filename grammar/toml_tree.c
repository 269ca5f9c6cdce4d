/* SPDX-License-Identifier: Apache-2.0 */
/* toml_tree.c - tables, and what TOML allows to be added to one already there */
#include <config.h>

#include "toml_tree.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "source.h"
#include "toml_report.h"
#include "toml_table.h"

/*
 * How a table came to be decides what may still be done to it.  The low bits
 * of toml_table.state are one of these and perhaps GUESS; the rest is the
 * table's level below the root.
 *
 *   IMPLICIT  a [header] passed through it: one [header] may define it yet,
 *             and dotted keys may fill it
 *   HEADER    defined by its [header] or [[header]]: only further headers
 *             pass through it
 *   DOTTED    a dotted key passed through it: dotted keys fill it, headers
 *             pass through it but do not name it
 *   INLINE    { ... }: complete
 *   ELEMENT   as HEADER, of an array of tables
 */
enum {
	IMPLICIT = 1,
	HEADER,
	DOTTED,
	INLINE,
	ELEMENT,
	KIND = 7,
	GUESS = 8,		/* only because a header before it was lost */
	LEVEL = 16,
};

static unsigned
kind(const struct toml_node *n)
{
	return n->type == TOML_TABLE ? n->table->state & KIND : 0;
}

static unsigned
level(const struct toml_table *t)
{
	return t->state / LEVEL;
}

static void
set_kind(struct toml_node *n, unsigned k)
{
	n->table->state = (n->table->state & ~(unsigned)(KIND | GUESS)) | k;
}

static struct toml_node *
new_table(struct toml_ctx *x, unsigned k, unsigned at_level, struct span span)
{
	struct toml_node *n = arena_alloc(x->arena, sizeof(*n));

	n->type = TOML_TABLE;
	n->span = span;
	n->table = arena_alloc(x->arena, sizeof(*n->table));
	n->table->state = at_level * LEVEL | k;
	return n;
}

/* An array made by [[header]]; it always has an element. */
static bool
is_table_array(const struct toml_node *n)
{
	return n->type == TOML_ARRAY && n->array.len > 0 &&
	    kind(n->array.v[0]) == ELEMENT;
}

/* Nothing found here is worth a word: a lost header may have changed it all. */
static bool
is_guess(const struct toml_node *n)
{
	if (is_table_array(n))
		n = n->array.v[0];
	return n->type == TOML_TABLE && (n->table->state & GUESS) != 0;
}

void
toml_tree_begin(struct toml_ctx *x)
{
	x->root = new_table(x, HEADER, 0,
	    (struct span){ x->src->base, x->src->base });
	x->current = x->root->table;
}

/* What is added below a header that failed: checked, but in no tree. */
static void
detach(struct toml_ctx *x)
{
	x->current = new_table(x, HEADER, 1, (struct span){ 0, 0 })->table;
}

static bool
deep(struct toml_ctx *x, unsigned levels, struct span span)
{
	if (levels <= LIMIT_TOML_DEPTH)
		return false;
	toml_report_limit(x, D_TOML_DEPTH, span, "nested deeper than %d levels",
	    LIMIT_TOML_DEPTH);
	return true;
}

static bool
add(struct toml_ctx *x, struct toml_table *t, const struct toml_part *part,
    struct toml_node *value)
{
	if (x->keys >= LIMIT_TOML_KEYS) {
		toml_report_limit(x, D_TOML_KEYS, part->span,
		    "more than %d keys", LIMIT_TOML_KEYS);
		return false;
	}
	x->keys++;
	toml_table_add(x->arena, t,
	    (struct toml_key){ part->name, part->span, value });
	return true;
}

bool
toml_tree_part(struct toml_ctx *x, struct toml_path *path, struct toml_part part)
{
	struct toml_part *p = arena_alloc(x->arena, sizeof(*p));

	*p = part;
	p->next = NULL;
	if (path->last == NULL)
		path->first = p;
	else
		path->last->next = p;
	path->last = p;
	path->len++;
	return !deep(x, path->len, part.span);
}

/* "a string", "an integer", ... */
static const char *
with_article(struct toml_ctx *x, const struct toml_node *n)
{
	const char *name = toml_type_name(n->type);

	return arena_printf(x->arena, "%s %s",
	    strchr("aeiou", name[0]) != NULL ? "an" : "a", name);
}

/* Where a table was written, rather than first passed through. */
static struct span
written(const struct toml_key *old)
{
	unsigned k = kind(old->value);

	return k == HEADER || is_table_array(old->value) ?
	    old->value->span : old->span;
}

/*
 * The path cannot go on through `old'.  Told once for each node: what was
 * meant to be there is missing for all that follows.
 */
static void
blocked(struct toml_ctx *x, const struct toml_part *part, const struct toml_key *old)
{
	const struct toml_node *n = old->value;
	const char *name = toml_report_quote(x, part->name);
	struct diag *d;

	if (is_guess(n))
		return;
	if (x->blamed == NULL)
		x->blamed = strmap_new(x->arena);
	if (strmap_put(x->blamed, (const char *)&n, sizeof(n), x) != NULL)
		return;
	if (kind(n) == INLINE)
		d = toml_report(x, D_TOML_CLOSED, part->span,
		    "inline table %s cannot be added to", name);
	else if (kind(n) != 0)
		d = toml_report(x, D_TOML_CLOSED, part->span,
		    "table %s has a header of its own; dotted keys cannot add to it", name);
	else if (is_table_array(n))
		d = toml_report(x, D_TOML_CLOSED, part->span,
		    "%s is an array of tables; dotted keys cannot add to it", name);
	else if (n->type == TOML_ARRAY)
		d = toml_report(x, D_TOML_CLOSED, part->span,
		    "array %s cannot be added to", name);
	else
		d = toml_report(x, D_TOML_NOT_TABLE, part->span,
		    "%s is %s, not a table", name, with_article(x, n));
	toml_report_note(x, d, written(old), "%s is defined here", name);
}

static void
twice(struct toml_ctx *x, const struct toml_part *part, const struct toml_key *old,
    bool header)
{
	const char *name = toml_report_quote(x, part->name);
	const struct toml_node *n = old->value;
	bool table = header && kind(n) != 0;
	struct diag *d;

	if (is_guess(n))
		return;
	if (header && kind(n) == 0 && !is_table_array(n)) {
		blocked(x, part, old);
		return;
	}
	if (is_table_array(n))
		d = toml_report(x, D_TOML_DUPLICATE_TABLE, part->span,
		    "%s is already defined as an array of tables", name);
	else if (table)
		d = toml_report(x, D_TOML_DUPLICATE_TABLE, part->span,
		    "table %s is already defined", name);
	else if (kind(n) != 0)
		d = toml_report(x, D_TOML_DUPLICATE_KEY, part->span,
		    "key %s is already defined as a table", name);
	else
		d = toml_report(x, D_TOML_DUPLICATE_KEY, part->span,
		    "key %s is already defined", name);
	toml_report_note(x, d, written(old), "first defined here");
	if (is_table_array(n) && header)
		toml_report_hint(x, d, "[[...]] adds an element");
}

/*
 * One step of a header's path that is not the last.  NULL: blocked (reported),
 * or a limit (x->limit).
 */
static struct toml_table *
pass_header(struct toml_ctx *x, struct toml_table *t, const struct toml_part *part,
    struct span span)
{
	struct toml_key *key = toml_table_find(t, part->name.p, part->name.len);

	if (key == NULL) {
		struct toml_node *n = new_table(x,
		    IMPLICIT | (x->guess ? GUESS : 0), level(t) + 1, span);
		if (deep(x, level(n->table), part->span) || !add(x, t, part, n))
			return NULL;
		return n->table;
	}
	struct toml_node *n = key->value;
	if (is_table_array(n))
		n = n->array.v[n->array.len - 1];
	if (kind(n) == 0 || kind(n) == INLINE) {
		blocked(x, part, key);
		return NULL;
	}
	return n->table;
}

/* The last step of [path]. */
static struct toml_table *
define_table(struct toml_ctx *x, struct toml_table *t, const struct toml_part *part,
    struct span span, bool lost)
{
	struct toml_key *key = toml_table_find(t, part->name.p, part->name.len);

	if (key == NULL) {
		struct toml_node *n = new_table(x, HEADER, level(t) + 1, span);
		if (deep(x, level(n->table), part->span) || !add(x, t, part, n))
			return NULL;
		return n->table;
	}
	if (kind(key->value) != IMPLICIT) {
		if (!lost)
			twice(x, part, key, true);
		return NULL;
	}
	set_kind(key->value, HEADER);
	key->value->span = span;
	return key->value->table;
}

/* The last step of [[path]]. */
static struct toml_table *
define_element(struct toml_ctx *x, struct toml_table *t, const struct toml_part *part,
    struct span span, bool lost)
{
	struct toml_key *key = toml_table_find(t, part->name.p, part->name.len);
	struct toml_node *array = key == NULL ? NULL : key->value;

	if (array != NULL && !is_table_array(array)) {
		bool replace = kind(array) == IMPLICIT && is_guess(array);
		if (!replace) {
			if (!lost)
				twice(x, part, key, true);
			return NULL;
		}
		array = NULL;
	}
	if (deep(x, level(t) + 2, part->span))
		return NULL;
	if (array == NULL) {
		array = arena_alloc(x->arena, sizeof(*array));
		array->type = TOML_ARRAY;
		array->span = span;
		if (key != NULL)
			key->value = array;
		else if (!add(x, t, part, array))
			return NULL;
	}
	struct toml_node *n = new_table(x, ELEMENT | (lost ? GUESS : 0),
	    level(t) + 2, span);
	VEC_PUSH(x->arena, &array->array, n);
	return n->table;
}

static bool
header(struct toml_ctx *x, const struct toml_path *path, bool array,
    struct span span, bool lost)
{
	struct toml_table *t = x->root->table;
	const struct toml_part *part = path->first;

	for (; t != NULL && part->next != NULL; part = part->next)
		t = pass_header(x, t, part, span);
	if (t != NULL)
		t = array ? define_element(x, t, part, span, lost) :
		    define_table(x, t, part, span, lost);
	if (t != NULL)
		x->current = t;
	else
		detach(x);
	return !x->limit;
}

bool
toml_tree_header(struct toml_ctx *x, const struct toml_path *path, bool array,
    struct span span)
{
	return header(x, path, array, span, false);
}

bool
toml_tree_header_lost(struct toml_ctx *x, const struct toml_path *path, bool array,
    struct span span)
{
	x->guess = true;
	if (array && path != NULL)
		return header(x, path, array, span, true);
	detach(x);
	return true;
}

/* One step of a dotted key that is not the last. */
static struct toml_table *
pass_dotted(struct toml_ctx *x, struct toml_table *t, const struct toml_part *part)
{
	struct toml_key *key = toml_table_find(t, part->name.p, part->name.len);

	if (key == NULL) {
		struct toml_node *n = new_table(x, DOTTED, level(t) + 1, part->span);
		return add(x, t, part, n) ? n->table : NULL;
	}
	if (kind(key->value) == IMPLICIT)
		set_kind(key->value, DOTTED);
	if (kind(key->value) != DOTTED) {
		blocked(x, part, key);
		return NULL;
	}
	return key->value->table;
}

static bool
pair(struct toml_ctx *x, struct toml_table *t, const struct toml_path *path,
    struct toml_value value)
{
	const struct toml_part *part = path->first;

	if (deep(x, level(t) + path->len + value.height, path->last->span))
		return false;
	for (; t != NULL && part->next != NULL; part = part->next)
		t = pass_dotted(x, t, part);
	if (t == NULL)
		return !x->limit;
	struct toml_key *key = toml_table_find(t, part->name.p, part->name.len);
	if (key == NULL)
		return add(x, t, part, value.node);
	twice(x, part, key, false);
	return true;
}

bool
toml_tree_pair(struct toml_ctx *x, const struct toml_path *path, struct toml_value value)
{
	return pair(x, x->current, path, value);
}

struct toml_value
toml_tree_inline(struct toml_ctx *x)
{
	return (struct toml_value){
		new_table(x, INLINE, 0, (struct span){ 0, 0 }), 0
	};
}

bool
toml_tree_inline_pair(struct toml_ctx *x, struct toml_value *table,
    const struct toml_path *path, struct toml_value value)
{
	if (table->height < path->len + value.height)
		table->height = path->len + value.height;
	return pair(x, table->node->table, path, value);
}

struct toml_value
toml_tree_array(struct toml_ctx *x)
{
	struct toml_node *n = arena_alloc(x->arena, sizeof(*n));

	n->type = TOML_ARRAY;
	return (struct toml_value){ n, 0 };
}

bool
toml_tree_array_item(struct toml_ctx *x, struct toml_value *array, struct toml_value item)
{
	if (array->height < 1 + item.height)
		array->height = 1 + item.height;
	VEC_PUSH(x->arena, &array->node->array, item.node);
	return !deep(x, array->height, item.node->span);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* model_tree.c - the model's objects: made, changed, freed, written as JSON and read */
#include <config.h>

#include "model_tree.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"

enum { DEPTH_MAX = 56 };	/* of what is read; json_read() ends at LIMIT_BUNDLE_DEPTH */

static char *
copy(const char *s)
{
	char *c = strdup(s);

	if (c == NULL)
		out_of_memory();
	return c;
}

/* The list on the heap; entries of other kinds are not kept here. */
void
model_set(struct model_store *m, struct model_node *n, const struct ace_list *dacl)
{
	struct ace *v = calloc(dacl->len + 1, sizeof(*v));
	size_t len = 0;

	(void)m;
	if (v == NULL)
		out_of_memory();
	for (size_t i = 0; i < dacl->len; i++)
		if (dacl->v[i].raw == NULL)
			v[len++] = dacl->v[i];
	free(n->d.dacl.v);
	n->d.dacl = (struct ace_list){ v, len, dacl->len + 1 };
}

struct model_node *
model_append(struct model_store *m, struct model_node *dir, const char *name, enum acl_kind kind)
{
	struct model_node *n = calloc(1, sizeof(*n)), **end = &dir->child;

	if (n == NULL)
		out_of_memory();
	*n = (struct model_node){ .name = copy(name), .kind = kind, .links = 1, .id = ++m->last_id,
	    .parent = dir, .d = { .owner = dir->d.owner, .auto_inherited = true } };
	while (*end != NULL)
		end = &(*end)->next;
	*end = n;
	return n;
}

void
model_inherit(struct model_store *m, struct model_node *n)
{
	struct arena *a = arena_new();
	struct ace_list list = ace_list_part(a, &n->d.dacl, false);

	if (!n->d.is_protected && n->parent != &m->top) {
		struct ace_list more = ace_list_inherited(a, &n->parent->d.dacl, n->kind == ACL_DIR, &n->d.owner);
		for (size_t i = 0; i < more.len; i++)
			ace_add(a, &list, more.v[i]);
	}
	model_set(m, n, &list);
	arena_free(a);
}

void
model_propagate(struct model_store *m, struct model_node *n)
{
	model_inherit(m, n);
	for (struct model_node *c = n->child; c != NULL; c = c->next)
		model_propagate(m, c);
}

struct model_node *
model_add(struct model_store *m, const char *path, enum acl_kind kind)
{
	const char *end = strrchr(path, '\\');
	if (end == NULL)
		return NULL;
	char *dir = copy(path);
	dir[end - path] = '\0';
	struct model_node *parent = model_find(m, dir);
	free(dir);
	if (parent == NULL || parent->kind != ACL_DIR || model_child(parent, end + 1, strlen(end + 1), true) != NULL)
		return NULL;
	struct model_node *n = model_append(m, parent, end + 1, kind);
	model_inherit(m, n);
	return n;
}

static struct model_store *
empty(struct model_faults *faults)
{
	struct model_store *m = calloc(1, sizeof(*m));

	if (m == NULL)
		out_of_memory();
	m->store.ops = &model_ops;
	m->top.kind = ACL_DIR;
	m->faults = faults;
	return m;
}

struct model_store *
model_new(const struct sid *owner, struct model_faults *faults)
{
	struct model_store *m = empty(faults);
	struct ace all = { .type = ACE_ALLOW, .flags = ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT,
	    .mask = 0x1f01ff, .sid = *owner };
	struct ace_list list = { &all, 1, 1 };

	m->owner = m->top.d.owner = *owner;
	model_set(m, model_append(m, &m->top, "C:", ACL_DIR), &list);
	return m;
}

static void
free_node(struct model_node *n)
{
	for (struct model_node *c = n->child, *next; c != NULL; c = next) {
		next = c->next;
		free_node(c);
	}
	free(n->name);
	free(n->alias);
	free(n->target);
	free(n->text);
	free(n->d.dacl.v);
	if (n->parent != NULL)
		free(n);
}

void
model_unlink(struct model_node *n)
{
	struct model_node **at = &n->parent->child;

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	free_node(n);
}

void
model_free(struct model_store *m)
{
	if (m == NULL)
		return;
	free_node(&m->top);
	free(m);
}

const char *
model_path(struct arena *a, const struct model_node *n)
{
	const char *path = n->name;

	for (const struct model_node *p = n->parent; p->parent != NULL; p = p->parent)
		path = arena_printf(a, "%s\\%s", p->name, path);
	return n->parent->parent == NULL ? arena_printf(a, "%s\\", path) : path;
}

static cJSON *
entry_json(const struct ace *ace)
{
	char sid[SID_TEXT_MAX];
	cJSON *row = json_new_array();

	json_append(row, json_new_text(ace->type == ACE_DENY ? "deny" : "allow"));
	json_append(row, json_new_number(ace->flags));
	json_append(row, json_new_number(ace->mask));
	json_append(row, json_new_text(sid_text(&ace->sid, sid)));
	return row;
}

static cJSON *
node_json(const struct model_node *n)
{
	cJSON *o = json_new_object(), *dacl = json_new_array(), *below = json_new_object();
	char sid[SID_TEXT_MAX];

	json_put_text(o, "kind", n->kind == ACL_DIR ? "dir" : "file");
	json_put_text(o, "owner", sid_text(&n->d.owner, sid));
	json_put_bool(o, "protected", n->d.is_protected);
	for (size_t i = 0; i < n->d.dacl.len; i++)
		json_append(dacl, entry_json(&n->d.dacl.v[i]));
	if (n->d.no_dacl) {
		cJSON_Delete(dacl);
		dacl = json_must(cJSON_CreateNull());
	}
	json_put(o, "dacl", dacl);
	json_put_bool(o, "whole", true);
	json_put_number(o, "links", n->links);
	json_put_number(o, "size", n->size);
	json_put_number(o, "id", n->id);
	if (n->alias != NULL)
		json_put_text(o, "alias", n->alias);
	if (n->target != NULL)
		json_put_text(o, "target", n->target);
	if (n->text != NULL)
		json_put_text(o, "text", n->text);
	json_put_bool(o, "no_look", n->deny_look);
	json_put_bool(o, "no_change", n->deny_change);
	for (const struct model_node *c = n->child; c != NULL; c = c->next)
		json_must(cJSON_AddItemToObject(below, c->name, node_json(c)) ? below : NULL);
	json_put(o, "children", below);
	return o;
}

cJSON *
model_json(struct model_store *m)
{
	cJSON *o = json_new_object(), *drives = json_new_object();
	char sid[SID_TEXT_MAX];

	for (const struct model_node *c = m->top.child; c != NULL; c = c->next)
		json_must(cJSON_AddItemToObject(drives, c->name, node_json(c)) ? drives : NULL);
	json_put(o, "drives", drives);
	json_put_text(o, "owner", sid_text(&m->owner, sid));
	json_put_number(o, "last_id", m->last_id);
	return o;
}

static const char *
read_sid(const cJSON *text, struct sid *out)
{
	if (!cJSON_IsString(text))
		return "has something else than a SID in the place of one";
	return sid_parse(text->valuestring, strlen(text->valuestring), out);
}

static const char *
read_entry(const cJSON *row, struct ace *out)
{
	const cJSON *type = cJSON_GetArrayItem(row, 0), *flags = cJSON_GetArrayItem(row, 1),
	    *mask = cJSON_GetArrayItem(row, 2);

	if (!cJSON_IsArray(row) || cJSON_GetArraySize(row) != 4 || !cJSON_IsString(type) ||
	    !cJSON_IsNumber(flags) || !cJSON_IsNumber(mask) ||
	    !(flags->valuedouble >= 0 && flags->valuedouble <= 0x1f) ||
	    !(mask->valuedouble >= 0 && mask->valuedouble <= UINT32_MAX))
		return "has an entry that is none";
	*out = (struct ace){ .type = strcmp(type->valuestring, "deny") == 0 ? ACE_DENY : ACE_ALLOW,
	    .flags = (uint8_t)flags->valuedouble, .mask = (uint32_t)mask->valuedouble };
	return read_sid(cJSON_GetArrayItem(row, 3), &out->sid);
}

static const char *
read_dacl(struct model_store *m, struct model_node *n, const cJSON *o)
{
	const cJSON *dacl = json_member(o, "dacl"), *row;
	struct ace_list list = { NULL, 0, 0 };
	struct arena *a = arena_new();
	const char *why = NULL;
	bool whole = false;

	n->d.no_dacl = cJSON_IsNull(dacl);
	json_bool(o, "whole", &whole);
	cJSON_ArrayForEach(row, dacl) {
		struct ace ace;
		if ((why = read_entry(row, &ace)) != NULL)
			break;
		ace_add(a, &list, ace);
		whole |= (ace.flags & ACE_INHERITED) != 0;
	}
	if (why == NULL)
		model_set(m, n, &list);
	if (why == NULL && !whole)
		model_inherit(m, n);
	arena_free(a);
	return why;
}

static const char *read_node(struct model_store *, struct model_node *, const cJSON *, unsigned depth);

static const char *
read_children(struct model_store *m, struct model_node *dir, const cJSON *o, unsigned depth)
{
	const char *why = NULL;
	const cJSON *c;

	cJSON_ArrayForEach(c, o) {
		const char *kind = json_string(c, "kind");
		bool file = kind != NULL && strcmp(kind, "file") == 0;
		if (why != NULL)
			break;
		if (depth == DEPTH_MAX)
			return "is too deep";
		if (c->string[0] == '\0' || strchr(c->string, '\\') != NULL ||
		    model_child(dir, c->string, strlen(c->string), true) != NULL)
			return "has a name twice, or one that is none";
		why = read_node(m, model_append(m, dir, c->string, file ? ACL_FILE : ACL_DIR), c, depth + 1);
	}
	return why;
}

static const char *
read_node(struct model_store *m, struct model_node *n, const cJSON *o, unsigned depth)
{
	const cJSON *owner = json_member(o, "owner");
	const char *text, *why;
	int64_t number;

	if (!cJSON_IsObject(o))
		return "has something else than an object in the place of one";
	if (owner != NULL && (why = read_sid(owner, &n->d.owner)) != NULL)
		return why;
	json_bool(o, "protected", &n->d.is_protected);
	json_bool(o, "no_look", &n->deny_look);
	json_bool(o, "no_change", &n->deny_change);
	if (json_int(o, "links", &number) && number > 0 && number < 1024)
		n->links = (uint32_t)number;
	if (json_int(o, "size", &number) && number > 0)
		n->size = (uint64_t)number;
	if (json_int(o, "id", &number) && number > 0)
		n->id = (uint64_t)number;
	if ((text = json_string(o, "alias")) != NULL)
		n->alias = copy(text);
	if ((text = json_string(o, "target")) != NULL)
		n->target = copy(text);
	if ((text = json_string(o, "text")) != NULL)
		n->text = copy(text);
	if ((why = read_dacl(m, n, o)) != NULL)
		return why;
	return read_children(m, n, json_member(o, "children"), depth);
}

struct model_store *
model_load(const cJSON *o, struct model_faults *faults, const char **why)
{
	struct model_store *m = empty(faults);
	int64_t last;

	if (json_member(o, "drives") == NULL || json_member(o, "owner") == NULL)
		*why = "has no \"drives\" or no \"owner\"";
	else if ((*why = read_sid(json_member(o, "owner"), &m->owner)) == NULL) {
		m->top.d.owner = m->owner;
		*why = read_children(m, &m->top, json_member(o, "drives"), 0);
	}
	if (json_int(o, "last_id", &last) && (uint64_t)last > m->last_id)
		m->last_id = (uint64_t)last;
	if (*why == NULL)
		return m;
	model_free(m);
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* model_store.c - objects and descriptors in memory, behind the interface of acl_store.h */
#include <config.h>

#include "model_store.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "model_tree.h"
#include "path.h"

enum { JUNCTIONS_MAX = 16 };

struct acl_object {
	struct model_node	*node;
	bool			 may_change;
};

bool
model_fault(struct model_faults *f)
{
	if (f == NULL)
		return true;
	f->calls++;
	if (f->stop_at != 0 && f->calls >= f->stop_at)
		return false;
	return f->calls != f->fail_at;
}

static bool
stopped(const struct model_store *m)
{
	return m->faults != NULL && m->faults->stop_at != 0 && m->faults->calls >= m->faults->stop_at;
}

static struct model_store *
of(struct acl_store *s)
{
	return (struct model_store *)(void *)s;
}

static enum acl_status
says(struct acl_store *s, enum acl_status status, const char *why)
{
	s->why = why;
	return status;
}

static bool
names_equal(const char *name, const char *s, size_t len)
{
	if (name == NULL || strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name_fold(name[i]) != name_fold(s[i]))
			return false;
	return true;
}

struct model_node *
model_child(const struct model_node *dir, const char *name, size_t len, bool aliases)
{
	for (struct model_node *c = dir->child; c != NULL; c = c->next)
		if (names_equal(c->name, name, len) || (aliases && names_equal(c->alias, name, len)))
			return c;
	return NULL;
}

/* A junction on the way is gone through; one at the end is not. */
static struct model_node *
lookup(struct model_store *m, const char *path, bool aliases, int junctions)
{
	struct model_node *n = &m->top;

	for (const char *p = path; *p != '\0' && n != NULL; ) {
		size_t len = strcspn(p, "\\");
		if (n->target != NULL) {
			if (!aliases || junctions == JUNCTIONS_MAX)
				return NULL;
			n = lookup(m, n->target, aliases, junctions + 1);
			if (n == NULL)
				return NULL;
		}
		n = model_child(n, p, len, aliases);
		p += len;
		p += strspn(p, "\\");
	}
	return n;
}

struct model_node *
model_find(struct model_store *m, const char *path)
{
	return lookup(m, path, false, 0);
}

static enum acl_status
open_path(struct acl_store *s, const char *path, enum acl_open how, struct acl_object **out)
{
	struct model_store *m = of(s);

	if (stopped(m))
		return says(s, ACL_FAILED, "stopped");
	struct model_node *n = lookup(m, path, true, 0);
	if (n == NULL)
		return says(s, ACL_MISSING, "there is no such object");
	if (n->deny_look || (how == ACL_CHANGE && n->deny_change))
		return says(s, ACL_DENIED, "access is denied");
	struct acl_object *o = calloc(1, sizeof(*o));
	if (o == NULL)
		out_of_memory();
	*o = (struct acl_object){ n, how == ACL_CHANGE };
	m->open_objects++;
	*out = o;
	return ACL_OK;
}

static struct model_node *
by_id(struct model_node *n, uint64_t id)
{
	struct model_node *found = n->id == id ? n : NULL;

	for (struct model_node *c = n->child; c != NULL && found == NULL; c = c->next)
		found = by_id(c, id);
	return found;
}

static enum acl_status
open_id(struct acl_store *s, uint64_t volume, const uint64_t id[2], struct acl_object **out)
{
	struct model_store *m = of(s);
	struct model_node *n = volume == 1 && id[0] != 0 && id[1] == 0 ? by_id(&m->top, id[0]) : NULL;
	struct arena *a = arena_new();
	enum acl_status status = n == NULL ? says(s, ACL_MISSING, "there is no such object") :
	    open_path(s, model_path(a, n), ACL_CHANGE, out);

	arena_free(a);
	return status;
}

static enum acl_status
contents(struct acl_store *s, struct acl_object *o, size_t limit, struct sbuf *out)
{
	const char *text = o->node->text == NULL ? "" : o->node->text;

	if (stopped(of(s)))
		return says(s, ACL_FAILED, "stopped");
	if (o->node->kind != ACL_FILE || strlen(text) > limit)
		return says(s, ACL_FAILED, "it is no file, or too large");
	sbuf_puts(out, text);
	return ACL_OK;
}

static void
close_object(struct acl_store *s, struct acl_object *o)
{
	of(s)->open_objects--;
	free(o);
}

static enum acl_status
facts(struct acl_store *s, struct arena *a, struct acl_object *o, struct acl_facts *out)
{
	struct model_node *n = o->node;

	if (stopped(of(s)))
		return says(s, ACL_FAILED, "stopped");
	*out = (struct acl_facts){
		.final_path = arena_printf(a, "\\\\?\\%s", model_path(a, n)), .kind = n->kind,
		.reparse = n->target != NULL, .has_acls = true, .links = n->links, .size = n->size,
		.volume = 1, .id = { n->id, 0 },
	};
	return ACL_OK;
}

static enum acl_status
read_descriptor(struct acl_store *s, struct arena *a, struct acl_object *o, struct descriptor *out)
{
	if (stopped(of(s)))
		return says(s, ACL_FAILED, "stopped");
	*out = o->node->d;
	out->dacl = (struct ace_list){ NULL, 0, 0 };
	for (size_t i = 0; i < o->node->d.dacl.len; i++)
		ace_add(a, &out->dacl, o->node->d.dacl.v[i]);
	return ACL_OK;
}

static enum acl_status
write_dacl(struct acl_store *s, struct acl_object *o, const struct ace_list *dacl)
{
	struct model_store *m = of(s);

	if (!model_fault(m->faults))
		return says(s, ACL_FAILED, "the write failed");
	if (!o->may_change)
		return says(s, ACL_DENIED, "the object is not open for a change");
	if (m->faults != NULL && m->faults->hollow)
		return ACL_OK;
	model_set(m, o->node, dacl);
	o->node->d.no_dacl = false;
	return ACL_OK;
}

static enum acl_status
children(struct acl_store *s, struct arena *a, struct acl_object *o, size_t limit,
    struct acl_child **out, size_t *n, bool *more)
{
	size_t count = 0;

	if (stopped(of(s)))
		return says(s, ACL_FAILED, "stopped");
	if (o->node->kind != ACL_DIR)
		return says(s, ACL_FAILED, "it is no directory");
	for (const struct model_node *c = o->node->child; c != NULL; c = c->next)
		count++;
	*more = count > limit;
	count = *more ? limit : count;
	*out = arena_array(a, count, sizeof(**out));
	*n = 0;
	for (const struct model_node *c = o->node->child; *n < count; c = c->next)
		(*out)[(*n)++] = (struct acl_child){ arena_strdup(a, c->name), c->kind, c->target != NULL };
	return ACL_OK;
}

/* The directory of a path, and *name, its last component. */
static struct model_node *
parent_of(struct model_store *m, const char *path, const char **name)
{
	const char *end = strrchr(path, '\\');
	if (end == NULL)
		return NULL;
	struct arena *a = arena_new();
	struct model_node *n = lookup(m, arena_strndup(a, path, (size_t)(end - path)), true, 0);
	if (n != NULL && n->target != NULL)
		n = lookup(m, n->target, true, 1);
	arena_free(a);
	*name = end + 1;
	return n != NULL && n->kind == ACL_DIR && n != &m->top ? n : NULL;
}

static enum acl_status
create(struct acl_store *s, const char *path, enum acl_kind kind, struct acl_object **out)
{
	struct model_store *m = of(s);
	const char *name;

	if (!model_fault(m->faults))
		return says(s, ACL_FAILED, "it could not be made");
	struct model_node *dir = parent_of(m, path, &name);
	if (dir == NULL)
		return says(s, ACL_MISSING, "its directory is missing");
	if (model_child(dir, name, strlen(name), true) != NULL)
		return says(s, ACL_EXISTS, "there is something of this name");
	if (dir->deny_change)
		return says(s, ACL_DENIED, "access is denied");
	struct model_node *n = model_append(m, dir, name, kind);
	n->d.owner = m->owner;
	model_inherit(m, n);
	struct acl_object *o = calloc(1, sizeof(*o));
	if (o == NULL)
		out_of_memory();
	*o = (struct acl_object){ n, true };
	m->open_objects++;
	*out = o;
	return ACL_OK;
}

static enum acl_status
move(struct acl_store *s, const char *from, const char *to)
{
	struct model_store *m = of(s);
	const char *old, *new;

	if (!model_fault(m->faults))
		return says(s, ACL_FAILED, "it could not be renamed");
	struct model_node *dir = parent_of(m, from, &old), *there = parent_of(m, to, &new);
	struct model_node *n = dir == NULL ? NULL : model_child(dir, old, strlen(old), true);
	if (n == NULL || there != dir)
		return says(s, ACL_MISSING, "there is no such object");
	if (model_child(dir, new, strlen(new), true) != NULL)
		return says(s, ACL_EXISTS, "there is something of this name");
	free(n->name);
	if ((n->name = strdup(new)) == NULL)
		out_of_memory();
	return ACL_OK;
}

static enum acl_status
remove_empty(struct acl_store *s, const char *path, uint64_t volume, const uint64_t id[2])
{
	struct model_store *m = of(s);

	if (!model_fault(m->faults))
		return says(s, ACL_FAILED, "it could not be removed");
	struct model_node *n = lookup(m, path, true, 0);
	if (n == NULL || volume != 1 || n->id != id[0] || id[1] != 0)
		return says(s, ACL_MISSING, "there is no such object");
	if (n->child != NULL || n->size > 0)
		return says(s, ACL_NOT_EMPTY, "it is not empty");
	model_unlink(n);
	return ACL_OK;
}

const struct acl_store_ops model_ops = {
	.open = open_path,
	.close = close_object,
	.open_id = open_id,
	.facts = facts,
	.read = read_descriptor,
	.write = write_dacl,
	.children = children,
	.contents = contents,
	.create = create,
	.move = move,
	.remove = remove_empty,
};

struct acl_store *
model_acl(struct model_store *m)
{
	return &m->store;
}

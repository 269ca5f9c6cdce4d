/* SPDX-License-Identifier: Apache-2.0 */
/* bind_link.c - what depends on a link that the policy lets the command change (spec 2.5) */
#include <config.h>

#include "binder.h"

#include <string.h>

#include "arena.h"
#include "decide_fs.h"
#include "intern.h"
#include "path.h"

static const char *
mention_name(const struct binder *b, const struct mention *m)
{
	if (m->kind == MENTION_NAME)
		return arena_printf(b->a, "\"%s\" below \"%s\"", m->what, m->origin->text);
	if (m->origin == NULL)
		return m->what;
	if (m->what == NULL)
		return arena_printf(b->a, "\"%s\"", m->origin->text);
	return arena_printf(b->a, "%s of \"%s\"", m->what, m->origin->text);
}

static int
refuse(struct binder *b, const struct mention *m, const struct fact *link)
{
	const char *name = mention_name(b, m), *dir = path_parent(b->a, link->path);

	switch (m->kind) {
	case MENTION_PATH:
		return bind_fail(b, m->origin, "%s goes through the symbolic link %s -> %s, which "
		    "the policy lets the command point elsewhere; name %s instead, or make %s "
		    "read-only", name, link->path, link->target, m->end, dir);
	case MENTION_NAME:
		return bind_fail(b, m->origin, "%s cannot be protected: it is a symbolic link, "
		    "%s -> %s, in a writable directory; put what it leads to in its place, or make "
		    "%s read-only", name, link->path, link->target, dir);
	case MENTION_MATCH:
		return bind_fail(b, m->origin, "%s matches the symbolic link %s -> %s, which cannot "
		    "be denied in a writable directory; remove the link, or make %s read-only",
		    name, link->path, link->target, dir);
	}
	return -1;
}

/* The top directory of a Mac lies on the system's volume, which nobody can write. */
static bool
is_sealed(const struct binder *b, const struct fact *link)
{
	return b->rq->target == TARGET_MACOS && strchr(link->path + 1, '/') == NULL;
}

/*
 * No write entry is at or above the directory of the link, so it cannot be
 * writable.  Spares most bindings the decision structure.
 */
static bool
is_out_of_reach(const struct binder *b, const struct fact *link)
{
	const char *path = link->path;

	if (strmap_get(b->writes, "/", 1) != NULL)
		return false;
	for (size_t len = (size_t)(path_base(path) - path); len > 1; len--)
		if (path[len - 1] == '/' && strmap_get(b->writes, path, len - 1) != NULL)
			return false;
	return true;
}

int
bind_links(struct binder *b)
{
	struct arena *scratch = arena_new();
	const struct decide_fs *d = NULL;
	int rc = 0;

	/* Whoever may write everywhere gains nothing by a link. */
	if (bound_is_free(b->out)) {
		arena_free(scratch);
		return 0;
	}
	for (size_t i = 0; i < b->mentions.len && rc == 0; i++) {
		const struct mention *m = &b->mentions.v[i];
		for (size_t j = 0; j < m->nlinks && rc == 0; j++) {
			if (is_sealed(b, m->link[j]) || is_out_of_reach(b, m->link[j]))
				continue;
			if (d == NULL)
				d = decide_fs_build(scratch, b->out);
			if (decide_fs(d, path_parent(scratch, m->link[j]->path)).writable)
				rc = refuse(b, m, m->link[j]);
		}
	}
	arena_free(scratch);
	return rc;
}

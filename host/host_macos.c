/* SPDX-License-Identifier: Apache-2.0 */
/* host_macos.c - any host with the links at the top of a Mac's file system */
#include <config.h>

#include "host_facts.h"

#include <string.h>

#include "arena.h"
#include "path.h"

struct macos_view {
	struct host	 host;		/* first: callbacks get its address */
	struct host	*inner;
};

static const char *const moved[] = { "/tmp", "/var", "/etc" };
static const char private[] = "/private";

size_t
host_macos_moves(const char *path)
{
	for (size_t i = 0; i < NELEMS(moved); i++)
		if (path_within(path, moved[i]))
			return strlen(moved[i]);
	return 0;
}

/* The inner host's path, or NULL for "/private" itself. */
static const char *
inner_path(const char *path)
{
	size_t len = sizeof(private) - 1;

	if (strcmp(path, private) == 0)
		return NULL;
	for (size_t i = 0; path_below(path, private) && i < NELEMS(moved); i++)
		if (path_within(path + len, moved[i]))
			return path + len;
	return path;
}

static int
view_stat(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	struct host *inner = ((struct macos_view *)h)->inner;
	const char *at = inner_path(path);

	for (size_t i = 0; i < NELEMS(moved); i++)
		if (strcmp(path, moved[i]) == 0) {
			*out = (struct fact){ .path = path, .kind = NODE_LINK,
			    .target = arena_printf(a, "private%s", path) };
			return 0;
		}
	if (at == NULL) {
		*out = (struct fact){ .path = path, .kind = NODE_DIR };
		return 0;
	}
	int rc = inner->stat(inner, a, at, out);
	const char *stored = out->path != NULL ? path_base(out->path) : path_base(path);
	out->path = strcmp(stored, path_base(path)) == 0 ? path :
	    path_join(a, path_parent(a, path), stored);
	return rc;
}

static char *
view_read(struct host *h, struct arena *a, const char *path, size_t max)
{
	struct host *inner = ((struct macos_view *)h)->inner;
	const char *at = inner_path(path);

	return inner->read(inner, a, at != NULL ? at : path, max);
}

static int
view_list(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	struct host *inner = ((struct macos_view *)h)->inner;
	const char *at = inner_path(path);

	for (size_t i = 0; at == NULL && i < NELEMS(moved); i++) {
		int rc = each(arg, moved[i] + 1, NODE_DIR);
		if (rc != 0)
			return rc;
	}
	return at == NULL ? 0 : inner->list(inner, at, each, arg);
}

static const char *
view_home(struct host *h, struct arena *a)
{
	struct host *inner = ((struct macos_view *)h)->inner;

	return inner->home(inner, a);
}

static bool
view_may_make(struct host *h, const char *dir)
{
	struct host *inner = ((struct macos_view *)h)->inner;
	const char *at = inner_path(dir);

	return inner->may_make == NULL || (at != NULL && inner->may_make(inner, at));
}

static void
view_hold(struct host *h, const char *dir)
{
	struct host *inner = ((struct macos_view *)h)->inner;

	if (inner->hold != NULL)
		inner->hold(inner, dir != NULL ? inner_path(dir) : NULL);
}

struct host *
host_macos(struct arena *a, struct host *inner)
{
	struct macos_view *v;
	struct fact tmp;

	if (inner->stat(inner, a, "/tmp", &tmp) == 0 && tmp.kind == NODE_LINK &&
	    (strcmp(tmp.target, "private/tmp") == 0 || strcmp(tmp.target, "/private/tmp") == 0))
		return inner;
	v = arena_alloc(a, sizeof(*v));
	v->host = (struct host){ view_stat, view_read, view_list, view_home,
	    view_may_make, view_hold };
	v->inner = inner;
	return &v->host;
}

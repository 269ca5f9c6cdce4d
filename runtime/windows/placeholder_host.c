/* SPDX-License-Identifier: Apache-2.0 */
/* placeholder_host.c - facts of a host, with what the journal says is ours */
#include <config.h>

#include "placeholder_host.h"

#include "acl_journal.h"
#include "arena.h"
#include "host_wrap.h"
#include "native_path.h"
#include "path.h"
#include "win_path.h"

struct placeholder {
	const char	*path;		/* as plans spell it: C:\dir */
	enum acl_kind	 kind;
	uint64_t	 volume, id;
};

struct wrapped {
	struct host_wrap wrap;
	struct { struct placeholder *v; size_t len, cap; } made;
};

static const struct placeholder *
recorded(struct arena *a, const struct wrapped *w, const char *path)
{
	const char *native = w->made.len == 0 ? NULL : native_path_plain(a, path);

	for (size_t i = 0; native != NULL && i < w->made.len; i++)
		if (win_path_equal(w->made.v[i].path, native))
			return &w->made.v[i];
	return NULL;
}

struct looking {
	struct arena	*a;
	const struct wrapped *w;
	const char	*dir;
};

/* 1 ends the listing: there is something that is not ours. */
static int
foreign(void *arg, const char *name, enum node_kind kind)
{
	const struct looking *l = arg;

	(void)kind;
	return recorded(l->a, l->w, path_join(l->a, l->dir, name)) == NULL;
}

/*
 * The numbers of volumes are longer in the journal than a host gives them, and
 * so can those of files be; what both have is the same.
 */
static bool
is_ours(struct arena *a, const struct wrapped *w, const struct fact *f)
{
	const struct placeholder *p = recorded(a, w, f->path);

	if (p == NULL || (f->kind == NODE_DIR) != (p->kind == ACL_DIR) ||
	    (uint32_t)f->dev != (uint32_t)p->volume || f->ino != p->id)
		return false;
	struct looking l = { a, w, f->path };
	return f->kind != NODE_DIR || w->wrap.real->list(w->wrap.real, f->path, foreign, &l) == 0;
}

static int
stat_place(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	const struct wrapped *w = (const struct wrapped *)h;
	int rc = w->wrap.real->stat(w->wrap.real, a, path, out);

	if (rc == 0 && out->bare && (out->kind == NODE_DIR || out->kind == NODE_FILE))
		out->stub = is_ours(a, w, out);
	return rc;
}

struct host *
placeholder_host(struct arena *a, struct host *real, struct state_files *files, const char **why)
{
	struct wrapped *w = arena_alloc(a, sizeof(*w));
	struct arena *own = arena_new();
	struct journal j;
	const char *what;

	host_wrap(&w->wrap, real, stat_place);
	if (journal_open(own, files, &j, &what) != 0) {
		*why = arena_strdup(a, what);
		arena_free(own);
		return NULL;
	}
	for (size_t i = 0; i < j.made.len; i++) {
		const struct journal_made *m = j.made.v[i];
		if (m->has_id && m->plans.len > 0)
			VEC_PUSH(a, &w->made, ((struct placeholder){ arena_strdup(a, m->path), m->kind,
			    m->volume, m->id[0] }));
	}
	journal_close(&j);
	arena_free(own);
	return &w->wrap.host;
}

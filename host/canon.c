/* SPDX-License-Identifier: Apache-2.0 */
/* canon.c - canonical paths, link by link, and every fact that was met on the way */
#include <config.h>

#include "canon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "host_facts.h"
#include "intern.h"
#include "path.h"
#include "path_sort.h"

/* Linux: MAXSYMLINKS, path_resolution(7). */
enum { MAX_LINKS = 40 };

struct known {
	struct fact	 fact;		/* first: all that others see */
	enum { NOT_ASKED, MAY_MAKE, MAY_NOT_MAKE } making;	/* in this directory */
};

struct canon {
	struct arena	*a;
	struct host	*host;		/* NULL: made up */
	bool		 making;	/* also ask where something may be made */
	bool		 macos;		/* made up: has /tmp, /var and /etc below /private */
	struct strmap	*stored;	/* made up, Windows: by the path in lower case, how it was first spelt */
	struct strmap	*seen;		/* struct known, by canonical path */
	struct { struct known **v; size_t len, cap; } all;
	char		 at[LIMIT_PATH_BYTES + 1];	/* of the walk that is under way */
	struct {
		char	 path[LIMIT_PATH_BYTES + 1];
		struct { struct stage *v; size_t len, cap; } stages;
		struct { const struct fact **v; size_t len, cap; } links;
	} last;				/* absolute path that was walked */
};

/* Where the first components of a path led: what is known does not change, so it leads there again. */
struct stage {
	size_t		 spelt;		/* bytes of the path so far */
	const struct fact *fact;
	size_t		 links;		/* met so far */
};

struct canon *
canon_new(struct arena *a, struct host *host, bool making)
{
	struct canon *c = arena_alloc(a, sizeof(*c));

	c->a = a;
	c->host = host;
	c->making = making && host->may_make != NULL;
	c->seen = strmap_new(a);
	return c;
}

struct canon *
canon_new_made_up(struct arena *a, enum target target)
{
	struct canon *c = arena_alloc(a, sizeof(*c));

	c->a = a;
	c->macos = target == TARGET_MACOS;
	if (target == TARGET_WINDOWS)
		c->stored = strmap_new(a);
	return c;
}

static const struct fact *
made_up_fact(struct canon *c, const char *path)
{
	struct fact *f = arena_alloc(c->a, sizeof(*f));

	*f = (struct fact){ .path = path, .kind = NODE_DIR };
	if (c->macos && host_macos_moves(path) == strlen(path)) {
		f->kind = NODE_LINK;
		f->target = arena_printf(c->a, "private%s", path);
	}
	return f;
}

bool
fact_exists(const struct fact *f)
{
	return f->kind != NODE_MISSING && !f->stub;
}

bool
fact_is_dir(const struct fact *f)
{
	return f->kind == NODE_DIR && !f->stub;
}

/* One answer for all that is missing in a directory. */
static bool
is_sealed(struct canon *c, struct known *dir)
{
	if (dir->making == NOT_ASKED)
		dir->making = c->host->may_make(c->host, dir->fact.path) ? MAY_MAKE : MAY_NOT_MAKE;
	return dir->making == MAY_NOT_MAKE;
}

/* `own' is not known yet, and stays where it is. */
static const struct fact *
ask_host(struct canon *c, const char *own, size_t len, const struct fact *parent, const char **why)
{
	struct known *k = arena_alloc(c->a, sizeof(*k));
	struct fact *f = &k->fact;

	if ((parent == NULL || fact_is_dir(parent)) &&
	    c->host->stat(c->host, c->a, own, f) == -1) {
		if (errno != EACCES) {
			*why = arena_printf(c->a, "cannot look at %s: %s", own,
			    strerror(errno));
			return NULL;
		}
		/* Whoever runs as we do cannot get there either. */
		*f = (struct fact){ .kind = NODE_MISSING, .sealed = true };
	}
	/* The one spelling that the directory has is canonical; others are asked for each time. */
	if (f->kind != NODE_MISSING && f->path != NULL && strcmp(f->path, own) != 0) {
		const struct fact *stored = strmap_get(c->seen, f->path, strlen(f->path));
		if (stored != NULL)
			return stored;
		own = f->path;
		len = strlen(own);
	}
	f->path = own;
	/* All facts of a host that is there are of ours. */
	if (c->making && f->kind == NODE_MISSING && !f->sealed && parent != NULL && fact_is_dir(parent))
		f->sealed = is_sealed(c, (struct known *)(uintptr_t)parent);
	strmap_add_kept(c->seen, own, len, k);
	VEC_PUSH(c->a, &c->all, k);
	return f;
}

/*
 * The fact of path[0..len).  Where `parent' is no directory nothing can be
 * there, and the host is not asked.
 */
static const struct fact *
ask(struct canon *c, const char *path, size_t len, const struct fact *parent,
    const char **why)
{
	const struct known *k = strmap_get(c->seen, path, len);

	return k != NULL ? &k->fact :
	    ask_host(c, arena_strndup(c->a, path, len), len, parent, why);
}

/*
 * The longest start of `path' but itself, ending with a component, that is
 * known to be a directory and no link: 0 where that is only "/".  Such a
 * start is canonical as it stands, whatever comes behind it.
 */
static size_t
known_start(const struct canon *c, const char *path, const struct fact **at)
{
	for (size_t len = strnlen(path, LIMIT_PATH_BYTES); len > 1; len--) {
		if (path[len] != '/')
			continue;
		const struct fact *f = strmap_get(c->seen, path, len);
		if (f != NULL && fact_is_dir(f)) {
			*at = f;
			return len;
		}
	}
	return 0;
}

struct walk {
	struct canon	*c;
	const char	*whole;		/* for messages */
	char		*at;		/* canonical so far, not terminated */
	size_t		 len;		/* of `at'; 0 is the root */
	const struct fact *fact;	/* of `at' */
	struct canon_way *out;
	const char	**why;
};

static int
walk_fail(struct walk *w, const char *problem)
{
	*w->why = arena_printf(w->c->a, "%s %s", w->whole, problem);
	return -1;
}

static int
walk_to_root(struct walk *w)
{
	w->len = 0;
	w->fact = ask(w->c, "/", 1, NULL, w->why);
	return w->fact == NULL ? -1 : 0;
}

static int
walk_up(struct walk *w)
{
	/* The kernel says ENOENT or ENOTDIR; a guess could name another place than it will. */
	if (!fact_is_dir(w->fact))
		return walk_fail(w, "leads through \"..\" out of something that is no directory");
	while (w->len > 0 && w->at[--w->len] != '/')
		;
	if (w->len == 0)
		return walk_to_root(w);
	w->fact = ask(w->c, w->at, w->len, NULL, w->why);
	return w->fact == NULL ? -1 : 0;
}

static int	walk_text(struct walk *, const char *);

/* `at' is a link: go on from its directory with its target.  Depth: MAX_LINKS. */
static int
walk_link(struct walk *w)
{
	const struct fact *link = w->fact;

	if (w->out->links.len == MAX_LINKS)
		return walk_fail(w, "goes through more than 40 symbolic links");
	VEC_PUSH(w->c->a, &w->out->links, link);
	if (link->target[0] == '/')
		return walk_to_root(w) == -1 ? -1 : walk_text(w, link->target);
	while (w->at[--w->len] != '/')
		;
	if (w->len == 0)
		return walk_to_root(w) == -1 ? -1 : walk_text(w, link->target);
	w->fact = ask(w->c, w->at, w->len, NULL, w->why);
	return w->fact == NULL ? -1 : walk_text(w, link->target);
}

static int
walk_down(struct walk *w, struct slice name)
{
	if (name.len > LIMIT_NAME_BYTES)
		return walk_fail(w, "has a component longer than 255 bytes");
	if (name.len >= LIMIT_PATH_BYTES - w->len)
		return walk_fail(w, "leads to a path longer than 4095 bytes");
	w->at[w->len++] = '/';
	memcpy(w->at + w->len, name.p, name.len);
	w->len += name.len;
	w->fact = ask(w->c, w->at, w->len, w->fact, w->why);
	if (w->fact == NULL)
		return -1;
	w->len = strlen(w->fact->path);
	if (w->len > LIMIT_PATH_BYTES)
		return walk_fail(w, "leads to a path longer than 4095 bytes");
	memcpy(w->at, w->fact->path, w->len);
	return w->fact->kind == NODE_LINK ? walk_link(w) : 0;
}

static int
walk_name(struct walk *w, struct slice name)
{
	if (name.len == 2 && name.p[0] == '.' && name.p[1] == '.')
		return walk_up(w);
	return name.len == 1 && name.p[0] == '.' ? 0 : walk_down(w, name);
}

static int
walk_text(struct walk *w, const char *text)
{
	for (struct slice name; path_next(&text, &name);)
		if (walk_name(w, name) == -1)
			return -1;
	return 0;
}

/*
 * Places are mostly named in an order in which each shares most of its way
 * with the one before.  Continue where the two part; returns how much of the
 * path that is.
 */
static size_t
resume(struct walk *w, const char *path)
{
	struct canon *c = w->c;
	size_t same = 0, n = c->last.stages.len;

	while (path[same] != '\0' && path[same] == c->last.path[same])
		same++;
	/* A component that goes on is another one. */
	while (n > 0 && (c->last.stages.v[n - 1].spelt > same ||
	    (path[c->last.stages.v[n - 1].spelt] != '/' &&
	    path[c->last.stages.v[n - 1].spelt] != '\0')))
		n--;
	c->last.stages.len = n;
	if (n == 0)
		return 0;
	const struct stage *s = &c->last.stages.v[n - 1];
	for (size_t i = 0; i < s->links; i++)
		VEC_PUSH(c->a, &w->out->links, c->last.links.v[i]);
	w->fact = s->fact;
	w->len = strcmp(s->fact->path, "/") == 0 ? 0 : strlen(s->fact->path);
	memcpy(w->at, s->fact->path, w->len);
	return s->spelt;
}

/* An absolute path, component by component; what is learnt stays for the next one. */
static int
walk_absolute(struct walk *w, const char *path)
{
	struct canon *c = w->c;
	size_t len = strlen(path), done = resume(w, path);
	bool keep = len <= LIMIT_PATH_BYTES;

	if (!keep)
		c->last.stages.len = 0;
	else
		memcpy(c->last.path + done, path + done, len - done + 1);
	if (done == 0 && walk_to_root(w) == -1)
		return -1;
	const char *rest = path + done;
	for (struct slice name; path_next(&rest, &name);) {
		if (walk_name(w, name) == -1) {
			c->last.stages.len = 0;
			return -1;
		}
		if (keep)
			VEC_PUSH(c->a, &c->last.stages,
			    ((struct stage){ (size_t)(rest - path), w->fact, w->out->links.len }));
	}
	c->last.links.len = 0;
	for (size_t i = 0; i < w->out->links.len; i++)
		VEC_PUSH(c->a, &c->last.links, w->out->links.v[i]);
	return 0;
}

/* The path with each of its components as it was spelt when it was first met. */
static const char *
first_spelling(struct canon *c, const char *path)
{
	char *low = arena_strdup(c->a, path), *out = arena_strdup(c->a, path);
	size_t len = 0;

	for (char *p = low; *p != '\0'; p++)
		*p = name_fold(*p);
	while (path[len] != '\0') {
		size_t start = len++;
		len += strcspn(path + len, "/");
		const char *known = strmap_get(c->stored, low, len);
		if (known != NULL)
			memcpy(out + start, known + start, len - start);
		else
			strmap_put_kept(c->stored, arena_strndup(c->a, low, len), len,
			    arena_strndup(c->a, out, len));
	}
	return out;
}

/* But for links at the top what is lexically normal is canonical. */
static int
resolve_made_up(struct canon *c, const char *path, struct canon_way *out, const char **why)
{
	const char *what, *normal = path_is_normal(path) ? path : path_normal(c->a, path, &what);

	if (normal == NULL) {
		*why = arena_printf(c->a, "%s %s", path, what);
		return -1;
	}
	size_t len = c->macos ? host_macos_moves(normal) : 0;
	if (len > 0) {
		const struct fact *link = made_up_fact(c, arena_strndup(c->a, normal, len));
		VEC_PUSH(c->a, &out->links, link);
		normal = arena_printf(c->a, "/private%s", normal);
	}
	if (c->stored != NULL && normal[1] != '\0')
		normal = first_spelling(c, normal);
	out->end = made_up_fact(c, normal);
	return 0;
}

int
canon_resolve(struct canon *c, const char *from, const char *path,
    struct canon_way *out, const char **why)
{
	struct walk w = { .c = c, .whole = path, .at = c->at, .out = out, .why = why };
	const char *start = path[0] == '/' ? path : from;

	*out = (struct canon_way){ 0 };
	if (c->host == NULL)
		return resolve_made_up(c, start == path ? path : path_join(c->a, from, path), out, why);
	if (walk_absolute(&w, start) == -1 || (start != path && walk_text(&w, path) == -1))
		return -1;
	out->end = w.fact;
	return 0;
}

const struct fact *
canon_fact(struct canon *c, const char *path, const char **why)
{
	if (c->host == NULL)
		return made_up_fact(c, path);
	const struct fact *f = strmap_get(c->seen, path, strlen(path));
	if (f != NULL)
		return f;

	size_t len = known_start(c, path, &f);
	if (len == 0 && (f = ask(c, "/", 1, NULL, why)) == NULL)
		return NULL;
	for (const char *rest = path + len; *rest != '\0';) {
		struct slice name;
		if (!path_next(&rest, &name))
			break;
		f = ask(c, path, (size_t)(rest - path), f, why);
		if (f == NULL)
			return NULL;
	}
	return f;
}

const struct fact *
canon_child(struct canon *c, const struct fact *dir, const char *path, const char **why)
{
	if (c->host == NULL)
		return made_up_fact(c, path);
	size_t len = strlen(path);
	const struct known *k = strmap_get(c->seen, path, len);
	return k != NULL ? &k->fact : ask_host(c, path, len, dir, why);
}

size_t
canon_existing(const struct canon *c, const char *path)
{
	size_t n = path_depth(path);

	for (size_t len = strlen(path); n > 0 && c->host != NULL; n--) {
		const struct fact *f = strmap_get(c->seen, path, len);
		if (f != NULL && fact_exists(f))
			break;
		while (path[--len] != '/')
			;
	}
	return n;
}

static const char *
fact_path(const void *arg, size_t i)
{
	return ((const struct canon *)arg)->all.v[i]->fact.path;
}

struct fact *
canon_facts(struct canon *c, size_t *n)
{
	struct fact *v = arena_array(c->a, c->all.len + 1, sizeof(*v));
	const uint32_t *order = path_sort(c->a, c->all.len, fact_path, c);

	for (size_t i = 0; i < c->all.len; i++)
		v[i] = c->all.v[order[i]]->fact;
	*n = c->all.len;
	return v;
}

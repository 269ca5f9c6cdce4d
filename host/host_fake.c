/* SPDX-License-Identifier: Apache-2.0 */
/* host_fake.c - a host made of a list of lines, for tests */
#include <config.h>

#include "host_facts.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"

struct fake_node {
	const char	*name;		/* last component */
	struct fact	 fact;
	const char	*content;	/* of a file */
	bool		 closed;	/* cannot be listed */
	struct { struct fake_node **v; size_t len, cap; } children;
};

struct fake {
	struct host	 host;		/* first: callbacks get its address */
	struct strmap	*nodes;		/* by path */
	struct strmap	*folded;	/* by path in lower case */
	bool		 caseless;
	const char	*home;
	uint64_t	 last_ino;
};

static size_t
fold_path(char low[LIMIT_PATH_BYTES + 1], const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		low[i] = name_fold(path[i]);
	return len;
}

static struct fake_node *
fake_get(const struct fake *f, const char *path)
{
	char low[LIMIT_PATH_BYTES + 1];
	size_t len = strlen(path);
	struct fake_node *n = strmap_get(f->nodes, path, len);

	return n != NULL || !f->caseless || len > LIMIT_PATH_BYTES ? n :
	    strmap_get(f->folded, low, fold_path(low, path, len));
}

/* Find or make the node; its ancestors are made, or become, directories. */
static struct fake_node *
fake_make(struct fake *f, struct arena *a, const char *path)
{
	struct fake_node *parent = NULL;
	char low[LIMIT_PATH_BYTES + 1];

	for (size_t len = 1, from = 0;; len++) {
		/* Stops at "/", and at the end of each component. */
		if (len > 1 && path[len] != '/' && path[len] != '\0')
			continue;
		struct fake_node *n = strmap_get(f->nodes, path, len);
		if (n == NULL && f->caseless)
			n = strmap_get(f->folded, low, fold_path(low, path, len));
		if (n == NULL) {
			n = arena_alloc(a, sizeof(*n));
			n->fact.path = parent == NULL ? "/" : arena_printf(a, "%s/%.*s",
			    parent->fact.path[1] == '\0' ? "" : parent->fact.path,
			    (int)(len - from - 1), path + from + 1);
			n->name = path_base(n->fact.path);
			n->fact.dev = 1;
			n->fact.ino = ++f->last_ino;
			strmap_put(f->nodes, n->fact.path, strlen(n->fact.path), n);
			strmap_put(f->folded, low, fold_path(low, path, len), n);
			if (parent != NULL)
				VEC_PUSH(a, &parent->children, n);
		}
		if (path[len] == '\0')
			return n;
		n->fact.kind = NODE_DIR;
		parent = n;
		from = len == 1 ? 0 : len;
	}
}

static int
fake_line(struct fake *f, struct arena *a, const char *line)
{
	const char *why, *rest = "";

	if (line[0] == '\0' || line[1] != ' ' || line[2] != '/')
		return -1;
	const char *path = line + 2;
	const char *end = line[0] == 'l' ? strstr(path, " -> ") :
	    line[0] == 'f' ? strchr(path, ' ') : NULL;
	if (line[0] == 'l' && end == NULL)
		return -1;
	if (end != NULL) {
		rest = end + (line[0] == 'l' ? 4 : 1);
		path = arena_strndup(a, path, (size_t)(end - path));
	}
	const char *normal = path_normal(a, path, &why);
	if (normal == NULL || strcmp(normal, path) != 0)
		return -1;

	struct fake_node *n = fake_make(f, a, path);
	n->fact.stub = line[0] == 's';
	n->closed = line[0] == 'x';
	switch (line[0]) {
	case 'c':
		f->caseless = true;
		return 0;
	case 'h':
		f->home = path;
		/* FALLTHROUGH */
	case 'd':
	case 'x':
	case 's':
		n->fact.kind = NODE_DIR;
		return 0;
	case 'f':
		n->fact.kind = NODE_FILE;
		n->content = rest;
		return 0;
	case 'l':
		n->fact.kind = NODE_LINK;
		n->fact.target = rest;
		return 0;
	case 'o':
	case 'v':
		n->fact.kind = NODE_OTHER;
		n->fact.device = line[0] == 'v';
		return 0;
	}
	return -1;
}

static int
fake_stat(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	const struct fake_node *n = fake_get((struct fake *)h, path);

	(void)a;
	*out = n != NULL ? n->fact : (struct fact){ .kind = NODE_MISSING, .path = path };
	return 0;
}

static char *
fake_read(struct host *h, struct arena *a, const char *path, size_t max)
{
	const struct fake_node *n = fake_get((struct fake *)h, path);

	if (n == NULL || n->fact.kind != NODE_FILE) {
		errno = n == NULL ? ENOENT : EINVAL;
		return NULL;
	}
	return arena_strndup(a, n->content, strnlen(n->content, max));
}

static int
fake_list(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	const struct fake_node *n = fake_get((struct fake *)h, path);

	if (n == NULL || n->fact.kind != NODE_DIR || n->closed) {
		errno = n == NULL ? ENOENT : n->closed ? EACCES : ENOTDIR;
		return -1;
	}
	for (size_t i = 0; i < n->children.len; i++) {
		const struct fake_node *c = n->children.v[i];
		int rc = each(arg, c->name, c->fact.kind);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static const char *
fake_home(struct host *h, struct arena *a)
{
	(void)a;
	return ((struct fake *)h)->home;
}

static struct fake *
fake_new(struct arena *a)
{
	struct fake *f = arena_alloc(a, sizeof(*f));

	f->host = (struct host){ fake_stat, fake_read, fake_list, fake_home, NULL, NULL };
	f->nodes = strmap_new(a);
	f->folded = strmap_new(a);
	fake_make(f, a, "/")->fact.kind = NODE_DIR;
	return f;
}

struct host *
host_fake(struct arena *a, const char *const *lines, size_t n)
{
	struct fake *f = fake_new(a);

	for (size_t i = 0; i < n; i++)
		if (fake_line(f, a, lines[i]) == -1)
			return NULL;
	return &f->host;
}

struct host *
host_fake_new(struct arena *a, bool caseless)
{
	struct fake *f = fake_new(a);

	f->caseless = caseless;
	return &f->host;
}

bool
host_fake_add(struct host *h, struct arena *a, const struct fact *fact, const char *content,
    bool closed)
{
	struct fake *f = (struct fake *)h;
	const struct fake_node *known = fake_get(f, fact->path);

	for (const char *up = fact->path; up[1] != '\0';) {
		up = path_parent(a, up);
		const struct fake_node *n = fake_get(f, up);
		if (n != NULL && n->fact.kind != NODE_DIR)
			return false;
	}
	if (known != NULL && (known->fact.kind != NODE_DIR || fact->kind != NODE_DIR))
		return false;
	struct fake_node *n = fake_make(f, a, fact->path);
	n->fact.kind = fact->kind;
	n->fact.target = fact->target;
	n->content = content;
	n->closed = closed;
	return true;
}

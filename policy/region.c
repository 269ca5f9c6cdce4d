/* SPDX-License-Identifier: Apache-2.0 */
/* region.c - the tree of paths: making, finding, ordering */
#include <config.h>

#include "region.h"

#include <string.h>

#include "arena.h"
#include "path.h"

struct region *
region_root(struct arena *a)
{
	struct region *r = arena_alloc(a, sizeof(*r));
	r->name = "";
	return r;
}

static int
name_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t n = alen < blen ? alen : blen;
	/* Siblings mostly differ early, and a call costs more than a few bytes. */
	for (size_t i = 0; i < 8; i++) {
		if (i == n)
			return alen < blen ? -1 : alen > blen;
		if (a[i] != b[i])
			return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
	}
	int c = memcmp(a + 8, b + 8, n - 8);
	if (c != 0)
		return c;
	return alen < blen ? -1 : alen > blen;
}

int
region_name_cmp(const struct region *a, const struct region *b)
{
	return name_cmp(a->name, a->len, b->name, b->len);
}

int
slice_cmp(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	return name_cmp(x->p, x->len, y->p, y->len);
}

/* Position of the name among the children, or where it would go. */
static size_t
child_position(const struct region *r, const char *name, size_t len, bool *found)
{
	size_t lo = 0, hi = r->nchild;
	*found = false;
	if (hi > 0) {
		/* Sorted input appends: look at the end first. */
		const struct region *last = r->child[hi - 1];
		int c = name_cmp(name, len, last->name, last->len);
		if (c > 0)
			return hi;
		if (c == 0) {
			*found = true;
			return hi - 1;
		}
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct region *m = r->child[mid];
		int c = name_cmp(name, len, m->name, m->len);
		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

struct region *
region_child(const struct region *r, const char *name, size_t len)
{
	bool found;
	size_t i = child_position(r, name, len, &found);
	return found ? r->child[i] : NULL;
}

struct region *
region_folded(const struct region *r, const char *name, size_t len)
{
	char low[LIMIT_NAME_BYTES];
	if (r->folded == NULL || len > sizeof(low))
		return NULL;
	for (size_t k = 0; k < len; k++)
		low[k] = name_fold(name[k]);
	return region_child(r->folded, low, len);
}

struct region *
region_step(const struct region *r, const char *name, size_t len)
{
	struct region *c = region_child(r, name, len);
	return c != NULL || r->folded == NULL ? c : region_folded(r, name, len);
}

/* *place: where the name may be among the children; then where it is. */
static struct region *
make_child_near(struct arena *a, struct region *r, const char *name, size_t len, size_t *place)
{
	bool found = false;
	size_t i = *place;
	if (i < r->nchild)
		found = name_cmp(name, len, r->child[i]->name, r->child[i]->len) == 0;
	if (!found)
		i = child_position(r, name, len, &found);
	*place = i;
	if (found)
		return r->child[i];
	struct region *n = arena_alloc(a, sizeof(*n));
	n->name = name;
	n->len = (uint32_t)len;
	n->parent = r;
	if (r->nchild == r->capchild) {
		size_t cap = r->capchild;
		r->child = arena_grow(a, r->child, r->nchild, &cap, r->nchild + 1,
		    sizeof(struct region *));
		r->capchild = (uint32_t)cap;
	}
	memmove(r->child + i + 1, r->child + i,
	    (r->nchild - i) * sizeof(struct region *));
	r->child[i] = n;
	r->nchild++;
	return n;
}

struct region *
region_make_child(struct arena *a, struct region *r, const char *name, size_t len)
{
	size_t place = SIZE_MAX;

	return make_child_near(a, r, name, len, &place);
}

struct region *
region_make_folded(struct arena *a, struct region *r, const char *name, size_t len)
{
	char *low = arena_strndup(a, name, len);
	for (size_t k = 0; k < len; k++)
		low[k] = name_fold(low[k]);
	if (r->folded == NULL)
		r->folded = region_root(a);
	struct region *n = region_make_child(a, r->folded, low, len);
	n->parent = r;
	n->spelt = true;
	return n;
}

struct region *
region_make(struct arena *a, struct region *root, const char *path)
{
	struct slice c;
	struct region *r = root;
	while (path_next(&path, &c))
		r = region_make_child(a, r, c.p, c.len);
	return r;
}

/* How many stops of the trail a path has in common, up to `exact'. */
static size_t
common_stops(const struct region_trail *t, const char *path, size_t exact)
{
	size_t n = 0, same = path_common(path, t->path);

	for (; n < t->stops.len && n < exact; n++) {
		size_t end = t->stops.v[n].end;
		if (end > same || (path[end] != '/' && path[end] != '\0'))
			break;
	}
	return n;
}

struct region *
region_follow(struct arena *a, struct region_trail *t, struct region *root, const char *path,
    size_t exact)
{
	size_t n = t->path != NULL ? common_stops(t, path, exact) : 0;
	struct region *r = n > 0 ? t->stops.v[n - 1].at : root;
	const char *rest = path + (n > 0 ? t->stops.v[n - 1].end : 0);
	struct slice c;
	/* Paths come in order, so the next sibling is likely to be meant. */
	size_t place = n < t->stops.len ? t->stops.v[n].place + 1 : 0;

	t->path = path;
	t->stops.len = n;
	for (; n < exact && path_next(&rest, &c); n++, place = 0) {
		r = make_child_near(a, r, c.p, c.len, &place);
		VEC_PUSH(a, &t->stops, ((struct region_stop){ r, (size_t)(rest - path), place }));
	}
	while (path_next(&rest, &c))
		r = region_make_folded(a, r, c.p, c.len);
	return r;
}

const struct region *
region_find(const struct region *root, const char *path, bool *exact)
{
	struct slice c;
	const struct region *r = root;
	*exact = true;
	while (path_next(&path, &c)) {
		const struct region *n = region_step(r, c.p, c.len);
		if (n == NULL) {
			*exact = false;
			return r;
		}
		r = n;
	}
	return r;
}

const char *
region_path(struct arena *a, const struct region *r)
{
	size_t len = 0;
	for (const struct region *p = r; p->parent != NULL; p = p->parent)
		len += p->len + 1;
	if (len == 0)
		return "/";
	char *s = arena_alloc(a, len + 1);
	for (const struct region *p = r; p->parent != NULL; p = p->parent) {
		len -= p->len;
		memcpy(s + len, p->name, p->len);
		s[--len] = '/';
	}
	return s;
}

/* They are in order already.  Depth: LIMIT_PATH_DEPTH. */
static void
copy_children(struct arena *a, struct region *to, const struct region *from, struct region *parent)
{
	const uint32_t n = from->nchild;
	struct region *v = arena_array(a, n, sizeof(*v));

	to->child = arena_array(a, n, sizeof(struct region *));
	to->nchild = to->capchild = n;
	for (uint32_t i = 0; i < n; i++) {
		const struct region *c = from->child[i];
		v[i].name = c->name;
		v[i].len = c->len;
		v[i].spelt = c->spelt;
		v[i].parent = parent;
		to->child[i] = &v[i];
		region_copy(a, &v[i], c);
	}
}

void
region_copy(struct arena *a, struct region *to, const struct region *from)
{
	to->self = from->self;
	to->below = from->below;
	to->why = from->why;
	to->pinned = from->pinned;
	if (from->nchild > 0)
		copy_children(a, to, from, to);
	if (from->folded == NULL)
		return;
	to->folded = region_root(a);
	if (from->folded->nchild > 0)
		copy_children(a, to->folded, from->folded, to);
}

void
region_clear(struct region *r)
{
	r->nchild = 0;
	r->folded = NULL;
}

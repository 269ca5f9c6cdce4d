/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_tree.c - many patterns, by the place that each begins at */
#include <config.h>

#include "pattern_tree.h"

#include "arena.h"
#include "path.h"
#include "pattern.h"
#include "region.h"
#include "sbuf.h"

/* Those of one node, the first one first. */
struct here {
	const struct pattern *pattern;
	size_t		 number;
	struct here	*next;
};

struct pattern_tree {
	struct region	*root;		/* marks: struct here */
};

const char *
pattern_root(struct arena *a, const struct pattern *p, size_t *steps)
{
	struct sbuf path = SBUF_INIT;
	size_t n = 0;

	sbuf_addc(&path, '/');
	for (; n < p->nsteps && p->step[n].kind == STEP_LITERAL; n++)
		path_push(&path, p->step[n].text.p, p->step[n].text.len);
	const char *s = arena_strdup(a, sbuf_str(&path));
	sbuf_free(&path);
	*steps = n;
	return s;
}

struct pattern_tree *
pattern_tree_new(struct arena *a, const struct pattern *const *v, size_t n)
{
	struct pattern_tree *t = arena_alloc(a, sizeof(*t));

	t->root = region_root(a);
	for (size_t i = n; i-- > 0;) {
		struct region *r = t->root;
		for (size_t k = 0; k < v[i]->nsteps && v[i]->step[k].kind == STEP_LITERAL; k++)
			r = region_make_child(a, r, v[i]->step[k].text.p, v[i]->step[k].text.len);
		struct here *h = arena_alloc(a, sizeof(*h));
		*h = (struct here){ v[i], i, r->mark };
		r->mark = h;
	}
	return t;
}

ptrdiff_t
pattern_tree_find(const struct pattern_tree *t, const char *path)
{
	const struct region *r = t->root;
	ptrdiff_t best = -1;
	struct slice c;

	for (size_t depth = 0; r != NULL; depth++) {
		for (const struct here *h = r->mark; h != NULL; h = h->next) {
			if (best >= 0 && (size_t)best <= h->number)
				break;
			if (pattern_covers(h->pattern, depth, path)) {
				best = (ptrdiff_t)h->number;
				break;
			}
		}
		if (!path_next(&path, &c))
			break;
		r = region_child(r, c.p, c.len);
	}
	return best;
}

struct pattern_spot
pattern_spot_root(const struct pattern_tree *t)
{
	return (struct pattern_spot){ .at = t->root };
}

struct pattern_spot
pattern_spot_below(const struct pattern_spot *s, const char *name, size_t len)
{
	return (struct pattern_spot){
		.at = s->at != NULL ? region_child(s->at, name, len) : NULL,
		.up = s->at != NULL && s->at->mark != NULL ? s : s->up,
		.depth = s->depth + 1,
	};
}

/* What of the path follows so many components. */
static const char *
behind(const char *path, size_t depth)
{
	struct slice c;

	while (depth-- > 0)
		path_next(&path, &c);
	return path;
}

ptrdiff_t
pattern_spot_find(const struct pattern_spot *s, const char *path, const char *name, size_t len)
{
	ptrdiff_t best = -1;

	for (; s != NULL; s = s->up) {
		const struct here *h = s->at != NULL ? s->at->mark : NULL;
		for (; h != NULL && (best < 0 || h->number < (size_t)best); h = h->next) {
			/* Quicker than to read the path. */
			if (!pattern_can_end(h->pattern, name, len))
				continue;
			if (pattern_covers(h->pattern, s->depth, behind(path, s->depth)))
				best = (ptrdiff_t)h->number;
		}
	}
	return best;
}

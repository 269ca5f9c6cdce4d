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

/* With a name those that cannot end with it are passed over. */
static ptrdiff_t
find(const struct pattern_tree *t, const char *path, const struct slice *name)
{
	const struct region *r = t->root;
	ptrdiff_t best = -1;
	struct slice c;

	for (size_t depth = 0; r != NULL; depth++) {
		for (const struct here *h = r->mark; h != NULL; h = h->next) {
			if (best >= 0 && (size_t)best <= h->number)
				break;
			if (name != NULL && !pattern_can_end(h->pattern, name->p, name->len))
				continue;
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

ptrdiff_t
pattern_tree_find(const struct pattern_tree *t, const char *path)
{
	return find(t, path, NULL);
}

ptrdiff_t
pattern_tree_find_here(const struct pattern_tree *t, const char *path, const char *name, size_t len)
{
	return find(t, path, &(struct slice){ name, len });
}

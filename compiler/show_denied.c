/* SPDX-License-Identifier: Apache-2.0 */
/* show_denied.c - what a command was denied, at the rows of a policy that it falls under */
#include <config.h>

#include "show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"

struct denied {
	const struct denial_line *line;
	const struct view_row *row;	/* that it falls under, or NULL */
};

struct show_denials {
	struct strmap	*at;		/* a row's address: its count */
	struct denied	*v;		/* the most frequent first */
	size_t		 len;
	uint64_t	 lost;
};

static uint64_t *
count_of(const struct show *s, const struct show_denials *x, const struct view_row *r)
{
	uint64_t *n = strmap_get(x->at, (const char *)&r, sizeof(r));

	if (n == NULL) {
		n = arena_alloc(s->a, sizeof(*n));
		strmap_put(x->at, (const char *)&r, sizeof(r), n);
	}
	return n;
}

/* Where the binding of the view has the path of a log, which was another run's; NULL: it has no such place. */
static const char *
bound_path(const struct show *s, const struct denial_line *d)
{
	static const struct { const char *spelt, *base; } anchor[] = {
		{ ":workspace_roots", "/@cwd" }, { ":tmpdir", "/@tmpdir" }, { "~", "/@home" },
	};
	const char *why;

	for (size_t i = 0; s->bound->generic && i < NELEMS(anchor); i++) {
		size_t n = strlen(anchor[i].spelt);
		if (strncmp(d->spelt, anchor[i].spelt, n) == 0 && (d->spelt[n] == '/' || d->spelt[n] == '\0'))
			return path_normal(s->a, arena_printf(s->a, "%s%s", anchor[i].base, d->spelt + n), &why);
	}
	return d->target[0] == '/' ? path_normal(s->a, d->target, &why) : NULL;
}

static bool
is_its_pattern(const struct view_row *r, const struct denial_line *d)
{
	return r->kind == VIEW_PATTERN && d->is_pattern && r->why.origin != NULL &&
	    (int64_t)r->why.origin->span.line == d->rule_line;
}

/* The row that speaks for the path: the deepest, or the pattern that denied it.  Depth is LIMIT_PATH_DEPTH at most. */
static const struct view_row *
row_of(const struct view_row *r, const char *path, const struct denial_line *d)
{
	const struct view_row *best = r;

	for (size_t i = 0; i < r->nchild; i++) {
		const struct view_row *c = r->child[i];
		if (is_its_pattern(c, d) && path_within(path, c->bound))
			return c;
		if (c->kind == VIEW_PATTERN || !path_within(path, c->bound))
			continue;
		const struct view_row *found = row_of(c, path, d);
		if (found->kind == VIEW_PATTERN || path_depth(found->bound) >= path_depth(best->bound))
			best = found;
	}
	return best;
}

static const struct view_row *
place(const struct show *s, struct show_denials *x, const struct denial_line *d)
{
	const char *path = d->is_path ? bound_path(s, d) : NULL;
	const struct view_row *best = NULL;

	for (size_t i = 0; path != NULL && i < s->view->ntop; i++) {
		const struct view_row *top = s->view->top[i];
		if (path_within(path, top->bound) && (best == NULL || path_depth(top->bound) >= path_depth(best->bound)))
			best = top;
	}
	if (best == NULL)
		return NULL;
	best = row_of(best, path, d);
	*count_of(s, x, best) += d->count;
	return best;
}

/* Rows that are shown as one, or not at all, hand what they have to the row that is shown. */
static void
gather(const struct show *s, struct show_denials *x, const struct view_row *r, bool once)
{
	for (size_t i = 0, run; i < r->nchild; i += run) {
		run = view_run(r, i);
		const struct view_row *to = once && show_is_name(r->child[i]) ? r : r->child[i];
		for (size_t k = i; k < i + run; k++)
			if (r->child[k] != to) {
				*count_of(s, x, to) += *count_of(s, x, r->child[k]);
				*count_of(s, x, r->child[k]) = 0;
			}
		gather(s, x, r->child[i], once);
	}
}

static int
by_count(const void *x, const void *y)
{
	const struct denied *a = x, *b = y;

	if (a->line->count != b->line->count)
		return a->line->count < b->line->count ? 1 : -1;
	return (a->line > b->line) - (a->line < b->line);
}

void
show_denials_add(struct show *s, const struct denial_lines *lines)
{
	struct show_denials *x = arena_alloc(s->a, sizeof(*x));

	x->at = strmap_new(s->a);
	x->lost = lines->lost;
	x->len = lines->len;
	x->v = arena_array(s->a, lines->len + 1, sizeof(*x->v));
	for (size_t i = 0; i < lines->len; i++)
		x->v[i] = (struct denied){ &lines->v[i], place(s, x, &lines->v[i]) };
	qsort(x->v, x->len, sizeof(*x->v), by_count);
	bool once = show_protected_once(s) != NULL;
	for (size_t i = 0; i < s->view->ntop; i++)
		gather(s, x, s->view->top[i], once);
	s->denials = x;
}

uint64_t
show_denied(const struct show *s, const struct view_row *r)
{
	const uint64_t *n = s->denials != NULL ? strmap_get(s->denials->at, (const char *)&r, sizeof(r)) : NULL;

	return n != NULL ? *n : 0;
}

struct show_denied_lines
show_denied_lines(const struct show *s)
{
	struct show_denied_lines out = { NULL, 0, 0 };

	if (s->denials == NULL)
		return out;
	for (size_t i = 0; i < s->denials->len; i++) {
		const struct denial_line *d = s->denials->v[i].line;
		const char *what = strcmp(d->action, "other") == 0 ? d->operation : d->action;
		VEC_PUSH(s->a, &out, ((struct show_denied_line){
		    arena_printf(s->a, "%" PRIu64 " %s: %s %s", d->count, d->process, what, d->spelt),
		    d->rule_at[0] != '\0' ? arena_printf(s->a, "%s %s", d->rule_at, d->rule) : d->rule,
		    d, s->denials->v[i].row }));
	}
	if (s->denials->lost > 0)
		VEC_PUSH(s->a, &out, ((struct show_denied_line){
		    arena_printf(s->a, "%" PRIu64 " more, which the log does not name", s->denials->lost),
		    "", NULL, NULL }));
	return out;
}

uint64_t
show_denials_lost(const struct show *s)
{
	return s->denials->lost;
}

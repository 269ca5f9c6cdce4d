/* SPDX-License-Identifier: Apache-2.0 */
/* show_view.c - the rows of a policy, asked of decide_fs() place by place */
#include <config.h>

#include "show_view.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "native_path.h"
#include "path.h"
#include "sbuf.h"

/* The anchors of the generic binding, in the order in which they are shown. */
static const struct { const char *bound, *word; } anchors[] = {
	{ "/@cwd", ":workspace_roots" },
	{ "/@home", "~" },
	{ "/@tmpdir", ":tmpdir" },
};

struct rows {
	struct view_row	**v;
	size_t		 len, cap;
};

struct pattern_list {
	const struct bound_pattern *pattern;
	struct pattern_list *next;
};

struct builder {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *bound;
	struct strmap	*literal;	/* path -> patterns whose literal part it is */
	struct strmap	*shield;	/* path of a shield -> itself */
	struct strmap	*used;		/* address of an origin that a row comes from */
	struct sbuf	 at;		/* path of the node that is visited */
	struct { const char **v; size_t len, cap; } pins;
	struct { const struct view_row **v; size_t len, cap; } all;
};

const char *
view_path(struct arena *a, const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; b->generic && i < NELEMS(anchors); i++)
		if (path_within(path, anchors[i].bound))
			return arena_printf(a, "%s%s", anchors[i].word,
			    path + strlen(anchors[i].bound));
	const char *native = b->target == TARGET_WINDOWS ? native_path_plain(a, path) : NULL;
	return native != NULL ? native : path;
}

static bool
is_anchor(const struct builder *b, const char *path)
{
	for (size_t i = 0; b->bound->generic && i < NELEMS(anchors); i++)
		if (strcmp(path, anchors[i].bound) == 0)
			return true;
	return false;
}

/* ---- patterns ---- */

static void
add_escaped(struct sbuf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strchr("*?[]{}\\", s[i]) != NULL && s[i] != '\0')
			sbuf_addc(out, '\\');
		sbuf_addc(out, s[i]);
	}
}

/* The literal part in the words of the language, then the steps behind it. */
static const char *
pattern_text(struct builder *b, const struct bound_pattern *p)
{
	struct sbuf out = SBUF_INIT;
	const char *base = view_path(b->a, b->bound, p->literal);
	if (base[1] != '\0' || base[0] != '/')
		add_escaped(&out, base, strlen(base));
	for (size_t i = p->pattern->nliteral; i < p->pattern->nsteps; i++) {
		const struct pattern_step *s = &p->pattern->step[i];
		sbuf_addc(&out, '/');
		if (s->kind == STEP_LITERAL)
			add_escaped(&out, s->text.p, s->text.len);
		else if (s->kind == STEP_GLOB)
			sbuf_add(&out, s->text.p, s->text.len);
		else
			sbuf_puts(&out, "**");
	}
	const char *text = arena_strndup(b->a, sbuf_str(&out), out.len);
	sbuf_free(&out);
	return text;
}

static void
index_patterns(struct builder *b)
{
	b->literal = strmap_new(b->a);
	for (size_t i = b->bound->patterns.len; i-- > 0;) {
		const struct bound_pattern *p = &b->bound->patterns.v[i];
		size_t len = strlen(p->literal);
		struct pattern_list *l = arena_alloc(b->a, sizeof(*l));
		*l = (struct pattern_list){ p, strmap_get(b->literal, p->literal, len) };
		strmap_put(b->literal, p->literal, len, l);
	}
}

static void
add_patterns(struct builder *b, const char *path, struct rows *out)
{
	const struct pattern_list *l = strmap_get(b->literal, path, strlen(path));
	for (; l != NULL; l = l->next) {
		struct view_row *r = arena_alloc(b->a, sizeof(*r));
		*r = (struct view_row){ .kind = VIEW_PATTERN, .path = pattern_text(b, l->pattern),
		    .bound = l->pattern->literal, .access = ACCESS_DENY,
		    .why = { WHY_PATTERN, l->pattern->origin, l->pattern->pattern->text },
		    .pattern = l->pattern };
		VEC_PUSH(b->a, out, r);
	}
}

/* ---- rows ---- */

static bool
is_protected_name(const struct ir_policy *ir, const char *name)
{
	for (size_t i = 0; i < ir->protected.len; i++)
		if (strcmp(ir->protected.v[i].name, name) == 0)
			return true;
	return false;
}

static enum view_group
group_of(const struct builder *b, const struct view_row *r)
{
	if (r->kind == VIEW_PATTERN)
		return GROUP_PATTERN;
	if (r->kind != VIEW_PLACE || r->nchild > 0)
		return GROUP_NONE;
	if (r->why.kind == WHY_PLATFORM)
		return GROUP_PLATFORM;
	return r->access == ACCESS_READ && is_protected_name(b->bound->ir, path_base(r->bound)) ?
	    GROUP_PROTECTED : GROUP_NONE;
}

static void
take_children(struct builder *b, struct view_row *r, const struct rows *from)
{
	r->child = arena_array(b->a, from->len + 1, sizeof(struct view_row *));
	for (enum view_group g = GROUP_PATTERN; g <= GROUP_NONE; g++)
		for (size_t i = 0; i < from->len; i++)
			if (from->v[i]->group == g)
				r->child[r->nchild++] = from->v[i];
}

static enum access
access_of(const struct fs_verdict *v)
{
	return v->writable ? ACCESS_WRITE : v->readable ? ACCESS_READ : ACCESS_DENY;
}

static void	visit(struct builder *, const struct region *, const struct view_row *, struct rows *);

/* A child by its exact name that this one, for every spelling, would speak for. */
static bool
has_spelling(const struct region *n, const struct region *all)
{
	for (size_t i = 0; i < n->nchild; i++)
		if (region_folded(n, n->child[i]->name, n->child[i]->len) == all)
			return true;
	return false;
}

static void
visit_children(struct builder *b, const struct region *n, const struct view_row *above,
    struct rows *out)
{
	size_t nfolded = n->folded != NULL ? n->folded->nchild : 0;
	for (size_t i = 0; i < n->nchild + nfolded; i++) {
		const struct region *c = i < n->nchild ? n->child[i] : n->folded->child[i - n->nchild];
		/* Of a name that is there the node for its other spellings says nothing more. */
		if (i >= n->nchild && has_spelling(n, c))
			continue;
		size_t before = path_push(&b->at, c->name, c->len);
		visit(b, c, above, out);
		path_pop(&b->at, before);
	}
}

/* It protects names of its own. */
static bool
has_names(struct builder *b, const struct view_row *r, const struct rows *below)
{
	for (size_t i = 0; i < below->len; i++)
		if (below->v[i]->kind == VIEW_PLACE && below->v[i]->why.kind == WHY_NAME &&
		    strcmp(path_parent(b->a, below->v[i]->bound), r->bound) == 0)
			return true;
	return false;
}

static void
same_as_above(struct builder *b, struct view_row *r, const struct rows *below)
{
	if (r->access == ACCESS_WRITE && !b->d->free &&
	    strmap_get(b->shield, r->bound, strlen(r->bound)) != NULL) {
		r->kind = VIEW_LIFTED;
	} else if (!has_names(b, r, below)) {
		r->kind = VIEW_WAY;
		r->why = (struct why){ WHY_NOTHING, NULL, NULL };
		r->pinned = false;
	}
}

/*
 * The rows of one node and of all below it, appended to `out'.  `above' is the
 * nearest row that has an access; NULL for the root.  Recursion is bounded by
 * the depth of the tree of regions.
 *
 * A node whose access is that of `above' is a row only where protections begin
 * or end.  Else it is still shown as a way where several rows part, or as an
 * anchor with rows below it.
 */
static void
visit(struct builder *b, const struct region *n, const struct view_row *above, struct rows *out)
{
	const char *path = arena_strndup(b->a, sbuf_str(&b->at), b->at.len);
	const struct fs_verdict v = decide_fs(b->d, path);
	struct rows below = { NULL, 0, 0 };

	/* A pattern covers all that is below its match; none matches "/". */
	add_patterns(b, path, v.why.kind == WHY_PATTERN ? out : &below);
	if (v.why.kind == WHY_PATTERN)
		return;
	if (v.pinned)
		VEC_PUSH(b->a, &b->pins, view_path(b->a, b->bound, path));

	struct view_row *r = arena_alloc(b->a, sizeof(*r));
	*r = (struct view_row){ .kind = VIEW_PLACE, .path = view_path(b->a, b->bound, path),
	    .bound = path, .access = access_of(&v), .pinned = v.pinned, .why = v.why };
	visit_children(b, n, r, &below);
	if (above != NULL && r->access == above->access)
		same_as_above(b, r, &below);

	if (r->kind == VIEW_WAY && (below.len == 0 || (below.len == 1 && !is_anchor(b, path)))) {
		if (below.len == 1)
			VEC_PUSH(b->a, out, below.v[0]);
		return;
	}
	take_children(b, r, &below);
	r->group = group_of(b, r);
	VEC_PUSH(b->a, out, r);
}

/* What `path' adds to that of the row above. */
static const char *
label(const struct view_row *r, const struct view_row *above)
{
	size_t n = strlen(above->path);
	if (strcmp(above->path, "/") == 0)
		return r->path[0] == '/' && r->path[1] != '\0' ? r->path + 1 : r->path;
	/* A pattern escapes what is special in its literal part; then all of it is shown. */
	if (strncmp(r->path, above->path, n) == 0 && r->path[n] == '/')
		return r->path + n + 1;
	return r->path;
}

/* Labels, the list of all rows, and which rules they come from. */
static void
finish(struct builder *b, struct view_row *r, const struct view_row *above)
{
	r->label = above == NULL ? r->path : label(r, above);
	if (r->kind != VIEW_WAY)
		VEC_PUSH(b->a, &b->all, r);
	if (r->why.origin != NULL)
		strmap_put(b->used, (const char *)&r->why.origin, sizeof(r->why.origin), b);
	for (size_t i = 0; i < r->nchild; i++)
		finish(b, r->child[i], r);
}

/* The anchors of a portable policy stand beside "/", not below it. */
static void
split_anchors(struct builder *b, struct view *v)
{
	struct view_row *root = v->top[0];
	struct view_row *found[NELEMS(anchors)] = { NULL };
	size_t kept = 0;
	for (size_t i = 0; i < root->nchild; i++) {
		struct view_row *r = root->child[i];
		size_t k = 0;
		while (k < NELEMS(anchors) && !(b->bound->generic && r->kind != VIEW_PATTERN &&
		    strcmp(r->bound, anchors[k].bound) == 0))
			k++;
		if (k < NELEMS(anchors))
			found[k] = r;
		else
			root->child[kept++] = r;
	}
	root->nchild = kept;
	for (size_t k = 0; k < NELEMS(anchors); k++)
		if (found[k] != NULL)
			v->top[v->ntop++] = found[k];
}

/* ---- rules without a row ---- */

static void
add_idle(struct builder *b, struct view *v, struct view_idle idle)
{
	if (strmap_get(b->used, (const char *)&idle.origin, sizeof(idle.origin)) == NULL)
		v->idle[v->nidle++] = idle;
}

static void
find_idle(struct builder *b, struct view *v)
{
	const struct ir_policy *ir = b->bound->ir;
	v->idle = arena_array(b->a, ir->entries.len + ir->patterns.len + 1, sizeof(*v->idle));
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		bool windows = e->anchor == ANCHOR_WINDOWS;
		add_idle(b, v, (struct view_idle){ &e->origin, e->access, false,
		    windows != (b->bound->target == TARGET_WINDOWS) && (windows ||
		    e->anchor == ANCHOR_ABS) });
	}
	for (size_t i = 0; i < ir->patterns.len; i++) {
		const struct ir_pattern *p = &ir->patterns.v[i];
		add_idle(b, v, (struct view_idle){ &p->origin, ACCESS_DENY, true,
		    p->anchor == ANCHOR_WINDOWS && b->bound->target != TARGET_WINDOWS });
	}
}

struct view *
view_build(struct arena *a, const struct decide_fs *d)
{
	struct view *v = arena_alloc(a, sizeof(*v));
	struct builder b = { .a = a, .d = d, .bound = d->bound, .shield = strmap_new(a),
	    .used = strmap_new(a), .at = SBUF_INIT };
	struct rows top = { NULL, 0, 0 };

	v->bound = d->bound;
	v->free = d->free;
	index_patterns(&b);
	for (size_t i = 0; i < b.bound->shields.len; i++) {
		const struct bound_shield *s = &b.bound->shields.v[i];
		strmap_put(b.shield, s->path, strlen(s->path), &b);
	}
	sbuf_puts(&b.at, "/");
	visit(&b, d->root, NULL, &top);
	sbuf_free(&b.at);
	v->top[v->ntop++] = top.v[0];
	split_anchors(&b, v);
	for (size_t i = 0; i < v->ntop; i++)
		finish(&b, v->top[i], NULL);
	v->row = b.all.v;
	v->nrow = b.all.len;
	v->pin = b.pins.v;
	v->npin = b.pins.len;
	find_idle(&b, v);
	return v;
}

size_t
view_run(const struct view_row *r, size_t i)
{
	const struct view_row *first = r->child[i];
	const struct ir_origin *o = first->why.origin;
	size_t n = 1;
	if (first->group != GROUP_PROTECTED && first->group != GROUP_PLATFORM)
		return 1;
	for (; i + n < r->nchild; n++) {
		const struct view_row *c = r->child[i + n];
		const struct ir_origin *p = c->why.origin;
		if (c->group != first->group || c->why.kind != first->why.kind || o == NULL ||
		    p == NULL || o->span.source != p->span.source || o->span.line != p->span.line)
			break;
	}
	return n;
}

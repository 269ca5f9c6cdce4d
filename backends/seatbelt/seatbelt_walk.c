/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk.c - places, policy and automata together, over every path */
#include <config.h>

#include "seatbelt_walk_state.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path.h"

/*
 * Where a path is on one of the trees it is walked depth first, with the
 * filters of the profile kept up to date; where it leaves them all that counts
 * is what is left of the profile, what the policy says from there down, and
 * where automata are: few such states, each of which is gone into once.
 *
 * One walk that tells nobody finds whether there is anything wrong; where
 * there is, a second one looks for the first such path, and keeps paths and
 * order, which costs more than all else.
 */
enum { MAX_PLACES = 1 << 22 };		/* on the trees */

const char *
place_path(struct walk *w, const struct place *n)
{
	if (n->up == NULL)
		return "/";
	char *path = arena_alloc(w->a, n->path_len + 1), *p = path + n->path_len;
	for (; n->up != NULL; n = n->up) {
		p -= n->len;
		memcpy(p, n->name, n->len);
		*--p = '/';
	}
	return path;
}

static bool
comes_first(const struct walk *w, const char *path, size_t depth)
{
	if (!w->wrong || depth != w->at_depth)
		return !w->wrong || depth < w->at_depth;
	return name_order(path, strlen(path), w->at.path, strlen(w->at.path)) < 0;
}

void
walk_judge(struct walk *w, struct sb_at *at, const struct place *n, const char *path)
{
	at->marks = sb_residue_holds(w->m, at->marks);
	if (w->in->judge(w->in->arg, at))
		return;
	if (w->ordered) {
		path = n != NULL ? place_path(w, n) : path;
		size_t depth = path_depth(path);
		if (comes_first(w, path, depth)) {
			w->at = *at;
			w->at.path = path;
			w->at_depth = depth;
		} else {
			return;
		}
	}
	w->wrong = true;
}

static void
judge_place(struct walk *w, const struct place *n, uint32_t residue)
{
	struct sb_at at = { .residue = residue, .marks = n->marks, .node = n->p };

	if (w->in->policy != NULL) {
		at.access = n->p != NULL ? n->p->self : n->value;
		if (n->why != NULL)
			at.why = *n->why;
	}
	walk_judge(w, &at, n, NULL);
}

bool
walk_done(const struct walk *w)
{
	return w->failed || (w->wrong && !w->ordered);
}

static int
atom_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

struct sb_atoms
walk_atoms(struct sb_words *v)
{
	size_t n = 0;

	if (v->len > 1)
		qsort(v->v, v->len, sizeof(*v->v), atom_cmp);
	for (size_t i = 0; i < v->len; i++)
		if (n == 0 || v->v[n - 1] != v->v[i])
			v->v[n++] = v->v[i];
	v->len = n;
	return (struct sb_atoms){ v->v, n };
}

/* ---- on the trees ---- */

/* Names that a tree has exactly, and spellings of those that it has for all of them. */
static bool
is_exact(const struct place *n, const char *name, size_t len)
{
	return (n->m != NULL && region_child(n->m, name, len) != NULL) ||
	    (n->p != NULL && region_child(n->p, name, len) != NULL) ||
	    (n->q != NULL && region_child(n->q, name, len) != NULL);
}

static bool
is_taken(void *arg, const char *name, size_t len)
{
	const struct place *n = arg;

	return is_exact(n, name, len) || (n->m != NULL && region_folded(n->m, name, len) != NULL) ||
	    (n->p != NULL && region_folded(n->p, name, len) != NULL);
}

static void visit(struct walk *, struct place *);

static void
go_down(struct walk *w, const struct place *up, const char *name, size_t len,
    const struct region *m, const struct region *p, const struct region *q)
{
	struct place n = { .up = up, .name = name, .len = len, .depth = up->depth + 1,
	    .path_len = (up->up == NULL ? 0 : up->path_len) + 1 + len, .m = m, .p = p, .q = q,
	    .value = up->value, .why = up->why };

	if (n.path_len <= LIMIT_PATH_BYTES && !walk_done(w))
		visit(w, &n);
}

/* The children of several nodes in one order. */
struct merge {
	const struct region *of[3];
	size_t		 i[3];
	const struct region *child[3];	/* of one name */
	struct slice	 name;
};

static bool
merge_next(struct merge *x)
{
	bool some = false;

	for (int k = 0; k < 3; k++) {
		x->child[k] = NULL;
		if (x->of[k] == NULL || x->i[k] == x->of[k]->nchild)
			continue;
		const struct region *c = x->of[k]->child[x->i[k]];
		const struct slice s = { c->name, c->len };
		int order = some ? slice_cmp(&s, &x->name) : -1;
		if (order > 0)
			continue;
		for (int j = 0; order < 0 && j < k; j++)
			x->child[j] = NULL;
		x->child[k] = c;
		x->name = s;
		some = true;
	}
	for (int k = 0; k < 3; k++)
		x->i[k] += x->child[k] != NULL;
	return some;
}

static const struct region *
spelt(const struct region *of, const struct region *child, struct slice name)
{
	return child != NULL || of == NULL || of->folded == NULL ? child :
	    region_folded(of, name.p, name.len);
}

static void
visit_exact(struct walk *w, const struct place *n)
{
	struct merge x = { .of = { n->m, n->p, n->q } };

	while (merge_next(&x) && !walk_done(w))
		go_down(w, n, x.name.p, x.name.len, spelt(n->m, x.child[0], x.name),
		    spelt(n->p, x.child[1], x.name), x.child[2]);
}

/* Atoms of every automaton that is under way, whatever is left of the profile here. */
static struct sb_atoms
running(struct walk *w)
{
	w->atoms.len = 0;
	sb_running(w->m, &w->atoms);
	for (size_t i = w->from; i < w->runs.len; i++)
		VEC_PUSH(w->a, &w->atoms, w->runs.v[i].atom);
	return walk_atoms(&w->atoms);
}

static bool
caseless(const struct walk *w)
{
	for (size_t i = w->from; i < w->runs.len; i++)
		if (!w->m->dfa.v[SB_ATOM_DFA(w->runs.v[i].atom)].caseless)
			return false;
	return sb_caseless(w->m);
}

static bool
spells(const struct slice *name, const struct region *c)
{
	for (size_t i = 0; i < c->len; i++)
		if (name_fold(c->name[i]) != name_fold(name->p[i]))
			return false;
	return true;
}

/* How many exact names are spellings of this one; perhaps more. */
static size_t
exact_spellings(const struct place *n, const struct slice *name)
{
	const struct region *of[] = { n->m, n->p, n->q };
	size_t found = 0;

	for (size_t k = 0; k < NELEMS(of); k++)
		for (size_t i = 0; of[k] != NULL && i < of[k]->nchild; i++)
			found += of[k]->child[i]->len == name->len && spells(name, of[k]->child[i]);
	return found;
}

/* All spellings but exact names, as one for each way that automata can go. */
static void
each_spelling(struct walk *w, const struct place *n, const struct slice *name, struct arena *a,
    struct sb_spellings *out)
{
	struct sb_spellings all = { NULL, 0, 0 };
	const struct sb_atoms atoms = running(w);

	sb_spellings(a, w->names, atoms, n->up == NULL, name->p, name->len,
	    exact_spellings(n, name) + 1, &all);
	out->len = 0;
	for (size_t i = 0; i < all.len; i++)
		if (!is_exact(n, all.v[i], name->len))
			VEC_PUSH(a, out, all.v[i]);
}

static void
visit_spelt(struct walk *w, const struct place *n, const struct slice *name,
    const struct region *m, const struct region *p, bool same)
{
	char text[LIMIT_NAME_BYTES];

	if (name->len > sizeof(text))
		return;
	/* In capitals it comes first, and where they are all alike there is no other. */
	for (size_t i = 0; i < name->len; i++) {
		char low = name_fold(name->p[i]);
		text[i] = low >= 'a' && low <= 'z' ? (char)(low - 'a' + 'A') : low;
	}
	if (same && !is_exact(n, text, name->len)) {
		go_down(w, n, text, name->len, m, p, NULL);
		return;
	}
	struct arena *a = arena_new();
	struct sb_spellings v = { NULL, 0, 0 };
	each_spelling(w, n, name, a, &v);
	for (size_t i = 0; i < v.len && !walk_done(w); i++)
		go_down(w, n, v.v[i], name->len, m, p, NULL);
	arena_free(a);
}

static void
visit_folded(struct walk *w, const struct place *n)
{
	struct merge x = { .of = { n->m != NULL ? n->m->folded : NULL,
	    n->p != NULL ? n->p->folded : NULL, NULL } };
	bool same = caseless(w);

	while (merge_next(&x) && !walk_done(w))
		visit_spelt(w, n, &x.name, x.child[0], x.child[1], same);
}

/* With every name that a tree has left out; `spare': those that were left out besides. */
static void
names_of(struct walk *w, const struct place *n, struct arena *a, struct sb_spellings *spare)
{
	const struct region *of[] = { n->m, n->p, n->q, n->m != NULL ? n->m->folded : NULL,
	    n->p != NULL ? n->p->folded : NULL };
	struct { struct slice *v; size_t len, cap; } except = { NULL, 0, 0 };
	bool folded = of[3] != NULL || of[4] != NULL;
	const struct sb_atoms atoms = walk_live(w, n->residue, n->marks);

	for (size_t k = 0; k < NELEMS(of); k++)
		for (size_t i = 0; of[k] != NULL && i < of[k]->nchild; i++)
			VEC_PUSH(a, &except, ((struct slice){ of[k]->child[i]->name, of[k]->child[i]->len }));
	if (sb_other_names_but(w->names, atoms, n->up == NULL, except.v, except.len, folded,
	    &w->others) != 0)
		w->failed = true;
	/* What differs from an exact name in case alone was left out with it. */
	for (size_t i = 0; folded && i < except.len; i++) {
		struct sb_spellings v = { NULL, 0, 0 };
		if ((n->m != NULL && region_folded(n->m, except.v[i].p, except.v[i].len) != NULL) ||
		    (n->p != NULL && region_folded(n->p, except.v[i].p, except.v[i].len) != NULL))
			continue;
		each_spelling(w, n, &except.v[i], a, &v);
		for (size_t j = 0; j < v.len; j++)
			VEC_PUSH(a, spare, v.v[j]);
	}
}

/* Names of no tree. */
static void
visit_others(struct walk *w, const struct place *n)
{
	int r = leave_trees(w, n, is_taken);

	w->failed |= r < 0;
	if (r <= 0)
		return;
	struct arena *a = arena_new();
	struct sb_spellings spare = { NULL, 0, 0 };
	names_of(w, n, a, &spare);
	leave_by_others(w, n, walk_live(w, n->residue, n->marks));
	for (size_t i = 0; i < spare.len && !walk_done(w); i++)
		go_down(w, n, spare.v[i], strlen(spare.v[i]), NULL, NULL, NULL);
	arena_free(a);
}

/* Depth: LIMIT_PATH_DEPTH. */
static void
visit(struct walk *w, struct place *n)
{
	struct sb_step step;
	struct marks_step marks;

	if (++w->places > MAX_PLACES) {
		w->failed = true;
		return;
	}
	sb_enter(w->m, n->m, n->up != NULL && n->up->up == NULL, n->name, n->len, &step);
	n->marks = marks_enter(w, n, &marks);
	if (n->p != NULL)
		n->why = &n->p->why;
	judge_place(w, n, sb_self(w->m, n->m));
	n->residue = sb_below(w->m);
	if (n->p != NULL)
		n->value = n->p->below;
	if (n->m != NULL || n->p != NULL || n->q != NULL) {
		visit_exact(w, n);
		visit_folded(w, n);
	}
	if (!walk_done(w))
		visit_others(w, n);
	marks_leave(w, &marks);
	sb_leave(w->m, &step);
}

static int
run(struct walk *w)
{
	struct place top = { .name = NULL, .path_len = 1, .m = sb_tree_root(w->m),
	    .p = w->in->policy, .q = w->in->marks };

	w->seen = strmap_new(w->a);
	w->expanded = strmap_new(w->a);
	w->wrong = false;
	w->places = 0;
	w->level = arena_array(w->a, w->ordered ? LIMIT_PATH_DEPTH + 1 : 1, sizeof(*w->level));
	visit(w, &top);
	walk_off(w);
	return w->failed ? -1 : 0;
}

int
sb_walk(struct arena *a, const struct sb_walk *in, bool *wrong, struct sb_at *at)
{
	struct walk w = { .a = a, .in = in, .m = in->m, .names = sb_names_new(a, in->m) };

	*wrong = false;
	if (run(&w) != 0)
		return -1;
	if (!w.wrong)
		return 0;
	w.ordered = true;
	if (run(&w) != 0)
		return -1;
	*wrong = w.wrong;
	*at = w.at;
	return 0;
}

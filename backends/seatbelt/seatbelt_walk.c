/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_walk.c - places, policy and automata together, over every path */
#include <config.h>

#include "seatbelt_walk.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path.h"
#include "sbuf.h"

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
enum {
	MAX_JOINT_STATES = 1 << 18,	/* off the trees */
	MAX_PLACES = 1 << 22,		/* on them */
};

struct mark { unsigned mark; uint32_t dfa; struct mark *next; };

/* A mark's automaton under way. */
struct run { unsigned mark; uint32_t atom; };

/* A place of one of the trees, and what is below it where they end. */
struct place {
	const struct place *up;
	const char	*name;
	size_t		 len, path_len, depth;
	const struct region *m, *p, *q;	/* profile, policy, marks; NULL: off that tree */
	uint32_t	 residue, marks;
	enum access	 value;
	const struct why *why;
};

/* A path off the trees. */
struct off {
	const char	*path;		/* NULL where no order is kept */
	size_t		 len;
	uint32_t	 residue, marks;
	enum access	 value;
	const struct why *why;
};
struct offs { struct off *v; size_t len, cap; };

struct walk {
	struct arena	*a;
	const struct sb_walk *in;
	struct seatbelt_model *m;
	struct sb_names	*names;
	struct strmap	*seen;		/* states off the trees */
	struct strmap	*expanded;	/* what was gone into with every name that there can be */
	struct { struct run *v; size_t len, cap; } runs;	/* from `from' on: those of this place */
	size_t		 from;
	uint32_t	 marked;	/* here and below, for good */
	size_t		 places;
	bool		 ordered;
	struct offs	*level;		/* by depth; unordered: the first alone */
	bool		 failed, wrong;
	struct sb_at	 at;		/* ordered: the first that is wrong so far */
	size_t		 at_depth;
	/* Scratch. */
	struct sb_words	 holds, open, atoms, to;
	struct sb_others others;
};

void
sb_mark(struct arena *a, struct region *marks, const char *root, unsigned mark, uint32_t dfa)
{
	struct region *r = region_make(a, marks, root);
	struct mark *k = arena_alloc(a, sizeof(*k));

	*k = (struct mark){ mark, dfa, r->mark };
	r->mark = k;
}

/* ---- marks ---- */

struct marks_step { size_t runs, from; uint32_t marked; };

static uint32_t
marks_of(struct walk *w)
{
	w->holds.len = w->open.len = 0;
	for (uint32_t i = 0; i < 32; i++)
		if (w->marked >> i & 1)
			VEC_PUSH(w->a, &w->holds, i);
	for (size_t i = w->from; i < w->runs.len; i++) {
		VEC_PUSH(w->a, &w->open, w->runs.v[i].mark);
		VEC_PUSH(w->a, &w->open, W_REGEX);
		VEC_PUSH(w->a, &w->open, w->runs.v[i].atom);
	}
	return sb_residue(w->m, &w->holds, &w->open);
}

static void
marks_push(struct walk *w, unsigned mark, uint32_t atom)
{
	if (atom == SB_ATOM_TRUE)
		w->marked |= (uint32_t)1 << mark;
	else if (atom != SB_ATOM_FALSE)
		VEC_PUSH(w->a, &w->runs, ((struct run){ mark, atom }));
}

static uint32_t
marks_enter(struct walk *w, const struct place *n, struct marks_step *step)
{
	const size_t begin = w->runs.len;
	const struct place *up = n->up;
	bool same = up != NULL;

	*step = (struct marks_step){ begin, w->from, w->marked };
	for (size_t i = w->from; i < begin; i++) {
		const struct run r = w->runs.v[i];
		uint32_t to = sb_atom_step(w->m, r.atom, up->up == NULL, n->name, n->len);
		same &= to == r.atom;
		marks_push(w, r.mark, to);
	}
	w->from = begin;
	for (const struct mark *k = n->q != NULL ? n->q->mark : NULL; k != NULL; k = k->next) {
		marks_push(w, k->mark, sb_atom_start(w->m, k->dfa, up == NULL));
		same = false;
	}
	return same ? up->marks : marks_of(w);
}

static void
marks_leave(struct walk *w, const struct marks_step *step)
{
	w->runs.len = step->runs;
	w->from = step->from;
	w->marked = step->marked;
}

/* ---- judging ---- */

static const char *
path_of(struct walk *w, const struct place *n)
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

/* `n' is the place, or NULL off the trees, where `path' is the path if order is kept. */
static void
judge(struct walk *w, struct sb_at *at, const struct place *n, const char *path)
{
	at->marks = sb_residue_holds(w->m, at->marks);
	if (w->in->judge(w->in->arg, at))
		return;
	if (w->ordered) {
		path = n != NULL ? path_of(w, n) : path;
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
	judge(w, &at, n, NULL);
}

static bool
done(const struct walk *w)
{
	return w->failed || (w->wrong && !w->ordered);
}

/* ---- off the trees ---- */

static bool
is_base(const struct why *w)
{
	return w != NULL && w->kind == WHY_BASE;
}

struct state { uint32_t residue, marks, value; };

static struct state
state_of(uint32_t residue, uint32_t marks, enum access value, const struct why *why)
{
	return (struct state){ residue, marks, (uint32_t)value * 2 + is_base(why) };
}

static bool
first_visit(struct walk *w, const struct off *o)
{
	const struct state s = state_of(o->residue, o->marks, o->value, o->why);

	if (strmap_put(w->seen, (const char *)&s, sizeof(s), w) != NULL)
		return false;
	if (strmap_count(w->seen) > MAX_JOINT_STATES)
		w->failed = true;
	return true;
}

static void
judge_off(struct walk *w, const struct off *o)
{
	struct sb_at at = { .residue = o->residue, .marks = o->marks };

	if (w->in->policy != NULL) {
		at.access = o->value;
		if (o->why != NULL)
			at.why = *o->why;
	}
	judge(w, &at, NULL, o->path);
}

static void
push(struct walk *w, struct off o, size_t depth)
{
	if (!w->ordered) {
		depth = 0;
		if (!first_visit(w, &o))
			return;
		judge_off(w, &o);
	}
	if (depth <= LIMIT_PATH_DEPTH)
		VEC_PUSH(w->a, &w->level[depth], o);
}

static int
atom_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static struct sb_atoms
unique_atoms(struct sb_words *v)
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

/* Atoms that what is left of profile and marks still depends on. */
static struct sb_atoms
atoms_of(struct walk *w, uint32_t residue, uint32_t marks)
{
	const struct sb_atoms both[] = { sb_residue_atoms(w->m, residue), sb_residue_atoms(w->m, marks) };

	w->atoms.len = 0;
	for (size_t k = 0; k < NELEMS(both); k++)
		for (size_t i = 0; i < both[k].len; i++)
			VEC_PUSH(w->a, &w->atoms, both[k].v[i]);
	return unique_atoms(&w->atoms);
}

/* From `o', whose path is the parent's, by names of which `others' has the first of each kind. */
static void
push_others(struct walk *w, const struct off *o, struct sb_atoms atoms, size_t depth)
{
	for (size_t i = 0; i < w->others.len && !done(w); i++) {
		const struct sb_other *x = &w->others.v[i];
		struct off n = *o;
		n.residue = sb_residue_step(w->m, o->residue, atoms, x->to);
		n.marks = sb_residue_step(w->m, o->marks, atoms, x->to);
		if (w->ordered) {
			n.len = (o->len == 1 ? 0 : o->len) + 1 + x->name.len;
			if (n.len > LIMIT_PATH_BYTES)
				continue;
			char *path = arena_alloc(w->a, n.len + 1);
			memcpy(path, o->path, o->len);
			path[n.len - x->name.len - 1] = '/';
			memcpy(path + n.len - x->name.len, x->name.p, x->name.len);
			n.path = path;
		}
		push(w, n, depth);
	}
}

static bool
none_taken(void *arg, const char *name, size_t len)
{
	(void)arg, (void)name, (void)len;
	return false;
}

static void
expand_off(struct walk *w, const struct off *o, size_t depth)
{
	const struct sb_atoms atoms = atoms_of(w, o->residue, o->marks);

	if (atoms.len == 0)
		return;
	if (sb_other_names(w->names, atoms, false, none_taken, NULL, &w->others) != 0)
		w->failed = true;
	else
		push_others(w, o, atoms, depth + 1);
}

static int
off_cmp(const void *a, const void *b)
{
	const struct off *x = a, *y = b;
	return name_order(x->path, x->len, y->path, y->len);
}

static void
walk_off_in_order(struct walk *w)
{
	for (size_t depth = 1; depth <= LIMIT_PATH_DEPTH && !w->failed; depth++) {
		struct offs *l = &w->level[depth];
		if (w->wrong && depth > w->at_depth)
			return;
		if (l->len > 1)
			qsort(l->v, l->len, sizeof(struct off), off_cmp);
		for (size_t i = 0; i < l->len && !w->failed; i++) {
			if (!first_visit(w, &l->v[i]))
				continue;
			judge_off(w, &l->v[i]);
			expand_off(w, &l->v[i], depth);
		}
	}
}

static void
walk_off(struct walk *w)
{
	struct offs *all = &w->level[0];

	while (all->len > 0 && !done(w)) {
		const struct off o = all->v[--all->len];
		expand_off(w, &o, 0);
	}
	all->len = 0;
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

	if (n.path_len <= LIMIT_PATH_BYTES && !done(w))
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

	while (merge_next(&x) && !done(w))
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
	return unique_atoms(&w->atoms);
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
	for (size_t i = 0; i < v.len && !done(w); i++)
		go_down(w, n, v.v[i], name->len, m, p, NULL);
	arena_free(a);
}

static void
visit_folded(struct walk *w, const struct place *n)
{
	struct merge x = { .of = { n->m != NULL ? n->m->folded : NULL,
	    n->p != NULL ? n->p->folded : NULL, NULL } };
	bool same = caseless(w);

	while (merge_next(&x) && !done(w))
		visit_spelt(w, n, &x.name, x.child[0], x.child[1], same);
}

/* Every name that no tree may take otherwise: those that other_names() is to leave out. */
static void
names_of(struct walk *w, const struct place *n, struct arena *a, struct sb_spellings *spare)
{
	const struct region *of[] = { n->m, n->p, n->q, n->m != NULL ? n->m->folded : NULL,
	    n->p != NULL ? n->p->folded : NULL };
	struct { struct slice *v; size_t len, cap; } except = { NULL, 0, 0 };
	bool folded = of[3] != NULL || of[4] != NULL;
	const struct sb_atoms atoms = atoms_of(w, n->residue, n->marks);

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

/* Names of no tree: from here on the path is off them. */
static void
leave_trees(struct walk *w, const struct place *n)
{
	const struct state s = state_of(n->residue, n->marks, n->value, n->why);
	struct off o = { .residue = n->residue, .marks = n->marks, .value = n->value, .why = n->why };

	/* At "/" the same states mean something else. */
	if (!w->ordered && n->up != NULL &&
	    strmap_get(w->expanded, (const char *)&s, sizeof(s)) != NULL)
		return;
	struct sb_atoms atoms = atoms_of(w, n->residue, n->marks);
	if (atoms.len == 0 && !w->ordered) {
		push(w, o, 0);
		strmap_put(w->expanded, (const char *)&s, sizeof(s), w);
		return;
	}
	if (w->ordered) {
		o.path = path_of(w, n);
		o.len = n->path_len;
	}
	int r = sb_other_names(w->names, atoms, n->up == NULL, is_taken, (void *)(uintptr_t)n, &w->others);
	if (r == 0) {
		push_others(w, &o, atoms, n->depth + 1);
		if (n->up != NULL && w->others.every)
			strmap_put(w->expanded, (const char *)&s, sizeof(s), w);
		return;
	}
	struct arena *a = arena_new();
	struct sb_spellings spare = { NULL, 0, 0 };
	if (r > 0)
		names_of(w, n, a, &spare);
	w->failed |= r < 0;
	push_others(w, &o, atoms_of(w, n->residue, n->marks), n->depth + 1);
	for (size_t i = 0; i < spare.len && !done(w); i++)
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
	if (!done(w))
		leave_trees(w, n);
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
	if (w->ordered)
		walk_off_in_order(w);
	else
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

/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c - walking two decisions together, level by level */
#include <config.h>

#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "compare_names.h"
#include "compare_trees.h"
#include "glob.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"

enum {
	MAX_JOINT_STATES = 1 << 18,	/* pairs of states away from both trees */
	MAX_NAME_STATES = 1 << 16,	/* of the component globs alive at one place */
};

enum {
	SCOPE = 2,			/* beside sides 0 and 1: the pattern of the scope */
	EVERY_OP = 1u << OP_READ | 1u << OP_WRITE | 1u << OP_RENAME,
};

/* A pattern that can still match below the path of a state. */
struct active {
	uint32_t	 side;
	uint32_t	 index;		/* into that side's patterns */
	uint64_t	*set;
};

/* Where one side stands: on a node of its tree, or below the last one. */
struct stand {
	const struct region *node;	/* NULL: off the tree */
	enum access	 value;		/* off the tree: what holds from here down */
	bool		 globbed;	/* off the tree for good, denied */
	uint32_t	 pattern;	/* globbed: by this one */
	const struct why *why;
};

struct joint {
	const char	*path;
	struct stand	 at[2];
	struct active	*active;
	size_t		 nactive;
	bool		 in_scope;	/* the path itself */
	uint32_t	 mark;		/* the visitor's, of the parent and then of the path itself */
	bool		 first_below;	/* off the trees, below a node that speaks for itself alone */
};

struct joints { struct joint *v; size_t len, cap; };

struct walk {
	struct arena	*a;
	const struct compare_side *side[3];	/* the third has the pattern of the scope, if any */
	unsigned	 ops;
	bool		 patterns;	/* some of the three has one */
	bool		 one_spelling;	/* of the scope */
	/*
	 * Off both trees, where there are patterns: the states met so far.  The
	 * value is where the state stands in `next', plus `base': less or equal
	 * to `base' are those of earlier levels.
	 */
	struct strmap	*seen;
	size_t		 base;
	/* Of the state that is being made; it is copied once it is known to be new. */
	struct active	*active;
	uint64_t	*sets;
	char		*key;
	struct name_memo *memo;
	const struct compare_visitor *visitor;	/* or NULL */
	struct joints	 next;
	struct comparison *out;
	bool		 failed;
};

const char *
fs_op_name(enum fs_op op)
{
	static const char *const name[] = {
		[OP_READ] = "read", [OP_WRITE] = "write", [OP_RENAME] = "rename",
	};
	return name[op];
}

bool
access_allows(enum access access, bool pinned, enum fs_op op)
{
	switch (op) {
	case OP_READ:
		return access != ACCESS_DENY;
	case OP_WRITE:
		return access == ACCESS_WRITE;
	case OP_RENAME:
		return access == ACCESS_WRITE && !pinned;
	}
	return false;
}

static bool
allows(const struct stand *s, enum fs_op op)
{
	return s->node != NULL ? access_allows(s->node->self, s->node->pinned, op) :
	    access_allows(s->value, false, op);
}

static struct why
why_of(const struct stand *s)
{
	if (s->node != NULL)
		return s->node->why;
	return s->why != NULL ? *s->why : (struct why){ WHY_NOTHING, NULL, NULL };
}

/* The path of one state: note what differs; the better witness of a level stays. */
static void
judge(struct walk *w, const struct joint *j)
{
	struct comparison *out = w->out;
	for (enum fs_op op = OP_READ; j->in_scope && op <= OP_RENAME; op++) {
		if ((w->ops >> op & 1) == 0)
			continue;
		bool x = allows(&j->at[0], op), y = allows(&j->at[1], op);
		if (x == y)
			continue;
		if (x)
			out->a_allows_more = true;
		else
			out->b_allows_more = true;
		struct witness *old = &out->witness;
		if (!out->equal) {
			size_t d = path_depth(j->path), e = path_depth(old->path);
			if (d > e || (d == e && name_order(j->path, strlen(j->path),
			    old->path, strlen(old->path)) >= 0))
				continue;
		}
		out->equal = false;
		*old = (struct witness){ op, j->path, x, y,
		    why_of(&j->at[0]), why_of(&j->at[1]) };
	}
}

/* Step one side down by a name. */
static struct stand
stand_step(const struct stand *s, const char *name, size_t len)
{
	struct stand t = *s;
	if (s->node == NULL)
		return t;
	t.node = name != NULL ? region_step(s->node, name, len) : NULL;
	if (t.node == NULL) {
		t.value = s->node->below;
		t.why = &s->node->why;
	}
	return t;
}

/* Both sides are off their trees and no pattern of theirs can match any more: all below is alike. */
static bool
settled(const struct joint *j)
{
	if (j->at[0].node != NULL || j->at[1].node != NULL)
		return false;
	for (size_t i = 0; i < j->nactive; i++)
		if (j->active[i].side != SCOPE)
			return false;
	return true;
}

static bool
same_value(const struct walk *w, const struct joint *j)
{
	for (enum fs_op op = OP_READ; op <= OP_RENAME; op++)
		if ((w->ops >> op & 1) != 0 && allows(&j->at[0], op) != allows(&j->at[1], op))
			return false;
	return true;
}

/* No path at or below the state is in the scope. */
static bool
out_of_scope(const struct walk *w, const struct joint *j)
{
	for (size_t i = 0; i < j->nactive; i++)
		if (j->active[i].side == SCOPE)
			return false;
	return w->side[SCOPE]->npatterns > 0;
}

/* What the name does to the patterns that are alive; a match takes its side off the tree. */
static void
advance_patterns(struct walk *w, const struct joint *from, struct joint *to,
    const char *name, size_t len)
{
	uint64_t *set = w->sets;

	to->active = w->active;
	for (size_t i = 0; i < from->nactive; i++) {
		const struct active *x = &from->active[i];
		const struct compare_side *side = w->side[x->side];
		const struct pattern *p = side->pattern[x->index];
		struct stand *s = x->side != SCOPE ? &to->at[x->side] : NULL;
		if (s != NULL && s->globbed)
			continue;
		pattern_advance(p, x->set, name, len, set);
		bool matched = pattern_matched(p, set);
		if (s == NULL)
			to->in_scope = matched;
		if (matched && s != NULL) {
			*s = (struct stand){ NULL, ACCESS_DENY, true, x->index,
			    side->pattern_why != NULL ? &side->pattern_why[x->index] : NULL };
		} else if (pattern_alive(p, set)) {
			to->active[to->nactive++] = (struct active){ x->side, x->index, set };
			set += pattern_words(p);
		}
	}
	/* A match among them may have come after others of its side were kept. */
	size_t n = 0;
	for (size_t i = 0; i < to->nactive; i++)
		if (to->active[i].side == SCOPE || !to->at[to->active[i].side].globbed)
			to->active[n++] = to->active[i];
	to->nactive = n;
}

/* A link that is readable itself, and not what is below it by name: what a visitor saw was not all. */
static bool
speaks_for_itself(const struct joint *j)
{
	for (int s = 0; s < 2; s++)
		if (j->at[s].node != NULL && j->at[s].node->self != j->at[s].node->below)
			return true;
	return false;
}

static int
joint_cmp(const void *a, const void *b)
{
	const struct joint *x = a, *y = b;
	return name_order(x->path, strlen(x->path), y->path, strlen(y->path));
}

/* Off both trees a state is its values and its pattern sets.  Returns the key's length. */
static size_t
state_key(struct walk *w, const struct joint *j)
{
	struct { uint32_t side, index; } head;
	char *p = w->key;

	for (int s = 0; s < 2; s++) {
		*p++ = (char)j->at[s].value;
		*p++ = (char)j->at[s].globbed;
	}
	/* Whoever visits wants to see each pattern deny something. */
	for (int s = 0; s < 2 && w->visitor != NULL; s++, p += sizeof(uint32_t))
		memcpy(p, &j->at[s].pattern, sizeof(uint32_t));
	for (size_t i = 0; i < j->nactive; i++) {
		const struct active *x = &j->active[i];
		size_t n = 8 * pattern_words(w->side[x->side]->pattern[x->index]);
		head.side = x->side;
		head.index = x->index;
		memcpy(p, &head, sizeof(head));
		memcpy(p + sizeof(head), x->set, n);
		p += sizeof(head) + n;
	}
	return (size_t)(p - w->key);
}

/* Push it, with what it points to copied from where it was made. */
static void
keep(struct walk *w, struct joint *n)
{
	n->path = arena_strdup(w->a, n->path);
	if (n->nactive > 0) {
		struct active *own = arena_array(w->a, n->nactive, sizeof(*own));
		for (size_t i = 0; i < n->nactive; i++) {
			const struct active *x = &n->active[i];
			size_t words = pattern_words(w->side[x->side]->pattern[x->index]);
			own[i] = *x;
			own[i].set = arena_array(w->a, words, sizeof(uint64_t));
			memcpy(own[i].set, x->set, words * sizeof(uint64_t));
		}
		n->active = own;
	}
	VEC_PUSH(w->a, &w->next, *n);
}

/*
 * A state for the next level.  Off the trees the first path to it in the order
 * of witnesses stands for all others; but a visitor sees what is right below
 * a node that speaks for itself, each time.
 */
static void
add_state(struct walk *w, struct joint *n)
{
	bool always = w->visitor != NULL && n->first_below;
	if (!w->patterns || n->at[0].node != NULL || n->at[1].node != NULL) {
		keep(w, n);
		return;
	}
	size_t len = state_key(w, n);
	size_t at = (size_t)(uintptr_t)strmap_get(w->seen, w->key, len);
	if (at == 0) {
		keep(w, n);
		strmap_put(w->seen, w->key, len, (void *)(uintptr_t)(w->base + w->next.len));
		w->failed |= strmap_count(w->seen) > MAX_JOINT_STATES;
		return;
	}
	if (at <= w->base || joint_cmp(n, &w->next.v[at - w->base - 1]) >= 0) {
		if (always)
			keep(w, n);
		return;
	}
	struct joint worse = w->next.v[at - w->base - 1];
	n->active = worse.active;		/* equal, as the keys are */
	n->path = arena_strdup(w->a, n->path);
	w->next.v[at - w->base - 1] = *n;
	if (w->visitor != NULL && worse.first_below)
		VEC_PUSH(w->a, &w->next, worse);
}

/* Go down from `j' by `name'; `tree' tells whether it may be a child of either node. */
static void
descend(struct walk *w, const struct joint *j, const char *name, size_t len, bool tree)
{
	struct joint n = { .in_scope = w->side[SCOPE]->npatterns == 0, .mark = j->mark };
	size_t plen = strlen(j->path);
	if (plen + 1 + len > LIMIT_PATH_BYTES)
		return;
	for (int s = 0; s < 2; s++)
		n.at[s] = stand_step(&j->at[s], tree ? name : NULL, len);
	n.first_below = n.at[0].node == NULL && n.at[1].node == NULL && speaks_for_itself(j);
	advance_patterns(w, j, &n, name, len);
	if (out_of_scope(w, &n) || (settled(&n) && same_value(w, &n)))
		return;
	char path[LIMIT_PATH_BYTES + 1];
	size_t base = plen == 1 ? 0 : plen;
	memcpy(path, j->path, base);
	path[base] = '/';
	memcpy(path + base + 1, name, len);
	path[base + 1 + len] = '\0';
	n.path = path;
	add_state(w, &n);
}

/* Names that some tree or pattern mentions at this place, and the globs that are alive. */
struct names {
	struct literal_names literal;
	struct { const struct dfa **v; size_t len, cap; } glob;
	bool		 spellings;	/* among the globs are names that every spelling reaches */
};

static void
names_of_patterns(struct walk *w, const struct joint *j, struct names *names)
{
	for (size_t i = 0; i < j->nactive; i++) {
		const struct active *x = &j->active[i];
		const struct pattern *p = w->side[x->side]->pattern[x->index];
		for (size_t k = 0; k < p->nsteps; k++) {
			if ((x->set[k / 64] >> (k % 64) & 1) == 0)
				continue;
			if (p->step[k].kind == STEP_LITERAL) {
				VEC_PUSH(w->a, &names->literal, p->step[k].text);
			} else if (p->step[k].kind == STEP_GLOB) {
				const struct dfa *d = glob_dfa(p->step[k].glob);
				VEC_PUSH(w->a, &names->glob, d);
			}
		}
	}
}

/* Names in any spelling: as globs beside others, else one spelling of each. */
static void
names_of_folded(struct walk *w, const struct joint *j, struct names *names)
{
	struct literal_names spelt = { NULL, 0, 0 };
	bool globs = names->glob.len > 0;

	for (int s = 0; s < 2; s++) {
		const struct region *r = j->at[s].node;
		for (size_t i = 0; r != NULL && r->folded != NULL && i < r->folded->nchild; i++) {
			const struct region *c = r->folded->child[i];
			struct slice one;
			if (globs) {
				const struct dfa *d = glob_dfa(glob_of_name(w->a, c->name, c->len));
				VEC_PUSH(w->a, &names->glob, d);
				names->spellings = true;
			} else if (names_spelling(w->a, &names->literal, c, &one)) {
				VEC_PUSH(w->a, &spelt, one);
			}
		}
	}
	for (size_t i = 0; i < spelt.len; i++)
		VEC_PUSH(w->a, &names->literal, spelt.v[i]);
	if (spelt.len > 0)
		names_merge(w->a, NULL, NULL, &names->literal);
}

struct other {
	struct walk	*w;
	const struct joint *j;
	bool		 tree;		/* the name may be a spelling of a folded child */
	size_t		 first_literal;	/* of the globs of w->one_spelling; what they match is passed over */
	const struct names *names;
};

static void
descend_other(void *arg, const char *name, size_t len)
{
	struct other *o = arg;
	for (size_t i = o->first_literal; i < o->names->glob.len; i++) {
		const struct dfa *d = o->names->glob.v[i];
		if (d->accept[dfa_run(d, 0, name, len)])
			return;
	}
	descend(o->w, o->j, name, len, o->tree);
}

static void
expand(struct walk *w, const struct joint *j)
{
	struct names names = { { NULL, 0, 0 }, { NULL, 0, 0 }, false };
	names_of_patterns(w, j, &names);
	names_merge(w->a, j->at[0].node, j->at[1].node, &names.literal);
	names_of_folded(w, j, &names);
	for (size_t i = 0; i < names.literal.len; i++)
		descend(w, j, names.literal.v[i].p, names.literal.v[i].len, true);

	const size_t first_literal = names.glob.len;
	/* Spellings are a class of their own, which is passed over then. */
	for (size_t i = 0; w->one_spelling && i < names.literal.len; i++) {
		const struct slice s = names.literal.v[i];
		const struct dfa *d = glob_dfa(glob_of_letters(w->a, s.p, s.len));
		VEC_PUSH(w->a, &names.glob, d);
	}
	/* Every other name: nothing to look for where both sides agree below and no pattern is alive. */
	if (j->nactive == 0) {
		struct joint n = { .path = NULL };
		for (int s = 0; s < 2; s++)
			n.at[s] = stand_step(&j->at[s], NULL, 0);
		if (same_value(w, &n) || (w->visitor != NULL && !speaks_for_itself(j)))
			return;
	}
	struct other o = { w, j, names.spellings, first_literal, &names };
	if (name_memo_classes(w->memo, names.glob.v, names.glob.len, &names.literal,
	    MAX_NAME_STATES, descend_other, &o) != 0)
		w->failed = true;
}

static struct joint
start(struct walk *w)
{
	struct joint j = { .path = "/", .in_scope = w->side[SCOPE]->npatterns == 0 };
	size_t n = w->side[0]->npatterns + w->side[1]->npatterns + w->side[SCOPE]->npatterns;
	size_t words = 0;
	for (int s = 0; s <= SCOPE; s++)
		for (size_t i = 0; i < w->side[s]->npatterns; i++)
			words += pattern_words(w->side[s]->pattern[i]);
	w->active = arena_array(w->a, n, sizeof(*w->active));
	w->sets = arena_array(w->a, words, sizeof(*w->sets));
	/* As state_key() fills it. */
	w->key = arena_alloc(w->a, 4 + 2 * sizeof(uint32_t) + 8 * n + 8 * words);
	j.active = arena_array(w->a, n, sizeof(*j.active));
	for (uint32_t s = 0; s <= SCOPE; s++) {
		if (s != SCOPE)
			j.at[s].node = w->side[s]->root;
		for (uint32_t i = 0; i < w->side[s]->npatterns; i++) {
			const struct pattern *p = w->side[s]->pattern[i];
			uint64_t *set = arena_array(w->a, pattern_words(p), sizeof(uint64_t));
			pattern_start(p, set);
			j.active[j.nactive++] = (struct active){ s, i, set };
		}
	}
	return j;
}

int
compare_fs(struct arena *a, const struct compare_side *x, const struct compare_side *y,
    struct comparison *out)
{
	static const struct compare_scope all = { .ops = EVERY_OP };
	return compare_fs_within(a, &all, x, y, out);
}

int
compare_fs_shortest(struct arena *a, const struct compare_side *x, const struct compare_side *y,
    struct comparison *out)
{
	static const struct compare_scope all = { .ops = EVERY_OP, .shortest = true };
	return compare_fs_within(a, &all, x, y, out);
}

/* Show the state to the visitor; true: nothing below it is asked for. */
static bool
visited(struct walk *w, struct joint *j)
{
	struct compare_point p = { .path = j->path, .parent = j->mark,
	    .on_tree = j->at[0].node != NULL || j->at[1].node != NULL };
	bool leave = false;
	if (w->visitor == NULL)
		return false;
	for (int s = 0; s < 2; s++) {
		const struct stand *at = &j->at[s];
		p.side[s] = (struct compare_view){
			.access = at->node != NULL ? at->node->self : at->value,
			.below = at->node != NULL ? at->node->below : at->value,
			.pinned = at->node != NULL && at->node->pinned,
			.globbed = at->globbed,
			.pattern = at->pattern,
		};
	}
	j->mark = w->visitor->visit(w->visitor->arg, &p, &leave);
	return leave;
}

/* Judge the states of the next level, a visitor's in their order, and keep those to go on from. */
static void
next_level(struct walk *w)
{
	size_t n = 0;
	w->base += w->next.len;
	if (w->next.len > 1 && w->patterns)
		qsort(w->next.v, w->next.len, sizeof(struct joint), joint_cmp);
	for (size_t i = 0; i < w->next.len; i++) {
		struct joint *j = &w->next.v[i];
		judge(w, j);
		if (!visited(w, j))
			w->next.v[n++] = *j;
	}
	w->next.len = n;
}

static int
compare(struct walk *w, bool shortest)
{
	struct arena *a = w->a;
	for (int s = 0; s <= SCOPE; s++)
		w->patterns |= w->side[s]->npatterns > 0;
	*w->out = (struct comparison){ .equal = true };
	/* Most often what was planned is what was wanted: then there is no path to look for. */
	if (!w->patterns && w->visitor == NULL &&
	    compare_trees_agree(w->ops, w->side[0]->root, w->side[1]->root))
		return 0;
	w->seen = strmap_new(a);
	w->memo = name_memo_new(a);
	struct joint first = start(w);
	judge(w, &first);
	visited(w, &first);
	struct joints level = { NULL, 0, 0 };
	VEC_PUSH(a, &level, first);
	while (level.len > 0 && !w->failed && !(shortest && !w->out->equal)) {
		w->next = (struct joints){ NULL, 0, 0 };
		for (size_t i = 0; i < level.len && !w->failed; i++)
			if (!settled(&level.v[i]) || w->side[SCOPE]->npatterns > 0)
				expand(w, &level.v[i]);
		next_level(w);
		level = w->next;
	}
	return w->failed ? -1 : 0;
}

int
compare_fs_within(struct arena *a, const struct compare_scope *scope,
    const struct compare_side *x, const struct compare_side *y, struct comparison *out)
{
	const struct compare_side within = {
		.pattern = &scope->where, .npatterns = scope->where != NULL,
	};
	struct walk w = { .a = a, .side = { x, y, &within }, .ops = scope->ops,
	    .one_spelling = scope->one_spelling, .out = out };
	return compare(&w, scope->shortest);
}

int
compare_fs_visit(struct arena *a, const struct compare_side *x, const struct compare_side *y,
    const struct compare_visitor *visitor, struct comparison *out)
{
	const struct compare_side everywhere = { .npatterns = 0 };
	struct walk w = { .a = a, .side = { x, y, &everywhere }, .ops = EVERY_OP,
	    .visitor = visitor, .out = out };
	return compare(&w, false);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* path_dfa.c - regular expressions, prefixes and patterns to automata over whole paths */
#include <config.h>

#include "path_dfa.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "glob.h"
#include "nfa.h"
#include "pattern.h"

/* An expression as a graph, before `^' and `$' are worked out. */
enum edge { EDGE_EMPTY, EDGE_SET, EDGE_BEGIN, EDGE_END, EDGE_ACCEPT };

struct node {
	enum edge	 edge;
	uint32_t	 out, alt;	/* alt: EDGE_EMPTY only */
	const struct byte_set *set;
};

struct builder {
	struct arena	*a;		/* scratch */
	const char	*p, *end;
	struct { struct node *v; size_t len, cap; } node;
	const char	*why;
};

/* Piece of the graph: goes in at `in', comes out at the EMPTY node `out'. */
struct piece { uint32_t in, out; };

static uint32_t
node_new(struct builder *b, enum edge edge, uint32_t out, uint32_t alt)
{
	struct node n = { edge, out, alt, NULL };
	VEC_PUSH(b->a, &b->node, n);
	return (uint32_t)b->node.len - 1;
}

static struct piece
piece_new(struct builder *b, enum edge edge, const struct byte_set *set)
{
	uint32_t out = node_new(b, EDGE_EMPTY, NFA_NONE, NFA_NONE);
	uint32_t in = node_new(b, edge, out, NFA_NONE);

	b->node.v[in].set = set;
	return (struct piece){ in, out };
}

static struct piece
fail(struct builder *b, const char *why)
{
	if (b->why == NULL)
		b->why = why;
	b->p = b->end;
	return piece_new(b, EDGE_EMPTY, NULL);
}

static bool
is_punctuation(char c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	    !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

static struct byte_set *
set_new(struct builder *b)
{
	return arena_alloc(b->a, sizeof(struct byte_set));
}

/* Behind the `['. */
static struct piece
class_piece(struct builder *b)
{
	struct byte_set *set = set_new(b);
	bool negated = b->p < b->end && *b->p == '^';

	b->p += negated;
	for (const char *first = b->p;; ) {
		if (b->p == b->end)
			return fail(b, "has a '[' without its ']'");
		if (*b->p == ']' && b->p != first)
			break;
		if (*b->p == '\\')
			return fail(b, "has a backslash in a class");
		if (*b->p == '[' && b->end - b->p > 1 && strchr(":.=", b->p[1]) != NULL)
			return fail(b, "has a named class");
		unsigned lo = (unsigned char)*b->p++, hi = lo;
		if (b->end - b->p > 1 && b->p[0] == '-' && b->p[1] != ']') {
			hi = (unsigned char)b->p[1];
			if (hi < lo || hi == '[' || hi == '\\')
				return fail(b, "has a range that is none");
			b->p += 2;
		}
		for (; lo <= hi; lo++)
			byte_set_add(set, lo);
	}
	b->p++;
	for (size_t k = 0; negated && k < NELEMS(set->w); k++)
		set->w[k] = ~set->w[k];
	return piece_new(b, EDGE_SET, set);
}

static struct piece alternatives(struct builder *, unsigned);

static struct piece
atom(struct builder *b, unsigned depth)
{
	struct byte_set *set;
	char c = *b->p++;

	switch (c) {
	case '^':
		return piece_new(b, EDGE_BEGIN, NULL);
	case '$':
		return piece_new(b, EDGE_END, NULL);
	case '[':
		return class_piece(b);
	case '(': {
		if (depth == REGEX_DEPTH)
			return fail(b, "nests groups deeper than 64 levels");
		struct piece p = alternatives(b, depth + 1);
		if (b->why == NULL && (b->p == b->end || *b->p != ')'))
			return fail(b, "has a '(' without its ')'");
		if (b->p < b->end)
			b->p++;
		return p;
	}
	case '.':
		set = set_new(b);
		memset(set, 0xff, sizeof(*set));
		return piece_new(b, EDGE_SET, set);
	case '*': case '+': case '?':
		return fail(b, "has a quantifier with nothing to repeat");
	case '{': case '}': case ']':
		return fail(b, "has an unescaped '{', '}' or ']'");
	case '\\':
		if (b->p == b->end || !is_punctuation(*b->p))
			return fail(b, "has a backslash that is not before punctuation");
		c = *b->p++;
		break;
	default:
		break;
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		return fail(b, "has a control byte");
	set = set_new(b);
	byte_set_add(set, (unsigned char)c);
	return piece_new(b, EDGE_SET, set);
}

static struct piece
repeated(struct builder *b, unsigned depth)
{
	struct piece p = atom(b, depth);

	if (b->p == b->end || strchr("*+?", *b->p) == NULL)
		return p;
	enum edge edge = b->node.v[p.in].edge;
	if (edge == EDGE_BEGIN || edge == EDGE_END)
		return fail(b, "repeats ^ or $");
	char q = *b->p++;
	if (b->p < b->end && strchr("*+?{", *b->p) != NULL)
		return fail(b, "has a quantifier behind a quantifier");
	uint32_t out = node_new(b, EDGE_EMPTY, NFA_NONE, NFA_NONE);
	uint32_t in = node_new(b, EDGE_EMPTY, p.in, q == '+' ? NFA_NONE : out);
	b->node.v[p.out].out = out;
	if (q != '?')
		b->node.v[p.out].alt = p.in;
	return (struct piece){ in, out };
}

static struct piece
alternatives(struct builder *b, unsigned depth)
{
	uint32_t out = node_new(b, EDGE_EMPTY, NFA_NONE, NFA_NONE), in = NFA_NONE;

	for (;;) {
		const char *from = b->p;
		struct piece all = { NFA_NONE, NFA_NONE };
		while (b->p < b->end && *b->p != '|' && *b->p != ')') {
			struct piece p = repeated(b, depth);
			if (all.in == NFA_NONE)
				all.in = p.in;
			else
				b->node.v[all.out].out = p.in;
			all.out = p.out;
		}
		if (b->p == from)
			return fail(b, "has an empty alternative");
		b->node.v[all.out].out = out;
		in = in == NFA_NONE ? all.in : node_new(b, EDGE_EMPTY, in, all.in);
		if (b->p == b->end || *b->p != '|')
			break;
		b->p++;
	}
	return (struct piece){ in, out };
}

/*
 * The graph as an automaton without `^' and `$': four copies of it, for
 * whether a byte was taken already, and whether a `$' was passed so that none
 * may follow.
 */
static struct nfa
expand(struct builder *b, uint32_t start)
{
	enum { COPIES = 4, EXTRA = 5 };
	const uint32_t n = (uint32_t)b->node.len, base = COPIES * n;
	struct nfa_state *v = arena_array(b->a, base + EXTRA, sizeof(*v));
	/* State 0 is the start of the automaton, so all others move up by one. */
	const uint32_t skip = base + 1, loop = base + 2, rest = base + 3, accept = base + 4;
#define AT(copy, i)	((i) == NFA_NONE ? NFA_NONE : 1 + (copy) * n + (i))

	v[0] = (struct nfa_state){ NFA_EMPTY, 0, AT(0, start), skip, NULL };
	for (uint32_t c = 0; c < COPIES; c++) {
		for (uint32_t i = 0; i < n; i++) {
			const struct node *e = &b->node.v[i];
			struct nfa_state s = { NFA_EMPTY, 0, NFA_NONE, NFA_NONE, NULL };
			if (e->edge == EDGE_EMPTY) {
				s.out = AT(c, e->out);
				s.alt = AT(c, e->alt);
			} else if (e->edge == EDGE_BEGIN && (c & 1) == 0) {
				s.out = AT(c, e->out);
			} else if (e->edge == EDGE_END) {
				s.out = AT(c | 2, e->out);
			} else if (e->edge == EDGE_SET && (c & 2) == 0) {
				s = (struct nfa_state){ NFA_SET, 0, AT(1, e->out), NFA_NONE, e->set };
			} else if (e->edge == EDGE_ACCEPT) {
				s.out = (c & 2) != 0 ? accept : rest;
			}
			v[AT(c, i)] = s;
		}
	}
	v[skip] = (struct nfa_state){ NFA_ANY, 0, loop, NFA_NONE, NULL };
	v[loop] = (struct nfa_state){ NFA_STAR, 0, AT(1, start), NFA_NONE, NULL };
	v[rest] = (struct nfa_state){ NFA_STAR, 0, accept, NFA_NONE, NULL };
	v[accept] = (struct nfa_state){ NFA_ACCEPT, 0, NFA_NONE, NFA_NONE, NULL };
#undef AT
	return (struct nfa){ v, base + EXTRA, true };
}

static const struct dfa *
compile(struct arena *a, const struct nfa *nfa, const char **why)
{
	struct dfa *d = arena_alloc(a, sizeof(*d));

	return dfa_from_nfa(a, nfa, LIMIT_PATTERN_STATES, d, why) == 0 ? d : NULL;
}

const struct dfa *
regex_dfa(struct arena *a, const char *text, size_t len, const char **why)
{
	struct builder b = { .a = arena_new(), .p = text, .end = text + len };
	const struct dfa *d = NULL;
	struct piece all = alternatives(&b, 0);

	if (b.why == NULL && b.p < b.end)
		b.why = "has a ')' without its '('";
	if (b.why == NULL) {
		b.node.v[all.out].edge = EDGE_ACCEPT;
		struct nfa nfa = expand(&b, all.in);
		d = compile(a, &nfa, &b.why);
	}
	*why = b.why;
	arena_free(b.a);
	return d;
}

const struct dfa *
prefix_dfa(struct arena *a, const char *text, size_t len, const char **why)
{
	struct arena *scratch = arena_new();
	struct nfa_state *v = arena_array(scratch, len + 2, sizeof(*v));

	for (uint32_t i = 0; i < len; i++)
		v[i] = (struct nfa_state){ NFA_BYTE, (uint8_t)text[i], i + 1, NFA_NONE, NULL };
	v[len] = (struct nfa_state){ NFA_STAR, 0, (uint32_t)len + 1, NFA_NONE, NULL };
	v[len + 1] = (struct nfa_state){ NFA_ACCEPT, 0, NFA_NONE, NFA_NONE, NULL };
	struct nfa nfa = { v, (uint32_t)len + 2, true };
	const struct dfa *d = compile(a, &nfa, why);
	arena_free(scratch);
	return d;
}

/* ---- patterns ---- */

struct states { struct arena *a; struct { struct nfa_state *v; size_t len, cap; } s; };

static uint32_t
state_new(struct states *b, enum nfa_kind kind, uint8_t byte, uint32_t out, uint32_t alt)
{
	struct nfa_state s = { kind, byte, out, alt, NULL };
	VEC_PUSH(b->a, &b->s, s);
	return (uint32_t)b->s.len - 1;
}

static uint32_t
set_state(struct states *b, const struct byte_set *set, uint32_t out)
{
	uint32_t i = state_new(b, NFA_SET, 0, out, NFA_NONE);
	b->s.v[i].set = set;
	return i;
}

/* A copy of a glob's automaton; every accepting state goes on to `out'.  Returns its start. */
static uint32_t
glob_states(struct states *b, const struct dfa *d, uint32_t out)
{
	const uint32_t first = (uint32_t)b->s.len;

	for (uint32_t s = 0; s < d->nstates; s++)
		state_new(b, NFA_EMPTY, 0, NFA_NONE, d->accept[s] ? out : NFA_NONE);
	for (uint32_t s = 0; s < d->nstates; s++) {
		for (uint32_t c = 0; c < d->nclasses; c++) {
			struct byte_set *set = arena_alloc(b->a, sizeof(*set));
			for (unsigned byte = 1; byte < 256; byte++)
				if (byte_in_names(byte) && d->class_of[byte] == c)
					byte_set_add(set, byte);
			uint32_t to = d->next[(size_t)s * d->nclasses + c];
			uint32_t edge = set_state(b, set, first + to);
			uint32_t head = state_new(b, NFA_EMPTY, 0, edge, b->s.v[first + s].out);
			b->s.v[first + s].out = head;
		}
	}
	return first;
}

/* The states of one step, which goes on to `out'.  Returns its start. */
static uint32_t
step_states(struct states *b, const struct pattern_step *step, uint32_t out,
    const struct byte_set *name)
{
	switch (step->kind) {
	case STEP_LITERAL:
		for (size_t i = step->text.len; i-- > 0;)
			out = state_new(b, NFA_BYTE, (uint8_t)step->text.p[i], out, NFA_NONE);
		return state_new(b, NFA_BYTE, '/', out, NFA_NONE);
	case STEP_GLOB:
		return state_new(b, NFA_BYTE, '/',
		    glob_states(b, glob_dfa(step->glob), out), NFA_NONE);
	case STEP_ANY:
	case STEP_BELOW:
		break;
	}
	/* begin: [out or] slash; then a name of at least one byte, and again. */
	uint32_t begin = state_new(b, NFA_EMPTY, 0, NFA_NONE, NFA_NONE);
	uint32_t more = state_new(b, NFA_EMPTY, 0, NFA_NONE, NFA_NONE);
	uint32_t byte = set_state(b, name, more);
	uint32_t slash = state_new(b, NFA_BYTE, '/', byte, NFA_NONE);
	uint32_t end = step->kind == STEP_ANY ? begin : out;
	b->s.v[more].out = state_new(b, NFA_EMPTY, 0, byte, end);
	b->s.v[begin].out = slash;
	if (step->kind == STEP_ANY)
		b->s.v[begin].alt = out;
	return begin;
}

const struct dfa *
pattern_dfa(struct arena *a, const struct pattern *p, size_t from, const char **why)
{
	struct states b = { .a = arena_new() };
	struct byte_set name = { { 0 } };

	for (unsigned byte = 1; byte < 256; byte++)
		if (byte_in_names(byte))
			byte_set_add(&name, byte);
	state_new(&b, NFA_EMPTY, 0, NFA_NONE, NFA_NONE);
	uint32_t accept = state_new(&b, NFA_ACCEPT, 0, NFA_NONE, NFA_NONE);
	uint32_t rest = state_new(&b, NFA_STAR, 0, accept, NFA_NONE);
	uint32_t below = state_new(&b, NFA_BYTE, '/', rest, NFA_NONE);
	uint32_t at = state_new(&b, NFA_EMPTY, 0, accept, below);
	for (size_t i = p->nsteps; i-- > from;)
		at = step_states(&b, &p->step[i], at, &name);
	b.s.v[0].out = at;
	struct nfa nfa = { b.s.v, (uint32_t)b.s.len, true };
	const struct dfa *d = compile(a, &nfa, why);
	arena_free(b.a);
	return d;
}

uint32_t
dfa_run(const struct dfa *d, uint32_t state, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		state = d->next[(size_t)state * d->nclasses + d->class_of[(unsigned char)text[i]]];
	return state;
}

bool
dfa_equal(const struct dfa *d, const struct dfa *e)
{
	return d == e || (d->nstates == e->nstates && d->nclasses == e->nclasses &&
	    memcmp(d->class_of, e->class_of, sizeof(d->class_of)) == 0 &&
	    memcmp(d->accept, e->accept, d->nstates * sizeof(*d->accept)) == 0 &&
	    memcmp(d->next, e->next, (size_t)d->nstates * d->nclasses * sizeof(*d->next)) == 0);
}

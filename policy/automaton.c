/* SPDX-License-Identifier: Apache-2.0 */
/* automaton.c - NFA to DFA: subset construction, minimal form, canonical numbering */
#include <config.h>

#include "automaton.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "nfa.h"

_Static_assert(LIMIT_PATTERN_STATES == 4096, "the phrase below names the limit");

/*
 * Members of NFA state sets that one construction may look at.  A few hundred
 * do for what people write; this is tens of milliseconds.
 */
enum { MAX_WORK = 1 << 21 };

/* Bytes that no state tells apart share a class, numbered by their first byte. */
struct classes {
	uint8_t		 of[256];
	uint8_t		 first[256];
	uint32_t	 n;
	bool		 slash;		/* '/' has one too */
};

static bool
classes_have(const struct classes *c, unsigned byte)
{
	return byte_in_names(byte) || (c->slash && byte == '/');
}

/* Split each class by membership in the set. */
static void
classes_split(struct classes *c, const struct byte_set *set)
{
	uint16_t in[256], out[256];
	uint32_t n = 0;

	for (unsigned i = 0; i < c->n; i++)
		in[i] = out[i] = UINT16_MAX;
	for (unsigned byte = 1; byte < 256; byte++) {
		if (!classes_have(c, byte))
			continue;
		uint16_t *to = byte_set_has(set, byte) ? in : out;
		uint8_t old = c->of[byte];
		if (to[old] == UINT16_MAX) {
			c->first[n] = (uint8_t)byte;
			to[old] = (uint16_t)n++;
		}
		c->of[byte] = (uint8_t)to[old];
	}
	c->n = n;
}

/* Give each byte of the set a class of its own. */
static void
classes_single(struct classes *c, const struct byte_set *set)
{
	uint16_t rest[256];
	uint32_t n = 0;

	memset(rest, 0xff, sizeof(rest));
	for (unsigned byte = 1; byte < 256; byte++) {
		if (!classes_have(c, byte))
			continue;
		uint16_t alone = UINT16_MAX;
		uint16_t *to = byte_set_has(set, byte) ? &alone : &rest[c->of[byte]];
		if (*to == UINT16_MAX) {
			c->first[n] = (uint8_t)byte;
			*to = (uint16_t)n++;
		}
		c->of[byte] = (uint8_t)*to;
	}
	c->n = n;
}

static void
classes_of_nfa(const struct nfa *nfa, struct classes *c)
{
	struct byte_set single = { { 0 } };

	memset(c, 0, sizeof(*c));
	c->slash = nfa->paths;
	c->n = 1;
	c->first[0] = 1;
	for (uint32_t i = 0; i < nfa->len; i++) {
		if (nfa->v[i].kind == NFA_BYTE)
			byte_set_add(&single, nfa->v[i].byte);
		else if (nfa->v[i].kind == NFA_SET)
			classes_split(c, nfa->v[i].set);
	}
	classes_single(c, &single);
}

/*
 * The DFA before it is made minimal.  State i is the sorted set of NFA states
 * set.v[begin.v[i] .. begin.v[i+1]); what takes nothing is left out.  The set
 * being made is the open end of set.v.
 */
struct subset {
	struct arena	*a;		/* scratch */
	const struct nfa *nfa;
	struct classes	 classes;
	struct { uint32_t *v; size_t len, cap; } set, begin, next;
	uint32_t	 nstates;
	uint32_t	*table;		/* hash table of state + 1; 0: free */
	size_t		 table_size;	/* a power of two */
	uint32_t	*met, *todo;	/* closure: set number that met a state; stack */
	uint32_t	 number;
	size_t		 work;
};

/* Add an NFA state and what it reaches without a byte to the open set. */
static void
closure_add(struct subset *b, uint32_t from)
{
	size_t n = 0;

	if (b->met[from] == b->number)
		return;
	b->met[from] = b->number;
	b->todo[n++] = from;
	while (n > 0) {
		const uint32_t i = b->todo[--n];
		const struct nfa_state *s = &b->nfa->v[i];
		if (s->kind != NFA_EMPTY)
			VEC_PUSH(b->a, &b->set, i);
		if (s->kind != NFA_EMPTY && s->kind != NFA_STAR)
			continue;
		const uint32_t to[] = { s->out, s->alt };
		for (size_t k = 0; k < NELEMS(to); k++) {
			if (to[k] == NFA_NONE || b->met[to[k]] == b->number)
				continue;
			b->met[to[k]] = b->number;
			b->todo[n++] = to[k];
		}
	}
}

static int
u32_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static size_t
set_hash(const uint32_t *v, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		h = (h ^ v[i]) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

static void
table_grow(struct subset *b)
{
	b->table_size = b->table_size == 0 ? 64 : b->table_size * 2;
	b->table = arena_array(b->a, b->table_size, sizeof(*b->table));
	for (uint32_t s = 0; s < b->nstates; s++) {
		size_t from = b->begin.v[s];
		size_t i = set_hash(b->set.v + from, b->begin.v[s + 1] - from);
		while (b->table[i &= b->table_size - 1] != 0)
			i++;
		b->table[i] = s + 1;
	}
}

/* The open set becomes a state, unless it is one already. */
static uint32_t
state_of_set(struct subset *b)
{
	size_t from = b->begin.v[b->nstates], n = b->set.len - from;

	b->work += n;
	if (n > 1)
		qsort(b->set.v + from, n, sizeof(uint32_t), u32_cmp);
	if (b->nstates * 2 >= b->table_size)
		table_grow(b);
	size_t i = set_hash(b->set.v + from, n);
	for (; b->table[i &= b->table_size - 1] != 0; i++) {
		uint32_t s = b->table[i] - 1;
		size_t begin = b->begin.v[s];
		if (b->begin.v[s + 1] - begin == n && (n == 0 ||
		    memcmp(b->set.v + begin, b->set.v + from, n * sizeof(uint32_t)) == 0)) {
			b->set.len = from;
			return s;
		}
	}
	b->table[i] = b->nstates + 1;
	VEC_PUSH(b->a, &b->begin, (uint32_t)b->set.len);
	return b->nstates++;
}

static uint32_t
subset_step(struct subset *b, uint32_t state, unsigned byte)
{
	size_t end = b->begin.v[state + 1];

	b->number++;
	for (size_t i = b->begin.v[state]; i < end; i++) {
		uint32_t at = b->set.v[i];
		const struct nfa_state *s = &b->nfa->v[at];
		if (s->kind == NFA_STAR)
			closure_add(b, at);
		else if (s->kind == NFA_ANY ||
		    (s->kind == NFA_BYTE && s->byte == byte) ||
		    (s->kind == NFA_SET && byte_set_has(s->set, byte)))
			closure_add(b, s->out);
	}
	b->work += 1 + end - b->begin.v[state];
	return state_of_set(b);
}

static int
subset_build(struct subset *b, uint32_t max_states, const char **why)
{
	b->met = arena_array(b->a, b->nfa->len, sizeof(*b->met));
	b->todo = arena_array(b->a, b->nfa->len, sizeof(*b->todo));
	classes_of_nfa(b->nfa, &b->classes);
	VEC_PUSH(b->a, &b->begin, 0);
	b->number = 1;
	closure_add(b, 0);
	state_of_set(b);
	for (uint32_t s = 0; s < b->nstates; s++) {
		for (uint32_t c = 0; c < b->classes.n && b->work <= MAX_WORK; c++) {
			uint32_t to = subset_step(b, s, b->classes.first[c]);
			VEC_PUSH(b->a, &b->next, to);
		}
		if (b->work > MAX_WORK) {
			*why = "is too complex to compile";
			return -1;
		}
		if (b->nstates > max_states) {
			*why = "needs more than 4096 states";
			return -1;
		}
	}
	return 0;
}

static bool
subset_accepts(const struct subset *b, uint32_t state)
{
	for (size_t i = b->begin.v[state]; i < b->begin.v[state + 1]; i++)
		if (b->nfa->v[b->set.v[i]].kind == NFA_ACCEPT)
			return true;
	return false;
}

/*
 * Hopcroft's partition refinement.  Block k holds elem[first[k] .. first[k] +
 * size[k]), of which the first marked[k] lead into the splitter at hand.
 */
struct blocks {
	uint32_t	 n;		/* states */
	uint32_t	 count;		/* blocks */
	uint32_t	*elem, *at, *block;	/* at[elem[i]] == i */
	uint32_t	*first, *size, *marked;
	uint32_t	*todo;		/* splitters not used yet */
	bool		*waits;		/* is among them */
	uint32_t	 ntodo;
};

static void
block_mark(struct blocks *p, uint32_t s, uint32_t *touched, uint32_t *ntouched)
{
	uint32_t k = p->block[s], i = p->at[s], j = p->first[k] + p->marked[k];

	if (i < j)
		return;
	if (p->marked[k]++ == 0)
		touched[(*ntouched)++] = k;
	uint32_t other = p->elem[j];
	p->elem[j] = s;
	p->elem[i] = other;
	p->at[s] = j;
	p->at[other] = i;
}

/* The marked part of block k becomes a block of its own. */
static void
block_split(struct blocks *p, uint32_t k)
{
	uint32_t m = p->marked[k];

	p->marked[k] = 0;
	if (m == p->size[k])
		return;
	uint32_t made = p->count++;
	p->first[made] = p->first[k];
	p->size[made] = m;
	p->first[k] += m;
	p->size[k] -= m;
	for (uint32_t i = 0; i < m; i++)
		p->block[p->elem[p->first[made] + i]] = made;
	uint32_t add = p->waits[k] || m <= p->size[k] ? made : k;
	p->waits[add] = true;
	p->todo[p->ntodo++] = add;
}

static void
blocks_init(struct blocks *p, const struct subset *b)
{
	uint32_t n = p->n = b->nstates, *v = arena_array(b->a, n, 7 * sizeof(*v));
	uint32_t touched, ntouched = 0;

	p->elem = v;
	p->at = v + n;
	p->block = v + 2 * n;
	p->first = v + 3 * n;
	p->size = v + 4 * n;
	p->marked = v + 5 * n;
	p->todo = v + 6 * n;
	p->waits = arena_array(b->a, n, sizeof(*p->waits));
	for (uint32_t i = 0; i < n; i++)
		p->elem[i] = p->at[i] = i;
	p->count = 1;
	p->size[0] = n;
	for (uint32_t i = 0; i < n; i++)
		if (subset_accepts(b, i))
			block_mark(p, i, &touched, &ntouched);
	if (ntouched > 0)
		block_split(p, 0);
}

/* by[from[c*n + t] .. from[c*n + t + 1]): the states that class c takes to t. */
static void
invert(const struct subset *b, uint32_t *from, uint32_t *by)
{
	uint32_t n = b->nstates, k = b->classes.n;

	for (size_t i = 0; i < (size_t)n * k; i++)
		from[i % k * n + b->next.v[i] + 1]++;
	for (size_t i = 0; i < (size_t)n * k; i++)
		from[i + 1] += from[i];
	for (size_t i = (size_t)n * k; i-- > 0;) {
		size_t cell = i % k * n + b->next.v[i];
		by[--from[cell + 1]] = (uint32_t)(i / k);
	}
	/* Each end has moved down to its start: cell i now begins at from[i + 1]. */
	memmove(from, from + 1, (size_t)n * k * sizeof(*from));
	from[(size_t)n * k] = n * k;
}

static void
minimise(const struct subset *b, struct blocks *p)
{
	blocks_init(p, b);
	uint32_t n = b->nstates, k = b->classes.n;
	uint32_t *from = arena_array(b->a, (size_t)n * k + 1, sizeof(*from));
	uint32_t *by = arena_array(b->a, (size_t)n * k, sizeof(*by));
	uint32_t *splitter = arena_array(b->a, n, 2 * sizeof(*splitter));
	uint32_t *touched = splitter + n;
	invert(b, from, by);

	while (p->ntodo > 0) {
		uint32_t s = p->todo[--p->ntodo], len = p->size[s];
		p->waits[s] = false;
		memcpy(splitter, p->elem + p->first[s], len * sizeof(*splitter));
		for (uint32_t c = 0; c < k; c++) {
			uint32_t ntouched = 0;
			for (uint32_t i = 0; i < len; i++) {
				const uint32_t *f = from + (size_t)c * n + splitter[i];
				for (uint32_t j = f[0]; j < f[1]; j++)
					block_mark(p, by[j], touched, &ntouched);
			}
			for (uint32_t i = 0; i < ntouched; i++)
				block_split(p, touched[i]);
		}
	}
}

/*
 * Number the blocks in the order in which a breadth first search from the
 * start meets them; classes are in the order of their first bytes, so this is
 * the order over bytes.  order[i] is a state of block number i.
 */
static void
number_blocks(const struct subset *b, const struct blocks *p, uint32_t *order,
    uint32_t *number)
{
	uint32_t met = 1;

	for (uint32_t i = 0; i < p->count; i++)
		number[i] = UINT32_MAX;
	order[0] = 0;
	number[p->block[0]] = 0;
	for (uint32_t i = 0; i < met; i++) {
		for (uint32_t c = 0; c < b->classes.n; c++) {
			uint32_t to = b->next.v[(size_t)order[i] * b->classes.n + c];
			if (number[p->block[to]] != UINT32_MAX)
				continue;
			number[p->block[to]] = met;
			order[met++] = to;
		}
	}
}

/* Classes whose columns are equal become one: kept[c] is the new number of c. */
static uint32_t
merge_classes(const uint32_t *next, uint32_t nstates, uint32_t k, uint8_t *kept,
    uint8_t *column)
{
	uint64_t hash[256];
	uint32_t n = 0;

	for (uint32_t c = 0; c < k; c++) {
		uint64_t h = 0;
		for (uint32_t s = 0; s < nstates; s++)
			h = (h ^ next[(size_t)s * k + c]) * 0x100000001b3;
		uint32_t i = 0;
		for (; i < n; i++) {
			uint32_t s = hash[i] == h ? 0 : UINT32_MAX;
			while (s < nstates && next[(size_t)s * k + c] ==
			    next[(size_t)s * k + column[i]])
				s++;
			if (s == nstates)
				break;
		}
		if (i == n) {
			hash[n] = h;
			column[n++] = (uint8_t)c;
		}
		kept[c] = (uint8_t)i;
	}
	return n;
}

static void
canonical(struct arena *a, const struct subset *b, const struct blocks *p,
    struct dfa *out)
{
	const uint32_t k = b->classes.n, n = p->count;
	uint32_t *order = arena_array(b->a, n, 2 * sizeof(*order)), *number = order + n;
	uint32_t *next = arena_array(b->a, (size_t)n * k, sizeof(*next));
	uint8_t kept[256], column[256];

	number_blocks(b, p, order, number);
	for (uint32_t s = 0; s < n; s++)
		for (uint32_t c = 0; c < k; c++)
			next[(size_t)s * k + c] =
			    number[p->block[b->next.v[(size_t)order[s] * k + c]]];

	memset(out, 0, sizeof(*out));
	out->nstates = n;
	out->nclasses = merge_classes(next, n, k, kept, column);
	for (unsigned byte = 1; byte < 256; byte++)
		if (classes_have(&b->classes, byte))
			out->class_of[byte] = kept[b->classes.of[byte]];
	out->next = arena_array(a, (size_t)n * out->nclasses, sizeof(*out->next));
	out->accept = arena_array(a, n, sizeof(*out->accept));
	for (uint32_t s = 0; s < n; s++) {
		out->accept[s] = subset_accepts(b, order[s]);
		for (uint32_t c = 0; c < out->nclasses; c++)
			out->next[(size_t)s * out->nclasses + c] =
			    next[(size_t)s * k + column[c]];
	}
}

int
dfa_from_nfa(struct arena *a, const struct nfa *nfa, uint32_t max_states,
    struct dfa *out, const char **why)
{
	struct subset b = { .a = arena_new(), .nfa = nfa };
	struct blocks p = { .n = 0 };
	int r = subset_build(&b, max_states, why);

	if (r == 0) {
		minimise(&b, &p);
		canonical(a, &b, &p, out);
	}
	arena_free(b.a);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* dfa_name.c - which names several DFAs tell apart: one breadth first search of their product */
#include <config.h>

#include "automaton.h"

#include <string.h>

#include "arena.h"
#include "nfa.h"
#include "path.h"

/*
 * States are met in the order of the first name that leads to them (fewest
 * bytes, then bytes by rank), because each is expanded in that order and by
 * bytes in that order.  So the first state with a new set of accepting DFAs
 * gives the first name with that set.
 *
 * The names left out are a trie, walked along with the DFAs: while a name is
 * still a prefix of one of them it has a state of its own, afterwards the
 * tuple of DFA states is all there is to know.
 */
#define NONE	UINT32_MAX

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The place of a byte in the order "letters, then others, each bytewise". */
static int
rank_of(unsigned char c)
{
	return is_letter(c) ? c : 256 + c;
}

int
name_order(const char *a, size_t na, const char *b, size_t nb)
{
	if (na != nb)
		return na < nb ? -1 : 1;
	for (size_t i = 0; i < na; i++) {
		int x = rank_of((unsigned char)a[i]), y = rank_of((unsigned char)b[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

struct trie_node {
	uint32_t	 child, sibling;	/* siblings by rank */
	uint8_t		 byte;
	bool		 end;		/* a name that is left out ends here */
};

struct state {
	uint32_t	 parent;
	uint32_t	 trie;		/* NONE: no longer a prefix of a name left out */
	uint8_t		 byte;		/* that led here from the parent */
	uint8_t		 len;		/* of the name */
};

/* Open addressing over indices + 1 of fixed-size records; 0 is free. */
struct index {
	uint32_t	*v;
	size_t		 size, used;
};

struct search {
	struct arena	*a;
	const struct dfa *const *dfa;
	size_t		 n, words;
	/* Bytes that no DFA tells apart, each class by rank, classes by their first. */
	uint8_t		 member[256];
	uint32_t	 class_begin[257], nclasses;
	struct { struct trie_node *v; size_t len, cap; } trie;
	struct { struct state *v; size_t len, cap; } state;
	struct { uint32_t *v; size_t len, cap; } tuple;	/* n for each state */
	struct { uint64_t *v; size_t len, cap; } seen;	/* words for each set reported */
	struct index	 by_tuple;	/* states off the trie */
	struct index	 by_set;
	/*
	 * A state for each tuple from which a byte of every class was tried
	 * off the trie.  What another state with that tuple would lead to off
	 * the trie was met then, by a name that comes earlier.
	 */
	struct index	 tried;
	uint32_t	*now;		/* scratch: a tuple */
	uint64_t	*accepts;	/* scratch: a set */
	struct index	 by_end;	/* tuples reported, where they are asked for */
	size_t		 max_states;
	bool		 folded;
	bool		 (*tuple_found)(void *, const uint32_t *, const char *, size_t);
	bool		 (*found)(void *, const uint64_t *, const char *, size_t);
	void		*arg;
};

static size_t
hash_bytes(const void *p, size_t len)
{
	const unsigned char *s = p;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ s[i]) * 0x100000001b3;
	return (size_t)(h ^ h >> 29);
}

/*
 * The slot of `key', or the free one where it belongs.  Record i is at
 * base + i * len.
 */
static uint32_t *
index_slot(const struct index *x, const void *base, size_t len, const void *key)
{
	for (size_t i = hash_bytes(key, len);; i++) {
		uint32_t *slot = &x->v[i & (x->size - 1)];
		if (*slot == 0 || len == 0 || memcmp((const char *)base +
		    (size_t)(*slot - 1) * len, key, len) == 0)
			return slot;
	}
}

static void
index_reserve(struct arena *a, struct index *x, const void *base, size_t len)
{
	if (x->used * 2 < x->size)
		return;
	struct index old = *x;
	x->size = old.size == 0 ? 64 : old.size * 2;
	x->v = arena_array(a, x->size, sizeof(*x->v));
	for (size_t i = 0; i < old.size; i++) {
		if (old.v[i] == 0)
			continue;
		const char *key = (const char *)base + (size_t)(old.v[i] - 1) * len;
		*index_slot(x, base, len, key) = old.v[i];
	}
}

/* Split the classes by what one DFA tells apart; new ones are numbered in `order'. */
static void
split_classes(struct search *s, const struct dfa *d, const uint8_t *order, size_t len,
    uint8_t class[256])
{
	uint16_t *met = arena_array(s->a, (size_t)s->nclasses * d->nclasses, sizeof(*met));
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = order[i];
		uint16_t *to = &met[(size_t)class[c] * d->nclasses + d->class_of[c]];
		if (*to == 0)
			*to = (uint16_t)++n;
		class[c] = (uint8_t)(*to - 1);
	}
	s->nclasses = n;
}

static void
make_classes(struct search *s)
{
	uint8_t order[256], class[256] = { 0 };
	uint32_t len = 0;

	for (int letters = 1; letters >= 0; letters--)
		for (unsigned c = 1; c < 256; c++)
			if (byte_in_names(c) && is_letter((unsigned char)c) == letters)
				order[len++] = (uint8_t)c;
	s->nclasses = 1;
	for (size_t i = 0; i < s->n; i++)
		split_classes(s, s->dfa[i], order, len, class);

	uint32_t fill[256] = { 0 };
	for (uint32_t i = 0; i < len; i++)
		fill[class[order[i]]]++;
	for (uint32_t k = 0; k < s->nclasses; k++) {
		s->class_begin[k + 1] = s->class_begin[k] + fill[k];
		fill[k] = s->class_begin[k];
	}
	for (uint32_t i = 0; i < len; i++)
		s->member[fill[class[order[i]]]++] = order[i];
}

static void
trie_add(struct search *s, const char *name, size_t len)
{
	uint32_t at = 0;

	if (len == 0 || len > LIMIT_NAME_BYTES)
		return;
	for (size_t i = 0; i < len; i++)
		if (!byte_in_names((unsigned char)name[i]))
			return;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)(s->folded ? name_fold(name[i]) : name[i]);
		uint32_t prev = NONE, k = s->trie.v[at].child;
		while (k != NONE && rank_of(s->trie.v[k].byte) < rank_of(c)) {
			prev = k;
			k = s->trie.v[k].sibling;
		}
		if (k == NONE || s->trie.v[k].byte != c) {
			struct trie_node made = { NONE, k, c, false };
			k = (uint32_t)s->trie.len;
			VEC_PUSH(s->a, &s->trie, made);
			if (prev == NONE)
				s->trie.v[at].child = k;
			else
				s->trie.v[prev].sibling = k;
		}
		at = k;
	}
	s->trie.v[at].end = true;
}

static void
make_trie(struct search *s, const struct slice *except, size_t k)
{
	VEC_PUSH(s->a, &s->trie, ((struct trie_node){ NONE, NONE, 0, false }));
	trie_add(s, ".", 1);
	trie_add(s, "..", 2);
	for (size_t i = 0; i < k; i++)
		trie_add(s, except[i].p, except[i].len);
}

static size_t
name_of(const struct search *s, size_t state, char name[LIMIT_NAME_BYTES])
{
	size_t len = s->state.v[state].len;

	for (size_t i = len; i > 0; state = s->state.v[state].parent)
		name[--i] = (char)s->state.v[state].byte;
	return len;
}

/* The same tuple may be met on the trie and off it. */
static bool
report_tuple(struct search *s, size_t last)
{
	const size_t size = s->n * sizeof(uint32_t);
	const uint32_t *tuple = s->tuple.v + last * s->n;
	char name[LIMIT_NAME_BYTES];

	index_reserve(s->a, &s->by_end, s->tuple.v, size);
	uint32_t *slot = index_slot(&s->by_end, s->tuple.v, size, tuple);
	if (*slot != 0)
		return true;
	*slot = (uint32_t)last + 1;
	s->by_end.used++;
	size_t len = name_of(s, last, name);
	return s->tuple_found(s->arg, tuple, name, len);
}

/* Call back for the last state where its set of accepting DFAs is new.  False: stop. */
static bool
report(struct search *s)
{
	const size_t size = s->words * sizeof(uint64_t), last = s->state.len - 1;
	const uint32_t *tuple = s->tuple.v + last * s->n;
	char name[LIMIT_NAME_BYTES];

	if (s->tuple_found != NULL)
		return report_tuple(s, last);

	memset(s->accepts, 0, size);
	for (size_t i = 0; i < s->n; i++)
		if (s->dfa[i]->accept[tuple[i]])
			s->accepts[i / 64] |= (uint64_t)1 << (i % 64);
	index_reserve(s->a, &s->by_set, s->seen.v, size);
	uint32_t *slot = index_slot(&s->by_set, s->seen.v, size, s->accepts);
	if (*slot != 0)
		return true;
	*slot = (uint32_t)++s->by_set.used;
	for (size_t i = 0; i < s->words; i++)
		VEC_PUSH(s->a, &s->seen, s->accepts[i]);

	size_t len = name_of(s, last, name);
	return s->found(s->arg, s->accepts, name, len);
}

enum step { STEP_ON, STEP_STOP, STEP_TOO_MANY };

/* Go from state `from' by a byte; `trie' is where that leads in the trie. */
static enum step
step(struct search *s, uint32_t from, uint8_t byte, uint32_t trie)
{
	const size_t size = s->n * sizeof(uint32_t);

	for (size_t i = 0; i < s->n; i++) {
		const struct dfa *d = s->dfa[i];
		size_t row = s->tuple.v[from * s->n + i];
		s->now[i] = d->next[row * d->nclasses + d->class_of[byte]];
	}
	if (trie == NONE) {
		index_reserve(s->a, &s->by_tuple, s->tuple.v, size);
		uint32_t *slot = index_slot(&s->by_tuple, s->tuple.v, size, s->now);
		if (*slot != 0)
			return STEP_ON;
		*slot = (uint32_t)s->state.len + 1;
		if (++s->by_tuple.used > s->max_states)
			return STEP_TOO_MANY;
	}
	struct state made = { from, trie, byte, (uint8_t)(s->state.v[from].len + 1) };
	VEC_PUSH(s->a, &s->state, made);
	for (size_t i = 0; i < s->n; i++)
		VEC_PUSH(s->a, &s->tuple, s->now[i]);
	if (trie != NONE && s->trie.v[trie].end)
		return STEP_ON;
	return report(s) ? STEP_ON : STEP_STOP;
}

/* Bytes to try from a state, by rank. */
struct choice {
	uint8_t		 byte;
	uint32_t	 trie;
};

static void
insert(struct choice *v, size_t n, struct choice c)
{
	for (; n > 0 && rank_of(v[n - 1].byte) > rank_of(c.byte); n--)
		v[n] = v[n - 1];
	v[n] = c;
}

/* What the trie knows, and one byte of each class off the trie unless that was done. */
static size_t
choices(struct search *s, uint32_t at, struct choice *out)
{
	const size_t size = s->n * sizeof(uint32_t);
	const uint32_t trie = s->state.v[at].trie;
	struct byte_set child = { { 0 } };
	size_t n = 0, known;

	uint32_t first = trie == NONE ? NONE : s->trie.v[trie].child;
	for (uint32_t k = first; k != NONE; k = s->trie.v[k].sibling) {
		uint8_t byte = s->trie.v[k].byte;
		byte_set_add(&child, byte);
		insert(out, n++, (struct choice){ byte, k });
		if (!s->folded || byte < 'a' || byte > 'z')
			continue;
		byte = (uint8_t)(byte - 'a' + 'A');
		byte_set_add(&child, byte);
		insert(out, n++, (struct choice){ byte, k });
	}
	known = n;
	index_reserve(s->a, &s->tried, s->tuple.v, size);
	uint32_t *tried = index_slot(&s->tried, s->tuple.v, size, s->tuple.v + at * s->n);
	for (uint32_t c = 0; c < s->nclasses && *tried == 0; c++) {
		uint32_t i = s->class_begin[c];
		while (i < s->class_begin[c + 1] && byte_set_has(&child, s->member[i]))
			i++;
		if (i == s->class_begin[c + 1])
			continue;
		insert(out, n++, (struct choice){ s->member[i], NONE });
	}
	if (n - known == s->nclasses) {
		*tried = at + 1;
		s->tried.used++;
	}
	return n;
}

static int
search(struct search *s, const uint32_t *start)
{
	struct choice choice[256];

	VEC_PUSH(s->a, &s->state, ((struct state){ 0, 0, 0, 0 }));
	for (size_t i = 0; i < s->n; i++)
		VEC_PUSH(s->a, &s->tuple, start != NULL ? start[i] : 0);
	for (uint32_t at = 0; at < s->state.len; at++) {
		if (s->state.v[at].len == LIMIT_NAME_BYTES)
			break;
		size_t n = choices(s, at, choice);
		for (size_t i = 0; i < n; i++) {
			enum step r = step(s, at, choice[i].byte, choice[i].trie);
			if (r != STEP_ON)
				return r == STEP_STOP ? 0 : -1;
		}
	}
	return 0;
}

static int
run(struct search *s, const uint32_t *start, const struct slice *except, size_t k)
{
	s->a = arena_new();
	s->words = s->n == 0 ? 1 : (s->n + 63) / 64;
	/* Never NULL, also where a tuple is empty. */
	s->tuple.cap = 16;
	s->tuple.v = arena_array(s->a, s->tuple.cap, sizeof(*s->tuple.v));
	s->now = arena_array(s->a, s->n, sizeof(*s->now));
	s->accepts = arena_array(s->a, s->words, sizeof(*s->accepts));
	make_classes(s);
	make_trie(s, except, k);
	int r = search(s, start);
	arena_free(s->a);
	return r;
}

int
dfa_name_classes(const struct dfa *const *dfa, size_t n,
    const struct slice *except, size_t k, size_t max_states,
    bool (*found)(void *, const uint64_t *accepts, const char *name, size_t len),
    void *arg)
{
	struct search s = {
		.dfa = dfa, .n = n, .max_states = max_states, .found = found, .arg = arg,
	};

	return run(&s, NULL, except, k);
}

int
dfa_name_tuples(const struct dfa *const *dfa, size_t n, const uint32_t *start,
    const struct slice *except, size_t k, bool folded, size_t max_states,
    bool (*found)(void *, const uint32_t *tuple, const char *name, size_t len),
    void *arg)
{
	struct search s = {
		.dfa = dfa, .n = n, .max_states = max_states, .folded = folded,
		.tuple_found = found, .arg = arg,
	};

	return run(&s, start, except, k);
}

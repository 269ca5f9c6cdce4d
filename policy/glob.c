/* SPDX-License-Identifier: Apache-2.0 */
/* glob.c - the syntax of one component's glob, as an NFA; matching by its DFA */
#include <config.h>

#include "glob.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "letters.h"
#include "nfa.h"
#include "path.h"
#include "pattern.h"

struct glob {
	struct dfa	 dfa;
};

_Static_assert(LIMIT_PATTERN_STATES == 4096 && GLOB_BRACE_DEPTH == 16,
    "the phrases below name the limits");

/*
 * Each byte of a text gives at most two states ("{"), and start and end one
 * each.  A longer text than this has more than LIMIT_PATTERN_STATES states or
 * says the same thing many times.
 */
enum { GLOB_TEXT_MAX = 4 * LIMIT_PATTERN_STATES };

struct brace {
	uint32_t	 fork;		/* begins the alternative that is being read */
	uint32_t	 join;		/* where all of them end */
};

struct way { size_t end; uint32_t from; };

/*
 * At most so many states for a byte: at one letter six other characters may
 * begin (s: itself once, ss and st twice), each with a fork and three bytes.
 */
enum { STATES_FOR_BYTE = 2 + 6 * 4 + 2 };

struct builder {
	struct arena	*a;		/* scratch */
	struct nfa	 nfa;
	uint32_t	 tail;		/* its `out' is open */
	struct brace	 brace[GLOB_BRACE_DEPTH];
	size_t		 depth;
	bool		 folded;
	/* Other characters for letters, to be joined behind the last of these. */
	struct way	 way[LETTERS_MAX * 16];
	size_t		 nways;
	const char	*why;
};

static uint32_t
state_new(struct builder *b, enum nfa_kind kind)
{
	b->nfa.v[b->nfa.len] = (struct nfa_state){
		.kind = kind, .out = NFA_NONE, .alt = NFA_NONE,
	};
	return b->nfa.len++;
}

static struct nfa_state *
append(struct builder *b, enum nfa_kind kind)
{
	uint32_t s = state_new(b, kind);

	b->nfa.v[b->tail].out = s;
	b->tail = s;
	return &b->nfa.v[s];
}

static void
append_byte(struct builder *b, char c)
{
	char low = name_fold(c);

	if (!b->folded || low < 'a' || low > 'z') {
		append(b, NFA_BYTE)->byte = (uint8_t)c;
		return;
	}
	struct byte_set *set = arena_alloc(b->a, sizeof(*set));
	byte_set_add(set, (unsigned char)low);
	byte_set_add(set, (unsigned char)(low - 'a' + 'A'));
	append(b, NFA_SET)->set = set;
}

/*
 * text[i], of the letters text[i..end) that are nothing else; other characters
 * for them and those that follow are ways around.
 */
static void
append_letter(struct builder *b, const char *text, size_t i, size_t end)
{
	size_t n;
	const struct letters *l = letters_all(&n);

	for (size_t k = 0; k < n; k++) {
		if (!letters_begin(&l[k], text + i, end - i))
			continue;
		append(b, NFA_EMPTY);
		uint32_t fork = b->tail;
		for (const char *p = l[k].other; *p != '\0'; p++)
			append(b, NFA_BYTE)->byte = (uint8_t)*p;
		b->way[b->nways++] = (struct way){ i + strlen(l[k].ascii), b->tail };
		/* The letters themselves are the other branch. */
		b->nfa.v[fork].alt = b->nfa.v[fork].out;
		b->nfa.v[fork].out = NFA_NONE;
		b->tail = fork;
	}
	append_byte(b, text[i]);
	size_t kept = 0;
	uint32_t join = NFA_NONE;
	for (size_t k = 0; k < b->nways; k++) {
		if (b->way[k].end != i + 1) {
			b->way[kept++] = b->way[k];
			continue;
		}
		if (join == NFA_NONE) {
			append(b, NFA_EMPTY);
			join = b->tail;
		}
		b->nfa.v[b->way[k].from].out = join;
	}
	b->nways = kept;
}

size_t
glob_plain_run(const char *p, size_t n, size_t i)
{
	size_t end = i;
	while (end < n && strchr("*?[]{},\\", p[end]) == NULL)
		end++;
	return end - i;
}

/* Both cases of each letter that is in the set. */
static void
set_fold(struct byte_set *set)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		unsigned up = c - 'a' + 'A';
		if (byte_set_has(set, c))
			byte_set_add(set, up);
		else if (byte_set_has(set, up))
			byte_set_add(set, c);
	}
}

static int
brace_open(struct builder *b)
{
	if (b->depth == GLOB_BRACE_DEPTH) {
		b->why = "nests { } deeper than 16";
		return -1;
	}
	append(b, NFA_EMPTY);
	b->brace[b->depth++] = (struct brace){ b->tail, state_new(b, NFA_EMPTY) };
	return 0;
}

static void
brace_next(struct builder *b)
{
	struct brace *brace = &b->brace[b->depth - 1];
	uint32_t fork = state_new(b, NFA_EMPTY);

	b->nfa.v[b->tail].out = brace->join;
	b->nfa.v[brace->fork].alt = fork;
	brace->fork = fork;
	b->tail = fork;
}

static int
brace_close(struct builder *b)
{
	if (b->depth == 0) {
		b->why = "has a } without its { in the same component "
		    "(a plain } is written \\})";
		return -1;
	}
	uint32_t join = b->brace[--b->depth].join;
	b->nfa.v[b->tail].out = join;
	b->tail = join;
	return 0;
}

size_t
glob_class_end(const char *p, size_t n, size_t i)
{
	i++;
	if (i < n && (p[i] == '!' || p[i] == '^'))
		i++;
	for (bool first = true; i < n; first = false, i++) {
		if (p[i] == ']' && !first)
			return i;
		if (p[i] == '\\')
			i++;
	}
	return n;
}

/* One member at p[*i], before `end'; -1 where it is not ASCII. */
static int
class_member(const char *p, size_t end, size_t *i)
{
	if (p[*i] == '\\' && *i + 1 < end)
		++*i;
	unsigned char c = (unsigned char)p[(*i)++];
	return c < 128 ? c : -1;
}

const char *
glob_class_read(const char *p, size_t i, size_t end, bool folded, struct byte_set *set, bool *negated)
{
	*negated = p[i + 1] == '!' || p[i + 1] == '^';
	for (i += *negated ? 2 : 1; i < end;) {
		int lo = class_member(p, end, &i), hi = lo;
		if (i + 1 < end && p[i] == '-') {
			i++;
			hi = class_member(p, end, &i);
		}
		if (lo < 0 || hi < 0)
			return "has a class that holds more than ASCII";
		if (lo > hi)
			return "has a class with a range that runs backwards";
		for (; lo <= hi; lo++)
			byte_set_add(set, (unsigned)lo);
	}
	if (folded)
		set_fold(set);
	return NULL;
}

/* p[i] is "[", p[end] its "]".  Returns -1 with b->why set. */
static int
class_append(struct builder *b, const char *p, size_t i, size_t end)
{
	struct byte_set *set = arena_alloc(b->a, sizeof(*set));
	bool negated;

	b->why = glob_class_read(p, i, end, b->folded, set, &negated);
	if (b->why != NULL)
		return -1;
	for (size_t k = 0; negated && k < NELEMS(set->w); k++)
		set->w[k] = ~set->w[k];
	append(b, NFA_SET)->set = set;
	return 0;
}

/* One item at p[i].  Returns the index behind it, or 0 with b->why set. */
static size_t
item(struct builder *b, const char *p, size_t n, size_t i)
{
	size_t end;

	switch (p[i]) {
	case '*':
		if (b->nfa.v[b->tail].kind != NFA_STAR)
			append(b, NFA_STAR);
		return i + 1;
	case '?':
		append(b, NFA_ANY);
		return i + 1;
	case '[':
		end = glob_class_end(p, n, i);
		if (end == n)
			break;
		return class_append(b, p, i, end) == 0 ? end + 1 : 0;
	case '{':
		return brace_open(b) == 0 ? i + 1 : 0;
	case '}':
		return brace_close(b) == 0 ? i + 1 : 0;
	case ',':
		if (b->depth == 0)
			break;
		brace_next(b);
		return i + 1;
	case '\\':
		if (++i == n) {
			b->why = "has a component that ends in a backslash";
			return 0;
		}
		break;
	}
	end = i + glob_plain_run(p, n, i);
	if (b->folded && end > i) {
		for (; i < end; i++)
			append_letter(b, p, i, end);
		return end;
	}
	append_byte(b, p[i]);
	return i + 1;
}

static int
build(struct builder *b, const char *p, size_t n)
{
	if (n > GLOB_TEXT_MAX) {
		b->why = "needs more than 4096 states";
		return -1;
	}
	b->nfa.v = arena_array(b->a, (b->folded ? STATES_FOR_BYTE : 2) * n + 2, sizeof(*b->nfa.v));
	b->tail = state_new(b, NFA_EMPTY);
	for (size_t i = 0; i < n;) {
		i = item(b, p, n, i);
		if (i == 0)
			return -1;
	}
	if (b->depth > 0) {
		b->why = "has a { without its } in the same component "
		    "(a plain { is written \\{)";
		return -1;
	}
	append(b, NFA_ACCEPT);
	return 0;
}

static const struct glob *
compile(struct arena *a, const char *text, size_t len, bool folded, uint32_t max_states,
    const char **why)
{
	struct builder b = { .a = arena_new(), .folded = folded };
	struct glob *g = arena_alloc(a, sizeof(*g));
	int r = build(&b, text, len);

	if (r != 0)
		*why = b.why;
	else
		r = dfa_from_nfa(a, &b.nfa, max_states, &g->dfa, why);
	arena_free(b.a);
	return r == 0 ? g : NULL;
}

const struct glob *
glob_compile(struct arena *a, const char *text, size_t len, uint32_t max_states, const char **why)
{
	return compile(a, text, len, false, max_states, why);
}

const struct glob *
glob_compile_folded(struct arena *a, const char *text, size_t len, uint32_t max_states,
    const char **why)
{
	return compile(a, text, len, true, max_states, why);
}

static const struct glob *
of_name(struct arena *a, const char *name, size_t len, bool letters)
{
	struct builder b = { .a = arena_new(), .folded = true };
	struct glob *g = arena_alloc(a, sizeof(*g));
	const char *why;

	b.nfa.v = arena_array(b.a, STATES_FOR_BYTE * len + 2, sizeof(*b.nfa.v));
	b.tail = state_new(&b, NFA_EMPTY);
	for (size_t i = 0; i < len; i++)
		if (letters)
			append_letter(&b, name, i, len);
		else
			append_byte(&b, name[i]);
	append(&b, NFA_ACCEPT);
	/* A state for each byte, one in front, one for all other names; and those within characters. */
	uint32_t most = (uint32_t)(letters ? STATES_FOR_BYTE : 1) * (uint32_t)len + 2;
	int r = dfa_from_nfa(a, &b.nfa, most, &g->dfa, &why);
	arena_free(b.a);
	return r == 0 ? g : NULL;
}

const struct glob *
glob_of_name(struct arena *a, const char *name, size_t len)
{
	return of_name(a, name, len, false);
}

const struct glob *
glob_of_letters(struct arena *a, const char *name, size_t len)
{
	return of_name(a, name, len, true);
}

const struct dfa *
glob_dfa(const struct glob *g)
{
	return &g->dfa;
}

bool
glob_match(const struct glob *g, const char *component, size_t len)
{
	const struct dfa *d = &g->dfa;
	uint32_t s = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)component[i];
		if (!byte_in_names(c))
			return false;
		s = d->next[(size_t)s * d->nclasses + d->class_of[c]];
	}
	return d->accept[s];
}

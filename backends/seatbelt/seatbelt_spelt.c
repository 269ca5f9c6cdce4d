/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_spelt.c - an expression that is but a list of names in every spelling */
#include <config.h>

#include "seatbelt_rules.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "path_dfa.h"

enum {
	MAX_SPELT = 64 * 1024,		/* bytes of all names of one expression */
	MAX_NODES = 2048,
};

/* What an expression of names is made of: a byte, perhaps in both cases; alternatives; the end. */
struct bit {
	enum { BIT_BYTE, BIT_GROUP, BIT_END } kind;
	char		 byte;
	bool		 both;
	bool		 optional;	/* GROUP: may be left out */
	struct bit	*next;
	struct bit	*first;		/* GROUP: its alternatives, by `other' */
	struct bit	*other;		/* of the first of an alternative: the next one */
};

struct sb_names_reader {
	const char	*p, *end;
	struct bit	 bit[MAX_NODES];
	size_t		 nbit;
	struct arena	*a;
	struct sb_places *out;
	char		 text[LIMIT_PATH_BYTES + 1];
	bool		 both[LIMIT_PATH_BYTES + 1];
	size_t		 len, total;
	/* What lies below this was met last, and not yet itself. */
	bool		 begun;
	size_t		 begun_len;
	char		 begun_text[LIMIT_PATH_BYTES + 1];
};

static struct bit *
bit_new(struct sb_names_reader *x, int kind)
{
	if (x->nbit == MAX_NODES)
		return NULL;
	struct bit *b = &x->bit[x->nbit++];
	memset(b, 0, sizeof(*b));
	b->kind = kind;
	return b;
}

static bool
is_letter(char c)
{
	char low = name_fold(c);
	return low >= 'a' && low <= 'z';
}

/* [x] or, of a letter, [xX]; the text is behind the bracket. */
static struct bit *
read_class(struct sb_names_reader *x)
{
	const char *p = x->p;
	size_t left = (size_t)(x->end - p);
	bool both = left >= 3 && p[2] == ']' && is_letter(p[0]) && p[0] != p[1] &&
	    name_fold(p[0]) == name_fold(p[1]);

	if (!both && (left < 2 || p[1] != ']' || p[0] == '^' || p[0] == '\\' || p[0] == ']'))
		return NULL;
	struct bit *b = bit_new(x, BIT_BYTE);
	if (b == NULL)
		return NULL;
	b->byte = both ? name_fold(p[0]) : p[0];
	b->both = both;
	x->p += both ? 3 : 2;
	return b;
}

static struct bit *read_alternatives(struct sb_names_reader *, unsigned depth);

/* NULL where it is anything else than a part of a name. */
static struct bit *
read_bit(struct sb_names_reader *x, unsigned depth)
{
	char c = *x->p++;
	struct bit *b;

	switch (c) {
	case '[':
		return read_class(x);
	case '(':
		if (depth == REGEX_DEPTH || (b = bit_new(x, BIT_GROUP)) == NULL)
			return NULL;
		b->first = read_alternatives(x, depth + 1);
		if (b->first == NULL || x->p == x->end || *x->p++ != ')')
			return NULL;
		b->optional = x->p < x->end && *x->p == '?';
		x->p += b->optional;
		return b;
	case '$':
		return bit_new(x, BIT_END);
	case '\\':
		if (x->p == x->end || (*x->p != '^' && *x->p != '\\'))
			return NULL;
		c = *x->p++;
		break;
	case '^': case '.': case ']': case '*': case '+': case '?': case '{': case '}':
		return NULL;
	default:
		break;
	}
	if ((unsigned char)c < 0x20 || c == 0x7f || (b = bit_new(x, BIT_BYTE)) == NULL)
		return NULL;
	b->byte = c;
	return b;
}

/* Up to a ")" that is not theirs, or the end.  Depth: REGEX_DEPTH. */
static struct bit *
read_alternatives(struct sb_names_reader *x, unsigned depth)
{
	struct bit *first = NULL, **other = &first;

	for (;;) {
		struct bit *head = NULL, **next = &head;
		while (x->p < x->end && *x->p != '|' && *x->p != ')') {
			if ((*next = read_bit(x, depth)) == NULL)
				return NULL;
			next = &(*next)->next;
			if (x->p < x->end && strchr("*+?{", *x->p) != NULL)
				return NULL;
		}
		if (head == NULL)
			return NULL;
		*other = head;
		other = &head->other;
		if (x->p == x->end || *x->p != '|')
			return first;
		x->p++;
	}
}

/* All letters of a component are in both cases, or there are none; it is a name that there can be. */
static bool
is_spelt(const struct sb_names_reader *x, size_t len)
{
	size_t from = 1;

	if (x->text[0] != '/')
		return false;
	for (size_t i = 1; i <= len; i++) {
		if (i < len && x->text[i] != '/') {
			if (is_letter(x->text[i]) && !x->both[i])
				return false;
			continue;
		}
		size_t n = i - from;
		if (n == 0 || n > LIMIT_NAME_BYTES || (x->text[from] == '.' &&
		    (n == 1 || (n == 2 && x->text[from + 1] == '.'))))
			return false;
		from = i + 1;
	}
	return true;
}

static bool
add_place(struct sb_names_reader *x, const char *text, size_t len, enum sb_reach reach)
{
	struct sb_place place = { NULL, NULL, reach };

	x->total += len + 1;
	if (x->total > MAX_SPELT)
		return false;
	if (len > 0)
		place.names = arena_strndup(x->a, text, len);
	VEC_PUSH(x->a, x->out, place);
	return true;
}

/* What was begun has no end of its own: what lies below is all of it. */
static bool
take_begun(struct sb_names_reader *x)
{
	bool was = x->begun;

	x->begun = false;
	return !was || add_place(x, x->begun_text, x->begun_len, SB_UNDER);
}

/* One way through is at its end.  "/x(/|$)" gives "/x/" and then "/x". */
static bool
take_way(struct sb_names_reader *x, bool ended)
{
	size_t len = ended ? x->len : x->len - 1;

	if (x->len > 0 && !is_spelt(x, len))
		return false;
	if (!ended) {
		if (x->len < 2 || x->text[len] != '/' || !take_begun(x))
			return false;
		x->begun = true;
		x->begun_len = len;
		memcpy(x->begun_text, x->text, len);
		return true;
	}
	if (x->begun && x->begun_len == len && memcmp(x->begun_text, x->text, len) == 0) {
		x->begun = false;
		return add_place(x, x->text, len, SB_BELOW);
	}
	return take_begun(x) && add_place(x, x->text, len, SB_SELF);
}

struct rest { const struct bit *b; const struct rest *up; };

/* Every way through, one after the other.  Depth: 2 * MAX_NODES, as each level is a group or behind one. */
static bool
follow(struct sb_names_reader *x, const struct bit *b, const struct rest *up)
{
	for (; b != NULL; b = b->next) {
		if (b->kind == BIT_BYTE) {
			if (x->len == LIMIT_PATH_BYTES)
				return false;
			x->text[x->len] = b->byte;
			x->both[x->len++] = b->both;
			continue;
		}
		if (b->kind == BIT_END) {
			for (const struct rest *u = up; u != NULL; u = u->up)
				if (u->b != NULL)
					return false;
			return b->next == NULL && take_way(x, true);
		}
		const struct rest rest = { b->next, up };
		const size_t len = x->len;
		for (const struct bit *o = b->first; o != NULL; o = o->other, x->len = len)
			if (!follow(x, o, &rest))
				return false;
		return !b->optional || follow(x, b->next, up);
	}
	return up != NULL ? follow(x, up->b, up->up) : take_way(x, false);
}

bool
sb_names_read(struct seatbelt_model *m, const char *text, struct sb_places *out)
{
	const struct rest none = { NULL, NULL };

	/* Large, and there are thousands of texts: it is used again. */
	if (m->reader == NULL)
		m->reader = arena_alloc(m->a, sizeof(*m->reader));
	struct sb_names_reader *x = m->reader;
	x->p = text;
	x->end = text + strlen(text);
	x->a = m->a;
	x->out = out;
	x->nbit = x->len = x->total = 0;
	x->begun = false;
	const struct bit *b = read_alternatives(x, 0);
	return b != NULL && x->p == x->end && b->other == NULL && follow(x, b, &none) && take_begun(x);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_anchor.c - regular expressions, each brought to the places that it is for */
#include <config.h>

#include "seatbelt_rules.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"
#include "sbpl.h"

/*
 * An expression stands beside (subpath ROOT) and begins with "/[^/]+" for each
 * component of ROOT, so it is one of what follows ROOT.  That is taken
 * literally here: what is left of the text is the expression of a tail, the
 * same for places at any depth; and where it is but a list of names, each
 * letter in both cases, it is a list of places that every spelling reaches.
 * By either the walk has a few states where whole paths would give it one
 * automaton for each depth and thousands for names.
 */
static const char unit[] = "/[^/]+";

enum {
	MAX_SPELT = 64 * 1024,		/* bytes of all names of one expression */
	MAX_NODES = 2048,
};

/* What is known of one text, with or without what was taken off its front. */
struct known {
	bool		 names;
	struct { struct sb_place *v; size_t len, cap; } list;	/* names: the paths are NULL */
	uint32_t	 dfa;
};

/* ---- automata ---- */

static bool
stays(const struct dfa *d, uint32_t s)
{
	for (uint32_t c = 0; c < d->nclasses; c++)
		if (d->next[(size_t)s * d->nclasses + c] != s)
			return false;
	return true;
}

static bool
is_caseless(const struct dfa *d)
{
	for (unsigned c = 'a'; c <= 'z'; c++)
		if (d->class_of[c] != d->class_of[c - 'a' + 'A'])
			return false;
	return true;
}

static struct sb_dfa
prepare(struct arena *a, const struct dfa *d)
{
	struct sb_dfa out = { .dfa = d, .caseless = is_caseless(d) };
	uint32_t *first = arena_array(a, d->nstates, 2 * sizeof(*first));

	out.alike = arena_array(a, d->nstates, sizeof(*out.alike));
	out.settled = arena_array(a, d->nstates, sizeof(*out.settled));
	for (uint32_t s = 0; s < d->nstates; s++) {
		uint32_t next = dfa_run(d, s, "/", 1), *at = &first[2 * next + d->accept[s]];
		if (*at == 0)
			*at = s + 1;
		out.alike[s] = *at - 1;
		out.settled[s] = SB_OPEN;
		if (d->accept[next] == d->accept[s] && stays(d, next))
			out.settled[s] = d->accept[s] ? SB_TRUE : SB_FALSE;
	}
	return out;
}

uint32_t
sb_dfa_index(struct seatbelt_model *m, const struct dfa *d)
{
	const size_t table = (size_t)d->nstates * d->nclasses * sizeof(*d->next);
	const size_t len = sizeof(d->class_of) + d->nstates * sizeof(*d->accept) + table;
	char *key = arena_alloc(m->a, len), *p = key;

	if (m->by_table == NULL)
		m->by_table = strmap_new(m->a);
	memcpy(p, d->class_of, sizeof(d->class_of));
	p += sizeof(d->class_of);
	memcpy(p, d->accept, d->nstates * sizeof(*d->accept));
	p += d->nstates * sizeof(*d->accept);
	memcpy(p, d->next, table);
	uintptr_t known = (uintptr_t)strmap_get(m->by_table, key, len);
	if (known == 0) {
		VEC_PUSH(m->a, &m->dfa, prepare(m->a, d));
		known = m->dfa.len;
		strmap_put(m->by_table, key, len, (void *)known);
	}
	return (uint32_t)known - 1;
}

uint32_t
sb_atom_of(const struct seatbelt_model *m, uint32_t dfa, uint32_t state)
{
	const struct sb_dfa *d = &m->dfa.v[dfa];

	switch ((enum sb_status)d->settled[state]) {
	case SB_FALSE:
		return SB_ATOM_FALSE;
	case SB_TRUE:
		return SB_ATOM_TRUE;
	case SB_OPEN:
		break;
	}
	return SB_ATOM(dfa, d->alike[state]);
}

uint32_t
sb_atom_start(const struct seatbelt_model *m, uint32_t dfa, bool root)
{
	const struct dfa *d = m->dfa.v[dfa].dfa;

	if (!root)
		return sb_atom_of(m, dfa, 0);
	uint32_t s = dfa_run(d, 0, "/", 1);
	if (stays(d, s))
		return d->accept[s] ? SB_ATOM_TRUE : SB_ATOM_FALSE;
	return SB_ATOM(dfa, s);
}

uint32_t
sb_atom_step(const struct seatbelt_model *m, uint32_t atom, bool root, const char *name, size_t len)
{
	const struct dfa *d = m->dfa.v[SB_ATOM_DFA(atom)].dfa;
	uint32_t s = SB_ATOM_STATE(atom);

	if (!root)
		s = dfa_run(d, s, "/", 1);
	return sb_atom_of(m, SB_ATOM_DFA(atom), dfa_run(d, s, name, len));
}

/* ---- names ---- */

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
	struct known	*out;
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
	VEC_PUSH(x->a, &x->out->list, place);
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

/* The text as a list of names; false where it is none. */
static bool
read_names(struct seatbelt_model *m, const char *text, struct known *out)
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

/* ---- tails ---- */

/* The text without "^" and this many components; NULL where it has not as many, or alternatives of them. */
static const char *
behind(const char *text, size_t depth)
{
	int group = 0;

	if (*text++ != '^')
		return NULL;
	for (; depth > 0; depth--) {
		if (strncmp(text, unit, sizeof(unit) - 1) != 0)
			return NULL;
		text += sizeof(unit) - 1;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
		} else if (*p == '[') {
			/* A "]" that is first is a member. */
			p += p[1] == '^' ? 2 : 1;
			p += *p != '\0';
			while (*p != '\0' && *p != ']')
				p++;
			if (*p == '\0')
				return NULL;
		} else if (*p == '(') {
			group++;
		} else if (*p == ')') {
			group--;
		} else if (*p == '|' && group == 0) {
			return NULL;
		}
	}
	return text;
}

/* Nothing but a slash can come first: so it was a whole component that ended there. */
static bool
begins_with_slash(const struct dfa *d)
{
	for (unsigned c = 1; c < 256; c++) {
		uint32_t s = d->next[d->class_of[c]];
		if (c != '/' && (d->accept[s] || !stays(d, s)))
			return false;
	}
	return true;
}

/* What an expression says behind a place of this depth; NULL where it is not one of what lies there. */
static const struct known *
tail_of(struct seatbelt_model *m, const char *text, size_t depth)
{
	const char *rest = behind(text, depth), *why;

	if (rest == NULL)
		return NULL;
	const char *key = arena_printf(m->a, "%c%s", depth > 0 ? 't' : 'f', rest);
	struct known *k = strmap_get(m->by_regex, key, strlen(key));
	if (k != NULL)
		return k;
	k = arena_alloc(m->a, sizeof(*k));
	k->names = read_names(m, rest, k);
	/* Nothing but "/" ends where "/" begins. */
	for (size_t i = 0; depth == 0 && i < k->list.len; i++)
		k->names &= k->list.v[i].names != NULL;
	if (!k->names) {
		const char *whole = arena_printf(m->a, "^%s", rest);
		const struct dfa *d = regex_dfa(m->a, whole, strlen(whole), &why);
		if (d == NULL || !begins_with_slash(d) || m->dfa.len == SB_MAX_DFAS)
			return NULL;
		k->dfa = sb_dfa_index(m, d);
	}
	strmap_put(m->by_regex, key, strlen(key), k);
	return k;
}

static const struct known *
whole_of(struct sb_reader *r, const struct sbpl_form *at, const struct sb_filter *f)
{
	struct seatbelt_model *m = r->m;
	const char *key = arena_printf(m->a, "%c%s", f->prefix ? 'p' : 'r', f->text), *why = NULL;
	struct known *k = strmap_get(m->by_regex, key, strlen(key));

	if (k != NULL)
		return k;
	k = arena_alloc(m->a, sizeof(*k));
	const struct dfa *d = f->prefix ? prefix_dfa(m->a, f->text, strlen(f->text), &why) :
	    regex_dfa(m->a, f->text, strlen(f->text), &why);
	if (d == NULL)
		return sb_fail(r, at, "the expression \"%.200s\" %s", f->text, why);
	if (m->dfa.len == SB_MAX_DFAS)
		return sb_fail(r, at, "there are too many regular expressions");
	k->dfa = sb_dfa_index(m, d);
	strmap_put(m->by_regex, key, strlen(key), k);
	return k;
}

static void
become_places(struct arena *a, struct sb_filter *f, const struct known *k, const struct sb_places *roots)
{
	const size_t n = roots->len * k->list.len;

	f->kind = SB_PATH;
	f->place = (struct sb_places){ arena_array(a, n + 1, sizeof(*f->place.v)), 0, n + 1 };
	for (size_t i = 0; i < roots->len; i++) {
		for (size_t j = 0; j < k->list.len; j++) {
			struct sb_place p = k->list.v[j];
			p.path = roots->v[i].path;
			f->place.v[f->place.len++] = p;
		}
	}
}

static bool
anchor(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *f,
    const struct sb_places *roots, size_t depth)
{
	const struct known *k = NULL;

	if (roots != NULL && !f->prefix)
		k = tail_of(r->m, f->text, depth);
	if (k != NULL && k->names) {
		become_places(r->m->a, f, k, roots);
		return true;
	}
	f->kind = SB_TAIL;
	if (k != NULL) {
		f->place = *roots;
	} else {
		const struct sb_place top = { "/", NULL, SB_BELOW };
		VEC_PUSH(r->m->a, &f->place, top);
		k = whole_of(r, at, f);
	}
	if (k != NULL)
		f->index = k->dfa;
	return k != NULL;
}

/* Depth: LIMIT_SBPL_DEPTH. */
static bool
anchor_below(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *f,
    const struct sb_places *roots, size_t depth)
{
	if (f->kind == SB_REGEX)
		return anchor(r, at, f, roots, depth);
	for (struct sb_filter *c = f->child; c != NULL; c = c->next)
		if (!anchor_below(r, at, c, roots, depth))
			return false;
	return true;
}

/* All of them with what is below, at one depth. */
static bool
are_roots(const struct sb_filter *f, size_t *depth)
{
	if (f->kind != SB_PATH || f->place.len == 0)
		return false;
	*depth = path_depth(f->place.v[0].path);
	for (size_t i = 0; i < f->place.len; i++) {
		const struct sb_place *p = &f->place.v[i];
		if (p->reach != SB_BELOW || p->names != NULL || path_depth(p->path) != *depth)
			return false;
	}
	return true;
}

/* What is left to do of the list: the roots, and one that was an expression of what is below them. */
static bool
only_beside(const struct sb_filter *all, const struct sb_filter *roots)
{
	for (const struct sb_filter *c = all->child; c != NULL; c = c->next) {
		if (c == roots)
			continue;
		if (c->kind != SB_ANY || c->child == NULL)
			return false;
		for (const struct sb_filter *g = c->child; g != NULL; g = g->next)
			if (g->kind != SB_REGEX)
				return false;
	}
	return all->nchild > 1;
}

static bool
has_regex(const struct sb_filter *f)
{
	if (f->kind == SB_REGEX)
		return true;
	for (const struct sb_filter *c = f->child; c != NULL; c = c->next)
		if (has_regex(c))
			return true;
	return false;
}

bool
sb_anchor(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *all)
{
	struct sb_filter *roots = NULL;
	size_t depth = 0;

	if (!has_regex(all))
		return true;
	struct sb_filter *c = all->kind == SB_ALL ? all->child : NULL;
	for (; c != NULL && roots == NULL; c = c->next)
		if (are_roots(c, &depth))
			roots = c;
	/* What is around it may tell the places; for what is left there is none around a rule. */
	if (roots == NULL && all->kind == SB_ALL)
		return true;
	bool alone = roots != NULL && only_beside(all, roots);
	if (!anchor_below(r, at, all, roots != NULL ? &roots->place : NULL, depth))
		return false;
	/* They are part of it now: hold nowhere else. */
	for (c = all->child; alone && c != NULL; c = c->next)
		for (const struct sb_filter *g = c->child; g != NULL; g = g->next)
			alone &= g->kind == SB_PATH || g->place.v == roots->place.v;
	if (alone) {
		/* One of nothing, which holds always. */
		roots->kind = SB_ALL;
		roots->place.len = 0;
	}
	return true;
}

/* ---- asking ---- */

bool
sb_place_holds(const struct sb_place *p, const char *path)
{
	if (p->names == NULL)
		return p->reach == SB_BELOW ? path_within(path, p->path) : strcmp(path, p->path) == 0;
	if (!path_below(path, p->path))
		return false;
	path += strcmp(p->path, "/") == 0 ? 0 : strlen(p->path);
	const char *n = p->names;
	while (*n != '\0' && name_fold(*path) == *n) {
		path++;
		n++;
	}
	if (*n != '\0')
		return false;
	return *path == '\0' ? p->reach != SB_UNDER : p->reach != SB_SELF && *path == '/';
}

bool
sb_tail_holds(const struct seatbelt_model *m, const struct sb_filter *f, const char *path)
{
	const struct dfa *d = m->dfa.v[f->index].dfa;

	for (size_t i = 0; path != NULL && i < f->place.len; i++) {
		const char *root = f->place.v[i].path;
		if (!path_within(path, root))
			continue;
		const char *rest = path + (strcmp(root, "/") == 0 ? 0 : strlen(root));
		if (d->accept[dfa_run(d, 0, rest, strlen(rest))])
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.c - deny patterns: parse, and match component by component */
#include <config.h>

#include "pattern.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "glob.h"
#include "path.h"

_Static_assert(LIMIT_PATH_DEPTH == 2048, "a phrase below names the limit");

enum { MAX_WORDS = LIMIT_PATH_DEPTH / 64 + 1 };

static bool
is_special(char c)
{
	switch (c) {
	case '*': case '?': case '[': case ']': case '{': case '}': case '\\':
		return true;
	default:
		return false;
	}
}

bool
pattern_is_special(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_special(text[i]))
			continue;
		if (text[i] != '\\' || i + 1 == len || !is_special(text[i + 1]))
			return true;
		i++;
	}
	return false;
}

static size_t
unescape(char *out, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len)
			i++;
		out[n++] = text[i];
	}
	return n;
}

const char *
pattern_unescape(struct arena *a, const char *text, size_t len)
{
	char *out = arena_alloc(a, len + 1);

	unescape(out, text, len);
	return out;
}

struct parser {
	struct arena	*a;
	struct { struct pattern_step *v; size_t len, cap; } steps;
	uint32_t	 nstates;	/* of all globs so far */
	size_t		 exact;		/* steps before this one are matched by bytes */
	const char	*why;
};

static int
fail(struct parser *p, const char *why)
{
	p->why = why;
	return -1;
}

static bool
is_dots(const char *p, size_t len)
{
	return (len == 1 || len == 2) && p[0] == '.' && p[len - 1] == '.';
}

/* In a minimal DFA only one state accepts nothing behind it, and it stays there. */
static bool
is_dead(const struct dfa *d, uint32_t state)
{
	uint32_t c = 0;

	while (c < d->nclasses && d->next[(size_t)state * d->nclasses + c] == state)
		c++;
	return c == d->nclasses && !d->accept[state];
}

/*
 * Does the glob accept anything but "", "." and ".."?  Such a text leaves the
 * way of the dots by some byte, not later than behind the second.
 */
static bool
accepts_a_name(const struct dfa *d)
{
	uint32_t at = 0;

	for (int dots = 0; dots <= 2; dots++) {
		const uint32_t *next = d->next + (size_t)at * d->nclasses;
		for (unsigned c = 1; c < 256; c++)
			if (c != '/' && (c != '.' || dots == 2) &&
			    !is_dead(d, next[d->class_of[c]]))
				return true;
		at = next[d->class_of['.']];
	}
	return false;
}

static void
add_name(struct parser *p, struct slice name)
{
	struct pattern_step step = { STEP_LITERAL, name, NULL, false };

	if (p->steps.len >= p->exact) {
		step.kind = STEP_GLOB;
		step.spelling = true;
		step.glob = glob_of_letters(p->a, name.p, name.len);
	}
	VEC_PUSH(p->a, &p->steps, step);
}

static int
add_literal(struct parser *p, const char *text, size_t len)
{
	char *copy = arena_alloc(p->a, len + 1);
	struct slice name = { copy, unescape(copy, text, len) };

	if (is_dots(copy, name.len))
		return fail(p, "has a \".\" or \"..\" component");
	add_name(p, name);
	return 0;
}

static int
add_glob(struct parser *p, const char *text, size_t len)
{
	struct pattern_step step = { STEP_GLOB, { text, len }, NULL, false };

	uint32_t room = LIMIT_PATTERN_STATES - p->nstates;
	step.glob = p->steps.len >= p->exact ?
	    glob_compile_folded(p->a, text, len, room, &p->why) :
	    glob_compile(p->a, text, len, room, &p->why);
	if (step.glob == NULL)
		return -1;
	const struct dfa *d = glob_dfa(step.glob);
	if (!accepts_a_name(d))
		return fail(p, "has a component that matches no name");
	p->nstates += d->nstates;
	VEC_PUSH(p->a, &p->steps, step);
	return 0;
}

static int
add_component(struct parser *p, const char *text, size_t len, bool last)
{
	struct pattern_step step = { last ? STEP_BELOW : STEP_ANY, { text, len }, NULL, false };
	size_t n = p->steps.len;

	if (len == 0)
		return fail(p, "has an empty component");
	if (len != 2 || text[0] != '*' || text[1] != '*')
		return pattern_is_special(text, len) ? add_glob(p, text, len) :
		    add_literal(p, text, len);
	/* Two in a row say no more than one. */
	if (n > 0 && p->steps.v[n - 1].kind == STEP_ANY)
		p->steps.v[n - 1] = step;
	else
		VEC_PUSH(p->a, &p->steps, step);
	return 0;
}

static int
parse(struct parser *p, const char *base, const char *text)
{
	for (struct slice c; base != NULL && path_next(&base, &c);)
		add_name(p, (struct slice){ arena_strndup(p->a, c.p, c.len), c.len });
	if (text[0] == '/')
		text++;
	for (;;) {
		size_t len = strcspn(text, "/");
		if (add_component(p, text, len, text[len] == '\0') != 0)
			return -1;
		if (p->steps.len > LIMIT_PATH_DEPTH)
			return fail(p, "has more than 2048 components");
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

struct pattern *
pattern_parse(struct arena *a, const char *base, const char *text,
    const char **why)
{
	return pattern_parse_folded(a, base, text, SIZE_MAX, why);
}

struct pattern *
pattern_parse_folded(struct arena *a, const char *base, const char *text, size_t exact,
    const char **why)
{
	struct parser p = { .a = a, .exact = exact };
	struct pattern *pattern = arena_alloc(a, sizeof(*pattern));

	pattern->text = arena_strdup(a, text);
	if (parse(&p, base, pattern->text) != 0) {
		*why = p.why;
		return NULL;
	}
	pattern->step = p.steps.v;
	pattern->nsteps = p.steps.len;
	while (pattern->nliteral < pattern->nsteps &&
	    (pattern->step[pattern->nliteral].kind == STEP_LITERAL ||
	    pattern->step[pattern->nliteral].spelling))
		pattern->nliteral++;
	return pattern;
}

static bool
has(const uint64_t *set, size_t i)
{
	return set[i / 64] >> (i % 64) & 1;
}

static void
put(uint64_t *set, size_t i)
{
	set[i / 64] |= (uint64_t)1 << (i % 64);
}

size_t
pattern_words(const struct pattern *p)
{
	return p->nsteps / 64 + 1;
}

/* Take position i, and what STEP_ANY reaches from it without a component. */
static void
put_closed(const struct pattern *p, uint64_t *set, size_t i)
{
	put(set, i);
	if (i < p->nsteps && p->step[i].kind == STEP_ANY)
		put(set, i + 1);	/* never followed by another STEP_ANY */
}

void
pattern_start(const struct pattern *p, uint64_t *set)
{
	memset(set, 0, pattern_words(p) * sizeof(*set));
	put_closed(p, set, 0);
}

/* What one component makes of one position: the position stays, the next one is reached. */
enum { STAYS = 1, MOVES = 2 };

static unsigned
take(const struct pattern_step *s, const char *component, size_t len)
{
	switch (s->kind) {
	case STEP_LITERAL:
		return s->text.len == len && memcmp(s->text.p, component, len) == 0 ? MOVES : 0;
	case STEP_GLOB:
		return glob_match(s->glob, component, len) ? MOVES : 0;
	case STEP_ANY:
		return STAYS;
	case STEP_BELOW:
		return STAYS | MOVES;
	}
	return 0;
}

void
pattern_advance(const struct pattern *p, const uint64_t *from,
    const char *component, size_t len, uint64_t *to)
{
	size_t words = pattern_words(p);

	memset(to, 0, words * sizeof(*to));
	for (size_t k = 0; k < words; k++)
		for (size_t i = k * 64; i < p->nsteps && i < (k + 1) * 64; i++) {
			if (!has(from, i))
				continue;
			unsigned taken = take(&p->step[i], component, len);
			if (taken & STAYS)
				put_closed(p, to, i);
			if (taken & MOVES)
				put_closed(p, to, i + 1);
		}
}

bool
pattern_alive(const struct pattern *p, const uint64_t *set)
{
	for (size_t k = 0; k < pattern_words(p); k++)
		if (set[k] != 0)
			return true;
	return false;
}

bool
pattern_matched(const struct pattern *p, const uint64_t *set)
{
	return has(set, p->nsteps);
}

size_t
pattern_progress(const struct pattern *p, const uint64_t *set)
{
	size_t i = p->nsteps;

	while (i > 0 && !has(set, i))
		i--;
	return i;
}

/* put_closed() where all positions are in one word. */
static uint64_t
closed_bits(const struct pattern *p, size_t i)
{
	return (i < p->nsteps && p->step[i].kind == STEP_ANY ? (uint64_t)3 : (uint64_t)1) << i;
}

/*
 * pattern_covers() for fewer than 63 steps, which is nearly all there are: it
 * is what most of the time of a decision goes to.  No position before `taken'
 * is ever reached again.
 */
static bool
covers_in_a_word(const struct pattern *p, size_t taken, const char *rest)
{
	const uint64_t matched = (uint64_t)1 << p->nsteps;
	uint64_t set = closed_bits(p, taken);
	struct slice c;

	while ((set & matched) == 0) {
		uint64_t next = 0;
		if (set == 0 || !path_next(&rest, &c))
			return false;
		for (size_t i = taken; set >> i != 0; i++) {
			unsigned to = set >> i & 1 ? take(&p->step[i], c.p, c.len) : 0;
			if (to & STAYS)
				next |= closed_bits(p, i);
			if (to & MOVES)
				next |= closed_bits(p, i + 1);
		}
		set = next;
	}
	return true;
}

bool
pattern_covers(const struct pattern *p, size_t taken, const char *rest)
{
	uint64_t set[2][MAX_WORDS];
	size_t k = 0;

	if (p->nsteps < 63)
		return covers_in_a_word(p, taken, rest);
	memset(set[0], 0, pattern_words(p) * sizeof(set[0][0]));
	put_closed(p, set[0], taken);
	for (struct slice c; !pattern_matched(p, set[k]); k ^= 1) {
		if (!pattern_alive(p, set[k]) || !path_next(&rest, &c))
			return false;
		pattern_advance(p, set[k], c.p, c.len, set[k ^ 1]);
	}
	return true;
}

bool
pattern_can_end(const struct pattern *p, const char *name, size_t len)
{
	return p->nsteps == 0 || (take(&p->step[p->nsteps - 1], name, len) & MOVES) != 0;
}

bool
pattern_match(const struct pattern *p, const char *path)
{
	uint64_t set[2][MAX_WORDS];
	size_t k = 0;

	pattern_start(p, set[0]);
	for (struct slice c; path_next(&path, &c); k ^= 1) {
		pattern_advance(p, set[k], c.p, c.len, set[k ^ 1]);
		if (!pattern_alive(p, set[k ^ 1]))
			return false;
	}
	return pattern_matched(p, set[k]);
}

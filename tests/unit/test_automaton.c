/* SPDX-License-Identifier: Apache-2.0 */
/* test_automaton.c - canonical DFAs, and the names that several of them tell apart */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "automaton.h"
#include "glob.h"
#include "pattern.h"
#include "prng.h"

static const struct glob *
compile(struct arena *a, const char *text)
{
	const char *why = NULL;
	const struct glob *g = glob_compile(a, text, strlen(text), LIMIT_PATTERN_STATES, &why);

	if (g == NULL)
		fail_msg("\"%s\" %s", text, why);
	return g;
}

static const struct glob *
random_glob(struct arena *a, uint64_t *r, size_t max, const char **text)
{
	static const char *const piece[] = {
		"a", "b", "*", "*", "?", "[!a]", "[ab]", "{a,b}", "{,a}", "{a*,b}", "{*b,a}",
	};
	const char *s = "";

	for (size_t k = prng_below(r, max + 1); k > 0; k--)
		s = arena_printf(a, "%s%s", s, piece[prng_below(r, NELEMS(piece))]);
	*text = s;
	return compile(a, s);
}

static uint32_t
next(const struct dfa *d, uint32_t s, unsigned char c)
{
	return d->next[s * d->nclasses + d->class_of[c]];
}

static bool
same_table(const struct dfa *d, const struct dfa *e)
{
	return d->nstates == e->nstates && d->nclasses == e->nclasses &&
	    memcmp(d->class_of, e->class_of, sizeof(d->class_of)) == 0 &&
	    memcmp(d->accept, e->accept, d->nstates * sizeof(*d->accept)) == 0 &&
	    memcmp(d->next, e->next, (size_t)d->nstates * d->nclasses * sizeof(*d->next)) == 0;
}

/* Numbered as a breadth first search over rising bytes meets them; classes likewise. */
static bool
is_canonical(const struct dfa *d)
{
	uint32_t met = 1, classes = 0;

	for (uint32_t s = 0; s < met; s++)
		for (unsigned c = 1; c < 256; c++)
			if (c != '/' && next(d, s, (unsigned char)c) >= met)
				if (next(d, s, (unsigned char)c) != met++)
					return false;
	for (unsigned c = 1; c < 256; c++)
		if (c != '/' && d->class_of[c] >= classes && d->class_of[c] != classes++)
			return false;
	return met == d->nstates && classes == d->nclasses;
}

enum { MAX_STATES = 64 };

static bool
told_apart(const struct dfa *d, bool apart[][MAX_STATES], uint32_t s, uint32_t t)
{
	for (unsigned c = 1; c < 256; c++)
		if (c != '/' && apart[next(d, s, (unsigned char)c)][next(d, t, (unsigned char)c)])
			return true;
	return false;
}

/* Table filling: some word tells any two states apart, and some state any two classes. */
static bool
is_minimal(const struct dfa *d)
{
	bool apart[MAX_STATES][MAX_STATES];
	bool more = true;

	assert_true(d->nstates <= MAX_STATES);
	for (uint32_t s = 0; s < d->nstates; s++)
		for (uint32_t t = 0; t < d->nstates; t++)
			apart[s][t] = d->accept[s] != d->accept[t];
	while (more) {
		more = false;
		for (uint32_t s = 0; s < d->nstates; s++)
			for (uint32_t t = 0; t < d->nstates; t++)
				if (!apart[s][t] && told_apart(d, apart, s, t))
					apart[s][t] = more = true;
	}
	for (uint32_t s = 0; s < d->nstates; s++)
		for (uint32_t t = 0; t < s; t++)
			if (!apart[s][t])
				return false;
	for (uint32_t c = 0; c < d->nclasses; c++)
		for (uint32_t e = 0; e < c; e++) {
			uint32_t s = 0;
			while (s < d->nstates && d->next[s * d->nclasses + c] ==
			    d->next[s * d->nclasses + e])
				s++;
			if (s == d->nstates)
				return false;
		}
	return true;
}

/* All words over "abc" of up to max bytes, "" first; false at the end. */
static bool
next_word(char *w, size_t max)
{
	size_t n = strlen(w), i = n;

	while (i > 0 && w[i - 1] == 'c')
		w[--i] = 'a';
	if (i > 0) {
		w[i - 1]++;
		return true;
	}
	if (n == max)
		return false;
	w[n] = 'a';
	w[n + 1] = '\0';
	return true;
}

/*
 * Two DFAs of n and m states that differ do so on a word of at most n + m - 2
 * bytes, and "c" stands for all bytes that no glob here names: so trying all
 * words is a decision, not a sample.
 */
static void
equality(void **state)
{
	enum { MAX = 7 };
	const uint64_t seed = prng_seed();
	uint64_t r = seed;
	int equal = 0, unequal = 0;

	(void)state;
	for (int i = 0; i < 6000; i++) {
		struct arena *a = arena_new();
		const char *text[2];
		const struct glob *g = random_glob(a, &r, 4, &text[0]);
		const struct glob *h = random_glob(a, &r, 4, &text[1]);
		const struct dfa *d = glob_dfa(g), *e = glob_dfa(h);
		if (!is_canonical(d) || !is_minimal(d))
			fail_msg("SEED=%llu: \"%s\" is not in canonical form",
			    (unsigned long long)seed, text[0]);
		if (d->nstates + e->nstates <= MAX + 2) {
			char w[MAX + 1] = "";
			bool same = true;
			do
				same = glob_match(g, w, strlen(w)) == glob_match(h, w, strlen(w));
			while (same && next_word(w, MAX));
			equal += same;
			unequal += !same;
			if (same_table(d, e) != same)
				fail_msg("SEED=%llu: \"%s\" and \"%s\": %s at \"%s\"",
				    (unsigned long long)seed, text[0], text[1],
				    same ? "equal" : "unequal", w);
		}
		arena_free(a);
	}
	assert_true(equal > 100 && unequal > 1000);
}

static void
equal_spellings(void **state)
{
	static const char *const t[][2] = {
		{ "*", "**" }, { "a*", "a{*,**}" }, { "{a,b}", "[ab]" }, { "[a]", "a" },
		{ "[!a]", "[^a]" },
		{ "[a-c]", "[cba]" }, { "?*", "*?" }, { "{ab,ac}", "a[bc]" }, { "\\a", "a" },
		{ "{a,a}", "a" }, { "*{a,b*}", "{*a,*b*}" }, { "?", "{[!a],a}" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++)
		if (!same_table(glob_dfa(compile(a, t[i][0])), glob_dfa(compile(a, t[i][1]))))
			fail_msg("\"%s\" and \"%s\" differ", t[i][0], t[i][1]);
	/* No name holds "/", so a range across it says what one around it says. */
	assert_true(same_table(glob_dfa(compile(a, "[+-9]")), glob_dfa(compile(a, "[+-.0-9]"))));
	arena_free(a);
}

/* ---- names ---- */

enum { MAX_DFAS = 4, MAX_EXCEPT = 8, MAX_LEN = 4 };

struct question {
	const struct glob *glob[MAX_DFAS];
	const struct dfa *dfa[MAX_DFAS];
	size_t		 n;
	struct slice	 except[MAX_EXCEPT];
	size_t		 k;
	/* By set of accepting globs: the first name, "" where there is none. */
	char		 best[1 << MAX_DFAS][LIMIT_NAME_BYTES + 1];
	char		 found[1 << MAX_DFAS][LIMIT_NAME_BYTES + 1];
	char		 last[LIMIT_NAME_BYTES + 1];
	bool		 bad;
};

static bool
left_out(const struct question *q, const char *name)
{
	size_t i = 0;

	while (i < q->k && (q->except[i].len != strlen(name) ||
	    memcmp(q->except[i].p, name, q->except[i].len) != 0))
		i++;
	return i < q->k || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static size_t
accepting(const struct question *q, const char *name)
{
	size_t set = 0;

	for (size_t i = 0; i < q->n; i++)
		set |= (size_t)glob_match(q->glob[i], name, strlen(name)) << i;
	return set;
}

static bool
note(void *arg, const uint64_t *accepts, const char *name, size_t len)
{
	struct question *q = arg;
	char copy[LIMIT_NAME_BYTES + 1];

	memcpy(copy, name, len);
	copy[len] = '\0';
	size_t set = accepting(q, copy);
	if (set != accepts[0] || left_out(q, copy) || q->found[set][0] != '\0' ||
	    name_order(q->last, strlen(q->last), copy, len) >= 0)
		q->bad = true;
	strcpy(q->found[set], copy);
	strcpy(q->last, copy);
	return true;
}

/*
 * The globs name a, b, "-" and "."; "A", "B" and "C" are the first bytes of
 * the rest, and "C" is in no name left out, so no first name holds others.
 */
static void
best_names(struct question *q)
{
	static const char byte[] = "ABCab-.";	/* in the order of names */
	size_t digit[MAX_LEN];

	for (size_t len = 1; len <= MAX_LEN; len++) {
		memset(digit, 0, sizeof(digit));
		for (size_t i = 0; i < len;) {
			char name[MAX_LEN + 1] = "";
			for (size_t k = 0; k < len; k++)
				name[k] = byte[digit[len - 1 - k]];
			char *best = q->best[accepting(q, name)];
			if (best[0] == '\0' && !left_out(q, name))
				strcpy(best, name);
			for (i = 0; i < len && ++digit[i] == sizeof(byte) - 1; i++)
				digit[i] = 0;
		}
	}
}

static void
names_random(void **state)
{
	static const char *const piece[] = {
		"a", "b", "-", ".", "*", "*", "*", "?", "[!a]", "{a,-b}", "[ab]", "A",
	};
	const uint64_t seed = prng_seed();
	uint64_t r = seed;
	size_t total = 0;

	(void)state;
	for (int i = 0; i < 600; i++) {
		struct arena *a = arena_new();
		struct question *q = arena_alloc(a, sizeof(*q));
		const char *all = "";
		q->n = prng_below(&r, MAX_DFAS + 1);
		for (size_t k = 0; k < q->n; k++) {
			const char *s = "";
			for (size_t m = prng_below(&r, 5); m > 0; m--)
				s = arena_printf(a, "%s%s", s, piece[prng_below(&r, NELEMS(piece))]);
			q->glob[k] = compile(a, s);
			q->dfa[k] = glob_dfa(q->glob[k]);
			all = arena_printf(a, "%s \"%s\"", all, s);
		}
		q->k = prng_below(&r, MAX_EXCEPT + 1);
		for (size_t k = 0; k < q->k; k++) {
			size_t len = prng_below(&r, MAX_LEN);	/* 0 is no name: ignored */
			char *s = arena_alloc(a, len + 1);
			for (size_t m = 0; m < len; m++)
				s[m] = "ABab-."[prng_below(&r, 6)];
			q->except[k] = (struct slice){ s, len };
			all = arena_printf(a, "%s -%s", all, s);
		}
		best_names(q);
		assert_int_equal(dfa_name_classes(q->dfa, q->n, q->except, q->k, 100000,
		    note, q), 0);
		for (size_t set = 0; set < (size_t)1 << q->n; set++) {
			const char *f = q->found[set], *b = q->best[set];
			total += b[0] != '\0';
			if (q->bad || (strcmp(f, b) != 0 && (b[0] != '\0' || strlen(f) <= MAX_LEN)))
				fail_msg("SEED=%llu:%s: set %zu has \"%s\", found \"%s\"",
				    (unsigned long long)seed, all, set, b, f);
		}
		arena_free(a);
	}
	assert_true(total > 800);
}

struct list {
	char	 name[8][LIMIT_NAME_BYTES + 1];
	uint64_t accepts[8][3];
	size_t	 n, words, stop;
};

static bool
collect(void *arg, const uint64_t *accepts, const char *name, size_t len)
{
	struct list *l = arg;

	assert_true(l->n < 8);
	memcpy(l->name[l->n], name, len);
	l->name[l->n][len] = '\0';
	memcpy(l->accepts[l->n], accepts, l->words * sizeof(*accepts));
	return ++l->n != l->stop;
}

static void
names_edges(void **state)
{
	struct arena *a = arena_new();
	struct slice except[600];
	char one[256];
	size_t k = 0;
	struct list l = { .words = 1 };

	(void)state;
	/* No DFA: the first name that is not left out; all single bytes left out but "~". */
	assert_int_equal(dfa_name_classes(NULL, 0, NULL, 0, 10, collect, &l), 0);
	assert_string_equal(l.name[0], "A");
	assert_int_equal(l.n, 1);
	for (unsigned c = 1; c < 256; c++) {
		one[c] = (char)c;
		if (c != '~')
			except[k++] = (struct slice){ &one[c], 1 };
	}
	l = (struct list){ .words = 1 };
	assert_int_equal(dfa_name_classes(NULL, 0, except, k, 10, collect, &l), 0);
	assert_string_equal(l.name[0], "~");
	except[k++] = (struct slice){ "~", 1 };
	l = (struct list){ .words = 1 };
	assert_int_equal(dfa_name_classes(NULL, 0, except, k, 10, collect, &l), 0);
	assert_string_equal(l.name[0], "AA");

	/* A name of the greatest length, and one that would be too long. */
	char text[300];
	memset(text, '?', sizeof(text));
	text[LIMIT_NAME_BYTES] = '\0';
	const struct dfa *d[130] = { glob_dfa(compile(a, text)) };
	l = (struct list){ .words = 1 };
	assert_int_equal(dfa_name_classes(d, 1, NULL, 0, 1000, collect, &l), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(strlen(l.name[1]), LIMIT_NAME_BYTES);
	text[LIMIT_NAME_BYTES] = '?';
	text[LIMIT_NAME_BYTES + 1] = '\0';
	d[0] = glob_dfa(compile(a, text));
	l = (struct list){ .words = 1 };
	assert_int_equal(dfa_name_classes(d, 1, NULL, 0, 1000, collect, &l), 0);
	assert_int_equal(l.n, 1);

	/* Too many states, and a callback that has had enough. */
	l = (struct list){ .words = 1 };
	assert_int_equal(dfa_name_classes(d, 1, NULL, 0, 100, collect, &l), -1);
	l = (struct list){ .words = 1, .stop = 1 };
	assert_int_equal(dfa_name_classes(d, 1, NULL, 0, 100, collect, &l), 0);
	assert_int_equal(l.n, 1);

	/* More than one word of accepting DFAs; "." and ".." are never names. */
	for (size_t i = 0; i < NELEMS(d); i++)
		d[i] = glob_dfa(compile(a, i == 129 ? ".*" : "q"));
	l = (struct list){ .words = 3 };
	assert_int_equal(dfa_name_classes(d, NELEMS(d), NULL, 0, 1000, collect, &l), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.name[0], "A");
	assert_string_equal(l.name[1], "q");
	assert_true(l.accepts[1][0] == UINT64_MAX && l.accepts[1][1] == UINT64_MAX &&
	    l.accepts[1][2] == 1);
	assert_string_equal(l.name[2], ".A");
	assert_true(l.accepts[2][0] == 0 && l.accepts[2][1] == 0 && l.accepts[2][2] == 2);
	arena_free(a);
}

static void
order(void **state)
{
	static const char *const rising[] = {
		"", "A", "Z", "a", "z", "\x01", "-", "0", "_", "\xff", "AA", "A0", "aA", "a-", "0A", "00", "AAA",
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(rising); i++)
		for (size_t k = 0; k < NELEMS(rising); k++) {
			int o = name_order(rising[i], strlen(rising[i]), rising[k], strlen(rising[k]));
			assert_int_equal((o > 0) - (o < 0), (i > k) - (i < k));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(equal_spellings),
		cmocka_unit_test(names_random),
		cmocka_unit_test(names_edges),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

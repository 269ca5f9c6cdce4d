/* SPDX-License-Identifier: Apache-2.0 */
/* test_pattern.c - deny patterns against matchers that are too simple to be wrong */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "glob.h"
#include "path.h"
#include "pattern.h"
#include "pattern_tree.h"
#include "prng.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* ---- a backtracking matcher over the text of a glob ---- */

/* Index behind the "]" of the class at g[i]; 0: unclosed. */
static size_t
naive_class_len(const char *g)
{
	size_t i = 1;

	if (g[i] == '!' || g[i] == '^')
		i++;
	for (size_t first = i; g[i] != '\0'; i++) {
		if (g[i] == ']' && i != first)
			return i + 1;
		if (g[i] == '\\' && g[i + 1] != '\0')
			i++;
	}
	return 0;
}

static bool
naive_class_has(const char *g, size_t len, unsigned char c)
{
	bool negated = g[1] == '!' || g[1] == '^', in = false;

	for (size_t i = negated ? 2 : 1; i < len - 1;) {
		if (g[i] == '\\')
			i++;
		unsigned char lo = (unsigned char)g[i++], hi = lo;
		if (i < len - 2 && g[i] == '-') {
			i++;
			if (g[i] == '\\')
				i++;
			hi = (unsigned char)g[i++];
		}
		in = in || (lo <= c && c <= hi);
	}
	return in != negated;
}

/*
 * Rewrite the first pair of braces into one glob for each alternative and try
 * them in turn; what has no braces is matched by backtracking.
 */
static bool naive_glob(const char *g, const char *s);

static bool
naive_flat(const char *g, const char *s)
{
	if (*g == '\0')
		return *s == '\0';
	if (*g == '*')
		return naive_flat(g + 1, s) || (*s != '\0' && naive_flat(g, s + 1));
	if (*s == '\0')
		return false;
	if (*g == '?')
		return naive_flat(g + 1, s + 1);
	size_t len = *g == '[' ? naive_class_len(g) : 0;
	if (len > 0)
		return naive_class_has(g, len, (unsigned char)*s) && naive_flat(g + len, s + 1);
	if (*g == '\\')
		g++;
	return *g == *s && naive_flat(g + 1, s + 1);
}

static size_t
naive_skip(const char *g)
{
	size_t len = *g == '[' ? naive_class_len(g) : 0;

	return len > 0 ? len : *g == '\\' ? 2 : 1;
}

static bool
naive_glob(const char *g, const char *s)
{
	size_t open = 0;

	while (g[open] != '\0' && g[open] != '{')
		open += naive_skip(g + open);
	if (g[open] == '\0')
		return naive_flat(g, s);
	size_t depth = 0, end = open, comma[64], n = 0;
	comma[n++] = open;
	do {
		depth += g[end] == '{';
		if (g[end] == ',' && depth == 1)
			comma[n++] = end;
		depth -= g[end] == '}';
		end += naive_skip(g + end);
	} while (depth > 0);
	comma[n] = end - 1;
	for (size_t i = 0; i < n; i++) {
		char one[512];
		snprintf(one, sizeof(one), "%.*s%.*s%s", (int)open, g,
		    (int)(comma[i + 1] - comma[i] - 1), g + comma[i] + 1, g + end);
		if (naive_glob(one, s))
			return true;
	}
	return false;
}

/* ---- random globs that compile ---- */

static void
random_glob(uint64_t *r, char *out, size_t max, int depth)
{
	static const char *const piece[] = {
		"a", "b", "c", ".", "-", "*", "**", "?", "[ab]", "[!a]", "[^b]", "[a-b]",
		"[]a]", "[!]]", "[a-]", "[\\]b]", "\\*", "\\[", "\\a", "\\\\", "]", ",", "!",
		"[.-a]", "\xc3\xa4",
	};
	size_t n = 0;

	out[0] = '\0';
	for (size_t k = prng_below(r, 5); k > 0; k--) {
		char inner[256] = "";
		if (depth > 0 && prng_below(r, 6) == 0) {
			strcat(inner, "{");
			for (size_t alt = 1 + prng_below(r, 3); alt > 0; alt--) {
				random_glob(r, inner + strlen(inner), 60, depth - 1);
				strcat(inner, alt > 1 ? "," : "}");
			}
		} else {
			strcpy(inner, piece[prng_below(r, NELEMS(piece))]);
		}
		size_t len = strlen(inner);
		if (n + len >= max)
			return;
		memcpy(out + n, inner, len + 1);
		n += len;
	}
}

static void
random_name(uint64_t *r, char out[8])
{
	static const char byte[] = "aabbc.-*[]\\,!{\xc3\xa4";
	size_t n = prng_below(r, 7);

	for (size_t i = 0; i < n; i++)
		out[i] = byte[prng_below(r, sizeof(byte) - 1)];
	out[n] = '\0';
}

static void
glob_random(void **state)
{
	const uint64_t seed = prng_seed();
	uint64_t r = seed;
	size_t matches = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		struct arena *a = arena_new();
		char text[200];
		const char *why = NULL;
		random_glob(&r, text, sizeof(text), 2);
		const struct glob *g = glob_compile(a, text, strlen(text), LIMIT_PATTERN_STATES, &why);
		if (g == NULL)
			fail_msg("SEED=%llu: \"%s\" %s", (unsigned long long)seed, text, why);
		for (int k = 0; k < 40; k++) {
			char name[8];
			random_name(&r, name);
			bool want = naive_glob(text, name);
			matches += want;
			if (glob_match(g, name, strlen(name)) != want)
				fail_msg("SEED=%llu: \"%s\" against \"%s\" is not %d",
				    (unsigned long long)seed, text, name, want);
		}
		arena_free(a);
	}
	assert_true(matches > 5000);
}

static void
glob_table(void **state)
{
	static const struct { const char *glob, *name; bool match; } t[] = {
		{ "*", "", true }, { "*", ".git", true }, { "?", "a", true }, { "?", "", false },
		{ "?", "\xc3\xa4", false }, { "??", "\xc3\xa4", true },
		{ "\xc3\xa4", "\xc3\xa4", true },
		{ "*.env", ".env", true }, { "*.env", "a.env", true },
		{ "*.env", "a.envx", false },
		{ "a**b", "ab", true }, { "a**b", "axxb", true }, { "***", "x", true },
		{ "[abc]", "b", true }, { "[a-c]x", "bx", true }, { "[!a]", "a", false },
		{ "[!a]", "b", true }, { "[^a]", "\xff", true }, { "[!a]", "\xc3\xa4", false },
		{ "[a", "[a", true }, { "[", "[", true }, { "[]", "[]", true },
		{ "[!]", "[!]", true },
		{ "[]]", "]", true }, { "a]", "a]", true }, { "[a\\]", "[a]", true },
		{ "[\\!a]", "!", true }, { "[a!]", "!", true }, { "[a-]", "-", true },
		{ "[-a]", "-", true },
		{ "[a\\-c]", "b", false }, { "[a\\-c]", "-", true }, { "[*?]", "?", true },
		{ "[\xc3\xa4", "[\xc3\xa4", true },
		{ "{a,b}", "a", true }, { "{a,b}", "b", true }, { "{a,b}", "a,b", false },
		{ "{a,b}", "c", false }, { "x{,y}", "x", true }, { "x{,y}z", "xyz", true },
		{ "{a,{b,c}d}", "cd", true }, { "{a,{b,c}d}", "c", false },
		{ "a,b", "a,b", true },
		{ "{a\\,b,c}", "a,b", true }, { "{a\\,b,c}", "a", false },
		{ "{[,],x}", ",", true },
		{ "\\{a\\}", "{a}", true }, { "\\*", "*", true }, { "\\*", "a", false },
		{ "\\a", "a", true }, { "\\\\", "\\", true }, { "*a*b*c*", "xxaxxbxxc", true },
	};
	const char *why = NULL;

	for (size_t i = 0; i < NELEMS(t); i++) {
		const struct glob *g = glob_compile(*state, t[i].glob, strlen(t[i].glob),
		    LIMIT_PATTERN_STATES, &why);
		if (g == NULL || glob_match(g, t[i].name, strlen(t[i].name)) != t[i].match)
			fail_msg("\"%s\" against \"%s\" is not %d (%s)", t[i].glob,
			    t[i].name, t[i].match, g == NULL ? why : "compiled");
		assert_int_equal(naive_glob(t[i].glob, t[i].name), t[i].match);
	}
	const struct glob *any = glob_compile(*state, "*", 1, 9, &why);
	assert_false(glob_match(any, "a/b", 3));
	assert_false(glob_match(any, "a\0b", 3));
}

static void
errors(void **state)
{
	static const char *const t[][2] = {
		{ "", "empty component" }, { "/", "empty component" },
		{ "a//b*", "empty component" },
		{ "*/", "empty component" }, { "./*", "\".\" or \"..\"" },
		{ "a/../*", "\".\" or \"..\"" },
		{ "\\./*", "matches no name" }, { "\\.\\./*", "matches no name" },
		{ "{[.],..,}", "matches no name" },
		{ "a\\/b*", "ends in a backslash" }, { "*\\", "ends in a backslash" },
		{ "[\xc3\xa4]", "more than ASCII" }, { "[a-\xff]", "more than ASCII" },
		{ "[b-a]", "runs backwards" }, { "{a,b", "a { without its }" },
		{ "{a/b,c}", "a { without its }" }, { "a}", "a } without its {" },
		{ "{a}}", "a } without its {" }, { "{}", "matches no name" },
		{ "x/{,}/y", "matches no name" },
		{ "{{{{{{{{{{{{{{{{{a}}}}}}}}}}}}}}}}}", "deeper than 16" },
		{ "*a??????????????", "4096 states" },
		{ "*a" "???????????" "/*b" "???????????", "4096 states" },
	};

	for (size_t i = 0; i < NELEMS(t); i++) {
		const char *why = NULL;
		if (pattern_parse(*state, "/w", t[i][0], &why) != NULL)
			fail_msg("\"%s\" was taken", t[i][0]);
		if (strstr(why, t[i][1]) == NULL)
			fail_msg("\"%s\" %s, not \"%s\"", t[i][0], why, t[i][1]);
	}
}

/* The states of one pattern have a limit, and so has the time to find out. */
static void
limits(void **state)
{
	struct arena *a = *state;
	const char *why = NULL;
	char *text = arena_alloc(a, 70000);

	assert_non_null(pattern_parse(a, NULL, "*a??????????", &why));
	assert_non_null(pattern_parse(a, NULL, "[.]?", &why));
	assert_non_null(pattern_parse(a, NULL, "{.,..,...}", &why));
	for (int i = 0; i < 2047; i++)
		strcpy(text + 2 * i, "a/");
	text[4094] = 'b';
	assert_non_null(pattern_parse(a, NULL, text, &why));
	assert_null(pattern_parse(a, "/w", text, &why));
	assert_string_equal(why, "has more than 2048 components");

	memset(text, '?', 4000);
	text[4000] = '\0';
	assert_non_null(pattern_parse(a, NULL, text, &why));
	memset(text, '?', 69999);
	assert_null(pattern_parse(a, NULL, text, &why));
	assert_non_null(strstr(why, "4096 states"));

	size_t n = 0;
	text[n++] = '{';
	for (int i = 0; i < 1000; i++)
		n += (size_t)sprintf(text + n, "*%c%c*,", 'a' + i % 26, 'a' + i / 26 % 26);
	strcpy(text + n, "x}");
	assert_null(pattern_parse(a, NULL, text, &why));

	static const char ext[] = "tar,gz,zip,pem,key,crt,p12,pfx,env,log,bak,old,tmp,swp,db,sqlite";
	n = 0;
	n += (size_t)sprintf(text, "*.{");
	for (int i = 0; i < 16; i++)
		n += (size_t)sprintf(text + n, "%s,x%d,", ext, i);
	strcpy(text + n, "x}");
	assert_non_null(pattern_parse(a, NULL, text, &why));
}

/* ---- whole patterns ---- */

/* Components of a pattern against components of a path, by recursion. */
static bool
naive_pattern(char *const *p, size_t np, char *const *c, size_t nc)
{
	if (np == 0)
		return nc == 0;
	if (strcmp(p[0], "**") == 0) {
		if (np == 1)
			return nc >= 1;
		return naive_pattern(p + 1, np - 1, c, nc) ||
		    (nc > 0 && naive_pattern(p, np, c + 1, nc - 1));
	}
	return nc > 0 && naive_glob(p[0], c[0]) && naive_pattern(p + 1, np - 1, c + 1, nc - 1);
}

static size_t
split(struct arena *a, const char *text, char *out[16])
{
	size_t n = 0;

	for (struct slice c; path_next(&text, &c);)
		out[n++] = arena_strndup(a, c.p, c.len);
	return n;
}

static void
pattern_random(void **state)
{
	static const char *const step[] = {
		"a", "b", "ab", "*", "**", "**", "?", "a*", "*b", "{a,b}", "[!a]", "\\a", "?*",
	};
	static const char *const name[] = { "a", "b", "ab", "ba", "c", ".a" };
	const uint64_t seed = prng_seed();
	uint64_t r = seed;
	size_t matches = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct arena *a = arena_new();
		const char *text = "", *why = NULL;
		for (size_t k = 1 + prng_below(&r, 5); k > 0; k--)
			text = arena_printf(a, "%s/%s", text, step[prng_below(&r, NELEMS(step))]);
		const char *base = prng_below(&r, 3) == 0 ? "/a" : NULL;
		const struct pattern *p = pattern_parse(a, base, text + prng_below(&r, 2), &why);
		if (p == NULL)
			fail_msg("SEED=%llu: \"%s\" %s", (unsigned long long)seed, text, why);
		char *pc[16], *cc[16];
		size_t np = split(a, base != NULL ? arena_printf(a, "/a%s", text) : text, pc);
		for (int k = 0; k < 40; k++) {
			const char *path = "";
			for (size_t n = prng_below(&r, 6); n > 0; n--)
				path = arena_printf(a, "%s/%s", path, name[prng_below(&r, NELEMS(name))]);
			bool want = naive_pattern(pc, np, cc, split(a, path, cc));
			matches += want;
			if (pattern_match(p, path[0] != '\0' ? path : "/") != want)
				fail_msg("SEED=%llu: \"%s\" + \"%s\" against \"%s\" is not %d",
				    (unsigned long long)seed, base ? base : "", text, path, want);
		}
		arena_free(a);
	}
	assert_true(matches > 5000);
}

static void
pattern_table(void **state)
{
	static const struct { const char *base, *text, *path; bool match; } t[] = {
		{ "/x", "**", "/x", false }, { "/x", "**", "/x/a", true },
		{ "/x", "**", "/x/a/b", true },
		{ "/x", "**", "/y/a", false }, { NULL, "/**", "/", false },
		{ NULL, "/**", "/a", true },
		{ "/w", "**/x", "/w/x", true }, { "/w", "**/x", "/w/a/b/x", true },
		{ "/w", "**/x", "/w/x/y", false }, { "/w", "a/**/b", "/w/a/b", true },
		{ "/w", "a/**/b", "/w/a/c/d/b", true }, { "/w", "a/**/b", "/w/a", false },
		{ "/w", "**/**", "/w", false }, { "/w", "**/**", "/w/a", true },
		{ "/w", "**/**/x", "/w/x", true },
		{ "/a[1]", "*.c", "/a[1]/x.c", true }, { "/a[1]", "*.c", "/a1/x.c", false },
		{ "/w", "*", "/w/a/b", false }, { "/", "*", "/a", true },
		{ "/w", "\\*/?", "/w/*/a", true },
		{ "/w", "\\*/?", "/w/b/a", false },
	};
	const char *why = NULL;

	for (size_t i = 0; i < NELEMS(t); i++) {
		const struct pattern *p = pattern_parse(*state, t[i].base, t[i].text, &why);
		if (p == NULL || pattern_match(p, t[i].path) != t[i].match)
			fail_msg("\"%s\" + \"%s\" against \"%s\" is not %d", t[i].base ? t[i].base : "",
			    t[i].text, t[i].path, t[i].match);
	}
}

static void
literal_part(void **state)
{
	static const struct { const char *text; size_t nliteral, nsteps; } t[] = {
		{ "/a/b/*", 2, 3 }, { "a/\\*/b", 3, 3 }, { "a/x[/b", 1, 3 }, { "**/a", 0, 2 },
		{ "a/{b}/c", 1, 3 }, { "a/\\b/c", 1, 3 }, { "a/**/**/b", 1, 3 },
	};
	const char *why = NULL;

	for (size_t i = 0; i < NELEMS(t); i++) {
		const struct pattern *p = pattern_parse(*state, NULL, t[i].text, &why);
		assert_non_null(p);
		assert_int_equal(p->nliteral, t[i].nliteral);
		assert_int_equal(p->nsteps, t[i].nsteps);
	}
	const struct pattern *p = pattern_parse(*state, "/w/*", "x*", &why);
	assert_int_equal(p->nliteral, 2);
	assert_memory_equal(p->step[1].text.p, "*", 1);

	static const struct { const char *text; bool special; const char *plain; } s[] = {
		{ "a/b", false, "a/b" }, { "a*", true, NULL }, { "a\\*", false, "a*" },
		{ "a\\*b?", true, NULL }, { "a\\\\b", false, "a\\b" }, { "a\\b", true, "ab" },
		{ "a\\", true, "a\\" }, { "[", true, NULL }, { "]", true, NULL },
		{ "}", true, NULL },
		{ "\\{\\}\\[\\]\\?", false, "{}[]?" }, { "", false, "" },
	};
	for (size_t i = 0; i < NELEMS(s); i++) {
		size_t len = strlen(s[i].text);
		assert_int_equal(pattern_is_special(s[i].text, len), s[i].special);
		if (s[i].plain != NULL)
			assert_string_equal(pattern_unescape(*state, s[i].text, len), s[i].plain);
	}
}

/* As far as nothing covers the way, each place on it is found by itself. */
static void
walk_down(const struct pattern_tree *t, const char *path, uint64_t seed)
{
	struct pattern_spot way[8] = { pattern_spot_root(t) };
	char at[64] = "/";
	const char *rest = path;
	struct slice c = { "", 0 };

	for (size_t n = 0; pattern_tree_find(t, at) < 0 && path_next(&rest, &c); n++) {
		snprintf(at, sizeof(at), "%.*s", (int)(rest - path), path);
		way[n + 1] = pattern_spot_below(&way[n], c.p, c.len);
		ptrdiff_t found = pattern_spot_find(&way[n + 1], at, c.p, c.len);
		if (found != pattern_tree_find(t, at))
			fail_msg("SEED=%llu: %s: on the way %td, not %td",
			    (unsigned long long)seed, at, found, pattern_tree_find(t, at));
	}
}

/* Many patterns by their places, against one after the other. */
static void
tree(void **state)
{
	static const char *const step[] = { "a", "b", "{a,b}", "*", "**", "a*", "c" };
	static const char *const name[] = { "a", "b", "ab", "c", "A" };
	enum { PATTERNS = 20 };
	const uint64_t seed = prng_seed();
	uint64_t r = seed;
	size_t found = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct arena *a = arena_new();
		const struct pattern *v[PATTERNS];
		const char *why = NULL;
		for (size_t n = 0; n < PATTERNS; n++) {
			const char *text = "*";
			for (size_t k = prng_below(&r, 3); k > 0; k--)
				text = arena_printf(a, "%s/%s", step[prng_below(&r, NELEMS(step))], text);
			const char *base = arena_printf(a, "/%s/%s", name[prng_below(&r, NELEMS(name))],
			    name[prng_below(&r, NELEMS(name))]);
			v[n] = prng_below(&r, 2) == 0 ? pattern_parse(a, base, text, &why) :
			    pattern_parse_folded(a, base, text, prng_below(&r, 3), &why);
			assert_non_null(v[n]);
		}
		const struct pattern_tree *t = pattern_tree_new(a, v, PATTERNS);
		for (int k = 0; k < 100; k++) {
			const char *path = "";
			for (size_t n = prng_below(&r, 6); n > 0; n--)
				path = arena_printf(a, "%s/%s", path, name[prng_below(&r, NELEMS(name))]);
			if (path[0] == '\0')
				path = "/";
			ptrdiff_t want = 0;
			while (want < PATTERNS && !pattern_covers(v[want], 0, path))
				want++;
			if (want == PATTERNS)
				want = -1;
			found += want >= 0;
			if (pattern_tree_find(t, path) != want)
				fail_msg("SEED=%llu: %s: %td, not %td", (unsigned long long)seed, path,
				    pattern_tree_find(t, path), want);
			walk_down(t, path, seed);
		}
		arena_free(a);
	}
	assert_true(found > 2000);
}

/* The walk that others make, against the whole match. */
static void
walk(void **state)
{
	const char *why = NULL;
	const struct pattern *p = pattern_parse(*state, "/w", "**/secrets/*.pem", &why);
	uint64_t s[2] = { 0 }, t[2] = { 0 };

	assert_int_equal(pattern_words(p), 1);
	pattern_start(p, s);
	assert_int_equal(pattern_progress(p, s), 0);
	pattern_advance(p, s, "w", 1, t);
	assert_int_equal(pattern_progress(p, t), 2);
	pattern_advance(p, t, "secrets", 7, s);
	assert_int_equal(pattern_progress(p, s), 3);
	assert_false(pattern_matched(p, s));
	pattern_advance(p, s, "k.pem", 5, t);
	assert_true(pattern_matched(p, t) && pattern_alive(p, t));
	pattern_start(p, s);
	pattern_advance(p, s, "v", 1, t);
	assert_false(pattern_alive(p, t));

	/* More than 64 positions. */
	char text[600] = "";
	char path[600] = "";
	for (int i = 0; i < 130; i++) {
		strcat(text, i % 2 ? "/a?" : "/*");
		strcat(path, "/ab");
	}
	const struct pattern *far = pattern_parse(*state, NULL, text, &why);
	assert_int_equal(pattern_words(far), 3);
	assert_true(pattern_match(far, path));
	path[strlen(path) - 1] = '\0';
	assert_false(pattern_match(far, path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(glob_table, setup, teardown),
		cmocka_unit_test(glob_random),
		cmocka_unit_test_setup_teardown(errors, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(pattern_table, setup, teardown),
		cmocka_unit_test(pattern_random),
		cmocka_unit_test_setup_teardown(literal_part, setup, teardown),
		cmocka_unit_test(tree),
		cmocka_unit_test_setup_teardown(walk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_seatbelt.c - expressions against globs, the plan against the effective policy, what is refused */
#include <config.h>

#include "bind_fixture.h"

#include <regex.h>
#include <stdlib.h>

#include "glob.h"
#include "intern.h"
#include "letters.h"
#include "prng.h"
#include "seatbelt.h"
#include "seatbelt_effective.h"
#include "seatbelt_model.h"
#include "seatbelt_plan.h"
#include "seatbelt_regex.h"
#include "seatbelt_spelling.h"

/* Compiled once each; regcomp(3) takes memory of its own. */
struct expressions {
	struct arena	*a;
	struct strmap	*known;
	struct { regex_t **v; size_t len, cap; } all;
};

static struct expressions
expressions_new(struct arena *a)
{
	return (struct expressions){ a, strmap_new(a), { NULL, 0, 0 } };
}

static void
expressions_free(struct expressions *x)
{
	for (size_t i = 0; i < x->all.len; i++)
		regfree(x->all.v[i]);
}

/* The system's expressions are those of POSIX as far as we use them. */
static bool
matches(struct expressions *x, const char *expression, const char *text)
{
	regex_t *re = strmap_get(x->known, expression, strlen(expression));
	if (re == NULL) {
		re = arena_alloc(x->a, sizeof(*re));
		if (regcomp(re, expression, REG_EXTENDED | REG_NOSUB) != 0)
			fail_msg("bad expression: %s", expression);
		strmap_put(x->known, expression, strlen(expression), re);
		VEC_PUSH(x->a, &x->all, re);
	}
	return regexec(re, text, 0, NULL, 0) == 0;
}

static void
glob_expressions(void **state)
{
	static const char *const pieces[] = {
		"a", "b", "Z", ".", "*", "?", "[ab]", "[!a]", "[^b-d]", "[]x]", "[x^-]", "[a-z0-9_]",
		"[\\\\^]", "[[.]", "{a,b}", "{,c}", "{a.b,{x,y*}}", "\\*", "\\{", "\\}", "\\[", "]", "^",
		"$", "+", "(", ")", "|", "-", "[", "\\\\", "[\\^-]", "[-^]", "[^]^]", "{[,],b}", "\"", " ",
		"s", "S", "ss", "t", "f", "Ff", "i", "l", "k", "{s,f}", "\\s", "\\f", ";", "`",
	};
	static const char bytes[] = "abcdxyzABZ019.*?[]{}^$+()|-\\_\" ,ssSSttffffiilk;`";
	size_t nother;
	const struct letters *other = letters_all(&nother);
	uint64_t r = prng_seed();
	struct arena *a = arena_new();
	struct expressions cache = expressions_new(a);
	size_t hits = 0, letter_hits = 0;
	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct sbuf text = SBUF_INIT, re = SBUF_INIT;
		const char *why;
		for (size_t n = 1 + prng_below(&r, 4); n > 0; n--)
			sbuf_puts(&text, pieces[prng_below(&r, NELEMS(pieces))]);
		const struct glob *g = glob_compile_folded(a, text.p, text.len, 4096, &why);
		if (g == NULL) {
			sbuf_free(&text);
			continue;
		}
		struct pattern_step step = { STEP_GLOB, { text.p, text.len }, g, false };
		struct pattern p = { text.p, &step, 1, 0 };
		regex_depth(&re, 0);
		regex_steps(&re, &p, 0);
		for (int k = 0; k < 30; k++) {
			char name[32] = "/";
			size_t len = 0;
			/* Often the glob itself, in other characters. */
			for (size_t i = 0; k % 2 == 0 && i < text.len && len < 20;) {
				const struct letters *l = &other[prng_below(&r, nother)];
				bool begins = letters_begin(l, text.p + i, text.len - i);
				if (begins)
					len += (size_t)sprintf(name + 1 + len, "%s", l->other);
				else if (text.p[i] != '\\')
					name[1 + len++] = text.p[i];
				i += begins ? strlen(l->ascii) : 1;
			}
			for (size_t n = len > 0 ? 0 : 1 + prng_below(&r, 5); n > 0; n--) {
				if (prng_below(&r, 6) == 0) {
					const char *o = other[prng_below(&r, nother)].other;
					memcpy(name + 1 + len, o, strlen(o));
					len += strlen(o);
				} else {
					name[1 + len++] = bytes[prng_below(&r, sizeof(bytes) - 1)];
				}
			}
			name[1 + len] = '\0';
			bool want = glob_match(g, name + 1, len);
			hits += want;
			letter_hits += want && seatbelt_beyond_ascii(name, len + 1) && strpbrk(text.p, "*?[") == NULL;
			if (matches(&cache, re.p, name) != want)
				fail_msg("glob %s, expression %s, name %s", text.p, re.p, name);
		}
		sbuf_free(&text);
		sbuf_free(&re);
	}
	assert_true(hits > 1000 && letter_hits > 20);
	expressions_free(&cache);
	arena_free(a);
}

/* ---- the plan ---- */

struct judge {
	struct arena	*a;
	struct expressions *cache;
	const char	*path;
};

static bool
holds(const struct judge *j, const struct filter *f)
{
	switch (f->kind) {
	case FILTER_SUBPATH:
		return path_within(j->path, f->text);
	case FILTER_LITERAL:
		return strcmp(j->path, f->text) == 0;
	case FILTER_ANCESTORS:
		return path_below(f->text, j->path);
	case FILTER_REGEX:
		return matches(j->cache, f->text, j->path);
	case FILTER_NOT:
		return !holds(j, f->of.v[0]);
	case FILTER_ALL:
	case FILTER_ANY:
		for (size_t i = 0; i < f->of.len; i++)
			if (holds(j, f->of.v[i]) != (f->kind == FILTER_ALL))
				return f->kind == FILTER_ANY;
		return f->kind == FILTER_ALL;
	default:
		return false;
	}
}

/* Some rule for one of the operations lets the path through. */
static bool
allowed(const struct judge *j, const struct seatbelt_plan *plan, const char *one, const char *other)
{
	for (size_t i = 0; i < plan->rules.len; i++) {
		const struct seatbelt_rule *r = &plan->rules.v[i];
		if ((strstr(r->operations, one) != NULL || strstr(r->operations, other) != NULL) &&
		    holds(j, r->filter))
			return true;
	}
	return false;
}

static bool
globbed(const struct seatbelt_effective *e, const char *path)
{
	for (size_t i = 0; i < e->patterns.len; i++)
		if (pattern_covers(e->patterns.v[i], 0, path))
			return true;
	return false;
}

static const char *const names[] = { "a", "A", "b", ".git", ".GIT", ".codex", "k.env", "K.Env" };

static const char *
random_path(struct arena *a, uint64_t *r, const char *top, size_t most)
{
	const char *path = top;
	for (size_t n = prng_below(r, most + 1); n > 0; n--)
		path = path_join(a, path, names[prng_below(r, NELEMS(names))]);
	return path;
}

static struct fixture *
random_policy(uint64_t *r)
{
	static const char *const globs[] = { "**/*.env", "a/**", "*/k.env", "b/[a-c]", "a/**/.git/*",
	    "**/a/{b,A}", "new/x*", "*/**/a" };
	static const char *const tops[] = { "/w", "/x", "/System/Volumes/Data", "/" };
	const char *lines[24];
	struct arena *a = arena_new();
	size_t n = 0;
	lines[n++] = "d /w";
	lines[n++] = "d /System/Volumes/Data";
	while (n < NELEMS(lines))
		lines[n++] = arena_printf(a, "d %s", random_path(a, r, prng_below(r, 2) ? "/w" : "/x", 3));
	struct fixture *x = fixture_new(lines, prng_below(r, 20) + 2);
	x->rq.target = TARGET_MACOS;
	for (size_t k = 1 + prng_below(r, 6); k > 0; k--)
		entry(x, ANCHOR_ABS, random_path(x->a, r, tops[prng_below(r, NELEMS(tops))], 3),
		    (enum access)prng_below(r, 3));
	for (size_t k = prng_below(r, 3); k > 0; k--)
		pattern(x, ANCHOR_WORKSPACE, globs[prng_below(r, NELEMS(globs))]);
	arena_free(a);
	return x;
}

static void
differ(const struct judge *j, const struct bound_policy *b, const char *op, enum access want,
    bool pinned)
{
	for (size_t i = 0; i < b->entries.len; i++)
		print_message("%s = %s\n", b->entries.v[i].path, access_name(b->entries.v[i].access));
	for (size_t i = 0; i < b->patterns.len; i++)
		print_message("%s, %s = deny\n", b->patterns.v[i].literal, b->patterns.v[i].pattern->text);
	for (size_t i = 0; i < b->facts.len; i++)
		if (b->facts.v[i].kind == NODE_MISSING)
			print_message("missing: %s\n", b->facts.v[i].path);
	fail_msg("%s %s: should be %s%s", op, j->path, access_name(want), pinned ? ", pinned" : "");
}

static void
check_path(const struct judge *j, const struct bound_policy *b, const struct seatbelt_plan *plan,
    const struct seatbelt_effective *e)
{
	bool exact, hidden = globbed(e, j->path);
	const struct region *r = region_find(e->own, j->path, &exact);
	enum access want = hidden ? ACCESS_DENY : exact ? r->self : r->below;
	bool pinned = exact && r->pinned;

	if (allowed(j, plan, "file-clone", "file-clone") != (want != ACCESS_DENY))
		differ(j, b, "read", want, pinned);
	if (allowed(j, plan, "file-write* ", "file-write-data") != (want == ACCESS_WRITE))
		differ(j, b, "write", want, pinned);
	if (allowed(j, plan, "file-write* ", "file-link") != (want == ACCESS_WRITE && !pinned))
		differ(j, b, "rename", want, pinned);
}

static void
plan_is_the_policy(void **state)
{
	uint64_t r = prng_seed();
	size_t planned = 0;
	(void)state;
	for (int round = 0; round < 1500; round++) {
		struct fixture *x = random_policy(&r);
		struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);
		struct artifact out = { .refused = false };
		struct seatbelt_effective e;
		struct seatbelt_plan plan;
		if (b == NULL || seatbelt_effective_build(x->a, decide_fs_build(x->a, b), &e, &out) != 0 ||
		    seatbelt_plan(x->a, b, &e, &plan, &out) != 0) {
			fixture_free(x);
			continue;
		}
		planned++;
		struct expressions cache = expressions_new(x->a);
		struct judge j = { x->a, &cache, NULL };
		for (int k = 0; k < 60; k++) {
			static const char *const tops[] = { "/w", "/x", "/System/Volumes/Data/w", "/",
			    "/System/Volumes/Data" };
			j.path = random_path(x->a, &r, tops[prng_below(&r, NELEMS(tops))], 4);
			check_path(&j, b, &plan, &e);
		}
		expressions_free(&cache);
		fixture_free(x);
	}
	assert_true(planned > 500);
}

/* ---- text ---- */

static struct artifact
compiled(struct fixture *x)
{
	const struct backend_options opt = { .outer_userns = false };
	struct artifact out;
	x->rq.target = TARGET_MACOS;
	struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);
	if (b == NULL)
		fail_msg("%s", x->err.text);
	backend_seatbelt.compile(x->a, b, &opt, &out);
	return out;
}

static void
strings_in_the_text(void **state)
{
	static const char *const lines[] = { "d /w/a\"b\\c", "d /caf\xc3\xa9" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "a\"b\\c", ACCESS_READ);
	entry(x, ANCHOR_ABS, "/caf\xc3\xa9", ACCESS_READ);
	struct artifact out = compiled(x);
	assert_false(out.refused);
	assert_non_null(strstr(out.bytes.p, "(string-append (param \"CWD\") \"/a\\\"b\\\\c\")"));
	assert_non_null(strstr(out.bytes.p, "caf\xc3\xa9"));
	assert_non_null(strstr(out.bytes.p, "\n;; -D CWD=/w\n"));
	sbuf_free(&out.bytes);
	entry(x, ANCHOR_WORKSPACE, "new\nline", ACCESS_READ);
	out = compiled(x);
	assert_true(out.refused);
	assert_non_null(strstr(out.refusal.reason, "control byte"));
	fixture_free(x);
}

/* No string literal is as long as macOS refuses, and no expression over 900 bytes. */
static void
long_strings(void **state)
{
	struct sbuf deep = SBUF_INIT, braces = SBUF_INIT;
	(void)state;
	for (int i = 0; i < 12; i++)
		sbuf_printf(&deep, "/%0200d", i);
	struct arena *a = arena_new();
	const char *const lines[] = { arena_printf(a, "d /w%s", deep.p) };
	struct fixture *x = FIXTURE(lines);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, arena_strdup(x->a, deep.p + 1), ACCESS_DENY);
	sbuf_puts(&braces, "**/{");
	for (int i = 0; i < 100; i++)
		sbuf_printf(&braces, "%sname%d", i > 0 ? "," : "", i);
	sbuf_addc(&braces, '}');
	pattern(x, ANCHOR_WORKSPACE, arena_strdup(x->a, braces.p));
	struct artifact out = compiled(x);
	if (out.refused)
		fail_msg("%s", out.refusal.reason);
	size_t run = 0, regexes = 0;
	for (const char *p = strstr(out.bytes.p, "(allow"); *p != '\0'; p++) {
		run = *p == '"' ? 0 : run + 1;
		if (strchr("\n", *p) != NULL)
			run = 0;
		assert_true(run <= 1000);
		regexes += strncmp(p, "\"^/", 3) == 0;
	}
	assert_true(regexes > 4);
	sbuf_free(&out.bytes);
	/* Short enough as an expression, too long as one literal: each of these takes two backslashes. */
	char carets[403];
	memset(carets, '^', sizeof(carets) - 1);
	carets[200] = '/';
	carets[402] = '\0';
	pattern(x, ANCHOR_WORKSPACE, arena_printf(x->a, "?/%s", carets));
	/* Split between alternatives alone, whatever they hold. */
	struct sbuf odd = SBUF_INIT;
	sbuf_puts(&odd, "*{");
	for (int i = 0; i < 30; i++)
		sbuf_printf(&odd, "%s%c[,}%c]{x,{y%d,\\,\\}}}\\{", i > 0 ? "," : "", 'a' + i % 26, '0' + i % 10, i);
	sbuf_addc(&odd, '}');
	pattern(x, ANCHOR_WORKSPACE, arena_strdup(x->a, odd.p));
	sbuf_free(&odd);
	out = compiled(x);
	if (out.refused)
		fail_msg("%s", out.refusal.reason);
	assert_non_null(strstr(out.bytes.p, "(string-append \"^"));
	sbuf_free(&out.bytes);
	/* What does not exist is an expression, and too long to be one. */
	entry(x, ANCHOR_WORKSPACE, arena_printf(x->a, "no%s", deep.p), ACCESS_DENY);
	out = compiled(x);
	assert_true(out.refused);
	assert_non_null(strstr(out.refusal.reason, "make the directory first"));
	arena_free(a);
	sbuf_free(&deep);
	sbuf_free(&braces);
	fixture_free(x);
}

static void
devices_stay(void **state)
{
	static const char *const lines[] = { "d /w", "o /dev/null" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	struct artifact out = compiled(x);
	assert_false(out.refused);
	sbuf_free(&out.bytes);
	entry(x, ANCHOR_ABS, "/dev/null", ACCESS_DENY);
	out = compiled(x);
	assert_true(out.refused);
	fixture_free(x);
}

/* ---- other letters than ASCII ---- */

static bool
text_allows(struct fixture *x, const struct artifact *out, const char *op, const char *path)
{
	const char *why = NULL;
	struct seatbelt_model *m = seatbelt_model_read(x->a, out->bytes.p, out->bytes.len, &why);

	assert_non_null(m);
	assert_int_equal(seatbelt_model_allows(m, op, path, true),
	    seatbelt_model_allows(m, op, path, false));
	return seatbelt_model_allows(m, op, path, true);
}

static void
refused_with(struct fixture *x, const char *words, const char *origin)
{
	struct artifact out = compiled(x);

	if (!out.refused || strstr(out.refusal.reason, words) == NULL)
		fail_msg("%s", out.refused ? out.refusal.reason : "taken");
	assert_non_null(out.refusal.origin);
	assert_string_equal(out.refusal.origin->text, origin);
}

static void
other_spellings(void **state)
{
	static const struct { const char *name, *all; } of[] = {
		{ ".git", "" }, { ".agents", ".agent\xc5\xbf" },
		{ "k", "\xe2\x84\xaa" },
		{ "ss", "s\xc5\xbf \xc5\xbfs \xc5\xbf\xc5\xbf \xc3\x9f \xe1\xba\x9e" },
		{ "ffi", "\xef\xac\x80i f\xef\xac\x81 \xef\xac\x83" },
		{ "st", "\xc5\xbft \xef\xac\x85 \xef\xac\x86" },
	};
	struct arena *a = arena_new();
	struct spellings s;
	(void)state;
	for (size_t i = 0; i < NELEMS(of); i++) {
		const char *rest = of[i].all;
		size_t n = 0;
		assert_int_equal(seatbelt_spellings(a, of[i].name, strlen(of[i].name), &s), 0);
		for (size_t len; (len = strcspn(rest, " ")) > 0; rest += len + (rest[len] == ' '), n++) {
			size_t k = 0;
			while (k < s.len && (strlen(s.v[k]) != len || memcmp(s.v[k], rest, len) != 0))
				k++;
			if (k == s.len)
				fail_msg("no %.*s of %s", (int)len, rest, of[i].name);
		}
		assert_int_equal(s.len, n);
	}
	assert_int_equal(seatbelt_spellings(a, "ssssssssssss", 12, &s), -1);
	arena_free(a);
}

static void
protected_in_other_letters(void **state)
{
	static const char *const lines[] = { "d /w", "d /v/.agents" };
	struct fixture *x = FIXTURE(lines);
	(void)state;
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_ABS, "/v", ACCESS_WRITE);
	struct artifact out = compiled(x);
	assert_false(out.refused);
	assert_false(text_allows(x, &out, "file-write-create", "/w/.agents"));
	assert_false(text_allows(x, &out, "file-write-create", "/w/.agent\xc5\xbf"));
	assert_false(text_allows(x, &out, "file-write-create", "/w/.AGent\xc5\xbf/x"));
	assert_true(text_allows(x, &out, "file-read-data", "/w/.agent\xc5\xbf"));
	assert_true(text_allows(x, &out, "file-write-create", "/w/.agen\xc5\xbf"));
	/* Where it is there every spelling leads to it, and it is matched by its own. */
	assert_true(text_allows(x, &out, "file-write-create", "/v/.agent\xc5\xbf"));
	/* Device nodes are made by nobody. */
	assert_true(text_allows(x, &out, "file-write-create", "/w/x"));
	assert_false(text_allows(x, &out, "file-mknod", "/w/x"));
	sbuf_free(&out.bytes);
	fixture_free(x);
}

/* One character for letters, and letters for one character. */
static void
patterns_in_other_letters(void **state)
{
	static const struct { const char *glob, *name; bool want; } of[] = {
		{ "*.key", ".\xe2\x84\xaa" "EY", true }, { "*.key", ".ey", false },
		{ "config", "con\xef\xac\x81g", true }, { "config", "con\xef\xac\x82g", false },
		{ "Pass", "pa\xc3\x9f", true }, { "pass", "pa\xc5\xbf\xc5\xbf", true },
		{ "sst", "s\xef\xac\x86", true }, { "sst", "\xc3\x9f" "T", true },
		{ "sst", "\xc3\x9f\xef\xac\x86", false }, { "office", "o\xef\xac\x83" "ce", true },
		{ "office", "of\xef\xac\x81" "ce", true }, { "o{f}fi", "of\xef\xac\x81", true },
		{ "o{f}fi", "o\xef\xac\x80i", false }, { "[s]", "\xc5\xbf", false },
		{ "x\\st", "x\xef\xac\x85", true },
	};
	struct arena *a = arena_new();
	const char *why;
	(void)state;
	for (size_t i = 0; i < NELEMS(of); i++) {
		const struct glob *g = glob_compile_folded(a, of[i].glob, strlen(of[i].glob), 4096, &why);
		assert_non_null(g);
		if (glob_match(g, of[i].name, strlen(of[i].name)) != of[i].want)
			fail_msg("%s, %s", of[i].glob, of[i].name);
	}
	arena_free(a);
}

static void
names_beyond_ascii(void **state)
{
	static const char *const lines[] = { "d /w/Gr\xc3\xb6\xc3\x9f" "e", "d /w/x" };
	struct fixture *x = FIXTURE(lines);
	struct artifact out;
	(void)state;
	/* What is there is matched as it is spelt; what is granted is not reached by other spellings. */
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "Gr\xc3\xb6\xc3\x9f" "e", ACCESS_DENY);
	entry(x, ANCHOR_ABS, "/other/\xc3\xbc" "ber", ACCESS_WRITE);
	out = compiled(x);
	assert_false(out.refused);
	assert_false(text_allows(x, &out, "file-read-data", "/w/Gr\xc3\xb6\xc3\x9f" "e/x"));
	assert_true(text_allows(x, &out, "file-read-data", "/other/\xc3\xbc" "ber"));
	sbuf_free(&out.bytes);
	entry(x, ANCHOR_WORKSPACE, "x/\xc3\xbc", ACCESS_DENY);
	refused_with(x, "letters beyond ASCII", "x/\xc3\xbc");
	x->ir.entries.len--;
	pattern(x, ANCHOR_WORKSPACE, "**/*.\xc3\xbc");
	refused_with(x, "write * in their place", "**/*.\xc3\xbc");
	x->ir.patterns.len--;
	VEC_PUSH(x->a, &x->ir.protected, ((struct ir_name){ .name = "gr\xc3\xb6\xc3\x9f" "e" }));
	entry(x, ANCHOR_WORKSPACE, "x", ACCESS_WRITE);
	refused_with(x, "letters beyond ASCII", "x");
	x->ir.entries.len--;
	out = compiled(x);
	assert_false(out.refused);
	sbuf_free(&out.bytes);
	entry(x, ANCHOR_WORKSPACE, "a\nb", ACCESS_READ);
	refused_with(x, "control byte", "a\nb");
	fixture_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glob_expressions),
		cmocka_unit_test(plan_is_the_policy),
		cmocka_unit_test(strings_in_the_text),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(devices_stay),
		cmocka_unit_test(other_spellings),
		cmocka_unit_test(protected_in_other_letters),
		cmocka_unit_test(patterns_in_other_letters),
		cmocka_unit_test(names_beyond_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

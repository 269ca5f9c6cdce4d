/* SPDX-License-Identifier: Apache-2.0 */
/* assertion.c - one line of a test file: its word, its path, the claims it makes */
#include <config.h>

#include "assertion.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "canon.h"
#include "diag.h"
#include "path.h"
#include "path_windows.h"
#include "pattern.h"
#include "suggest.h"

struct word {
	const char	*text;
	enum assertion_kind kind;
	enum fs_op	 op;
};

/* Spec 2.3: what each operation on a path needs. */
static const struct word words[] = {
	{ "read", ASSERT_PATH, OP_READ },
	{ "execute", ASSERT_PATH, OP_READ },
	{ "list", ASSERT_PATH, OP_READ },
	{ "write", ASSERT_PATH, OP_WRITE },
	{ "create", ASSERT_PATH, OP_WRITE },
	{ "remove", ASSERT_PATH, OP_RENAME },
	{ "rename", ASSERT_PATH, OP_RENAME },
	{ "connect", ASSERT_CONNECT, OP_READ },
	{ "unix", ASSERT_UNIX, OP_READ },
	{ "env", ASSERT_ENV, OP_READ },
};

struct place_word {
	const char	*text;
	enum assertion_base base;
};

static const struct place_word place_words[] = {
	{ ":root", BASE_ROOT },
	{ ":workspace_roots", BASE_WORKSPACE },
	{ ":project_roots", BASE_WORKSPACE },
	{ ":tmpdir", BASE_TMPDIR },
	{ ":slash_tmp", BASE_SLASH_TMP },
};

/*
 * The span of len bytes at `at' of a string's text; the whole string where it
 * has escapes or lines, so that text and source do not go byte by byte.
 */
static struct span
span_inside(const struct source *source, struct span s, const char *text, size_t at, size_t len)
{
	size_t n = strlen(text);

	if (s.end - s.start != n + 2 || memcmp(source->text + (s.start - source->base) + 1, text, n) != 0)
		return s;
	return (struct span){ s.start + 1 + (uint32_t)at, s.start + 1 + (uint32_t)(at + len) };
}

static int
report_word(struct arena *a, struct diags *d, const char *word, size_t len, struct span span)
{
	const char *names[NELEMS(words)], *text = arena_strndup(a, word, len);

	if (len == 0) {
		struct diag *e = diag_add(d, D_ASSERTION, span, "an assertion is empty");
		diag_hint(d, e, "such as \"read ~/x\"");
		return -1;
	}
	for (size_t i = 0; i < NELEMS(words); i++)
		names[i] = words[i].text;
	const char *near = len <= 16 ? suggest(text, names, NELEMS(names)) : NULL;
	struct diag *e = diag_add(d, D_WORD_UNKNOWN, span, "unknown operation \"%s\"", text);
	if (near != NULL)
		diag_hint(d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(d, e, "read, write, create, remove, rename, list, execute, connect, unix "
		    "or env, then a space");
	return -1;
}

/* ":tmpdir/x": the base, and what is behind its slash. */
static int
read_place(struct arena *a, struct diags *d, const char *what, struct assertion *out)
{
	size_t len = strcspn(what, "/\\");
	const char *names[NELEMS(place_words)];

	for (size_t i = 0; i < NELEMS(place_words); i++) {
		names[i] = place_words[i].text;
		if (strlen(names[i]) != len || memcmp(names[i], what, len) != 0)
			continue;
		out->base = place_words[i].base;
		out->rest = what[len] != '\0' ? what + len + 1 : "";
		return 0;
	}
	const char *word = arena_strndup(a, what, len);
	const char *near = len <= 32 ? suggest(word, names, NELEMS(names)) : NULL;
	struct diag *e = diag_add(d, D_PLACE_UNKNOWN, out->what_span,
	    "an assertion cannot be about the place \"%s\"", word);
	if (near != NULL)
		diag_hint(d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(d, e, "use a path, or :workspace_roots, :tmpdir, :slash_tmp or :root");
	return -1;
}

const char *
assertion_directory(struct arena *a, const char *path, const char **why)
{
	return path_windows_looks_like(path, strlen(path)) ? path_windows_normal(a, path, why) :
	    path_normal(a, path, why);
}

static int
read_path(struct arena *a, struct diags *d, const char *what, struct assertion *out)
{
	if (what[0] == ':')
		return read_place(a, d, what, out);
	if (path_windows_looks_like(what, strlen(what))) {
		out->base = BASE_DRIVE;
		out->rest = what;
		return 0;
	}
	if (what[0] == '~' && what[1] != '/' && what[1] != '\\' && what[1] != '\0') {
		struct diag *e = diag_add(d, D_PATH_INVALID, out->what_span,
		    "\"%s\" is the home of another user", what);
		diag_hint(d, e, "\"~/...\" is below `home'; write other directories as they are, "
		    "\"./~x\" for a file of that name");
		return -1;
	}
	out->base = what[0] == '/' ? BASE_ROOT : what[0] == '~' ? BASE_HOME : BASE_CWD;
	out->rest = what[0] == '~' ? what + 1 : what;
	out->rest += strspn(out->rest, "/");
	return 0;
}

static int
read_connect(struct arena *a, struct diags *d, const char *what, struct assertion *out)
{
	const char *why;

	if (domain_normalise(a, what, strlen(what), &out->dest, &why) != 0) {
		diag_add(d, D_DOMAIN_SYNTAX, out->what_span, "destination \"%s\" %s", what, why);
		return -1;
	}
	if (out->dest.kind == DOMAIN_HOST || out->dest.kind == DOMAIN_ADDRESS)
		return 0;
	struct diag *e = diag_add(d, D_ASSERTION, out->what_span,
	    "\"%s\" is a pattern; an assertion is about one host", what);
	diag_hint(d, e, "HOST or HOST:PORT");
	return -1;
}

static int
read_env(struct diags *d, const char *what, struct assertion *out)
{
	out->name = what;
	if (strpbrk(what, "=*?[ ") == NULL)
		return 0;
	struct diag *e = diag_add(d, D_VARIABLE, out->what_span,
	    "\"%s\" is not the name of one variable", what);
	diag_hint(d, e, "\"env NAME\"");
	return -1;
}

int
assertion_read(struct arena *a, struct diags *d, const struct source *source, const char *text,
    struct span span, struct assertion *out)
{
	size_t begin = strspn(text, " \t"), len = strcspn(text + begin, " \t");
	size_t what = begin + len + strspn(text + begin + len, " \t");
	const struct word *w = NULL;

	*out = (struct assertion){ .text = text, .span = span };
	out->what_span = span_inside(source, span, text, what, strlen(text + what));
	for (size_t i = 0; i < NELEMS(words) && w == NULL; i++)
		if (strlen(words[i].text) == len && memcmp(words[i].text, text + begin, len) == 0)
			w = &words[i];
	if (w == NULL)
		return report_word(a, d, text + begin, len,
		    len > 0 ? span_inside(source, span, text, begin, len) : span);
	out->kind = w->kind;
	out->op = w->op;
	if (text[what] == '\0') {
		struct diag *e = diag_add(d, D_ASSERTION, span, "\"%s\" of what?", w->text);
		diag_hint(d, e, "%s", w->kind == ASSERT_CONNECT ? "\"connect HOST:PORT\"" :
		    w->kind == ASSERT_ENV ? "\"env NAME\"" : w->kind == ASSERT_UNIX ?
		    "\"unix PATH\"" : arena_printf(a, "\"%s PATH\", or a pattern", w->text));
		return -1;
	}
	switch (w->kind) {
	case ASSERT_PATH:
	case ASSERT_UNIX:
		return read_path(a, d, text + what, out);
	case ASSERT_CONNECT:
		return read_connect(a, d, text + what, out);
	case ASSERT_ENV:
		return read_env(d, text + what, out);
	}
	return -1;
}

int
assertion_read_except(struct arena *a, struct diags *d, const char *text, struct span span,
    struct assertion *out)
{
	*out = (struct assertion){ .text = text, .span = span, .what_span = span };
	if (text[0] != '\0')
		return read_path(a, d, text, out);
	struct diag *e = diag_add(d, D_ASSERTION, span, "an exception is empty");
	diag_hint(d, e, "a path or a pattern");
	return -1;
}

/* One assertion on its way into its places. */
struct placing {
	struct arena	*a;
	struct diags	*d;
	const struct assertion *as;
	const struct assertion_excepts *except;
	const struct assertion_places *in;
	struct assertion_claims *out;
};

static int
fail(const struct placing *p, enum diag_code code, const char *why)
{
	diag_add(p->d, code, p->as->what_span, "\"%s\" %s", p->as->text, why);
	return -1;
}

/* Where a literal path leads; the last component is not followed where the operation does not. */
static const char *
resolve(const struct placing *p, const char *path)
{
	const char *why = NULL, *normal = path_normal(p->a, path, &why);
	struct canon_way way;

	if (normal == NULL) {
		fail(p, D_PATH_INVALID, why);
		return NULL;
	}
	if (p->in->canon == NULL)
		return normal;
	/* On a made-up Windows there are no links, but a name that is spelt in another case. */
	bool whole = p->as->op != OP_RENAME || strcmp(normal, "/") == 0 || p->in->bound->target == TARGET_WINDOWS;
	const char *walk = whole ? normal : path_parent(p->a, normal);
	if (canon_resolve(p->in->canon, "/", walk, &way, &why) != 0) {
		diag_add(p->d, D_PATH_INVALID, p->as->what_span, "%s", why);
		return NULL;
	}
	return whole ? way.end->path : path_join(p->a, way.end->path, path_base(normal));
}

/* The bytes of `rest' up to its first component that is a pattern: the literal part, "/" included. */
static size_t
literal_bytes(const char *rest)
{
	for (size_t at = 0;;) {
		size_t len = strcspn(rest + at, "/");
		if (pattern_is_special(rest + at, len))
			return at;
		at += len;
		if (rest[at] == '\0')
			return at;
		at++;
	}
}

static int
place_pattern(const struct placing *p, const char *base, size_t literal)
{
	const char *why, *rest = p->as->rest;
	const char *front = arena_printf(p->a, "%s/%s", base,
	    pattern_unescape(p->a, rest, literal));
	struct placing parent = *p;
	struct assertion follow = *p->as;

	if (p->as->kind == ASSERT_UNIX)
		return fail(p, D_ASSERTION, "is a pattern; an assertion is about one socket");
	/* What the pattern matches is below the literal part, whose links are all followed. */
	follow.op = OP_READ;
	parent.as = &follow;
	front = resolve(&parent, front);
	if (front == NULL)
		return -1;
	const struct pattern *pattern = p->in->bound->target == TARGET_WINDOWS ?
	    pattern_parse_folded(p->a, front, rest + literal, canon_existing(p->in->canon, front), &why) :
	    pattern_parse(p->a, front, rest + literal, &why);
	if (pattern == NULL)
		return fail(p, D_PATTERN_SYNTAX, why);
	VEC_PUSH(p->a, &p->out->fs, ((struct claim){ .op = p->as->op, .allow = p->as->allow,
	    .pattern = pattern, .except = p->except->v, .nexcept = p->except->len }));
	return 0;
}

static int
place_at(const struct placing *p, const char *base)
{
	const char *rest = p->as->rest;
	size_t len = strlen(rest), literal = literal_bytes(rest);

	if (literal < len)
		return place_pattern(p, base, literal);
	const char *path = resolve(p, arena_printf(p->a, "%s/%s", base,
	    pattern_unescape(p->a, rest, len)));
	if (path == NULL)
		return -1;
	if (p->as->kind == ASSERT_UNIX)
		VEC_PUSH(p->a, &p->out->sockets, path);
	else
		VEC_PUSH(p->a, &p->out->fs,
		    ((struct claim){ .op = p->as->op, .allow = p->as->allow, .path = path }));
	return 0;
}

static int
place_workspace(const struct placing *p)
{
	const struct ir_policy *ir = p->in->bound->ir;

	if (place_at(p, p->in->bound->cwd) != 0)
		return -1;
	for (size_t i = 0; i < ir->roots.len; i++) {
		const struct ir_root *r = &ir->roots.v[i];
		bool windows = p->in->bound->target == TARGET_WINDOWS;
		/* Roots of another system are not bound. */
		if (windows ? r->anchor == ANCHOR_ABS : r->anchor == ANCHOR_WINDOWS)
			continue;
		/* A root below "~" was bound, so that there is a home. */
		const char *path = r->anchor == ANCHOR_HOME ? path_join(p->a, p->in->home, r->path) :
		    windows ? path_windows_as_posix(p->a, r->path) : r->path;
		if (place_at(p, path) != 0)
			return -1;
	}
	return 0;
}

/* The pattern that matches one path. */
static const struct pattern *
pattern_of_path(struct arena *a, const char *path)
{
	struct pattern *p = arena_alloc(a, sizeof(*p));
	struct slice c;

	p->text = path;
	p->step = arena_array(a, path_depth(path) + 1, sizeof(*p->step));
	while (path_next(&path, &c))
		p->step[p->nsteps++] = (struct pattern_step){ STEP_LITERAL, c, NULL, false };
	p->nliteral = p->nsteps;
	return p;
}

/*
 * For Windows: slashes, and a drive is a directory at the top, as in all bound
 * paths.  Only here it is known which system is meant.
 */
static int
spell(const struct placing *p, struct assertion *as)
{
	bool windows = p->in->bound->target == TARGET_WINDOWS;
	const char *why, *path;

	if (!windows && as->base == BASE_DRIVE)
		return fail(p, D_ASSERTION, "is a path of Windows, and `cwd' or `home' is none");
	if (!windows && as->base != BASE_CWD && as->rest[0] != '\0' &&
	    (as->rest[-1] == '\\' || (as->base == BASE_HOME && as->rest[-1] == '~')))
		return fail(p, D_PATH_INVALID, "has a backslash where a slash has to be");
	if (!windows)
		return 0;
	if (as->kind == ASSERT_UNIX || as->base == BASE_SLASH_TMP)
		return fail(p, D_ASSERTION, "is about something that Windows does not have");
	path = as->base == BASE_DRIVE ? path_windows_normal(p->a, as->rest, &why) : as->rest;
	if (path == NULL)
		return fail(p, D_PATH_INVALID, why);
	if (as->base == BASE_ROOT && path[0] != '\0')
		return fail(p, D_PATH_INVALID, "is no path of Windows: \"C:\\...\"");
	as->rest = path_windows_as_posix(p->a, path);
	as->rest += strspn(as->rest, "/");
	return 0;
}

int
assertion_place_except(struct arena *a, struct diags *d, const struct assertion *as,
    const struct assertion_places *in, struct assertion_excepts *out)
{
	static const struct assertion_excepts none = { NULL, 0, 0 };
	struct assertion_claims claims;

	if (assertion_place(a, d, as, &none, in, &claims) != 0)
		return -1;
	for (size_t i = 0; i < claims.fs.len; i++) {
		const struct claim *c = &claims.fs.v[i];
		if (c->path != NULL && strcmp(c->path, "/") == 0) {
			diag_add(d, D_ASSERTION, as->span, "an exception for \"/\" leaves nothing "
			    "to assert");
			return -1;
		}
		const struct pattern *p = c->path != NULL ? pattern_of_path(a, c->path) : c->pattern;
		VEC_PUSH(a, out, p);
	}
	return 0;
}

int
assertion_place(struct arena *a, struct diags *d, const struct assertion *as,
    const struct assertion_excepts *except, const struct assertion_places *in,
    struct assertion_claims *out)
{
	struct assertion spelt = *as;
	const struct placing p = { a, d, &spelt, except, in, out };

	*out = (struct assertion_claims){ .fs = { NULL, 0, 0 } };
	if (as->kind == ASSERT_CONNECT || as->kind == ASSERT_ENV)
		return 0;
	if (spell(&p, &spelt) != 0)
		return -1;
	switch (as->base) {
	case BASE_ROOT:
	case BASE_DRIVE:
		return place_at(&p, "");
	case BASE_CWD:
		return place_at(&p, in->bound->cwd);
	case BASE_HOME:
		if (in->home == NULL)
			return fail(&p, D_ASSERTION, "needs a home directory: set `home', or $HOME");
		return place_at(&p, in->home);
	case BASE_TMPDIR:
		if (in->tmpdir == NULL)
			return fail(&p, D_ASSERTION, "needs `tmpdir', which is not set here");
		return place_at(&p, in->tmpdir);
	case BASE_SLASH_TMP:
		return place_at(&p, "/tmp");
	case BASE_WORKSPACE:
		return place_workspace(&p);
	}
	return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* profile_place.c - the keys of filesystem tables, brought to one spelling (spec 1.3) */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "path.h"
#include "path_windows.h"
#include "pattern.h"
#include "suggest.h"

struct named_place {
	const char	*name;
	enum anchor	 anchor;
	const char	*path;
};

static const struct named_place named_places[] = {
	{ ":root", ANCHOR_ABS, "/" },
	{ ":minimal", ANCHOR_MINIMAL, "" },
	{ ":workspace_roots", ANCHOR_WORKSPACE, "" },
	{ ":project_roots", ANCHOR_WORKSPACE, "" },
	{ ":cwd", ANCHOR_WORKSPACE, "" },
	{ ":tmpdir", ANCHOR_TMPDIR, "" },
	{ ":slash_tmp", ANCHOR_SLASH_TMP, "" },
};

static const struct named_place *
named_place(const char *text)
{
	for (size_t i = 0; i < NELEMS(named_places); i++)
		if (strcmp(named_places[i].name, text) == 0)
			return &named_places[i];
	return NULL;
}

void
place_unknown(struct config *c, const char *text, struct span span, bool drop)
{
	const char *names[NELEMS(named_places)];
	for (size_t i = 0; i < NELEMS(named_places); i++)
		names[i] = named_places[i].name;

	const char *near = suggest(text, names, NELEMS(named_places));
	const char *slash = strchr(text, '/');
	const struct named_place *head = slash == NULL ? NULL :
	    named_place(arena_strndup(c->a, text, (size_t)(slash - text)));
	struct diag *e;
	if (drop)
		e = diag_add(c->d, D_PLACE_DROPPED, span,
		    "place \"%s\" is unknown: the entry is dropped", text);
	else
		e = diag_add(c->d, D_PLACE_UNKNOWN, span, "unknown place \"%s\"%s", text,
		    c->allow_unknown_places ? ": what it denies cannot be dropped" : "");
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else if (head != NULL && head->anchor == ANCHOR_WORKSPACE)
		diag_hint(c->d, e, "write \"%s\" = { \"%s\" = ... }", head->name, slash + 1);
	else if (!drop)
		diag_hint(c->d, e, "the places are :root, :minimal, :workspace_roots, "
		    ":tmpdir and :slash_tmp");
}

static int
bad_path(struct config *c, const char *text, struct span span, const char *why)
{
	diag_add(c->d, D_PATH_INVALID, span, "path \"%s\" %s", text, why);
	return -1;
}

static int
bad_pattern(struct config *c, const char *text, struct span span, const char *why)
{
	diag_add(c->d, D_PATTERN_SYNTAX, span, "pattern \"%s\" %s", text, why);
	return -1;
}

/* Slashes once each, none at the end; of "/" nothing is left. */
static char *
collapse(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, strlen(text) + 2);
	size_t n = 0;
	bool absolute = text[0] == '/';
	for (struct slice s; path_next(&text, &s); ) {
		if (n > 0 || absolute)
			out[n++] = '/';
		memcpy(out + n, s.p, s.len);
		n += s.len;
	}
	return out;
}

const char *
place_escape(struct arena *a, const char *text)
{
	char *out = arena_array(a, strlen(text) + 1, 2);
	size_t n = 0;
	for (; *text != '\0'; text++) {
		if (strchr("*?[]{}\\", *text) != NULL)
			out[n++] = '\\';
		out[n++] = *text;
	}
	return out;
}

/*
 * What stands in front of the first component with a special character:
 * "src" of "src/star.c", "." where there is nothing.
 */
static const char *
literal_part(struct arena *a, const char *text, bool windows)
{
	size_t end = 0;
	/* The device prefix has no part in it, "?" included. */
	size_t first = windows && strncmp(text, "\\\\?\\", 4) == 0 ? 4 : 0;
	for (size_t i = first; text[i] != '\0'; i++) {
		if (windows && strchr("*?[]{}", text[i]) != NULL)
			break;
		if (text[i] == '/' ? windows || !pattern_is_special(text, i) :
		    windows && text[i] == '\\')
			end = i;
	}
	if (end == 0)
		return text[0] == '/' ? "/" : ".";
	return arena_strndup(a, text, end);
}

/* The normal form of a path below an anchor: "" for the anchor itself. */
static const char *
relative_normal(struct config *c, const char *text, const char *shown, struct span span)
{
	int depth = 0;
	const char *why, *walk = text;
	for (struct slice s; path_next(&walk, &s) && depth >= 0; ) {
		if (s.len == 2 && memcmp(s.p, "..", 2) == 0)
			depth--;
		else if (s.len != 1 || s.p[0] != '.')
			depth++;
	}
	if (depth < 0) {
		bad_path(c, shown, span, "leads out of the home directory");
		return NULL;
	}
	const char *path = path_normal(c->a, path_join(c->a, "/", text), &why);
	if (path == NULL) {
		bad_path(c, shown, span, why);
		return NULL;
	}
	return path + 1;
}

static int
read_posix(struct config *c, bool patterns, const char *text, struct span span,
    struct item *out)
{
	const char *why;
	size_t len = strlen(text);
	const char *rest = out->anchor == ANCHOR_HOME ? text + (len > 1 ? 2 : 1) : text;

	if (patterns && pattern_is_special(text, len)) {
		out->pattern = true;
		out->path = collapse(c->a, rest);
		if (pattern_parse(c->a, NULL, out->path, &why) == NULL)
			return bad_pattern(c, text, span, why);
		return 0;
	}
	if (patterns && memchr(rest, '\\', strlen(rest)) != NULL)
		rest = pattern_unescape(c->a, rest, strlen(rest));
	if (out->anchor == ANCHOR_HOME) {
		out->path = relative_normal(c, rest, text, span);
		return out->path == NULL ? -1 : 0;
	}
	out->path = path_normal(c->a, rest, &why);
	return out->path == NULL ? bad_path(c, text, span, why) : 0;
}

static bool
windows_is_pattern(const char *path)
{
	return strpbrk(path, "*?[]{}") != NULL;
}

/* Below a drive or a share, which are literal. */
static int
check_windows_pattern(struct config *c, const char *path, const char *text, struct span span)
{
	const char *why;
	const struct pattern *p = pattern_parse(c->a, NULL, path_windows_as_posix(c->a, path), &why);
	if (p == NULL)
		return bad_pattern(c, text, span, why);
	if (p->nliteral < (path[0] == '\\' ? 2 : 1))
		return bad_pattern(c, text, span, "needs a literal drive or share");
	return 0;
}

static int
read_windows(struct config *c, bool patterns, const char *text, struct span span,
    struct item *out)
{
	const char *why;
	out->anchor = ANCHOR_WINDOWS;
	out->path = path_windows_normal(c->a, text, &why);
	if (out->path == NULL)
		return bad_path(c, text, span, why);
	out->pattern = windows_is_pattern(out->path);
	if (!out->pattern)
		return 0;
	if (!patterns)
		return bad_path(c, text, span, "has a character that no Windows path has");
	return check_windows_pattern(c, out->path, text, span);
}

static int
not_absolute(struct config *c, enum place_use use, const char *text, struct span span)
{
	static const char *const what[] = {
		[PLACE_ENTRY] = "place", [PLACE_ROOT] = "directory", [PLACE_SOCKET] = "socket",
	};
	struct diag *e;
	if (text[0] == '\0') {
		e = diag_add(c->d, D_PLACE_RELATIVE, span, "%s \"\" is empty", what[use]);
		diag_hint(c->d, e, "use an absolute path or \"~/...\"");
		return -1;
	}
	if (use == PLACE_ENTRY && text[0] != '~' && pattern_is_special(text, strlen(text))) {
		e = diag_add(c->d, D_PATTERN_ANCHOR, span,
		    "pattern \"%s\" does not begin with an absolute path", text);
		diag_hint(c->d, e, "scope it: \":workspace_roots\" = { \"%s\" = ... }", text);
		return -1;
	}
	e = diag_add(c->d, D_PLACE_RELATIVE, span, text[0] == ':' ? "%s \"%s\" is no path" :
	    "%s \"%s\" is a relative path", what[use], text);
	if (text[0] == '~')
		diag_hint(c->d, e, "only \"~/...\", your own home directory, is known");
	else if (use == PLACE_ENTRY)
		diag_hint(c->d, e, "use an absolute path, \"~/...\", or a place: "
		    "\":workspace_roots\" = { \"%s\" = ... }", text);
	else
		diag_hint(c->d, e, "use an absolute path or \"~/...\"");
	return -1;
}

int
place_read(struct config *c, enum place_use use, const char *text, struct span span,
    struct item *out)
{
	bool patterns = use == PLACE_ENTRY;
	if (text[0] == ':' && use == PLACE_ENTRY) {
		const struct named_place *p = named_place(text);
		if (p == NULL)
			return 1;
		out->anchor = p->anchor;
		out->path = p->path;
		return 0;
	}
	if (text[0] == '/') {
		out->anchor = ANCHOR_ABS;
		return read_posix(c, patterns, text, span, out);
	}
	if (text[0] == '~' && (text[1] == '\0' || text[1] == '/')) {
		out->anchor = ANCHOR_HOME;
		return read_posix(c, patterns, text, span, out);
	}
	if (use != PLACE_SOCKET && path_windows_looks_like(text, strlen(text)))
		return read_windows(c, patterns, text, span, out);
	return not_absolute(c, use, text, span);
}

/* Why a subpath may not stand in a table, and what to write; false: it may. */
static bool
bad_subpath(struct config *c, const char *text, struct span span)
{
	const char *why = NULL, *hint = "\".\" is the place itself";
	const char *walk = text;

	if (text[0] == '\0')
		why = "is empty";
	else if (text[0] == '/' || path_windows_looks_like(text, strlen(text)))
		why = "is absolute", hint = "write it as a key of the filesystem table";
	else if (text[0] == '~' && (text[1] == '\0' || text[1] == '/'))
		why = "is not below the place", hint = "write it as a key of the filesystem table";
	else if (named_place(text) != NULL)
		why = "is a place of its own", hint = "write it as a key of the filesystem table";
	for (struct slice s; why == NULL && path_next(&walk, &s); ) {
		if (s.len == 1 && s.p[0] == '.')
			why = "has a \".\" component", hint = "leave it out";
		else if (s.len == 2 && memcmp(s.p, "..", 2) == 0)
			why = "has a \"..\" component", hint = "name the directory itself";
	}
	if (why == NULL)
		return false;
	struct diag *e = diag_add(c->d, D_SUBPATH, span, "subpath \"%s\" %s", text, why);
	diag_hint(c->d, e, "%s", hint);
	return true;
}

static int
windows_subpath(struct config *c, const struct item *base, const char *text,
    struct span span, struct item *out)
{
	const char *why;
	const char *rel = path_windows_relative(c->a, text, &why);
	if (rel == NULL) {
		diag_add(c->d, D_SUBPATH, span, "subpath \"%s\" %s", text, why);
		return -1;
	}
	out->path = path_windows_join(c->a, base->path, rel);
	out->pattern = windows_is_pattern(rel);
	return out->pattern ? check_windows_pattern(c, out->path, text, span) : 0;
}

int
subpath_read(struct config *c, const struct item *base, const char *text,
    struct span span, struct item *out)
{
	const char *why;
	out->anchor = base->anchor;
	out->pattern = false;
	if (strcmp(text, ".") == 0) {
		out->path = base->path;
		return 0;
	}
	if (bad_subpath(c, text, span))
		return -1;
	if (base->anchor == ANCHOR_WINDOWS)
		return windows_subpath(c, base, text, span, out);

	if (pattern_is_special(text, strlen(text))) {
		out->pattern = true;
		const char *rel = collapse(c->a, text);
		if (pattern_parse(c->a, NULL, rel, &why) == NULL)
			return bad_pattern(c, text, span, why);
		out->path = path_join(c->a, place_escape(c->a, base->path), rel);
		return 0;
	}
	const char *literal = memchr(text, '\\', strlen(text)) == NULL ? text :
	    pattern_unescape(c->a, text, strlen(text));
	const char *above = base->anchor == ANCHOR_ABS ? base->path : path_join(c->a, "/", base->path);
	const char *path = path_normal(c->a, path_join(c->a, above, literal), &why);
	if (path == NULL)
		return bad_path(c, text, span, why);
	out->path = base->anchor == ANCHOR_ABS ? path : path + 1;
	return 0;
}

static const char *
same_key(struct config *c, const struct item *it, char kind, const char *path)
{
	size_t len = strlen(path);
	char *key = arena_alloc(c->a, len + 3);
	key[0] = kind;
	key[1] = (char)('a' + (int)it->anchor);
	memcpy(key + 2, path, len);
	if (it->anchor == ANCHOR_WINDOWS)
		for (char *p = key + 2; *p != '\0'; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
	return key;
}

/*
 * The literal X of a pattern that is X and "**" as its last component, in the
 * anchor's spelling; NULL where the pattern is of another form.
 */
static const char *
below_literal(struct arena *a, const struct item *it)
{
	bool windows = it->anchor == ANCHOR_WINDOWS;
	size_t len = strlen(it->path);
	if (len < 2 || strcmp(it->path + len - 2, "**") != 0)
		return NULL;
	len -= 2;
	if (len > 0 && it->path[len - 1] != (windows ? '\\' : '/'))
		return NULL;
	if (len > 0)
		len--;
	const char *head = arena_strndup(a, it->path, len);
	if (windows)
		return windows_is_pattern(head) ? NULL :
		    len == 2 ? arena_printf(a, "%s\\", head) : head;
	if (pattern_is_special(head, len))
		return NULL;
	head = pattern_unescape(a, head, len);
	return it->anchor == ANCHOR_ABS && head[0] == '\0' ? "/" : head;
}

int
place_finish(struct config *c, struct item *it, struct span span)
{
	it->same[0] = same_key(c, it, it->pattern ? 'g' : 'p', it->path);
	it->same[1] = NULL;
	if (it->anchor == ANCHOR_MINIMAL && it->access != ACCESS_READ) {
		struct diag *e = diag_add(c->d, D_MINIMAL_ACCESS, span,
		    "place \":minimal\" takes only \"read\"");
		diag_hint(c->d, e, "name the directories that you mean");
		return -1;
	}
	if (!it->pattern || it->access == ACCESS_DENY)
		return 0;

	const char *literal = below_literal(c->a, it);
	if (literal == NULL) {
		bool windows = it->anchor == ANCHOR_WINDOWS;
		const char *dir = literal_part(c->a, it->origin.text, windows);
		struct diag *e = diag_add(c->d, D_PATTERN_ACCESS, span,
		    "filesystem pattern \"%s\" takes only \"deny\"", it->origin.text);
		if (strcmp(dir, ".") == 0)
			diag_hint(c->d, e, "grant the directory (\".\"), or list the files");
		else if (windows)
			diag_hint(c->d, e, "grant the directory (\"%s%s\"), or list the files", dir,
			    dir[strlen(dir) - 1] == ':' ? "\\" : "");
		else if (strcmp(dir, "/") == 0)
			diag_hint(c->d, e, "name the directories that you mean, or list the files");
		else
			diag_hint(c->d, e, "grant the directory (\"%s\" or \"%s/**\"), "
			    "or list the files", dir, dir);
		return -1;
	}
	it->pattern = false;
	it->path = literal;
	it->same[1] = same_key(c, it, 'p', literal);
	return 0;
}

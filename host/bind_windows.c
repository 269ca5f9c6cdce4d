/* SPDX-License-Identifier: Apache-2.0 */
/* bind_windows.c - paths of Windows in the form that everything bound has, and names that it takes for others */
#include <config.h>

#include "binder.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "path_windows.h"
#include "utf8.h"

const char *
bind_windows_path(struct arena *a, const char *windows)
{
	char *out = arena_strdup(a, path_windows_as_posix(a, windows));
	size_t len = strlen(out);

	/* "C:\" is the only one that ends in a separator. */
	if (len > 1 && out[len - 1] == '/')
		out[len - 1] = '\0';
	return out;
}

const char *
bind_windows_named(struct arena *a, const char *text)
{
	const char *why;
	const char *normal = path_windows_looks_like(text, strlen(text)) ?
	    path_windows_normal(a, text, &why) : NULL;

	if (normal != NULL)
		return bind_windows_path(a, normal);
	char *out = arena_strdup(a, text);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\\')
			*p = '/';
	return out;
}

/* A directory that the caller names; what begins with '/' has the form already. */
static int
request_path(struct binder *b, const char **path, const char *what)
{
	const char *why;

	if (*path == NULL || (*path)[0] == '/')
		return 0;
	const char *normal = path_windows_normal(b->a, *path, &why);
	if (normal == NULL)
		return bind_fail(b, NULL, "%s %s %s", what, *path, why);
	*path = bind_windows_path(b->a, normal);
	return 0;
}

int
bind_windows_request(struct binder *b, const struct bind_request *rq, struct bind_request *out)
{
	*out = *rq;
	if (request_path(b, &out->cwd, "the working directory") == -1 ||
	    request_path(b, &out->home, "the directory of the user's profile") == -1)
		return -1;
	/* As for $TMPDIR: nothing where it is no absolute path. */
	if (request_path(b, &out->tmpdir, "%TEMP%") == -1)
		out->tmpdir = NULL;
	if (request_path(b, &out->tmp, "%TMP%") == -1)
		out->tmp = NULL;
	*b->err = (struct bind_error){ 0 };
	return 0;
}

static bool
is_word(const char *name, size_t len, const char *word)
{
	size_t i = 0;
	while (i < len && word[i] != '\0' && name_fold(name[i]) == word[i])
		i++;
	return i == len && word[i] == '\0';
}

/* Devices, in every directory and with every ending. */
static bool
is_reserved(struct slice name)
{
	static const char *const words[] = { "con", "prn", "aux", "nul", "conin$", "conout$" };
	size_t len = 0;

	while (len < name.len && name.p[len] != '.' && name.p[len] != ':')
		len++;
	while (len > 0 && name.p[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < NELEMS(words); i++)
		if (is_word(name.p, len, words[i]))
			return true;
	if (len < 4 || (!is_word(name.p, 3, "com") && !is_word(name.p, 3, "lpt")))
		return false;
	/* Superscript one, two and three count as digits there. */
	return (len == 4 && name.p[3] >= '0' && name.p[3] <= '9') ||
	    (len == 5 && name.p[3] == '\xc2' &&
	    (name.p[4] == '\xb9' || name.p[4] == '\xb2' || name.p[4] == '\xb3'));
}

/* "PROGRA~1", "INDEX~12.HTM": what Windows makes up beside a long name. */
static bool
is_short_name(struct slice name)
{
	size_t dot = name.len, digits = 0;

	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '.' || (unsigned char)name.p[i] >= 0x80) {
			dot = i;
			break;
		}
	if (dot > 8 || (dot < name.len && (name.p[dot] != '.' || name.len - dot > 4 ||
	    memchr(name.p + dot + 1, '.', name.len - dot - 1) != NULL)))
		return false;
	while (digits < dot && name.p[dot - 1 - digits] >= '0' && name.p[dot - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits < dot && name.p[dot - 1 - digits] == '~';
}

/* Why the component cannot be what it looks like; NULL: it can. */
static const char *
name_problem(struct slice name, bool first)
{
	bool drive = first && name.len == 2 && name.p[1] == ':' && name.p[0] >= 'A' && name.p[0] <= 'Z';

	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		if (c == ':' && !drive)
			return "names a stream of a file: leave out the \":\" and what follows it";
		if ((unsigned char)c < 0x20 || strchr("<>\"|?*\\", c) != NULL)
			return "has a character that no name of Windows has";
	}
	if (utf8_check(name.p, name.len) != name.len)
		return "has bytes that are no UTF-8, which no name of Windows can have";
	if (name.p[name.len - 1] == '.' || name.p[name.len - 1] == ' ')
		return "has a name that ends in a dot or a space, which Windows takes away: "
		    "write the name without it";
	if (is_reserved(name))
		return "has a name that is a device in every directory (CON, NUL, COM1 and the like)";
	return NULL;
}

/*
 * Where there is a host the final name of what exists is its long one, so that
 * only what is missing there can be a short one.
 */
static bool
may_be_short(const struct binder *b, const char *path, const struct fact *end)
{
	const char *rest = b->generic ? path : end->path;
	size_t known = b->generic ? 0 : canon_existing(b->canon, end->path), i = 0;

	for (struct slice c; path_next(&rest, &c); i++)
		if (i >= known && is_short_name(c))
			return true;
	return false;
}

int
bind_windows_check(struct binder *b, const char *path, const struct fact *end,
    const char *what, const struct ir_origin *o)
{
	const char *at[] = { path, end->path };
	const char *name = o != NULL ? o->text : path, *problem = NULL;

	for (size_t i = 0; i < NELEMS(at) && problem == NULL; i++) {
		const char *rest = at[i];
		bool first = rest[0] == '/';
		for (struct slice c; problem == NULL && path_next(&rest, &c); first = false)
			if (c.p[0] != '.' || strspn(c.p, ".") < c.len)
				problem = name_problem(c, first);
	}
	if (problem == NULL && may_be_short(b, path, end))
		problem = "may be the short name (\"PROGRA~1\") of another one: write the long one";
	if (problem == NULL)
		return 0;
	return bind_fail(b, o, "%s%s\"%s\" %s", what != NULL ? what : "", what != NULL ? ": " : "",
	    name, problem);
}

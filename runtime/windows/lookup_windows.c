/* SPDX-License-Identifier: Apache-2.0 */
/* lookup_windows.c - which file a command of Windows is, looked for before the start */
#include <config.h>

#include "lookup.h"

#include <string.h>

#include "arena.h"
#include "host_facts.h"
#include "native_path.h"
#include "path.h"
#include "report.h"
#include "system.h"

/*
 * What CreateProcessW() starts, a batch file by way of cmd.exe.  Where PATHEXT
 * is not set, or names nothing of these, they are tried in this order.
 */
static const char *const startable[] = { ".com", ".exe", ".bat", ".cmd" };
static const char default_suffixes[] = ".COM;.EXE;.BAT;.CMD";

static struct lookup_result
missing(const char *message)
{
	return (struct lookup_result){ .status = STATUS_NOTFOUND, .message = message };
}

static bool
same_folded(const char *s, size_t len, const char *word)
{
	if (len != strlen(word))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name_fold(s[i]) != name_fold(word[i]))
			return false;
	return true;
}

static bool
is_startable(const char *suffix, size_t len)
{
	for (size_t i = 0; i < NELEMS(startable); i++)
		if (same_folded(suffix, len, startable[i]))
			return true;
	return false;
}

static bool
has_startable_suffix(const char *path)
{
	const char *dot = strrchr(path_base(path), '.');

	return dot != NULL && is_startable(dot, strlen(dot));
}

/* One file as it is named: in our form, absolute. */
static struct lookup_result
try_file(struct arena *a, const struct lookup_request *req, const char *path)
{
	const char *real = system_is_regular(path) ? system_real_path(a, path) : NULL;

	if (real == NULL)
		return missing(NULL);
	if (req->readable != NULL && !req->readable(req->arg, real))
		return missing(arena_printf(a, "%s is not readable under the policy", path));
	if (!has_startable_suffix(path))
		return (struct lookup_result){ .status = STATUS_NOEXEC, .message = arena_printf(a,
		    "%s: Windows starts only files that end with .exe, .com, .bat or .cmd", path) };
	return (struct lookup_result){ .found = path };
}

/* With each suffix of PATHEXT that can be started, then as it stands. */
static struct lookup_result
try_name(struct arena *a, const struct lookup_request *req, const char *path)
{
	const char *suffixes = req->suffixes != NULL && *req->suffixes != '\0' ? req->suffixes :
	    default_suffixes;
	struct lookup_result best = has_startable_suffix(path) ? try_file(a, req, path) : missing(NULL);

	for (const char *at = suffixes; best.status != 0;) {
		size_t len = strcspn(at, ";");
		if (len > 0 && is_startable(at, len)) {
			struct lookup_result r = try_file(a, req,
			    arena_printf(a, "%s%.*s", path, (int)len, at));
			if (r.status == 0 || best.message == NULL)
				best = r;
		}
		at += len;
		if (*at++ == '\0')
			break;
	}
	if (best.message == NULL && best.found == NULL && !has_startable_suffix(path))
		best = try_file(a, req, path);
	return best;
}

/*
 * The directories of PATH only: the working directory, which Windows searches
 * first, is often what a stranger has written.
 */
static struct lookup_result
search(struct arena *a, const struct lookup_request *req)
{
	struct lookup_result best = missing(NULL);

	for (const char *at = req->path; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, ";");
		const char *entry = arena_strndup(a, at, len);
		if (len >= 2 && entry[0] == '"' && entry[len - 1] == '"')
			entry = arena_strndup(a, entry + 1, len - 2);
		const char *dir = native_path_back(a, entry);
		if (dir != NULL) {
			struct lookup_result r = try_name(a, req, path_join(a, dir, req->name));
			if (r.status == 0)
				return r;
			if (r.message != NULL && (best.message == NULL ||
			    (r.status == STATUS_NOEXEC && best.status == STATUS_NOTFOUND)))
				best = r;
		}
		at += len;
		at += *at == ';';
	}
	if (best.message == NULL)
		best.message = arena_printf(a, "%s: command not found in the directories of PATH",
		    req->name);
	return best;
}

/* A path: with a separator or a drive.  Relative ones start at the command's directory. */
static const char *
absolute(struct arena *a, const struct lookup_request *req)
{
	const char *path = native_path_back(a, req->name), *why;
	if (path != NULL || native_path(a, req->name) != NULL)
		return path != NULL ? path : req->name;
	char *slashed = arena_strdup(a, req->name);
	for (char *c = slashed; *c != '\0'; c++)
		if (*c == '\\')
			*c = '/';
	if (strchr(slashed, ':') != NULL || slashed[0] == '/')
		return NULL;
	return path_normal(a, arena_printf(a, "%s/%s", req->cwd, slashed), &why);
}

struct lookup_result
lookup_command(struct arena *a, const struct lookup_request *req)
{
	if (req->name[0] == '\0')
		return missing("the name of the command is empty");
	if (strpbrk(req->name, "/\\:") == NULL)
		return search(a, req);
	const char *path = absolute(a, req);
	if (path == NULL)
		return missing(arena_printf(a, "%s: not a path that a command can have: write the "
		    "drive and the directories (C:\\dir\\program.exe), or start at the working "
		    "directory (.\\program.exe)", req->name));
	struct lookup_result r = try_name(a, req, path);
	if (r.status != 0 && r.message == NULL)
		r.message = arena_printf(a, "%s: no such file", req->name);
	return r;
}

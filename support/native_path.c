/* SPDX-License-Identifier: Apache-2.0 */
/* native_path.c - paths of Windows, to and fro */
#include <config.h>

#include "native_path.h"

#include <string.h>

#include "arena.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool
is_dots(const char *s, size_t len)
{
	return (len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.');
}

/* A component that Windows takes for the name of a file, the whole of it. */
static bool
is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || strchr("\\:\"<>|?*", s[i]) != NULL)
			return false;
	return len > 0 && !is_dots(s, len);
}

/* Every component of `path' is one; with backslashes to `out', which has room. */
static bool
append_plain(char *out, const char *path)
{
	out += strlen(out);
	while (*path != '\0') {
		size_t len = strcspn(path, "/");
		if (!is_plain(path, len))
			return false;
		*out++ = '\\';
		memcpy(out, path, len);
		out += len;
		path += len;
		path += *path == '/';
	}
	*out = '\0';
	return true;
}

static char *
native_with(struct arena *a, const char *path, const char *drive, const char *share)
{
	if (path[0] != '/' || path[1] == '\0')
		return NULL;
	char *out = arena_alloc(a, strlen(path) + sizeof("\\\\?\\UNC\\") + 1);
	if (is_letter(path[1]) && path[2] == ':' && (path[3] == '/' || path[3] == '\0')) {
		strcpy(out, drive);
		size_t at = strlen(out);
		out[at] = upper(path[1]);
		out[at + 1] = ':';
		if (path[3] == '\0' || path[4] == '\0') {
			out[at + 2] = '\\';
			return out;
		}
		return append_plain(out, path + 4) ? out : NULL;
	}
	/* A share is the least that can be opened. */
	const char *slash = strchr(path + 1, '/');
	if (slash == NULL || slash[1] == '\0')
		return NULL;
	strcpy(out, share);
	return append_plain(out, path + 1) ? out : NULL;
}

char *
native_path(struct arena *a, const char *path)
{
	return native_with(a, path, "\\\\?\\", "\\\\?\\UNC");
}

char *
native_path_plain(struct arena *a, const char *path)
{
	return native_with(a, path, "", "\\");
}

/* ASCII without regard to case. */
static bool
has_prefix(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++)
		if (upper(*s) != *prefix)
			return false;
	return true;
}

/* "a\b\" as "/a/b" behind what `out' holds. */
static void
append_slashed(char *out, const char *rest)
{
	out += strlen(out);
	while (*rest != '\0') {
		size_t len = strcspn(rest, "\\/");
		if (len > 0) {
			*out++ = '/';
			memcpy(out, rest, len);
			out += len;
		}
		rest += len;
		rest += *rest != '\0';
	}
	*out = '\0';
}

char *
native_path_back(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 2);
	bool literal = strncmp(s, "\\\\?\\", 4) == 0 || strncmp(s, "\\??\\", 4) == 0;

	if (literal && has_prefix(s + 4, "UNC\\"))
		append_slashed(out, s + 8);
	else if (!literal && s[0] == '\\' && s[1] == '\\' && s[2] != '.' && s[2] != '\\')
		append_slashed(out, s + 2);
	else {
		s += literal ? 4 : 0;
		if (!is_letter(s[0]) || s[1] != ':' || (s[2] != '\\' && s[2] != '/'))
			return NULL;
		out[0] = '/';
		out[1] = upper(s[0]);
		out[2] = ':';
		append_slashed(out, s + 2);
		return out;
	}
	/* Without a share there is nothing to open. */
	return out[0] == '/' && strchr(out + 1, '/') != NULL ? out : NULL;
}

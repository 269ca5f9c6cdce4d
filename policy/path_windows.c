/* SPDX-License-Identifier: Apache-2.0 */
/* path_windows.c - Windows paths, lexically */
#include <config.h>

#include "path_windows.h"

#include <string.h>

#include "arena.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_separator(char c)
{
	return c == '\\' || c == '/';
}

bool
path_windows_looks_like(const char *s, size_t len)
{
	if (len >= 2 && s[0] == '\\' && s[1] == '\\')
		return true;
	return len >= 2 && is_letter(s[0]) && s[1] == ':';
}

/* ASCII without regard to case. */
static bool
has_prefix(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++) {
		char c = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s;
		if (c != *prefix)
			return false;
	}
	return true;
}

/*
 * Append the components of `rest' to the `len' bytes in `out', each behind a
 * backslash.  ".." takes back what was appended here, never more, as Windows
 * itself does at a root.  Returns the new length.
 */
static size_t
append_components(char *out, size_t len, const char *rest)
{
	const size_t root = len;
	while (*rest != '\0') {
		size_t n = 0;
		while (rest[n] != '\0' && !is_separator(rest[n]))
			n++;
		if (n == 2 && rest[0] == '.' && rest[1] == '.') {
			while (len > root && out[--len] != '\\')
				;
		} else if (n > 0 && !(n == 1 && rest[0] == '.')) {
			out[len++] = '\\';
			memcpy(out + len, rest, n);
			len += n;
		}
		rest += n;
		if (*rest != '\0')
			rest++;
	}
	out[len] = '\0';
	return len;
}

static const char *
drive_path(struct arena *a, const char *s, const char **why)
{
	if (!is_separator(s[2])) {
		*why = s[2] == '\0' ? "needs a backslash behind its drive" :
		    "is relative to the current directory of its drive";
		return NULL;
	}
	char *out = arena_alloc(a, strlen(s) + 2);
	out[0] = is_letter(s[0]) && s[0] >= 'a' ? (char)(s[0] - 'a' + 'A') : s[0];
	out[1] = ':';
	if (append_components(out, 2, s + 2) == 2)
		memcpy(out + 2, "\\", 2);
	return out;
}

static const char *
share_path(struct arena *a, const char *s, const char **why)
{
	char *out = arena_alloc(a, strlen(s) + 4);
	size_t len = 1;
	out[0] = '\\';
	for (int part = 0; part < 2; part++) {
		size_t n = 0;
		while (s[n] != '\0' && !is_separator(s[n]))
			n++;
		if (n == 0 || (n <= 2 && strspn(s, ".") >= n)) {
			*why = "needs a server and a share";
			return NULL;
		}
		out[len++] = '\\';
		memcpy(out + len, s, n);
		len += n;
		s += n;
		if (*s != '\0')
			s++;
	}
	append_components(out, len, s);
	return out;
}

const char *
path_windows_normal(struct arena *a, const char *path, const char **why)
{
	const char *s = path;
	if (strlen(s) > LIMIT_PATH_BYTES) {
		*why = "is too long";
		return NULL;
	}
	bool device = strncmp(s, "\\\\?\\", 4) == 0 || strncmp(s, "\\\\.\\", 4) == 0;
	if (device) {
		s += 4;
		if (has_prefix(s, "UNC\\"))
			return share_path(a, s + 4, why);
	}
	if (is_letter(s[0]) && s[1] == ':')
		return drive_path(a, s, why);
	if (!device && s[0] == '\\' && s[1] == '\\')
		return share_path(a, s + 2, why);
	*why = device ? "is a device, not a file" : "is not absolute";
	return NULL;
}

const char *
path_windows_relative(struct arena *a, const char *path, const char **why)
{
	for (const char *s = path; *s != '\0'; ) {
		size_t n = 0;
		while (s[n] != '\0' && !is_separator(s[n]))
			n++;
		if (n > 0 && n <= 2 && strspn(s, ".") >= n) {
			*why = n == 1 ? "has a \".\" component" : "has a \"..\" component";
			return NULL;
		}
		s += n;
		if (*s != '\0')
			s++;
	}
	char *out = arena_alloc(a, strlen(path) + 2);
	append_components(out, 0, path);
	return out[0] == '\0' ? out : out + 1;
}

const char *
path_windows_join(struct arena *a, const char *base, const char *rel)
{
	if (rel[0] == '\0')
		return base;
	size_t len = strlen(base);
	const char *gap = len > 0 && base[len - 1] == '\\' ? "" : "\\";
	return arena_printf(a, "%s%s%s", base, gap, rel);
}

const char *
path_windows_as_posix(struct arena *a, const char *path)
{
	char *out = arena_printf(a, "/%s", path + strspn(path, "\\"));
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\\')
			*p = '/';
	return out;
}

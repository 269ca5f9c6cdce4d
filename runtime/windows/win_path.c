/* SPDX-License-Identifier: Apache-2.0 */
/* win_path.c - paths of Windows that somebody may have made up to be taken for others */
#include <config.h>

#include "win_path.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "utf8.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How many UTF-16 units well-formed text takes. */
static size_t
units(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			n += (unsigned char)s[i] >= 0xf0 ? 2 : 1;
	return n;
}

static bool
equal_fold(const char *a, size_t n, const char *b)
{
	if (strlen(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (name_fold(a[i]) != name_fold(b[i]))
			return false;
	return true;
}

/*
 * Windows opens a device for these names in every directory, with any
 * extension, and with blanks before that.
 */
static bool
is_device(const char *name, size_t len)
{
	static const char *const fixed[] = { "con", "prn", "aux", "nul", "conin$", "conout$", "clock$" };
	size_t n = 0;

	while (n < len && name[n] != '.' && name[n] != ':')
		n++;
	while (n > 0 && name[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < NELEMS(fixed); i++)
		if (equal_fold(name, n, fixed[i]))
			return true;
	if (n < 4 || !(equal_fold(name, 3, "com") || equal_fold(name, 3, "lpt")))
		return false;
	if (n == 4)
		return name[3] >= '0' && name[3] <= '9';
	/* The superscript digits of Latin-1 are digits there. */
	return n == 5 && (memcmp(name + 3, "\xc2\xb9", 2) == 0 || memcmp(name + 3, "\xc2\xb2", 2) == 0 ||
	    memcmp(name + 3, "\xc2\xb3", 2) == 0);
}

const char *
win_name_check(const char *name, size_t len)
{
	if (len == 0)
		return "has an empty component";
	if (utf8_check(name, len) != len)
		return "is not UTF-8";
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c == ':')
			return "names a stream, or has a ':' that is not behind its drive";
		if (c < 0x20)
			return "has a control character";
		if (strchr("<>\"/\\|?*", c) != NULL)
			return "has one of the characters <>\"/|?* that names cannot have";
	}
	if (strncmp(name, "..", len) == 0)
		return len == 1 ? "has a \".\" component" : "has a \"..\" component";
	if (name[len - 1] == '.' || name[len - 1] == ' ')
		return "has a component that ends in a dot or a blank, which Windows cuts off";
	if (is_device(name, len))
		return "has the name of a device in it";
	if (units(name, len) > WIN_NAME_UNITS)
		return "has a component of more than 255 characters";
	return NULL;
}

const char *
win_path_check(const char *path, size_t len)
{
	const char *why;

	if (len >= 2 && path[0] == '\\' && path[1] == '\\')
		return len >= 4 && (path[2] == '?' || path[2] == '.') && path[3] == '\\' ?
		    "has a device prefix (\\\\?\\, \\\\.\\)" : "is on a server, where no restricted token counts";
	if (len < 3 || !is_letter(path[0]) || path[1] != ':' || path[2] != '\\')
		return "does not begin with a drive, \":\" and a backslash";
	if (path[0] >= 'a')
		return "has a drive in lower case";
	if (utf8_check(path, len) != len)
		return "is not UTF-8";
	if (units(path, len) + 4 > WIN_PATH_UNITS)
		return "has more than the 32,767 characters that Windows takes";
	for (size_t at = 3; at < len || (at > 3 && at == len); ) {
		const char *end = memchr(path + at, '\\', len - at);
		size_t n = end == NULL ? len - at : (size_t)(end - (path + at));
		if ((why = win_name_check(path + at, n)) != NULL)
			return why;
		if (end == NULL)
			break;
		at += n + 1;
	}
	return NULL;
}

bool
win_name_is_short(const char *name, size_t len)
{
	size_t base = 0, digits = 0;

	while (base < len && name[base] != '.')
		base++;
	if (base > 8 || (base < len && (len - base > 4 || memchr(name + base + 1, '.', len - base - 1) != NULL)))
		return false;
	while (digits < base && name[base - 1 - digits] >= '0' && name[base - 1 - digits] <= '9')
		digits++;
	return digits > 0 && digits < base && name[base - 1 - digits] == '~';
}

const char *
win_path_final(struct arena *a, const char *final, const char **why)
{
	if (strncmp(final, "\\\\?\\", 4) != 0) {
		*why = "has a final name of an unknown form";
		return NULL;
	}
	final += 4;
	if (!is_letter(final[0]) || final[1] != ':') {
		*why = strncmp(final, "UNC\\", 4) == 0 ? "is on a server, where no restricted token counts" :
		    "is on a volume without a drive letter";
		return NULL;
	}
	char *path = arena_strdup(a, final);
	if (path[0] >= 'a')
		path[0] = (char)(path[0] - 'a' + 'A');
	*why = win_path_check(path, strlen(path));
	return *why == NULL ? path : NULL;
}

bool
win_path_equal(const char *p, const char *q)
{
	return equal_fold(p, strlen(p), q);
}

bool
win_path_within(const char *p, const char *dir)
{
	size_t n = strlen(dir);

	if (strlen(p) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (name_fold(p[i]) != name_fold(dir[i]))
			return false;
	return p[n] == '\0' || p[n] == '\\' || (n > 0 && dir[n - 1] == '\\');
}

const char *
win_path_parent(struct arena *a, const char *path)
{
	const char *end = strrchr(path, '\\');

	if (end == NULL || end[1] == '\0')
		return NULL;
	size_t n = (size_t)(end - path);
	return arena_strndup(a, path, n == 2 ? 3 : n);
}

const char *
win_path_name(const char *path)
{
	const char *end = strrchr(path, '\\');

	return end == NULL ? path : end + 1;
}

const char *
win_path_join(struct arena *a, const char *dir, const char *name)
{
	size_t n = strlen(dir);

	return arena_printf(a, "%s%s%s", dir, n > 0 && dir[n - 1] == '\\' ? "" : "\\", name);
}

int
win_path_order(const char *p, const char *q)
{
	size_t i = 0;

	while (p[i] != '\0' && name_fold(p[i]) == name_fold(q[i]))
		i++;
	if (p[i] == '\0' || q[i] == '\0')
		return (p[i] != '\0') - (q[i] != '\0');
	if (p[i] == '\\' || q[i] == '\\')
		return p[i] == '\\' ? -1 : 1;
	return (unsigned char)name_fold(p[i]) < (unsigned char)name_fold(q[i]) ? -1 : 1;
}

/* Directly in `dir'. */
static bool
is_child(const char *path, const char *dir)
{
	const char *rest;

	if (!win_path_within(path, dir) || win_path_equal(path, dir))
		return false;
	rest = path + strlen(dir);
	rest += *rest == '\\';
	return strchr(rest, '\\') == NULL;
}

/* `path' is `dir', or holds it. */
static bool
covers(const char *path, const char *dir)
{
	return dir != NULL && win_path_within(dir, path);
}

const char *
win_path_no_root(const char *path, const struct win_dirs *dirs)
{
	static const char *const system[] = {
		"Windows", "Program Files", "Program Files (x86)", "ProgramData", "System Volume Information",
		"$Recycle.Bin", "Recovery", "Boot",
	};
	const char *behind = path + 3;

	if (*behind == '\0')
		return "is a whole drive";
	if (covers(path, dirs->windows))
		return "is, or holds, the directory of Windows";
	for (size_t i = 0; i < NELEMS(system); i++)
		if (win_path_equal(behind, system[i]))
			return "is a directory of the system";
	if (covers(path, dirs->profile))
		return "is, or holds, a whole profile";
	if (win_path_equal(behind, "Users") || covers(path, dirs->users))
		return "holds the profiles of all users";
	if ((dirs->users != NULL && is_child(path, dirs->users)) ||
	    (win_path_within(behind, "Users") && strchr(behind + strlen("Users") + 1, '\\') == NULL))
		return "is a whole profile";
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* make_dirs_windows.c - making directories without following links, on Windows */
#include <config.h>

#include "make_dirs.h"

#include <string.h>

#include <windows.h>

#include "arena.h"
#include "path.h"
#include "win32.h"

/*
 * The directory `path', made where it is missing.  Who holds the handle keeps
 * it from being renamed or replaced: nothing is shared for deletion.
 */
static HANDLE
enter_or_make(struct arena *a, const char *path, const char **why)
{
	wchar_t *wide = win32_path(a, path);
	BY_HANDLE_FILE_INFORMATION info;

	if (wide == NULL) {
		*why = "no directory of Windows has this name";
		return INVALID_HANDLE_VALUE;
	}
	if (!CreateDirectoryW(wide, NULL) && GetLastError() != ERROR_ALREADY_EXISTS &&
	    GetLastError() != ERROR_ACCESS_DENIED) {
		*why = win32_error_text(a, GetLastError());
		return INVALID_HANDLE_VALUE;
	}
	HANDLE h = CreateFileW(wide, FILE_READ_ATTRIBUTES | FILE_TRAVERSE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
	    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
	if (h == INVALID_HANDLE_VALUE || !GetFileInformationByHandle(h, &info))
		*why = win32_error_text(a, GetLastError());
	else if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
		*why = "something else has this name";
	else if ((info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
		*why = "it is a link or a junction";
	else
		return h;
	if (h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
	return INVALID_HANDLE_VALUE;
}

/* The mode is that of POSIX; here a directory has what it inherits. */
int
make_dirs(struct arena *a, const char *path, mode_t mode, const char **why)
{
	struct { HANDLE *v; size_t len, cap; } held = { NULL, 0, 0 };
	const char *rest = path, *what;
	struct slice c;
	int rc = 0;

	(void)mode;
	while (rc == 0 && path_next(&rest, &c)) {
		const char *upto = arena_strndup(a, path, (size_t)(c.p + c.len - path));
		/* "/server" is nothing that could be opened. */
		if (path_depth(upto) == 1 && strchr(upto, ':') == NULL)
			continue;
		HANDLE h = enter_or_make(a, upto, &what);
		if (h != INVALID_HANDLE_VALUE) {
			VEC_PUSH(a, &held, h);
			continue;
		}
		*why = arena_printf(a, "%s: cannot make the directory %s: %s", path, upto, what);
		rc = -1;
	}
	while (held.len > 0)
		CloseHandle(held.v[--held.len]);
	return rc;
}

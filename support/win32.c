/* SPDX-License-Identifier: Apache-2.0 */
/* win32.c - wide text, paths and errors of Windows */
#include <config.h>

#include "win32.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "native_path.h"
#include "utf16.h"

wchar_t *
win32_wide(struct arena *a, const char *s)
{
	return utf16_from_utf8(a, s, NULL);
}

char *
win32_utf8(struct arena *a, const wchar_t *s)
{
	return utf16_to_utf8(a, s, wcslen(s));
}

wchar_t *
win32_path(struct arena *a, const char *path)
{
	const char *native = native_path(a, path);
	wchar_t *wide = native == NULL ? NULL : win32_wide(a, native);

	if (wide == NULL)
		errno = ENOENT;
	return wide;
}

char *
win32_final_path(struct arena *a, HANDLE h)
{
	DWORD need = GetFinalPathNameByHandleW(h, NULL, 0, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);

	/* A rename between the two calls can make it longer. */
	while (need != 0) {
		wchar_t *wide = arena_array(a, need + 1, sizeof(*wide));
		DWORD got = GetFinalPathNameByHandleW(h, wide, need + 1,
		    FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
		if (got <= need && got != 0) {
			char *text = win32_utf8(a, wide);
			char *path = text == NULL ? NULL : native_path_back(a, text);
			if (path == NULL)
				errno = text == NULL ? EILSEQ : ENOTSUP;
			return path;
		}
		need = got;
	}
	errno = GetLastError() == ERROR_PATH_NOT_FOUND ? ENOTSUP : win32_errno(GetLastError());
	return NULL;
}

int
win32_errno(DWORD error)
{
	switch (error) {
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
	case ERROR_INVALID_NAME:
	case ERROR_BAD_PATHNAME:
	case ERROR_BAD_NETPATH:
	case ERROR_BAD_NET_NAME:
	case ERROR_INVALID_DRIVE:
	case ERROR_NOT_READY:
		return ENOENT;
	case ERROR_DIRECTORY:
		return ENOTDIR;
	case ERROR_ACCESS_DENIED:
	case ERROR_SHARING_VIOLATION:
	case ERROR_LOCK_VIOLATION:
	case ERROR_PRIVILEGE_NOT_HELD:
		return EACCES;
	case ERROR_FILENAME_EXCED_RANGE:
		return ENAMETOOLONG;
	case ERROR_ALREADY_EXISTS:
	case ERROR_FILE_EXISTS:
		return EEXIST;
	case ERROR_NOT_ENOUGH_MEMORY:
	case ERROR_OUTOFMEMORY:
		return ENOMEM;
	case ERROR_DISK_FULL:
	case ERROR_HANDLE_DISK_FULL:
		return ENOSPC;
	default:
		return EIO;
	}
}

const char *
win32_error_text(struct arena *a, DWORD error)
{
	wchar_t buf[512];
	DWORD n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
	    NULL, error, 0, buf, NELEMS(buf) - 1, NULL);

	while (n > 0 && (buf[n - 1] <= L' ' || buf[n - 1] == L'.'))
		n--;
	for (DWORD i = 0; i < n; i++)
		if (buf[i] < L' ')
			buf[i] = L' ';
	const char *text = utf16_to_utf8(a, buf, n);
	return arena_printf(a, "%s (%lu)", n == 0 || text == NULL ? "error" : text, error);
}

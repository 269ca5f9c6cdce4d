/* SPDX-License-Identifier: Apache-2.0 */
/* junction.c - reparse points of the kind that needs no privilege */
#include <config.h>

#include "junction.h"

#include <stddef.h>
#include <string.h>

#include <windows.h>
#include <winioctl.h>

#include "arena.h"
#include "native_path.h"
#include "utf16.h"
#include "win32.h"

/* REPARSE_DATA_BUFFER of a mount point; its declaration is for drivers. */
struct mount_point {
	ULONG	tag;
	USHORT	length, reserved;
	USHORT	target_at, target_len, print_at, print_len;	/* bytes, in text */
	WCHAR	text[];
};
enum { HEADER = offsetof(struct mount_point, target_at) };

static int
fail(struct arena *a, const char **why, const char *path, const char *what, DWORD error)
{
	const char *plain = native_path_plain(a, path);

	*why = arena_printf(a, "the junction %s %s: %s", plain != NULL ? plain : path, what, win32_error_text(a, error));
	return -1;
}

static HANDLE
open_point(wchar_t *wide, DWORD access)
{
	return CreateFileW(wide, access, FILE_SHARE_READ, NULL, OPEN_EXISTING,
	    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

/* "\??\C:\dir" for the system and "C:\dir" for people, each with a NUL behind it. */
static struct mount_point *
describe(struct arena *a, const char *target, DWORD *size)
{
	const char *plain = native_path_plain(a, target);
	size_t n, k;

	if (plain == NULL || plain[0] == '\\')
		return NULL;
	const uint16_t *literal = utf16_from_utf8(a, arena_printf(a, "\\??\\%s", plain), &n);
	const uint16_t *shown = utf16_from_utf8(a, plain, &k);
	if (literal == NULL || n + k > MAXIMUM_REPARSE_DATA_BUFFER_SIZE / sizeof(WCHAR) - 16)
		return NULL;
	*size = (DWORD)(sizeof(struct mount_point) + (n + k + 2) * sizeof(WCHAR));
	struct mount_point *m = arena_alloc(a, *size);
	m->tag = IO_REPARSE_TAG_MOUNT_POINT;
	m->length = (USHORT)(*size - HEADER);
	m->target_len = (USHORT)(n * sizeof(WCHAR));
	m->print_at = (USHORT)((n + 1) * sizeof(WCHAR));
	m->print_len = (USHORT)(k * sizeof(WCHAR));
	memcpy(m->text, literal, n * sizeof(WCHAR));
	memcpy(m->text + n + 1, shown, k * sizeof(WCHAR));
	return m;
}

static bool
leads_to(struct arena *a, wchar_t *wide, const char *target)
{
	HANDLE h = CreateFileW(wide, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE |
	    FILE_SHARE_DELETE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	if (h == INVALID_HANDLE_VALUE)
		return false;
	const char *found = win32_final_path(a, h);
	CloseHandle(h);
	return found != NULL && strcmp(found, target) == 0;
}

int
junction_make(struct arena *a, const char *path, const char *target, const char **why)
{
	wchar_t *wide = win32_path(a, path);
	DWORD size = 0, got, error = ERROR_SUCCESS;
	struct mount_point *m = describe(a, target, &size);

	if (wide == NULL || m == NULL)
		return fail(a, why, path, "cannot be described", ERROR_INVALID_NAME);
	if (!CreateDirectoryW(wide, NULL))
		return fail(a, why, path, "cannot be made", GetLastError());
	HANDLE h = open_point(wide, GENERIC_WRITE);
	if (h == INVALID_HANDLE_VALUE ||
	    !DeviceIoControl(h, FSCTL_SET_REPARSE_POINT, m, size, NULL, 0, &got, NULL))
		error = GetLastError();
	if (h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
	if (error == ERROR_SUCCESS && leads_to(a, wide, target))
		return 0;
	RemoveDirectoryW(wide);
	return error != ERROR_SUCCESS ? fail(a, why, path, "cannot be made", error) :
	    fail(a, why, path, "does not lead to its directory", ERROR_PATH_NOT_FOUND);
}

int
junction_remove(struct arena *a, const char *path, const char **why)
{
	wchar_t *wide = win32_path(a, path);
	FILE_ATTRIBUTE_TAG_INFO tag = { 0, 0 };
	FILE_DISPOSITION_INFO remove = { TRUE };
	DWORD error = ERROR_SUCCESS;

	HANDLE h = wide == NULL ? INVALID_HANDLE_VALUE : open_point(wide, DELETE | FILE_READ_ATTRIBUTES);
	if (h == INVALID_HANDLE_VALUE)
		return fail(a, why, path, "cannot be opened", GetLastError());
	/* Asked and removed by one handle: nothing else can have taken its place. */
	if (!GetFileInformationByHandleEx(h, FileAttributeTagInfo, &tag, sizeof(tag)))
		error = GetLastError();
	else if (tag.ReparseTag != IO_REPARSE_TAG_MOUNT_POINT)
		error = ERROR_NOT_A_REPARSE_POINT;
	else if (!SetFileInformationByHandle(h, FileDispositionInfo, &remove, sizeof(remove)))
		error = GetLastError();
	CloseHandle(h);
	return error == ERROR_SUCCESS ? 0 : fail(a, why, path, "cannot be removed", error);
}

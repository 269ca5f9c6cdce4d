/* SPDX-License-Identifier: Apache-2.0 */
/* system_windows.c - what is asked of Windows on every floor */
#include <config.h>

#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

#include <windows.h>
#include <bcrypt.h>

#include "arena.h"
#include "native_path.h"
#include "win32.h"

/* A file name as it was given: what Windows itself makes of it, and of any length. */
static wchar_t *
full_name(struct arena *a, const char *file)
{
	wchar_t *given = win32_wide(a, file);

	if (given == NULL) {
		errno = EILSEQ;
		return NULL;
	}
	DWORD need = GetFullPathNameW(given, 0, NULL, NULL);
	wchar_t *full = need == 0 ? NULL : arena_array(a, need, sizeof(*full));
	DWORD got = need == 0 ? 0 : GetFullPathNameW(given, need, full, NULL);
	if (got == 0 || got >= need) {
		errno = got == 0 ? win32_errno(GetLastError()) : EAGAIN;
		return NULL;
	}
	return full;
}

const char *
system_full_path(struct arena *a, const char *file)
{
	/* Names of our own making are in our form already: "/C:/a", and "/" alone. */
	if (file != NULL && file[0] == '/' && (file[1] == '\0' || native_path(a, file) != NULL))
		return file;
	wchar_t *full = full_name(a, file != NULL ? file : ".");
	char *text = full == NULL ? NULL : win32_utf8(a, full);
	char *path = text == NULL ? NULL : native_path_back(a, text);
	if (full != NULL && path == NULL)
		errno = EINVAL;
	return path;
}

static HANDLE
open_file(struct arena *a, const char *file, DWORD access)
{
	const char *path = system_full_path(a, file);
	wchar_t *wide = path == NULL ? NULL : win32_path(a, path);

	if (wide == NULL)
		return INVALID_HANDLE_VALUE;
	HANDLE h = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	if (h == INVALID_HANDLE_VALUE)
		errno = win32_errno(GetLastError());
	return h;
}

const char *
system_real_path(struct arena *a, const char *file)
{
	HANDLE h = open_file(a, file, FILE_READ_ATTRIBUTES);

	if (h == INVALID_HANDLE_VALUE)
		return NULL;
	const char *path = win32_final_path(a, h);
	CloseHandle(h);
	return path;
}

int
system_open(const char *file)
{
	struct arena *a = arena_new();
	HANDLE h = open_file(a, file, GENERIC_READ);
	int fd = -1;

	if (h != INVALID_HANDLE_VALUE) {
		BY_HANDLE_FILE_INFORMATION info;
		if (GetFileInformationByHandle(h, &info) &&
		    (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
			errno = EISDIR;
		else
			fd = _open_osfhandle((intptr_t)h, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
		if (fd == -1)
			CloseHandle(h);
	}
	arena_free(a);
	return fd;
}

bool
system_is_regular(const char *file)
{
	struct arena *a = arena_new();
	HANDLE h = open_file(a, file, FILE_READ_ATTRIBUTES);
	BY_HANDLE_FILE_INFORMATION info;
	bool regular = h != INVALID_HANDLE_VALUE && GetFileType(h) == FILE_TYPE_DISK &&
	    GetFileInformationByHandle(h, &info) &&
	    (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;

	if (h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
	arena_free(a);
	return regular;
}

bool
system_exists(const char *path)
{
	struct arena *a = arena_new();
	HANDLE h = open_file(a, path, FILE_READ_ATTRIBUTES);
	bool there = h != INVALID_HANDLE_VALUE;

	if (there)
		CloseHandle(h);
	arena_free(a);
	return there;
}

/* Programs are given no descriptors here but the three. */
bool
system_fd_is_open(int fd)
{
	(void)fd;
	return false;
}

int
system_random(void *p, size_t n)
{
	return BCryptGenRandom(NULL, p, (ULONG)n, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0 ? 0 : -1;
}

/* Large pages need a privilege here. */
void
system_use_large_pages(void *p, size_t n)
{
	(void)p, (void)n;
}

/* A file that the system keeps in memory while there is room, and that ends with the handle. */
void
system_text_begin(struct system_text *t)
{
	wchar_t dir[MAX_PATH + 1], name[MAX_PATH + 1];

	*t = (struct system_text){ NULL, NULL, 0 };
	if (GetTempPathW(NELEMS(dir), dir) == 0 || GetTempFileNameW(dir, L"cdx", 0, name) == 0)
		out_of_memory();
	HANDLE h = CreateFileW(name, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS,
	    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
	int fd = h == INVALID_HANDLE_VALUE ? -1 :
	    _open_osfhandle((intptr_t)h, _O_RDWR | _O_BINARY | _O_NOINHERIT);
	t->stream = fd == -1 ? NULL : _fdopen(fd, "w+b");
	if (t->stream == NULL)
		out_of_memory();
}

char *
system_text_done(struct system_text *t, size_t *len)
{
	long size = fflush(t->stream) == 0 ? ftell(t->stream) : -1;

	t->text = size < 0 ? NULL : malloc((size_t)size + 1);
	if (t->text == NULL)
		out_of_memory();
	rewind(t->stream);
	t->len = fread(t->text, 1, (size_t)size, t->stream);
	t->text[t->len] = '\0';
	fclose(t->stream);
	*len = t->len;
	return t->text;
}

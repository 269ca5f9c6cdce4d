/* SPDX-License-Identifier: Apache-2.0 */
/* state_files_win32.c - state that is locked, synced and replaced as a whole, on Windows */
#include <config.h>

#include "state_files_win32.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "arena.h"
#include "system.h"
#include "utf16.h"
#include "win32.h"

enum {
	PAUSE_MS = 5,
	/* Who looks at every new file (a virus scanner) has it open for a moment. */
	REPLACE_TRIES = 200,
	SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
};

struct win32_files {
	struct state_files	 files;		/* first */
	struct arena		*a;
};

struct state_lock {
	HANDLE	file;
};

static struct win32_files *
of(struct state_files *s)
{
	return (struct win32_files *)(void *)s;
}

static enum state_status
failed(struct state_files *s, enum state_status status, const char *why)
{
	s->why = why;
	return status;
}

static enum state_status
by_error(struct state_files *s, DWORD error)
{
	return failed(s, error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? STATE_MISSING : STATE_FAILED,
	    win32_error_text(of(s)->a, error));
}

static wchar_t *
path_of(struct state_files *s, const char *name)
{
	struct arena *a = of(s)->a;
	wchar_t *wide = win32_wide(a, arena_printf(a, "\\\\?\\%s\\%s", s->dir, name));

	/* The directory came from Windows, and names are ours. */
	if (wide == NULL)
		abort();
	return wide;
}

/* A link that somebody put there is opened itself, and is no file. */
static HANDLE
open_file(struct state_files *s, const char *name, DWORD access, DWORD how, DWORD flags)
{
	return CreateFileW(path_of(s, name), access, SHARE_ALL, NULL, how,
	    FILE_FLAG_OPEN_REPARSE_POINT | flags, NULL);
}

static enum state_status
lock(struct state_files *s, const char *name, unsigned ms, struct state_lock **out)
{
	HANDLE h = open_file(s, name, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, 0);

	if (h == INVALID_HANDLE_VALUE)
		return by_error(s, GetLastError());
	for (unsigned waited = 0;; waited += PAUSE_MS) {
		OVERLAPPED far_behind = { .OffsetHigh = 0x40000000 };
		if (LockFileEx(h, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &far_behind))
			break;
		DWORD error = GetLastError();
		if ((error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING) && waited < ms) {
			Sleep(PAUSE_MS);
			continue;
		}
		CloseHandle(h);
		return error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING ?
		    failed(s, STATE_LOCKED, "another process holds it") : by_error(s, error);
	}
	*out = malloc(sizeof(**out));
	if (*out == NULL)
		out_of_memory();
	(*out)->file = h;
	return STATE_OK;
}

/* Closing alone would do it at a time of the system's choice. */
static void
unlock(struct state_files *s, struct state_lock *l)
{
	OVERLAPPED far_behind = { .OffsetHigh = 0x40000000 };

	(void)s;
	UnlockFileEx(l->file, 0, 1, 0, &far_behind);
	CloseHandle(l->file);
	free(l);
}

static enum state_status
read_file(struct state_files *s, const char *name, size_t limit, struct sbuf *out)
{
	char piece[16 * 1024];
	size_t before = out->len;
	DWORD got = 1, error = ERROR_SUCCESS;
	HANDLE h = open_file(s, name, GENERIC_READ, OPEN_EXISTING, 0);

	if (h == INVALID_HANDLE_VALUE)
		return by_error(s, GetLastError());
	while (got > 0 && out->len - before <= limit && error == ERROR_SUCCESS) {
		if (ReadFile(h, piece, sizeof(piece), &got, NULL))
			sbuf_add(out, piece, got);
		else
			error = GetLastError();
	}
	CloseHandle(h);
	if (error != ERROR_SUCCESS)
		return by_error(s, error);
	if (out->len - before > limit)
		return failed(s, STATE_TOO_LARGE, "it is larger than it can be");
	return STATE_OK;
}

static enum state_status
write_and_close(struct state_files *s, HANDLE h, const void *p, size_t n)
{
	const char *at = p;
	DWORD done, error = ERROR_SUCCESS;

	while (n > 0 && error == ERROR_SUCCESS) {
		if (!WriteFile(h, at, n < 1 << 20 ? (DWORD)n : 1 << 20, &done, NULL))
			error = GetLastError();
		else {
			at += done;
			n -= done;
		}
	}
	if (error == ERROR_SUCCESS && !FlushFileBuffers(h))
		error = GetLastError();
	CloseHandle(h);
	return error == ERROR_SUCCESS ? STATE_OK : by_error(s, error);
}

static enum state_status
append(struct state_files *s, const char *name, const void *p, size_t n)
{
	HANDLE h = open_file(s, name, FILE_APPEND_DATA | SYNCHRONIZE, OPEN_ALWAYS, 0);

	if (h == INVALID_HANDLE_VALUE)
		return by_error(s, GetLastError());
	return write_and_close(s, h, p, n);
}

static enum state_status
replace(struct state_files *s, const char *name, const void *p, size_t n)
{
	const char *new = arena_printf(of(s)->a, "%s.new", name);
	HANDLE h = open_file(s, new, GENERIC_WRITE, CREATE_ALWAYS, 0);

	if (h == INVALID_HANDLE_VALUE)
		return by_error(s, GetLastError());
	enum state_status status = write_and_close(s, h, p, n);
	if (status != STATE_OK)
		return status;
	for (int i = 0;; i++) {
		if (MoveFileExW(path_of(s, new), path_of(s, name),
		    MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
			return STATE_OK;
		DWORD error = GetLastError();
		if (i == REPLACE_TRIES || (error != ERROR_ACCESS_DENIED && error != ERROR_SHARING_VIOLATION))
			return by_error(s, error);
		Sleep(PAUSE_MS);
	}
}

static void
add_name(char ***v, size_t *n, const char *name)
{
	char **more = realloc(*v, (*n + 1) * sizeof(**v));

	if (more == NULL || (more[*n] = strdup(name)) == NULL)
		out_of_memory();
	*v = more;
	++*n;
}

static enum state_status
list(struct state_files *s, const char *prefix, size_t limit, char ***out, size_t *n)
{
	struct arena *a = of(s)->a;
	WIN32_FIND_DATAW d;
	HANDLE find = FindFirstFileW(path_of(s, arena_printf(a, "%s*", prefix)), &d);
	DWORD error = find == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;

	*out = NULL;
	*n = 0;
	if (error == ERROR_FILE_NOT_FOUND)
		return STATE_OK;
	if (error != ERROR_SUCCESS)
		return by_error(s, error);
	do {
		/* The pattern matches short names as well, and any case. */
		const char *name = win32_utf8(a, d.cFileName);
		if (name != NULL && strncmp(name, prefix, strlen(prefix)) == 0 &&
		    (d.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
			add_name(out, n, name);
	} while (*n < limit && FindNextFileW(find, &d));
	FindClose(find);
	return STATE_OK;
}

static enum state_status
remove_file(struct state_files *s, const char *name)
{
	if (DeleteFileW(path_of(s, name)) || GetLastError() == ERROR_FILE_NOT_FOUND)
		return STATE_OK;
	return by_error(s, GetLastError());
}

static enum state_status
random_bytes(struct state_files *s, void *p, size_t n)
{
	char *at = p;

	for (size_t piece; n > 0; at += piece, n -= piece) {
		piece = n < 256 ? n : 256;
		if (system_random(at, piece) != 0)
			return failed(s, STATE_FAILED, "the system gives no random bytes");
	}
	return STATE_OK;
}

static const struct state_files_ops ops = {
	.lock = lock,
	.unlock = unlock,
	.read = read_file,
	.append = append,
	.replace = replace,
	.list = list,
	.remove = remove_file,
	.random = random_bytes,
};

struct state_files *
state_files_win32(struct arena *a, const char *dir)
{
	struct win32_files *w = arena_alloc(a, sizeof(*w));

	w->files.ops = &ops;
	w->files.dir = arena_strdup(a, dir);
	w->a = a;
	return &w->files;
}

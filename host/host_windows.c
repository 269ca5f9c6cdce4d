/* SPDX-License-Identifier: Apache-2.0 */
/* host_windows.c - the Windows that we run on */
#include <config.h>

#include "host_facts.h"

#include <errno.h>
#include <string.h>

#include <windows.h>
#include <winioctl.h>
#include <userenv.h>

#include "arena.h"
#include "native_path.h"
#include "path.h"
#include "utf16.h"
#include "win32.h"

/* What DeviceIoControl() fills for FSCTL_GET_REPARSE_POINT; its declaration is for drivers. */
struct reparse {
	ULONG	tag;
	USHORT	length, reserved;
	USHORT	target_at, target_len, print_at, print_len;	/* bytes, in what follows */
	BYTE	rest[MAXIMUM_REPARSE_DATA_BUFFER_SIZE];
};
enum { LINK_IS_RELATIVE = 1 };	/* SYMLINK_FLAG_RELATIVE, in the first word of a symbolic link's rest */

static HANDLE
open_node(struct arena *a, const char *path, DWORD access)
{
	wchar_t *wide = win32_path(a, path);

	if (wide == NULL)
		return INVALID_HANDLE_VALUE;
	HANDLE h = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
	if (h == INVALID_HANDLE_VALUE)
		errno = win32_errno(GetLastError());
	return h;
}

static bool
has_prefix(const wchar_t *s, size_t len, const wchar_t *prefix)
{
	size_t n = wcslen(prefix);

	return len >= n && wcsncmp(s, prefix, n) == 0;
}

/* "..\a" and "\a" of a link that lies at `path', as POSIX would spell them. */
static char *
relative_target(struct arena *a, const char *path, char *target)
{
	for (char *c = target; *c != '\0'; c++)
		if (*c == '\\')
			*c = '/';
	if (target[0] != '/')
		return target;
	/* From the top of the same drive. */
	return arena_printf(a, "%.*s%s", (int)strcspn(path + 1, "/") + 1, path, target);
}

/*
 * Where a link leads.  0, also where it is none but the place of a volume
 * (then *target stays NULL), or -1 with errno.
 */
static int
read_link(struct arena *a, HANDLE h, const char *path, ULONG tag, const char **target)
{
	struct reparse *r = arena_alloc(a, sizeof(*r));
	DWORD got = 0;

	if (!DeviceIoControl(h, FSCTL_GET_REPARSE_POINT, NULL, 0, r,
	    MAXIMUM_REPARSE_DATA_BUFFER_SIZE, &got, NULL)) {
		errno = win32_errno(GetLastError());
		return -1;
	}
	size_t flags = tag == IO_REPARSE_TAG_SYMLINK ? sizeof(ULONG) : 0;
	size_t from = flags + r->target_at, end = from + r->target_len;
	ULONG flag = 0;
	if (end > sizeof(r->rest) || end > got || r->target_len % sizeof(wchar_t) != 0) {
		errno = EIO;
		return -1;
	}
	memcpy(&flag, r->rest, flags);
	size_t len = r->target_len / sizeof(wchar_t);
	wchar_t *wide = arena_array(a, len + 1, sizeof(*wide));
	memcpy(wide, r->rest + from, r->target_len);
	if (tag == IO_REPARSE_TAG_MOUNT_POINT && has_prefix(wide, len, L"\\??\\Volume{"))
		return 0;
	char *text = utf16_to_utf8(a, wide, len);
	if (text == NULL)
		errno = EILSEQ;
	else if ((flag & LINK_IS_RELATIVE) != 0)
		*target = relative_target(a, path, text);
	else if ((*target = native_path_back(a, text)) == NULL)
		errno = ENOTSUP;
	return *target == NULL ? -1 : 0;
}

static enum node_kind
kind_of(DWORD attributes)
{
	return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? NODE_DIR : NODE_FILE;
}

/*
 * Only what stands for another name is a link: a junction, a symbolic link.
 * Files that are kept in a cloud, or deduplicated, have reparse points too.
 */
static int
fill_kind(struct arena *a, HANDLE h, DWORD attributes, struct fact *out)
{
	FILE_ATTRIBUTE_TAG_INFO tag;

	out->kind = kind_of(attributes);
	if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
		return 0;
	if (!GetFileInformationByHandleEx(h, FileAttributeTagInfo, &tag, sizeof(tag))) {
		errno = win32_errno(GetLastError());
		return -1;
	}
	if (!IsReparseTagNameSurrogate(tag.ReparseTag))
		return 0;
	if (tag.ReparseTag != IO_REPARSE_TAG_SYMLINK && tag.ReparseTag != IO_REPARSE_TAG_MOUNT_POINT) {
		out->kind = NODE_OTHER;
		return 0;
	}
	if (read_link(a, h, out->path, tag.ReparseTag, &out->target) == -1)
		return -1;
	if (out->target != NULL)
		out->kind = NODE_LINK;
	return 0;
}

/*
 * The final name of the handle tells the case, and the long form of "PROGRA~1".
 * A drive whose name is made up (subst, a share with a letter) is a link to
 * what it stands for, so that nothing has two names.
 */
static int
fill_name(struct arena *a, HANDLE h, const char *path, struct fact *out)
{
	char *final = win32_final_path(a, h);

	if (final == NULL)
		return -1;
	if (path_depth(path) == 1) {
		if (strcmp(final, path) == 0)
			return 0;
		out->kind = NODE_LINK;
		out->target = final;
		return 0;
	}
	/* A volume in a directory, the root of a share: the last name is not theirs. */
	if (path_depth(final) == path_depth(path))
		out->path = path_join(a, path_parent(a, path), path_base(final));
	return 0;
}

static int
fill(struct arena *a, HANDLE h, const char *path, struct fact *out)
{
	BY_HANDLE_FILE_INFORMATION info;

	if (GetFileType(h) != FILE_TYPE_DISK) {
		out->kind = NODE_OTHER;
		return 0;
	}
	if (!GetFileInformationByHandle(h, &info)) {
		errno = win32_errno(GetLastError());
		return -1;
	}
	if (fill_kind(a, h, info.dwFileAttributes, out) == -1 || fill_name(a, h, path, out) == -1)
		return -1;
	out->dev = info.dwVolumeSerialNumber;
	out->ino = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
	out->bare = out->kind == NODE_DIR ||
	    (out->kind == NODE_FILE && info.nFileSizeHigh == 0 && info.nFileSizeLow == 0);
	return 0;
}

/* "/" and "/server", which lie above all that can be opened. */
static bool
is_above_all(const char *path)
{
	size_t depth = path_depth(path);

	return depth == 0 || (depth == 1 && strchr(path, ':') == NULL);
}

static int
real_stat(struct host *host, struct arena *a, const char *path, struct fact *out)
{
	(void)host;
	*out = (struct fact){ .path = path };
	if (is_above_all(path)) {
		out->kind = NODE_DIR;
		return 0;
	}
	HANDLE h = open_node(a, path, FILE_READ_ATTRIBUTES);
	if (h == INVALID_HANDLE_VALUE)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	int rc = fill(a, h, path, out), err = errno;
	CloseHandle(h);
	errno = err;
	return rc;
}

static char *
read_text(struct arena *a, HANDLE h, size_t max)
{
	BY_HANDLE_FILE_INFORMATION info;

	if (GetFileType(h) != FILE_TYPE_DISK || !GetFileInformationByHandle(h, &info) ||
	    (info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	uint64_t size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	size_t room = size < max ? (size_t)size : max;
	char *text = arena_alloc(a, room + 1);
	for (size_t len = 0; len < room;) {
		DWORD got, want = room - len < 1 << 20 ? (DWORD)(room - len) : 1 << 20;
		if (!ReadFile(h, text + len, want, &got, NULL)) {
			errno = win32_errno(GetLastError());
			return NULL;
		}
		if (got == 0)
			break;
		len += got;
	}
	return text;
}

static char *
real_read(struct host *host, struct arena *a, const char *path, size_t max)
{
	(void)host;
	HANDLE h = open_node(a, path, GENERIC_READ);
	if (h == INVALID_HANDLE_VALUE)
		return NULL;
	char *text = read_text(a, h, max);
	int err = errno;
	CloseHandle(h);
	errno = err;
	return text;
}

static int
list_drives(int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	DWORD drives = GetLogicalDrives();

	for (char letter = 'A'; letter <= 'Z'; letter++) {
		char name[] = { letter, ':', '\0' };
		int rc = (drives >> (letter - 'A') & 1) == 0 ? 0 : each(arg, name, NODE_DIR);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static enum node_kind
kind_of_child(const WIN32_FIND_DATAW *d)
{
	if ((d->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
	    IsReparseTagNameSurrogate(d->dwReserved0))
		return d->dwReserved0 == IO_REPARSE_TAG_SYMLINK ||
		    d->dwReserved0 == IO_REPARSE_TAG_MOUNT_POINT ? NODE_LINK : NODE_OTHER;
	return kind_of(d->dwFileAttributes);
}

/* A name that is no UTF-16 cannot be spelt in a policy, and must not be passed over. */
static int
give_child(const WIN32_FIND_DATAW *d, int (*each)(void *, const char *name, enum node_kind),
    void *arg)
{
	if (wcscmp(d->cFileName, L".") == 0 || wcscmp(d->cFileName, L"..") == 0)
		return 0;
	struct arena *a = arena_new();
	const char *name = win32_utf8(a, d->cFileName);
	int rc = -1;
	if (name == NULL)
		errno = EILSEQ;
	else
		rc = each(arg, name, kind_of_child(d));
	arena_free(a);
	return rc;
}

static int
list_children(const wchar_t *pattern, int (*each)(void *, const char *name, enum node_kind),
    void *arg)
{
	WIN32_FIND_DATAW d;
	HANDLE find = FindFirstFileExW(pattern, FindExInfoBasic, &d, FindExSearchNameMatch, NULL,
	    FIND_FIRST_EX_LARGE_FETCH);
	int rc;

	if (find == INVALID_HANDLE_VALUE) {
		errno = win32_errno(GetLastError());
		/* The root of an empty drive has not even ".". */
		return GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : -1;
	}
	do
		rc = give_child(&d, each, arg);
	while (rc == 0 && FindNextFileW(find, &d));
	if (rc == 0 && GetLastError() != ERROR_NO_MORE_FILES) {
		errno = win32_errno(GetLastError());
		rc = -1;
	}
	int err = errno;
	FindClose(find);
	errno = err;
	return rc;
}

static int
real_list(struct host *host, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	(void)host;
	if (strcmp(path, "/") == 0)
		return list_drives(each, arg);
	/* The callback may keep what it is given in an arena of its own. */
	struct arena *a = arena_new();
	struct fact f;
	int rc = real_stat(host, a, path, &f);
	const char *native = native_path(a, path);
	if (rc == 0 && (f.kind != NODE_DIR || native == NULL)) {
		errno = f.kind == NODE_MISSING ? ENOENT : ENOTDIR;
		rc = -1;
	}
	if (rc == 0) {
		const char *gap = native[strlen(native) - 1] == '\\' ? "" : "\\";
		wchar_t *pattern = win32_wide(a, arena_printf(a, "%s%s*", native, gap));
		rc = pattern == NULL ? -1 : list_children(pattern, each, arg);
	}
	int err = errno;
	arena_free(a);
	errno = err;
	return rc;
}

static const char *
real_home(struct host *host, struct arena *a)
{
	wchar_t dir[MAX_PATH + 1];
	DWORD len = NELEMS(dir);
	HANDLE token;
	const char *text = NULL;

	(void)host;
	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return NULL;
	if (GetUserProfileDirectoryW(token, dir, &len))
		text = win32_utf8(a, dir);
	CloseHandle(token);
	return text == NULL ? NULL : native_path_back(a, text);
}

struct host *
host_real(struct arena *a)
{
	struct host *h = arena_alloc(a, sizeof(*h));

	*h = (struct host){ real_stat, real_read, real_list, real_home, NULL, NULL };
	return h;
}

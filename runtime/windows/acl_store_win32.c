/* SPDX-License-Identifier: Apache-2.0 */
/* acl_store_win32.c - descriptors of files, each through one handle */
#include <config.h>

#include "acl_store_win32.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <winternl.h>

#include "arena.h"
#include "utf16.h"

enum {
	SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	LIST_BYTES = 64 * 1024,
	/* Of ntifs.h. */
	NT_OPEN_REPARSE_POINT = 0x00200000, NT_DIRECTORY = 0x1, NT_NO_DIRECTORY = 0x40,
	NT_SYNCHRONOUS = 0x20, NT_CREATE = 2,
};

struct acl_object {
	HANDLE	handle;
};

struct win32_store {
	struct acl_store	 store;		/* first */
	char			 why[512];
};

static struct win32_store *
of(struct acl_store *s)
{
	return (struct win32_store *)(void *)s;
}

static enum acl_status
says(struct acl_store *s, enum acl_status status, const char *why)
{
	s->why = why;
	return status;
}

static enum acl_status
status_of(DWORD error)
{
	switch (error) {
	case ERROR_SUCCESS:
		return ACL_OK;
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
	case ERROR_INVALID_NAME:
	case ERROR_BAD_NETPATH:
	case ERROR_BAD_NET_NAME:
	case ERROR_DELETE_PENDING:
		return ACL_MISSING;
	case ERROR_ALREADY_EXISTS:
	case ERROR_FILE_EXISTS:
		return ACL_EXISTS;
	case ERROR_DIR_NOT_EMPTY:
		return ACL_NOT_EMPTY;
	case ERROR_ACCESS_DENIED:
	case ERROR_SHARING_VIOLATION:
	case ERROR_PRIVILEGE_NOT_HELD:
		return ACL_DENIED;
	default:
		return ACL_FAILED;
	}
}

/* With the system's words for an error. */
static enum acl_status
failed(struct acl_store *s, DWORD error)
{
	struct win32_store *w = of(s);
	wchar_t text[200];
	DWORD n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
	    FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, error, 0, text, NELEMS(text), NULL);
	struct arena *a = arena_new();

	while (n > 0 && (text[n - 1] <= L' ' || text[n - 1] == L'.'))
		n--;
	snprintf(w->why, sizeof(w->why), "%s (%lu)", n > 0 ? utf16_to_wtf8(a, text, n) : "error", error);
	arena_free(a);
	return says(s, status_of(error), w->why);
}

/* "\\?\C:\dir", or "\??\C:\dir" for the kernel's own functions; NULL where it is no text. */
static wchar_t *
wide_path(struct arena *a, const char *prefix, const char *path)
{
	return utf16_from_wtf8(a, arena_printf(a, "%s%s", prefix, path), NULL);
}

static struct acl_object *
object(HANDLE h)
{
	struct acl_object *o = malloc(sizeof(*o));

	if (o == NULL)
		out_of_memory();
	o->handle = h;
	return o;
}

static DWORD
access_for(enum acl_open what)
{
	switch (what) {
	case ACL_LOOK:
		return READ_CONTROL | FILE_READ_ATTRIBUTES;
	case ACL_CHANGE:
		return READ_CONTROL | WRITE_DAC | FILE_READ_ATTRIBUTES;
	case ACL_CONTENTS:
		return FILE_READ_DATA | FILE_READ_ATTRIBUTES;
	}
	return 0;
}

/* Listing a directory needs a right that its descriptor does not: without it only that fails. */
static HANDLE
open_wide(const wchar_t *wide, DWORD access)
{
	const DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
	HANDLE h = CreateFileW(wide, access | FILE_LIST_DIRECTORY, SHARE_ALL, NULL, OPEN_EXISTING,
	    flags, NULL);

	if (h == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED)
		h = CreateFileW(wide, access, SHARE_ALL, NULL, OPEN_EXISTING, flags, NULL);
	return h;
}

static enum acl_status
open_path(struct acl_store *s, const char *path, enum acl_open what, struct acl_object **out)
{
	struct arena *a = arena_new();
	wchar_t *wide = wide_path(a, "\\\\?\\", path);
	HANDLE h = wide == NULL ? INVALID_HANDLE_VALUE : open_wide(wide, access_for(what));
	enum acl_status status = ACL_OK;

	if (wide == NULL)
		status = says(s, ACL_MISSING, "its name is no text");
	else if (h == INVALID_HANDLE_VALUE)
		status = failed(s, GetLastError());
	else
		*out = object(h);
	arena_free(a);
	return status;
}

static void
close_object(struct acl_store *s, struct acl_object *o)
{
	(void)s;
	CloseHandle(o->handle);
	free(o);
}

/* The 128 bits where the system has them, else the 64 of before; the same way everywhere here. */
static bool
identity(HANDLE h, uint64_t *volume, uint64_t id[2])
{
	FILE_ID_INFO wide;
	BY_HANDLE_FILE_INFORMATION info;

	if (GetFileInformationByHandleEx(h, FileIdInfo, &wide, sizeof(wide))) {
		*volume = wide.VolumeSerialNumber;
		memcpy(id, &wide.FileId, 2 * sizeof(*id));
		return true;
	}
	if (!GetFileInformationByHandle(h, &info))
		return false;
	*volume = info.dwVolumeSerialNumber;
	id[0] = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
	id[1] = 0;
	return true;
}

/* Any object of the volume will do to name it. */
static HANDLE
open_volume(uint64_t volume)
{
	DWORD drives = GetLogicalDrives();

	for (int i = 0; i < 26; i++) {
		wchar_t root[] = L"\\\\?\\A:\\";
		uint64_t found, id[2];
		root[4] = (wchar_t)(L'A' + i);
		if ((drives >> i & 1) == 0)
			continue;
		HANDLE h = CreateFileW(root, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
		    FILE_FLAG_BACKUP_SEMANTICS, NULL);
		if (h == INVALID_HANDLE_VALUE)
			continue;
		if (identity(h, &found, id) && found == volume)
			return h;
		CloseHandle(h);
	}
	return INVALID_HANDLE_VALUE;
}

static enum acl_status
open_id(struct acl_store *s, uint64_t volume, const uint64_t id[2], struct acl_object **out)
{
	const DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
	FILE_ID_DESCRIPTOR d = { .dwSize = sizeof(d), .Type = FileIdType };
	uint64_t found_volume, found[2];

	HANDLE beside = open_volume(volume);
	if (beside == INVALID_HANDLE_VALUE)
		return says(s, ACL_MISSING, "its volume is not there");
	d.FileId.QuadPart = (LONGLONG)id[0];
	if (id[1] != 0) {
		d.Type = ExtendedFileIdType;
		memcpy(&d.ExtendedFileId, id, sizeof(d.ExtendedFileId));
	}
	HANDLE h = OpenFileById(beside, &d, access_for(ACL_CHANGE) | FILE_LIST_DIRECTORY, SHARE_ALL, NULL,
	    flags);
	if (h == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED)
		h = OpenFileById(beside, &d, access_for(ACL_CHANGE), SHARE_ALL, NULL, flags);
	DWORD error = GetLastError();
	CloseHandle(beside);
	if (h == INVALID_HANDLE_VALUE) {
		/* What a number that is in use no more gives; and where volumes have no such numbers. */
		if (error == ERROR_INVALID_PARAMETER || error == ERROR_NOT_SUPPORTED ||
		    error == ERROR_INVALID_FUNCTION || error == ERROR_CALL_NOT_IMPLEMENTED)
			return says(s, ACL_MISSING, "no object of its volume has this number");
		return failed(s, error);
	}
	if (!identity(h, &found_volume, found) || found_volume != volume || found[0] != id[0] ||
	    found[1] != id[1]) {
		CloseHandle(h);
		return says(s, ACL_MISSING, "its number is another object's");
	}
	*out = object(h);
	return ACL_OK;
}

static const char *
final_path(struct arena *a, HANDLE h)
{
	DWORD need = GetFinalPathNameByHandleW(h, NULL, 0, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);

	while (need != 0) {
		wchar_t *wide = arena_array(a, need + 1, sizeof(*wide));
		DWORD got = GetFinalPathNameByHandleW(h, wide, need + 1,
		    FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
		if (got != 0 && got <= need)
			return utf16_to_wtf8(a, wide, got);
		need = got;
	}
	return NULL;
}

static enum acl_status
facts(struct acl_store *s, struct arena *a, struct acl_object *o, struct acl_facts *out)
{
	BY_HANDLE_FILE_INFORMATION info;
	DWORD flags;

	*out = (struct acl_facts){ .final_path = final_path(a, o->handle) };
	if (out->final_path == NULL || !GetFileInformationByHandle(o->handle, &info) ||
	    !identity(o->handle, &out->volume, out->id) ||
	    !GetVolumeInformationByHandleW(o->handle, NULL, 0, NULL, NULL, &flags, NULL, 0))
		return failed(s, GetLastError());
	out->kind = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? ACL_DIR : ACL_FILE;
	out->reparse = (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
	out->has_acls = (flags & FILE_PERSISTENT_ACLS) != 0;
	out->links = out->kind == ACL_DIR ? 1 : info.nNumberOfLinks;
	out->size = out->kind == ACL_DIR ? 0 : (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	return ACL_OK;
}

/* Of the arena; NULL with the error of the last call. */
static PSECURITY_DESCRIPTOR
descriptor_of(struct arena *a, HANDLE h)
{
	const SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
	DWORD need = 0;

	GetKernelObjectSecurity(h, what, NULL, 0, &need);
	/* Somebody may make it longer between the two calls. */
	for (int i = 0; i < 4 && need > 0; i++) {
		DWORD size = need;
		void *p = arena_alloc(a, size);
		if (GetKernelObjectSecurity(h, what, p, size, &need))
			return p;
		if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
			return NULL;
	}
	return NULL;
}

static enum acl_status
read_descriptor(struct acl_store *s, struct arena *a, struct acl_object *o, struct descriptor *out)
{
	SECURITY_DESCRIPTOR_CONTROL control;
	DWORD revision;
	BOOL present, defaulted;
	PSID owner;
	PACL dacl;

	*out = (struct descriptor){ 0 };
	PSECURITY_DESCRIPTOR sd = descriptor_of(a, o->handle);
	if (sd == NULL || !GetSecurityDescriptorControl(sd, &control, &revision) ||
	    !GetSecurityDescriptorOwner(sd, &owner, &defaulted) ||
	    !GetSecurityDescriptorDacl(sd, &present, &dacl, &defaulted))
		return failed(s, GetLastError());
	if (owner == NULL || !IsValidSid(owner) || sid_read(owner, GetLengthSid(owner), &out->owner) == 0)
		return says(s, ACL_FAILED, "it has no owner");
	out->no_dacl = !present || dacl == NULL;
	out->is_protected = (control & SE_DACL_PROTECTED) != 0;
	out->auto_inherited = (control & SE_DACL_AUTO_INHERITED) != 0;
	const char *wrong = out->no_dacl ? NULL :
	    ace_list_read(a, (const uint8_t *)dacl, dacl->AclSize, &out->dacl);
	return wrong == NULL ? ACL_OK : says(s, ACL_FAILED, wrong);
}

/*
 * The bits of the old descriptor are asked for in the new one: the system
 * clears what is not, and SE_DACL_AUTO_INHERITED where nobody requests it.
 */
static BOOL
make_descriptor(SECURITY_DESCRIPTOR *sd, PACL acl, SECURITY_DESCRIPTOR_CONTROL old)
{
	const SECURITY_DESCRIPTOR_CONTROL kept = SE_DACL_PROTECTED | SE_DACL_AUTO_INHERITED |
	    SE_DACL_AUTO_INHERIT_REQ;
	SECURITY_DESCRIPTOR_CONTROL bits = old & SE_DACL_PROTECTED;

	if ((old & SE_DACL_AUTO_INHERITED) != 0)
		bits |= SE_DACL_AUTO_INHERITED | SE_DACL_AUTO_INHERIT_REQ;
	return InitializeSecurityDescriptor(sd, SECURITY_DESCRIPTOR_REVISION) &&
	    SetSecurityDescriptorDacl(sd, TRUE, acl, FALSE) &&
	    SetSecurityDescriptorControl(sd, kept, bits);
}

static enum acl_status
write_descriptor(struct acl_store *s, struct acl_object *o, const struct ace_list *list)
{
	SECURITY_DESCRIPTOR_CONTROL control;
	SECURITY_DESCRIPTOR sd;
	DWORD revision;
	size_t n;
	struct arena *a = arena_new();
	enum acl_status status = ACL_OK;

	PSECURITY_DESCRIPTOR old = descriptor_of(a, o->handle);
	PACL acl = (PACL)(void *)ace_list_write(a, list, &n);
	if (acl == NULL)
		status = says(s, ACL_FAILED, "the list would be longer than the 65,535 bytes that Windows takes");
	else if (old == NULL || !GetSecurityDescriptorControl(old, &control, &revision) ||
	    !make_descriptor(&sd, acl, control) ||
	    !SetKernelObjectSecurity(o->handle, DACL_SECURITY_INFORMATION, &sd))
		status = failed(s, GetLastError());
	arena_free(a);
	return status;
}

struct listing {
	struct { struct acl_child *v; size_t len, cap; } found;
	size_t	 limit;
	bool	 more;
};

static void
take_children(struct arena *a, struct listing *l, const BYTE *at)
{
	for (;;) {
		const FILE_ID_BOTH_DIR_INFO *e = (const void *)at;
		const char *name = utf16_to_wtf8(a, e->FileName, e->FileNameLength / sizeof(WCHAR));
		bool dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
		if (!dots && l->found.len == l->limit) {
			l->more = true;
			return;
		}
		if (!dots)
			VEC_PUSH(a, &l->found, ((struct acl_child){
			    name, (e->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? ACL_DIR : ACL_FILE,
			    (e->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 }));
		if (e->NextEntryOffset == 0)
			return;
		at += e->NextEntryOffset;
	}
}

static enum acl_status
children(struct acl_store *s, struct arena *a, struct acl_object *o, size_t limit,
    struct acl_child **out, size_t *n, bool *more)
{
	struct listing l = { .limit = limit };
	FILE_INFO_BY_HANDLE_CLASS which = FileIdBothDirectoryRestartInfo;
	void *buf = arena_alloc(a, LIST_BYTES);

	while (!l.more && GetFileInformationByHandleEx(o->handle, which, buf, LIST_BYTES)) {
		take_children(a, &l, buf);
		which = FileIdBothDirectoryInfo;
	}
	if (!l.more && GetLastError() != ERROR_NO_MORE_FILES &&
	    !(GetLastError() == ERROR_FILE_NOT_FOUND && which == FileIdBothDirectoryRestartInfo))
		return failed(s, GetLastError());
	*out = l.found.v;
	*n = l.found.len;
	*more = l.more;
	return ACL_OK;
}

/*
 * CreateDirectoryW() gives no handle, and what is opened afterwards may be
 * another directory; the kernel's function gives one.
 */
static enum acl_status
create(struct acl_store *s, const char *path, enum acl_kind kind, struct acl_object **out)
{
	struct arena *a = arena_new();
	wchar_t *wide = wide_path(a, "\\??\\", path);
	OBJECT_ATTRIBUTES at;
	IO_STATUS_BLOCK io;
	UNICODE_STRING name;
	HANDLE h;

	if (wide == NULL || wcslen(wide) > UINT16_MAX / sizeof(WCHAR) - 1) {
		arena_free(a);
		return says(s, ACL_FAILED, "its name is no text, or too long");
	}
	name.Buffer = wide;
	name.Length = (USHORT)(wcslen(wide) * sizeof(WCHAR));
	name.MaximumLength = name.Length;
	InitializeObjectAttributes(&at, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
	NTSTATUS nt = NtCreateFile(&h, access_for(ACL_CHANGE) | FILE_LIST_DIRECTORY | SYNCHRONIZE, &at,
	    &io, NULL, FILE_ATTRIBUTE_NORMAL, SHARE_ALL, NT_CREATE, NT_OPEN_REPARSE_POINT | NT_SYNCHRONOUS |
	    (kind == ACL_DIR ? NT_DIRECTORY : NT_NO_DIRECTORY), NULL, 0);
	arena_free(a);
	if (nt != 0)
		return failed(s, RtlNtStatusToDosError(nt));
	*out = object(h);
	return ACL_OK;
}

static enum acl_status
move(struct acl_store *s, const char *from, const char *to)
{
	struct arena *a = arena_new();
	wchar_t *old = wide_path(a, "\\\\?\\", from), *new = wide_path(a, "\\\\?\\", to);
	enum acl_status status = ACL_OK;

	if (old == NULL || new == NULL)
		status = says(s, ACL_FAILED, "its name is no text");
	else if (!MoveFileExW(old, new, MOVEFILE_WRITE_THROUGH))
		status = failed(s, GetLastError());
	arena_free(a);
	return status;
}

static enum acl_status
remove_open(struct acl_store *s, HANDLE h, uint64_t volume, const uint64_t id[2])
{
	FILE_DISPOSITION_INFO gone = { TRUE };
	BY_HANDLE_FILE_INFORMATION info;
	uint64_t found_volume, found[2];

	if (!identity(h, &found_volume, found) || !GetFileInformationByHandle(h, &info))
		return failed(s, GetLastError());
	if (found_volume != volume || found[0] != id[0] || found[1] != id[1])
		return says(s, ACL_MISSING, "another object has its name");
	if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 &&
	    (info.nFileSizeHigh != 0 || info.nFileSizeLow != 0))
		return says(s, ACL_NOT_EMPTY, "the file has a content");
	/* A directory that is not empty cannot be removed in this way. */
	if (!SetFileInformationByHandle(h, FileDispositionInfo, &gone, sizeof(gone)))
		return failed(s, GetLastError());
	return ACL_OK;
}

static enum acl_status
remove_empty(struct acl_store *s, const char *path, uint64_t volume, const uint64_t id[2])
{
	struct arena *a = arena_new();
	wchar_t *wide = wide_path(a, "\\\\?\\", path);
	/* Nobody writes to it as long as we have it. */
	HANDLE h = wide == NULL ? INVALID_HANDLE_VALUE : CreateFileW(wide, DELETE | FILE_READ_ATTRIBUTES,
	    FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
	    NULL);
	DWORD error = GetLastError();

	arena_free(a);
	if (wide == NULL)
		return says(s, ACL_MISSING, "its name is no text");
	if (h == INVALID_HANDLE_VALUE)
		return failed(s, error);
	enum acl_status status = remove_open(s, h, volume, id);
	CloseHandle(h);
	return status;
}

static enum acl_status
contents(struct acl_store *s, struct acl_object *o, size_t limit, struct sbuf *out)
{
	char piece[16 * 1024];
	DWORD got;

	for (size_t total = 0;; total += got) {
		if (!ReadFile(o->handle, piece, sizeof(piece), &got, NULL))
			return failed(s, GetLastError());
		if (got == 0)
			return ACL_OK;
		if (got > limit - total)
			return says(s, ACL_FAILED, "the file is longer than it can be");
		sbuf_add(out, piece, got);
	}
}

static const struct acl_store_ops ops = {
	.open = open_path,
	.open_id = open_id,
	.close = close_object,
	.facts = facts,
	.read = read_descriptor,
	.write = write_descriptor,
	.children = children,
	.create = create,
	.move = move,
	.remove = remove_empty,
	.contents = contents,
};

struct acl_store *
acl_store_win32(void)
{
	struct win32_store *w = calloc(1, sizeof(*w));

	if (w == NULL)
		out_of_memory();
	w->store.ops = &ops;
	return &w->store;
}

void
acl_store_win32_free(struct acl_store *s)
{
	free(s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_windows.c - one harmless attempt on Windows: a right is asked for, and nothing done with it */
#include <config.h>

#include "self_test_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "backend.h"
#include "host_facts.h"
#include "ir.h"
#include "native_path.h"
#include "path.h"
#include "sbuf.h"
#include "self_test.h"
#include "system.h"
#include "win32.h"

/* ---- probes ---- */

static HANDLE
open_for(const char *path, DWORD access)
{
	struct arena *a = arena_new();
	wchar_t *wide = win32_path(a, path);
	HANDLE h = INVALID_HANDLE_VALUE;

	SetLastError(ERROR_PATH_NOT_FOUND);
	if (wide != NULL)
		h = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
		    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
	DWORD error = GetLastError();
	arena_free(a);
	SetLastError(error);
	return h;
}

/* Of what somebody has open for himself alone it is not told whether the right would be there. */
static struct probe_result
ask(const struct probe *p, DWORD access)
{
	BY_HANDLE_FILE_INFORMATION info;
	HANDLE h = open_for(p->target, access);
	DWORD error = GetLastError();
	struct probe_result r = { .worked = h != INVALID_HANDLE_VALUE };

	r.unknown = !r.worked && (error == ERROR_SHARING_VIOLATION || error == ERROR_LOCK_VIOLATION);
	if (!r.worked)
		r.error = win32_errno(error);
	if (h == INVALID_HANDLE_VALUE)
		return r;
	if (p->ino != 0 && (!GetFileInformationByHandle(h, &info) || info.dwVolumeSerialNumber != p->dev ||
	    ((uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow) != p->ino)) {
		r.worked = false;
		r.other = true;
	}
	CloseHandle(h);
	return r;
}

static struct probe_result
is_held(const struct probe *p)
{
	struct probe_result r = ask(p, DELETE);

	r.said = r.worked ? "it can be moved" : r.error == EACCES && !r.unknown ? "it is held" : NULL;
	r.unknown = r.said == NULL;
	r.worked = !r.worked;
	return r;
}

static struct probe_result
is_link(const struct probe *p)
{
	struct arena *a = arena_new();
	struct host *h = host_real(a);
	struct fact f;
	struct probe_result r = { .worked = false };

	if (h->stat(h, a, p->target, &f) != 0)
		r.error = errno;
	else if (f.kind == NODE_LINK && f.target != NULL && strcmp(f.target, p->want) == 0)
		r.worked = true;
	else
		r.other = true;
	arena_free(a);
	return r;
}

static struct probe_result
is_restricted(void)
{
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return (struct probe_result){ .unknown = true };
	struct probe_result r = { .worked = IsTokenRestricted(token) };
	CloseHandle(token);
	return r;
}

struct probe_result
probe_make(const struct probe *p)
{
	switch (p->op) {
	case PROBE_READ:
		return ask(p, FILE_READ_DATA);
	case PROBE_LIST:
		return ask(p, FILE_LIST_DIRECTORY);
	case PROBE_WRITE:
		return ask(p, FILE_WRITE_DATA);
	case PROBE_CREATE:
		return ask(p, FILE_ADD_FILE);
	case PROBE_LINK:
		return is_link(p);
	case PROBE_PIN:
		return is_held(p);
	case PROBE_STATUS:
		return is_restricted();
	default:
		return (struct probe_result){ .unknown = true };
	}
}

const char *
probe_void(struct probe *p)
{
	if (p->op != PROBE_READ && p->op != PROBE_LIST && p->op != PROBE_WRITE && p->op != PROBE_CREATE)
		return NULL;
	const struct probe_result r = probe_make(p);
	p->outside = r.error;
	if (r.unknown)
		return "as somebody has it open";
	return r.worked ? NULL : "which fails without a sandbox, too";
}

bool
probe_may_write(const char *path)
{
	const struct probe p = { .op = PROBE_WRITE, .target = path };

	return probe_make(&p).worked;
}

const char *
probe_shown(struct arena *a, const char *target)
{
	const char *native = target[0] == '/' ? native_path_plain(a, target) : NULL;

	return native != NULL ? native : target;
}

/* ---- of the plan ---- */

/* The network is the firewall's affair, of the whole machine: what would be met by trying is not known. */
void
self_test_add_own(struct self_test_planner *w)
{
	self_test_own(w, PROBE_STATUS, "a restricted token", "of its own", true, "the plan's token");
	if (w->launch->request->ir->network.mode != NET_OPEN)
		self_test_own(w, PROBE_TCP, "any host", NULL, false, "the plan's identity");
}

void
self_test_emitted(struct self_test_planner *w, const char *path, struct emitted *out)
{
	w->launch->backend->emitted(w->arena, w->launch->request->bound, &w->launch->artifact, EMITTED_PATH,
	    path, out);
}

/* ---- into the sandbox ---- */

HANDLE
self_test_input(struct arena *a, const char *directory, const void *list, size_t len, const char **why)
{
	uint64_t random = 0;
	DWORD sent = 0;

	system_random(&random, sizeof(random));
	wchar_t *wide = win32_path(a, path_join(a, directory, arena_printf(a, "cdxp-self-test-%016llx",
	    (unsigned long long)random)));
	HANDLE h = wide == NULL ? INVALID_HANDLE_VALUE : CreateFileW(wide, GENERIC_READ | GENERIC_WRITE | DELETE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, CREATE_NEW,
	    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
	if (h != INVALID_HANDLE_VALUE && len <= LIMIT_BUNDLE_BYTES && WriteFile(h, list, (DWORD)len, &sent, NULL) &&
	    sent == len && SetFilePointer(h, 0, NULL, FILE_BEGIN) == 0)
		return h;
	*why = arena_printf(a, "--self-test: the list of what is to be tried cannot be written: %s",
	    win32_error_text(a, GetLastError()));
	if (h != INVALID_HANDLE_VALUE)
		CloseHandle(h);
	return NULL;
}

int
self_test_role(void)
{
	struct sbuf text = SBUF_INIT;
	bool only;

	(void)_setmode(_fileno(stdin), _O_BINARY);
	bool arrived = sbuf_read(&text, _fileno(stdin), LIMIT_BUNDLE_BYTES) == 0;
	int status = self_test_try(sbuf_str(&text), arrived ? text.len : 0, &only);
	sbuf_free(&text);
	return status;
}

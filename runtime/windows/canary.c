/* SPDX-License-Identifier: Apache-2.0 */
/* canary.c - the self-check: what a confined program can do, tried for real */
#include <config.h>

#include "canary.h"

#include "arena.h"
#include "native_path.h"
#include "path.h"
#include "spawn_job.h"
#include "system.h"
#include "win32.h"

/* Exit statuses of the program that tries; each has its words below. */
enum found {
	FOUND_CONFINED,
	FOUND_LIST, FOUND_WRITE, FOUND_REMOVE, FOUND_MAKE,
	FOUND_INSIDE,
	FOUND_UNCLEAR,
	FOUND_KINDS
};
enum { WAIT_MS = 30 * 1000, CANARY_ENDED = 99 };

static const char *const words[FOUND_KINDS] = {
	[FOUND_LIST] = "could take over a file outside of all places that it may write (WRITE_DAC)",
	[FOUND_WRITE] = "could write a file outside of all places that it may write",
	[FOUND_REMOVE] = "could remove a file outside of all places that it may write",
	[FOUND_MAKE] = "could make a file outside of all places that it may write",
	[FOUND_INSIDE] = "could not make and remove a file in a place that it may write",
	[FOUND_UNCLEAR] = "was stopped by something else than its rights",
};

/* ---- in the program ---- */

static HANDLE
open_for(struct arena *a, const char *path, DWORD access, DWORD how, DWORD flags)
{
	wchar_t *wide = win32_path(a, path);

	if (wide == NULL) {
		SetLastError(ERROR_INVALID_NAME);
		return INVALID_HANDLE_VALUE;
	}
	return CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
	    NULL, how, flags, NULL);
}

/* Denied is the one right answer: a name that is not found proves nothing. */
static enum found
must_be_denied(HANDLE h, enum found otherwise)
{
	if (h != INVALID_HANDLE_VALUE) {
		CloseHandle(h);
		return otherwise;
	}
	return GetLastError() == ERROR_ACCESS_DENIED ? FOUND_CONFINED : FOUND_UNCLEAR;
}

static enum found
try_outside(struct arena *a, const char *file)
{
	static const struct { DWORD access; enum found found; } tries[] = {
		{ WRITE_DAC, FOUND_LIST }, { FILE_WRITE_DATA, FOUND_WRITE },
		{ FILE_APPEND_DATA, FOUND_WRITE }, { DELETE, FOUND_REMOVE },
	};

	for (size_t i = 0; i < NELEMS(tries); i++) {
		enum found f = must_be_denied(open_for(a, file, tries[i].access, OPEN_EXISTING, 0),
		    tries[i].found);
		if (f != FOUND_CONFINED)
			return f;
	}
	const char *beside = arena_printf(a, "%s.2", file);
	return must_be_denied(open_for(a, beside, FILE_WRITE_DATA | DELETE, CREATE_NEW,
	    FILE_FLAG_DELETE_ON_CLOSE), FOUND_MAKE);
}

static bool
can_make(struct arena *a, const char *dir, const char *name)
{
	HANDLE h = open_for(a, path_join(a, dir, name), FILE_WRITE_DATA | DELETE, CREATE_NEW,
	    FILE_FLAG_DELETE_ON_CLOSE);

	return h != INVALID_HANDLE_VALUE && CloseHandle(h);
}

int
canary_try(int argc, char **argv)
{
	struct arena *a = arena_new();
	enum found f = argc < 1 ? FOUND_UNCLEAR : try_outside(a, argv[0]);

	for (int i = 1; f == FOUND_CONFINED && i < argc; i++)
		if (!can_make(a, argv[i], path_base(argv[0])))
			f = FOUND_INSIDE;
	arena_free(a);
	return (int)f;
}

/* ---- before the command ---- */

static int
fail(struct arena *a, const char **why, const char *what)
{
	*why = arena_printf(a, "self-check: %s: %s", what, win32_error_text(a, GetLastError()));
	return -1;
}

/* Our own program: native, for spawn(). */
static const char *
own_program(struct arena *a)
{
	DWORD size = MAX_PATH;

	for (;;) {
		wchar_t *name = arena_array(a, size + 1, sizeof(*name));
		DWORD n = GetModuleFileNameW(NULL, name, size);
		if (n == 0 || size > 64 * 1024)
			return NULL;
		if (n < size)
			return win32_utf8(a, name);
		size *= 2;
	}
}

static int
wait_for_answer(struct arena *a, struct spawned *s, const char **why)
{
	DWORD code = CANARY_ENDED;

	if (WaitForSingleObject(s->process, WAIT_MS) != WAIT_OBJECT_0) {
		*why = "self-check: the program that tries what must fail did not end in 30 seconds";
		return -1;
	}
	GetExitCodeProcess(s->process, &code);
	if (code == FOUND_CONFINED)
		return 0;
	if (code < FOUND_KINDS)
		*why = arena_printf(a, "self-check: a program with the rights of the command %s: "
		    "nothing is run", words[code]);
	else
		*why = arena_printf(a, "self-check: a program with the rights of the command ended "
		    "with 0x%08lX before it tried anything: nothing is run", code);
	return -1;
}

static int
try_with(struct arena *a, const struct canary_request *q, const char *file, HANDLE none,
    const char **why)
{
	const char **argv = arena_array(a, q->ninside + 4, sizeof(*argv));
	struct spawned s;

	argv[0] = "cdxp-run";
	argv[1] = CANARY_ROLE;
	argv[2] = file;
	for (size_t i = 0; i < q->ninside; i++)
		argv[i + 3] = q->inside[i];
	const struct spawn_request start = {
		.token = q->token, .program = own_program(a), .argv = argv, .envp = q->envp,
		.cwd = native_path_plain(a, q->outside), .desktop = q->desktop,
		.stream = { none, none, none },
	};
	if (start.program == NULL || start.cwd == NULL)
		return fail(a, why, "the program itself cannot be found");
	if (spawn(a, &start, &s, why) != 0)
		return -1;
	int rc = wait_for_answer(a, &s, why);
	spawned_close(&s);
	return rc;
}

int
canary_check(struct arena *a, const struct canary_request *q, const char **why)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	uint64_t random;

	if (system_random(&random, sizeof(random)) != 0) {
		*why = "self-check: the system gives no random bytes";
		return -1;
	}
	const char *name = arena_printf(a, "cdxp-canary-%016llx", (unsigned long long)random);
	const char *file = path_join(a, q->outside, name);
	/* Gone when the handle is, whatever becomes of us. */
	HANDLE h = open_for(a, file, GENERIC_WRITE | DELETE, CREATE_NEW,
	    FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE);
	if (h == INVALID_HANDLE_VALUE)
		return fail(a, why, arena_printf(a, "%s cannot be made", file));
	HANDLE none = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	int rc = none == INVALID_HANDLE_VALUE ? fail(a, why, "NUL cannot be opened") :
	    try_with(a, q, file, none, why);
	if (none != INVALID_HANDLE_VALUE)
		CloseHandle(none);
	CloseHandle(h);
	return rc;
}

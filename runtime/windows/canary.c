/* SPDX-License-Identifier: Apache-2.0 */
/* canary.c - the self-check: what a confined program can do, tried for real */
#include <config.h>

#include "canary.h"

#include <stdlib.h>

#include "arena.h"
#include "path.h"
#include "spawn_job.h"
#include "system.h"
#include "win32.h"

/* Exit statuses of the program that tries; each has its words below. */
enum found {
	FOUND_CONFINED,
	FOUND_LIST, FOUND_WRITE, FOUND_REMOVE, FOUND_MAKE, FOUND_PROCESS, FOUND_UNCLEAR,
	FOUND_KINDS
};
enum { WAIT_MS = 30 * 1000, CANARY_ENDED = 99 };

static const char *const words[FOUND_KINDS] = {
	[FOUND_LIST] = "could take over a file outside of all places that it may write (WRITE_DAC)",
	[FOUND_WRITE] = "could write a file outside of all places that it may write",
	[FOUND_REMOVE] = "could remove a file outside of all places that it may write",
	[FOUND_MAKE] = "could make a file outside of all places that it may write",
	[FOUND_PROCESS] = "could take over the process that starts it",
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

static enum found
try_open(HANDLE h)
{
	if (h == NULL)
		return GetLastError() == ERROR_ACCESS_DENIED ? FOUND_CONFINED : FOUND_UNCLEAR;
	CloseHandle(h);
	return FOUND_PROCESS;
}

/* "PROCESS.THREAD", two numbers. */
static enum found
try_process(const char *text)
{
	static const DWORD rights[] = { PROCESS_VM_WRITE, PROCESS_CREATE_THREAD, PROCESS_DUP_HANDLE, WRITE_DAC };
	char *dot;
	DWORD process = strtoul(text, &dot, 10), thread = *dot == '.' ? strtoul(dot + 1, NULL, 10) : 0;
	enum found f = FOUND_CONFINED;

	for (size_t i = 0; f == FOUND_CONFINED && i < NELEMS(rights); i++)
		f = try_open(OpenProcess(rights[i], FALSE, process));
	return f == FOUND_CONFINED ? try_open(OpenThread(THREAD_SET_CONTEXT, FALSE, thread)) : f;
}

int
canary_try(int argc, char **argv)
{
	struct arena *a = arena_new();
	enum found f = argc < 1 ? FOUND_UNCLEAR : FOUND_CONFINED;

	for (int i = 0; f == FOUND_CONFINED && i < argc; i++)
		f = argv[i][0] == '/' ? try_outside(a, argv[i]) : try_process(argv[i]);
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

int
canary_check(struct arena *a, const struct canary_request *q, const char **why)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	const char **argv = arena_array(a, q->n + 4, sizeof(*argv));
	struct spawned s;

	argv[0] = "cdxp-run";
	argv[1] = CANARY_ROLE;
	for (size_t i = 0; i < q->n; i++)
		argv[i + 2] = q->file[i];
	if (q->ourselves)
		argv[q->n + 2] = arena_printf(a, "%lu.%lu", GetCurrentProcessId(), GetCurrentThreadId());
	struct spawn_request start = { .token = q->token, .argv = argv, .envp = q->envp, .desktop = q->desktop };
	if (spawn_ourselves(a, &start, why) != 0)
		return -1;
	HANDLE none = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
	    FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	if (none == INVALID_HANDLE_VALUE)
		return fail(a, why, "NUL cannot be opened");
	for (int i = 0; i < 3; i++)
		start.stream[i] = none;
	int rc = spawn(a, &start, &s, why);
	if (rc == 0) {
		rc = wait_for_answer(a, &s, why);
		spawned_close(&s);
	}
	CloseHandle(none);
	return rc;
}

int
canary_make(struct arena *a, const char *const *outside, size_t n, struct canaries *c, const char **why)
{
	uint64_t random;

	*c = (struct canaries){ arena_array(a, n, sizeof(*c->file)), arena_array(a, n, sizeof(*c->handle)), 0 };
	if (system_random(&random, sizeof(random)) != 0) {
		*why = "self-check: the system gives no random bytes";
		return -1;
	}
	const char *name = arena_printf(a, "cdxp-canary-%016llx", (unsigned long long)random);
	for (size_t i = 0; i < n; i++) {
		const char *file = path_join(a, outside[i], name);
		HANDLE h = open_for(a, file, GENERIC_WRITE | DELETE, CREATE_NEW,
		    FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE);
		if (h != INVALID_HANDLE_VALUE) {
			c->file[c->n] = file;
			c->handle[c->n++] = h;
		} else if (i == 0) {
			return fail(a, why, arena_printf(a, "%s cannot be made", file));
		}
	}
	return 0;
}

void
canary_close(struct canaries *c)
{
	while (c->n > 0)
		CloseHandle(c->handle[--c->n]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* helper_lock.c - a mutex that the system gives on when its owner dies */
#include <config.h>

#include "helper_lock.h"

#include <windows.h>

#include "arena.h"
#include "win32.h"

struct helper_lock {
	HANDLE	mutex;
};

/*
 * Local: another session of the same user has its own capabilities in use, and
 * the files of our state have locks besides.  A confined command holds the
 * logon SID and could squat on the name: then we are refused, never misled.
 */
enum helper_status
helper_lock(struct arena *a, const char *name, unsigned ms, struct helper_lock **out,
    const char **why)
{
	wchar_t *wide = win32_wide(a, arena_printf(a, "Local\\cdxp-%s", name));
	HANDLE mutex = CreateMutexW(NULL, FALSE, wide);

	if (mutex == NULL) {
		*why = arena_printf(a, "the mutex %s cannot be opened: %s", name,
		    win32_error_text(a, GetLastError()));
		return HELPER_FAILED;
	}
	DWORD got = WaitForSingleObject(mutex, ms);
	if (got != WAIT_OBJECT_0 && got != WAIT_ABANDONED) {
		*why = arena_printf(a, got == WAIT_TIMEOUT ? "another cdxp-run is at work (%s)" :
		    "the mutex %s cannot be waited for", name);
		CloseHandle(mutex);
		return got == WAIT_TIMEOUT ? HELPER_BUSY : HELPER_FAILED;
	}
	*out = arena_alloc(a, sizeof(**out));
	(*out)->mutex = mutex;
	return got == WAIT_ABANDONED ? HELPER_AFTER_CRASH : HELPER_ALONE;
}

void
helper_unlock(struct helper_lock *l)
{
	ReleaseMutex(l->mutex);
	CloseHandle(l->mutex);
}

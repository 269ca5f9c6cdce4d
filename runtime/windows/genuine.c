/* SPDX-License-Identifier: Apache-2.0 */
/* genuine.c - Wine tells its version to who asks ntdll for it */
#include <config.h>

#include "genuine.h"

#include <windows.h>

#include "arena.h"

const char *
genuine_not(struct arena *a)
{
	HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
	FARPROC found = ntdll == NULL ? NULL : GetProcAddress(ntdll, "wine_get_version");
	/* No two types of functions convert into each other without a word but by this one. */
	const char *(*version)(void) = (const char *(*)(void))(void (*)(void))found;

	if (ntdll == NULL)
		return "a system without ntdll.dll";
	return found == NULL ? NULL : arena_printf(a, "Wine %s", version());
}

/* SPDX-License-Identifier: Apache-2.0 */
/* desktop.c - the user's desktop, or one of the command's own */
#include <config.h>

#include "desktop.h"

#include "arena.h"
#include "system.h"
#include "win32.h"

/* DESKTOP_READOBJECTS to DESKTOP_SWITCHDESKTOP and the standard rights but those on the descriptor itself. */
enum { DESKTOP_USE = 0x1FF | DELETE | READ_CONTROL };

static int
fail(struct arena *a, const char **why, const char *what)
{
	*why = arena_printf(a, "%s: %s", what, win32_error_text(a, GetLastError()));
	return -1;
}

/* NULL where it cannot be told. */
static const char *
object_name(struct arena *a, HANDLE h)
{
	wchar_t name[256];
	DWORD need;

	if (h == NULL || !GetUserObjectInformationW(h, UOI_NAME, name, sizeof(name), &need))
		return NULL;
	return win32_utf8(a, name);
}

int
desktop_own(struct arena *a, struct desktop *d, const char **why)
{
	const char *station = object_name(a, GetProcessWindowStation());
	const char *desktop = object_name(a, GetThreadDesktop(GetCurrentThreadId()));

	if (station == NULL || desktop == NULL)
		return fail(a, why, "the desktop that we are on has no name");
	*d = (struct desktop){ arena_printf(a, "%s\\%s", station, desktop), NULL };
	return 0;
}

int
desktop_private(struct arena *a, const struct sid *sids, size_t n, struct desktop *d,
    const char **why)
{
	struct ace_list list = { NULL, 0, 0 };
	SECURITY_DESCRIPTOR sd;
	SECURITY_ATTRIBUTES sa = { sizeof(sa), &sd, FALSE };
	uint64_t random;
	size_t size;

	const char *station = object_name(a, GetProcessWindowStation());
	if (station == NULL)
		return fail(a, why, "the window station that we are on has no name");
	if (system_random(&random, sizeof(random)) != 0) {
		*why = "the system gives no random bytes";
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		ace_add(a, &list, (struct ace){ .type = ACE_ALLOW, .mask = DESKTOP_USE, .sid = sids[i] });
	PACL acl = (PACL)ace_list_write(a, &list, &size);
	if (acl == NULL || !InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION) ||
	    !SetSecurityDescriptorDacl(&sd, TRUE, acl, FALSE))
		return fail(a, why, "the list of a desktop cannot be made");
	const char *name = arena_printf(a, "cdxp-%016llx", (unsigned long long)random);
	HDESK h = CreateDesktopW(win32_wide(a, name), NULL, NULL, 0, GENERIC_ALL, &sa);
	if (h == NULL)
		return fail(a, why, "a desktop for the command cannot be made");
	*d = (struct desktop){ arena_printf(a, "%s\\%s", station, name), h };
	return 0;
}

void
desktop_close(struct desktop *d)
{
	if (d->handle != NULL)
		CloseDesktop(d->handle);
	d->handle = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* state_dir_windows.c - where cdxp-run keeps what must not be lost between two runs: Windows */
#include <config.h>

#include "state_dir.h"

#include <windows.h>

#include "arena.h"
#include "base.h"
#include "host_facts.h"
#include "native_path.h"
#include "win32.h"

const char *
state_dir(struct arena *a)
{
	wchar_t local[MAX_PATH + 1];
	DWORD n = GetEnvironmentVariableW(L"LOCALAPPDATA", local, NELEMS(local));
	const char *text = n > 0 && n < NELEMS(local) ? win32_utf8(a, local) : NULL;
	const char *dir = text == NULL ? NULL : native_path_back(a, text);

	if (dir == NULL) {
		struct host *h = host_real(a);
		const char *home = h->home(h, a);
		dir = home == NULL ? NULL : arena_printf(a, "%s/AppData/Local", home);
	}
	return dir == NULL ? NULL : arena_printf(a, "%s/cdxp", dir);
}

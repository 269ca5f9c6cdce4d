/* SPDX-License-Identifier: Apache-2.0 */
/* surroundings_windows.c - arguments and environment of Windows, as UTF-8 */
#include <config.h>

#include "surroundings.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

#include <windows.h>
#include <shellapi.h>

#include "arena.h"
#include "canary.h"
#include "environ.h"
#include "exec_windows.h"
#include "native_path.h"
#include "report.h"
#include "runner.h"
#include "self_test_windows.h"
#include "win32.h"

static int
find_arguments(struct arena *a, struct surroundings *out)
{
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &out->argc);

	if (wide == NULL)
		return report_fail(-1, "the command line: %s", win32_error_text(a, GetLastError()));
	out->argv = arena_array(a, (size_t)out->argc + 1, sizeof(*out->argv));
	int i = 0;
	while (i < out->argc && (out->argv[i] = win32_utf8(a, wide[i])) != NULL)
		i++;
	LocalFree(wide);
	return i == out->argc ? 0 : report_fail(-1, "argument %d is no text: half of a character "
	    "outside the basic plane is missing", i);
}

static char *
upper_name(char *entry)
{
	for (char *c = entry; *c != '=' && *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return entry;
}

/* "=C:=C:\dir" and its like are Windows' own, and stay behind; so does what is no text. */
static int
find_environment(struct arena *a, struct surroundings *out)
{
	wchar_t *block = GetEnvironmentStringsW();
	struct { char **v; size_t len, cap; } list = { NULL, 0, 0 };

	if (block == NULL)
		return report_fail(-1, "the environment: %s", win32_error_text(a, GetLastError()));
	for (const wchar_t *at = block; *at != L'\0'; at += wcslen(at) + 1) {
		char *entry = *at == L'=' ? NULL : win32_utf8(a, at);
		if (entry != NULL)
			VEC_PUSH(a, &list, upper_name(entry));
	}
	FreeEnvironmentStringsW(block);
	VEC_PUSH(a, &list, NULL);
	out->environment = list.v;
	return 0;
}

static const char *
place(struct arena *a, const struct surroundings *s, const char *name)
{
	const char *value = environ_get((const char *const *)s->environment, name);

	return value == NULL ? NULL : native_path_back(a, value);
}

int
surroundings_find(struct arena *a, int argc, char **argv, struct surroundings *out)
{
	(void)argc, (void)argv;
	*out = (struct surroundings){ 0 };
	/* What is printed is JSON and text of ours: no byte is to be added to it. */
	(void)_setmode(_fileno(stdout), _O_BINARY);
	(void)_setmode(_fileno(stderr), _O_BINARY);
	if (find_arguments(a, out) != 0 || find_environment(a, out) != 0)
		return -1;
	out->home = place(a, out, "USERPROFILE");
	out->tmpdir = place(a, out, "TEMP");
	out->tmp = place(a, out, "TMP");
	return 0;
}

bool
surroundings_role(const struct surroundings *s, int *status)
{
	const char *role = s->argc < 2 ? "" : s->argv[1];

	/* No profile has such a name: of a file it would be a stream without a file. */
	if (strcmp(role, CANARY_ROLE) == 0)
		*status = canary_try(s->argc - 2, s->argv + 2);
	else if (strcmp(role, SELF_TEST_ROLE) == 0)
		*status = self_test_role();
	else if (strcmp(role, RUNNER_ROLE) == 0)
		*status = runner_main();
	else if (strcmp(role, SPREAD_ROLE) == 0)
		*status = exec_windows_spread();
	else
		return false;
	return true;
}

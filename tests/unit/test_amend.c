/* SPDX-License-Identifier: Apache-2.0 */
/* test_amend.c - what the command line adds to a policy, on both kinds of systems */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "amend.h"
#include "arena.h"
#include "ir.h"

static const char *why;

/* One amendment of an empty policy: how it is written there, or why it is not. */
static const char *
amended(struct arena *a, const char *directory, enum amendment_kind kind, const char *value)
{
	struct ir_policy ir = { .name = "p" };
	const struct amendment m = { kind, value };

	why = NULL;
	if (amend_policy(a, &ir, directory, &m, 1, &why) != 0)
		return NULL;
	if (ir.entries.len == 1)
		return arena_printf(a, "%d %s", (int)ir.entries.v[0].anchor, ir.entries.v[0].path);
	if (ir.roots.len == 1)
		return arena_printf(a, "%d %s", (int)ir.roots.v[0].anchor, ir.roots.v[0].path);
	return ir.protected.len == 1 ? ir.protected.v[0].name : "other";
}

static void
check(const char *directory, enum amendment_kind kind, const char *value, enum anchor anchor,
    const char *want)
{
	struct arena *a = arena_new();
	const char *got = amended(a, directory, kind, value);

	assert_non_null(got);
	assert_string_equal(got, arena_printf(a, "%d %s", (int)anchor, want));
	arena_free(a);
}

static void
refused(const char *directory, enum amendment_kind kind, const char *value, const char *word)
{
	struct arena *a = arena_new();

	assert_null(amended(a, directory, kind, value));
	assert_non_null(strstr(why, word));
	assert_non_null(strstr(why, value));
	arena_free(a);
}

static void
test_posix(void **state)
{
	(void)state;
	check("/w", AMEND_WRITABLE, "/a/../b/", ANCHOR_ABS, "/b");
	check("/w", AMEND_READABLE, "x/./y", ANCHOR_ABS, "/w/x/y");
	check("/w", AMEND_WORKSPACE_ROOT, ".", ANCHOR_ABS, "/w");
	check("/w", AMEND_WRITABLE, "C:\\x", ANCHOR_ABS, "/w/C:\\x");
	refused("/w", AMEND_WRITABLE, ":tmpdir", "takes a directory");
}

static void
test_windows(void **state)
{
	(void)state;
	check("/C:/w", AMEND_WRITABLE, "d:\\a\\..\\b\\", ANCHOR_WINDOWS, "D:\\b");
	check("/C:/w", AMEND_WRITABLE, "\\\\?\\C:\\x", ANCHOR_WINDOWS, "C:\\x");
	check("/C:/w", AMEND_READABLE, "x/y\\z", ANCHOR_WINDOWS, "C:\\w\\x\\y\\z");
	check("/C:/w", AMEND_WORKSPACE_ROOT, "..", ANCHOR_WINDOWS, "C:\\");
	check("/C:", AMEND_WORKSPACE_ROOT, "x", ANCHOR_WINDOWS, "C:\\x");
	refused("/C:/w", AMEND_WRITABLE, "/a", "drive");
	refused("/C:/w", AMEND_WRITABLE, "\\a", "drive");
	refused("/C:/w", AMEND_WRITABLE, "C:a", "drive");
	refused("/C:/w", AMEND_UNIX_SOCKET, "x", "not on Windows");
	refused("/C:/w", AMEND_DEVICE, "x", "not on Windows");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_posix), cmocka_unit_test(test_windows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_bwrap_find.c - which bwrap is taken, which kernel is WSL 1 */
#include <config.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "bwrap_find.h"

static void
test_wsl(void **state)
{
	(void)state;
	assert_true(bwrap_is_wsl1("4.4.0-19041-Microsoft"));
	assert_false(bwrap_is_wsl1("5.15.90.1-microsoft-standard-WSL2"));
	assert_false(bwrap_is_wsl1("4.19.104-microsoft-standard"));
	assert_false(bwrap_is_wsl1("5.15.0-Microsoft-custom-WSL2"));
	assert_false(bwrap_is_wsl1("6.1.0-21-amd64"));
}

static void
make(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY, mode);

	assert_true(fd >= 0);
	close(fd);
}

static void
test_find(void **state)
{
	struct arena *a = arena_new();
	char dir[] = "/var/tmp/cdxp-find-XXXXXX";
	const char *why = NULL, *one, *two, *avoid[1];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("one", 0755) | mkdir("two", 0755) | mkdir("bad", 0755), 0);
	make("one/bwrap", 0755);
	make("bad/bwrap", 0644);
	assert_int_equal(symlink("../one/bwrap", "two/bwrap"), 0);
	one = arena_printf(a, "%s/one", dir);
	two = arena_printf(a, "%s/two", dir);

	/* Not relative, not what is not executable. */
	assert_null(bwrap_find(a, "one:.:", NULL, 0, &why));
	assert_non_null(strstr(why, "not on PATH"));
	assert_null(bwrap_find(a, NULL, NULL, 0, &why));
	assert_string_equal(bwrap_find(a, arena_printf(a, "one::%s/bad:%s/none:%s:%s", dir, dir, two, one),
	    NULL, 0, &why), arena_printf(a, "%s/bwrap", two));
	/* Not below an avoided directory, neither itself nor through a link. */
	avoid[0] = one;
	assert_null(bwrap_find(a, two, avoid, 1, &why));
	assert_non_null(strstr(why, "two/bwrap lies where the command may write"));
	avoid[0] = two;
	assert_string_equal(bwrap_find(a, arena_printf(a, "%s:%s", two, one), avoid, 1, &why),
	    arena_printf(a, "%s/bwrap", one));
	/* A name that only begins the same is another directory. */
	avoid[0] = arena_printf(a, "%s/on", dir);
	assert_non_null(bwrap_find(a, one, avoid, 1, &why));

	assert_int_equal(unlink("one/bwrap") | unlink("two/bwrap") | unlink("bad/bwrap"), 0);
	assert_int_equal(rmdir("one") | rmdir("two") | rmdir("bad"), 0);
	assert_int_equal(chdir("/") | rmdir(dir), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_wsl), cmocka_unit_test(test_find) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_lookup.c - the command is found as execvp would find it, under a policy */
#include <config.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "lookup.h"
#include "report.h"

struct fixture {
	struct arena	*a;
	char		 dir[64];
	const char	*hidden;	/* no path below it is readable */
};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static const char *
at(struct fixture *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->dir, name);
}

static void
put(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	int fd = open(at(f, name), O_CREAT | O_WRONLY | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	strcpy(f->dir, "/var/tmp/cdxp-lookup-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	mkdir(at(f, "one"), 0755);
	mkdir(at(f, "two"), 0755);
	mkdir(at(f, "hide"), 0755);
	f->hidden = at(f, "hide");
	put(f, "one/data", "x", 0644);
	put(f, "two/data", "#!/bin/sh\n", 0755);
	put(f, "two/script", "#! /bin/sh -e\ntrue\n", 0755);
	put(f, "two/plain", "true\n", 0755);
	put(f, "two/lost", "#!/nowhere/python\n", 0755);
	put(f, "hide/interp", "#!/bin/sh\n", 0755);
	put(f, "two/hiddeninterp", arena_printf(f->a, "#!%s/hide/interp x\n", f->dir), 0755);
	put(f, "two/dataint", arena_printf(f->a, "#!%s/one/data\n", f->dir), 0755);
	put(f, "two/loop", arena_printf(f->a, "#!%s/two/loop\n", f->dir), 0755);
	put(f, "two/relative", "#!two/script\n", 0755);
	assert_int_equal(symlink("../hide/interp", at(f, "two/link")), 0);
	assert_int_equal(symlink("nothing", at(f, "two/dangling")), 0);
	mkdir(at(f, "two/dir"), 0755);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(f->a);
	free(f);
	return 0;
}

static bool
readable(void *arg, const char *path)
{
	const struct fixture *f = arg;

	return strncmp(path, f->hidden, strlen(f->hidden)) != 0;
}

static void
expect(struct fixture *f, const char *name, const char *path, int status, const char *text)
{
	struct lookup_request q = {
		.name = name, .path = path, .cwd = f->dir, .readable = readable, .arg = f,
	};
	struct lookup_result r = lookup_command(f->a, &q);

	if (r.status != status)
		fail_msg("%s: status %d, not %d (%s)", name, r.status, status,
		    r.message != NULL ? r.message : r.found);
	if (strstr(status == 0 ? r.found : r.message, text) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", name, status == 0 ? r.found : r.message, text);
}

static void
test_with_slash(void **state)
{
	struct fixture *f = *state;

	expect(f, "two/script", NULL, 0, "/two/script");
	expect(f, "./two/plain", NULL, 0, "/two/plain");
	expect(f, at(f, "two/script"), NULL, 0, "/two/script");
	expect(f, "two/relative", NULL, 0, "/two/relative");
	expect(f, "two/absent", NULL, STATUS_NOTFOUND, "two/absent: no such file");
	expect(f, "two/script/x", NULL, STATUS_NOTFOUND, "no such file");
	expect(f, "two/dangling", NULL, STATUS_NOTFOUND, "no such file");
	expect(f, "one/data", NULL, STATUS_NOEXEC, "/one/data is not executable");
	expect(f, "two/dir", NULL, STATUS_NOEXEC, "/two/dir is a directory");
	expect(f, "hide/interp", NULL, STATUS_NOTFOUND, "not readable under the policy");
	expect(f, "two/link", NULL, STATUS_NOTFOUND, "not readable under the policy");
	expect(f, "", "/bin", STATUS_NOTFOUND, "empty");
}

static void
test_interpreters(void **state)
{
	struct fixture *f = *state;

	expect(f, "two/lost", NULL, STATUS_NOTFOUND, "its interpreter /nowhere/python does not exist");
	expect(f, "two/hiddeninterp", NULL, STATUS_NOTFOUND, "hide/interp is not readable");
	expect(f, "two/dataint", NULL, STATUS_NOEXEC, "/one/data is not executable");
	expect(f, "two/loop", NULL, STATUS_NOEXEC, "too many interpreters");
	/* The loader of a dynamic program: hide everything it could be. */
	f->hidden = "/usr/lib";
	char real[PATH_MAX];
	if (realpath("/lib64/ld-linux-x86-64.so.2", real) != NULL &&
	    strncmp(real, f->hidden, strlen(f->hidden)) == 0)
		expect(f, "sh", "/bin", STATUS_NOTFOUND, "its loader /lib64/ld-linux-x86-64.so.2 is not");
	else
		print_message("no loader below /usr/lib here: not tested\n");
}

static void
test_search(void **state)
{
	struct fixture *f = *state;
	const char *both = arena_printf(f->a, "%s/one:%s/two", f->dir, f->dir);

	expect(f, "script", both, 0, "/two/script");
	/* What is not executable is passed over where a better one follows. */
	expect(f, "data", both, 0, "/two/data");
	expect(f, "data", at(f, "one"), STATUS_NOEXEC, "/one/data is not executable");
	expect(f, "absent", both, STATUS_NOTFOUND, "absent: command not found");
	expect(f, "interp", at(f, "hide"), STATUS_NOTFOUND, "hide/interp is not readable");
	expect(f, "interp", arena_printf(f->a, "%s/hide:%s", f->dir, both), STATUS_NOTFOUND,
	    "hide/interp is not readable");
	expect(f, "lost", both, STATUS_NOTFOUND, "/nowhere/python");
	/* Relative and empty entries are below the working directory. */
	expect(f, "script", "two", 0, "/two/script");
	expect(f, "two", "", STATUS_NOEXEC, "is a directory");
	expect(f, "script", ":two:", 0, "/two/script");
	expect(f, "script", "", STATUS_NOTFOUND, "command not found");
	expect(f, "sh", NULL, 0, "/bin/sh");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = { T(test_with_slash), T(test_interpreters), T(test_search) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_seatbelt_command.c - arguments of sandbox-exec, its end, and the file of the profile */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "profile_file.h"
#include "report.h"
#include "sbuf.h"
#include "seatbelt_command.h"

#define BODY	"(version 1)\n(deny default)\n"

static void
expect_params(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct seatbelt_params p;
	struct sbuf got = SBUF_INIT;
	const char *why = NULL;

	if (seatbelt_params(a, text, strlen(text), &p, &why) != 0)
		sbuf_printf(&got, "error: %s", why);
	else
		for (size_t i = 0; i < p.len; i++)
			sbuf_printf(&got, "[%s|%s]", p.v[i].name, p.v[i].value);
	assert_string_equal(sbuf_str(&got), want);
	sbuf_free(&got);
	arena_free(a);
}

static void
test_params(void **state)
{
	(void)state;
	expect_params("", "");
	expect_params(BODY, "");
	expect_params(";; cdxp\n\n;; -D A=/a\n;; -D B_2=/b c=d\n" BODY, "[A|/a][B_2|/b c=d]");
	expect_params(";; -D A=\\\\x\\\"y\n" BODY, "[A|\\x\"y]");
	expect_params(";; -D A=\n" BODY, "[A|]");
	expect_params(";; -D A=/z", "[A|/z]");
	expect_params(";; -D A=z\xc3\xbc\n", "[A|z\xc3\xbc]");
	/* Comments that are something else. */
	expect_params(";;  -D A=1\n; -D B=2\n;; -DC=3\n" BODY, "");
	expect_params(";; -D A=/a\n;; -D A=/b\n", "error: line 2 of the profile: A stands after A");
	expect_params(";; -D B=/a\n;; -D A=/b\n", "error: line 2 of the profile: A stands after B");
	expect_params(";; -D A\n", "error: line 1 of the profile: \";; -D \" is followed by NAME=VALUE");
	expect_params(";; -D =x\n", "error: line 1 of the profile: \";; -D \" is followed by NAME=VALUE");
	expect_params(";; -D A B=x\n", "error: line 1 of the profile: \";; -D \" is followed by NAME=VALUE");
	expect_params(";; -D A=a\"b\n", "error: line 1 of the profile: the value of A is not spelt as in a string");
	expect_params(";; -D A=a\\nb\n", "error: line 1 of the profile: the value of A is not spelt as in a string");
	expect_params(";; -D A=a\\", "error: line 1 of the profile: the value of A is not spelt as in a string");
	expect_params(";; -D A=a\tb\n", "error: line 1 of the profile: the value of A is not spelt as in a string");
	expect_params(BODY ";; -D A=/a\n", "error: line 3 of the profile: a parameter after the first form");
}

static void
test_words(void **state)
{
	char *const command[] = { (char[]){ "ls" }, (char[]){ "-D" }, (char[]){ "--" }, NULL };
	static const char text[] = ";; -D A=/a \\\"q\n;; -D B=/b\n" BODY;
	static const char *const want[] = {
		"sandbox-exec", "-f", "/s/p.sb", "-D", "A=/a \"q", "-D", "B=/b", "--", "/bin/ls", "-D", "--",
	};
	struct arena *a = arena_new();
	const char *why = NULL;
	size_t n;
	const char **words = seatbelt_words(a, text, sizeof(text) - 1, "/s/p.sb", "/bin/ls", command,
	    &n, &why);

	(void)state;
	assert_non_null(words);
	assert_int_equal(n, NELEMS(want));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(words[i], want[i]);
	assert_null(words[n]);
	arena_free(a);
}

static void
test_limits(void **state)
{
	char *const command[] = { (char[]){ "ls" }, NULL };
	struct arena *a = arena_new();
	struct sbuf text = SBUF_INIT;
	const char *why = NULL;
	size_t n;

	(void)state;
	for (int i = 0; i < 255; i++)
		sbuf_printf(&text, ";; -D P%03d=%01017d\n", i, 0);
	assert_non_null(seatbelt_words(a, sbuf_str(&text), text.len, "/f", "/bin/ls", command, &n, &why));
	for (int i = 255; i < 300; i++)
		sbuf_printf(&text, ";; -D P%03d=%01017d\n", i, 0);
	assert_null(seatbelt_words(a, sbuf_str(&text), text.len, "/f", "/bin/ls", command, &n, &why));
	assert_non_null(strstr(why, "262144"));
	while (text.len <= LIMIT_SEATBELT_TEXT)
		sbuf_puts(&text, "; a comment that is long enough to get there\n");
	struct seatbelt_params p;
	assert_int_equal(seatbelt_params(a, sbuf_str(&text), text.len, &p, &why), -1);
	assert_non_null(strstr(why, "2097152"));
	sbuf_free(&text);
	arena_free(a);
}

static void
test_outcome(void **state)
{
	static const struct { bool executed; int wait, status; const char *why; } t[] = {
		{ true, 0, 0, NULL }, { true, 71 << 8, 71, NULL }, { true, 65 << 8, 65, NULL },
		{ true, 9, 137, NULL }, { false, 15, 143, NULL },
		{ false, 71 << 8, STATUS_SETUP, "inside another sandbox" },
		{ false, 65 << 8, STATUS_SETUP, "does not take the profile" },
		{ false, 64 << 8, STATUS_SETUP, "does not take its arguments" },
		{ false, 0, 0, NULL }, { false, 1 << 8, 1, NULL },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		const char *why;
		assert_int_equal(seatbelt_outcome(a, t[i].executed, t[i].wait, "/bin/ls", &why),
		    t[i].status);
		if (t[i].why == NULL)
			assert_null(why);
		else
			assert_non_null(strstr(why, t[i].why));
	}
	arena_free(a);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	static char text[256];

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void
test_profile_file(void **state)
{
	struct arena *a = arena_new();
	char dir[] = "/tmp/cdxp-test-XXXXXX";
	struct profile_file f, g, never = { NULL, NULL, -1 };
	const char *why = NULL;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(profile_file_make(a, dir, BODY, strlen(BODY), &f, &why), 0);
	assert_string_equal(read_file(f.path), BODY);
	assert_int_equal(stat(f.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(f.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(strlen(f.path), strlen(profile_file_name(a, dir)));
	assert_int_equal(fcntl(f.lock, F_GETFD), FD_CLOEXEC);

	/* Another run leaves it alone, and takes away what a killed one left. */
	const char *left = arena_printf(a, "%s/seatbelt-killed", dir);
	assert_int_equal(mkdir(left, 0700), 0);
	FILE *old = fopen(arena_printf(a, "%s/profile.sb", left), "w");
	assert_non_null(old);
	fclose(old);
	assert_int_equal(profile_file_make(a, dir, "x", 1, &g, &why), 0);
	assert_int_not_equal(strcmp(f.path, g.path), 0);
	assert_string_equal(read_file(f.path), BODY);
	assert_int_equal(access(left, F_OK), -1);
	const char *path = g.path;
	profile_file_remove(&g);
	assert_int_equal(access(path, F_OK), -1);
	profile_file_remove(&g);
	profile_file_remove(&never);
	profile_file_remove(&f);
	/* Nothing of ours is left. */
	assert_int_equal(rmdir(dir), 0);

	assert_int_equal(profile_file_make(a, dir, "x", 1, &f, &why), -1);
	assert_non_null(strstr(why, dir));
	assert_int_equal(f.lock, -1);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_outcome),
		cmocka_unit_test(test_profile_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

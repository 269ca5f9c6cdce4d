/* SPDX-License-Identifier: Apache-2.0 */
/* test_command_line.c - command lines are read back by the rules of Windows; environments are sorted */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"
#include "command_line.h"
#include "env_block.h"
#include "prng.h"
#include "utf16.h"

enum { MAX_WORDS = 16 };

/*
 * CommandLineToArgvW(), after its documentation and apart from what is tested:
 * the name of the program ends at a quotation mark, or at a blank; then 2n
 * backslashes and a mark are n of them and the begin or end of quoting, 2n+1
 * and a mark are n of them and the mark; two marks within quoting are one.
 */
static size_t
read_back(struct arena *a, const char *s, const char *words[MAX_WORDS])
{
	size_t n = 0;
	char *out = arena_alloc(a, strlen(s) + 1);
	size_t len = 0;

	if (*s == '"') {
		for (s++; *s != '\0' && *s != '"'; s++)
			out[len++] = *s;
		s += *s == '"';
	} else {
		for (; *s != '\0' && *s != ' ' && *s != '\t'; s++)
			out[len++] = *s;
	}
	words[n++] = out;
	for (;;) {
		while (*s == ' ' || *s == '\t')
			s++;
		if (*s == '\0')
			return n;
		assert_true(n < MAX_WORDS);
		bool quoted = false;
		out = arena_alloc(a, strlen(s) + 1);
		len = 0;
		while (*s != '\0' && (quoted || (*s != ' ' && *s != '\t'))) {
			size_t slashes = strspn(s, "\\");
			s += slashes;
			if (*s != '"') {
				while (slashes-- > 0)
					out[len++] = '\\';
				if (*s != '\0' && (quoted || (*s != ' ' && *s != '\t')))
					out[len++] = *s++;
				continue;
			}
			for (size_t i = 0; i < slashes / 2; i++)
				out[len++] = '\\';
			if (slashes % 2 == 1)
				out[len++] = '"';
			else if (quoted && s[1] == '"')
				out[len++] = *s++;
			else
				quoted = !quoted;
			s++;
		}
		words[n++] = out;
	}
}

static void
check_words(const char *const *argv)
{
	struct arena *a = arena_new();
	const char *why, *back[MAX_WORDS], *line = command_line(a, argv, &why);

	assert_non_null(line);
	size_t n = read_back(a, line, back), i;
	for (i = 0; argv[i] != NULL; i++) {
		assert_true(i < n);
		assert_string_equal(back[i], argv[i]);
	}
	assert_int_equal(i, n);
	arena_free(a);
}

static void
test_hostile(void **state)
{
	static const char *const words[] = {
		"", " ", "\t", "\"", "\\", "\\\\", "\\\"", "a\\", "a b\\", "a b\\\\", "\"\"", "\\\\\"\\\\",
		"a\"b\"c", "\n", "^&|<>%PATH%!x!", "--", "*", "C:\\dir with blank\\", "\xc3\xa9\xf0\x9f\x98\x80",
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(words); i++)
		for (size_t j = 0; j < NELEMS(words); j++)
			check_words((const char *const[]){ "C:\\a b\\x.exe", words[i], words[j], NULL });
}

static void
test_random(void **state)
{
	static const char alphabet[] = "\\\\\\\"\" \ta\n";
	uint64_t seed = prng_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[5][12];
		const char *argv[7] = { "x" };
		size_t n = prng_below(&seed, 5);
		for (size_t i = 0; i < n; i++) {
			size_t len = prng_below(&seed, sizeof(text[i]));
			for (size_t k = 0; k < len; k++)
				text[i][k] = alphabet[prng_below(&seed, sizeof(alphabet) - 1)];
			text[i][len] = '\0';
			argv[i + 1] = text[i];
		}
		check_words(argv);
	}
}

static void
test_refused(void **state)
{
	struct arena *a = arena_new();
	const char *why = NULL;
	char *large = arena_alloc(a, COMMAND_LINE_UNITS + 1);

	(void)state;
	assert_null(command_line(a, (const char *const[]){ "a\"b", NULL }, &why));
	assert_non_null(strstr(why, "quotation mark"));
	assert_null(command_line(a, (const char *const[]){ "a", "\xff", NULL }, &why));
	assert_non_null(strstr(why, "not UTF-8"));
	/* The program's name has quotation marks and a blank behind it. */
	memset(large, 'x', COMMAND_LINE_UNITS - 4);
	assert_null(command_line(a, (const char *const[]){ "a", large, NULL }, &why));
	assert_non_null(strstr(why, "at most 32766"));
	large[COMMAND_LINE_UNITS - 5] = '\0';
	assert_non_null(command_line(a, (const char *const[]){ "a", large, NULL }, &why));
	arena_free(a);
}

static void
test_batch(void **state)
{
	static const char *const bad[] = { "%", "a%PATH%", "\"", "a\"&calc", "a\nb", "\r", "\x01", "\x7f" };
	struct arena *a = arena_new();
	const char *why = NULL;

	(void)state;
	assert_true(command_is_batch("a.bat") && command_is_batch("C:\\x.CMD") && command_is_batch("/C:/x.Bat"));
	assert_false(command_is_batch("a.exe") || command_is_batch("bat") || command_is_batch("x.batx") ||
	    command_is_batch("x\x0e" "bat"));
	assert_string_equal(command_line_batch(a, "C:\\a b\\x.bat", (const char *const[]){
	    "x", "", "a b", "&calc", "^x", "c\\", "!v!", "(<>|)", NULL }, &why),
	    "cmd.exe /d /e:on /v:off /s /c \"\"C:\\a b\\x.bat\" \"\" \"a b\" \"&calc\" \"^x\" \"c\\\\\" "
	    "\"!v!\" \"(<>|)\"\"");
	for (size_t i = 0; i < NELEMS(bad); i++)
		assert_null(command_line_batch(a, "C:\\x.bat", (const char *const[]){ "x", bad[i], NULL }, &why));
	assert_null(command_line_batch(a, "C:\\%TEMP%\\x.bat", (const char *const[]){ "x", NULL }, &why));
	assert_non_null(strstr(why, "the path"));
	arena_free(a);
}

/* The block as text, '|' for each NUL. */
static const char *
shown(struct arena *a, const char *const *envp)
{
	size_t units;
	const char *why;
	uint16_t *block = env_block(a, envp, &units, &why);

	if (block == NULL)
		return why;
	assert_int_equal(block[units - 1], 0);
	assert_int_equal(block[units - 2], 0);
	for (size_t i = 0; i < units; i++)
		if (block[i] == 0)
			block[i] = '|';
	return utf16_to_utf8(a, block, units);
}

static void
test_environment(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(shown(a, (const char *const[]){ NULL }), "||");
	assert_string_equal(shown(a, (const char *const[]){ "b=2", "A=1", "C=", "a_=x=y", NULL }),
	    "A=1|a_=x=y|b=2|C=||");
	assert_string_equal(shown(a, (const char *const[]){ "Path=1", "x=1", "PATH=2", NULL }), "PATH=2|x=1||");
	assert_string_equal(shown(a, (const char *const[]){ "AB=1", "A=2", "A-=3", NULL }), "A=2|A-=3|AB=1||");
	assert_string_equal(shown(a, (const char *const[]){ "é=\xf0\x9f\x98\x80", NULL }), "é=\xf0\x9f\x98\x80||");
	assert_non_null(strstr(shown(a, (const char *const[]){ "=C:=x", NULL }), "has no name"));
	assert_non_null(strstr(shown(a, (const char *const[]){ "x", NULL }), "has no name"));
	assert_non_null(strstr(shown(a, (const char *const[]){ "x=\xff", NULL }), "not UTF-8"));
	const char *const *with = env_with(a, (const char *const[]){ "Path=1", "PATHEXT=2", NULL }, "PATH", "3");
	assert_string_equal(shown(a, with), "PATH=3|PATHEXT=2||");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

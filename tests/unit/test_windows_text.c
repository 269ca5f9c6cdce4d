/* SPDX-License-Identifier: Apache-2.0 */
/* test_windows_text.c - text and paths of Windows, to and fro: on any system */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"
#include "native_path.h"
#include "prng.h"
#include "utf16.h"
#include "utf8.h"

static void
check_utf16(struct arena *a, const char *utf8, const uint16_t *want, size_t n)
{
	size_t len;
	const uint16_t *got = utf16_from_utf8(a, utf8, &len);

	assert_non_null(got);
	assert_int_equal(len, n);
	assert_memory_equal(got, want, n * sizeof(*want));
	assert_int_equal(got[n], 0);
	assert_string_equal(utf16_to_utf8(a, got, n), utf8);
}

static void
test_utf16(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	check_utf16(a, "", (const uint16_t[]){ 0 }, 0);
	check_utf16(a, "aé", (const uint16_t[]){ 'a', 0xe9 }, 2);
	check_utf16(a, "\xef\xbf\xbf", (const uint16_t[]){ 0xffff }, 1);
	check_utf16(a, "\xf0\x90\x80\x80", (const uint16_t[]){ 0xd800, 0xdc00 }, 2);
	check_utf16(a, "\xf4\x8f\xbf\xbf", (const uint16_t[]){ 0xdbff, 0xdfff }, 2);

	/* Surrogates in UTF-8, overlong, cut off, beyond the end. */
	assert_null(utf16_from_utf8(a, "\xed\xa0\x80", NULL));
	assert_null(utf16_from_utf8(a, "\xc0\x80", NULL));
	assert_null(utf16_from_utf8(a, "x\xe2\x82", NULL));
	assert_null(utf16_from_utf8(a, "\xf4\x90\x80\x80", NULL));
	/* Alone, in the wrong order, at the end. */
	assert_null(utf16_to_utf8(a, (const uint16_t[]){ 0xd800, 'a' }, 2));
	assert_null(utf16_to_utf8(a, (const uint16_t[]){ 0xdc00, 0xd800 }, 2));
	assert_null(utf16_to_utf8(a, (const uint16_t[]){ 'a', 0xd800 }, 2));
	/* Two surrogates that would be one character, which has a spelling of its own. */
	assert_null(utf16_from_wtf8(a, "\xed\xa0\x80\xed\xb0\x80", NULL));
	assert_non_null(utf16_from_wtf8(a, "\xed\xb0\x80\xed\xa0\x80", NULL));
	assert_null(utf16_from_wtf8(a, "\xed\xa0", NULL));
	arena_free(a);
}

/* Any units: what is read is what was there, to the unit; what is not is a surrogate alone. */
static void
test_utf16_random(void **state)
{
	uint64_t seed = prng_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct arena *a = arena_new();
		uint16_t in[12];
		size_t n = prng_below(&seed, NELEMS(in)), len;
		bool alone = false;
		for (size_t i = 0; i < n; i++)
			in[i] = (uint16_t)(prng_below(&seed, 2) == 0 ? 1 + prng_below(&seed, 0xffff) :
			    0xd7fe + prng_below(&seed, 0x804));
		for (size_t i = 0; i < n; i++) {
			bool pair = (in[i] & 0xfc00) == 0xd800 && i + 1 < n &&
			    (in[i + 1] & 0xfc00) == 0xdc00;
			alone = alone || (!pair && (in[i] & 0xf800) == 0xd800);
			i += pair;
		}
		const char *text = utf16_to_utf8(a, in, n);
		assert_int_equal(text == NULL, alone);
		if (text != NULL) {
			assert_int_equal(utf8_check(text, strlen(text)), strlen(text));
			const uint16_t *back = utf16_from_utf8(a, text, &len);
			assert_int_equal(len, n);
			assert_memory_equal(back, in, n * sizeof(*in));
		}
		/* With surrogates as bytes nothing is lost, and no two names become one. */
		const char *bytes = utf16_to_wtf8(a, in, n);
		const uint16_t *same = utf16_from_wtf8(a, bytes, &len);
		assert_non_null(same);
		assert_int_equal(len, n);
		assert_memory_equal(same, in, n * sizeof(*in));
		assert_int_equal(utf8_check(bytes, strlen(bytes)) == strlen(bytes), !alone);
		arena_free(a);
	}
}

static void
test_native(void **state)
{
	static const struct { const char *ours, *literal, *plain; } same[] = {
		{ "/C:", "\\\\?\\C:\\", "C:\\" },
		{ "/C:/a", "\\\\?\\C:\\a", "C:\\a" },
		{ "/Z:/a b/.git/x.", "\\\\?\\Z:\\a b\\.git\\x.", "Z:\\a b\\.git\\x." },
		{ "/srv/share", "\\\\?\\UNC\\srv\\share", "\\\\srv\\share" },
		{ "/srv/share/a/é", "\\\\?\\UNC\\srv\\share\\a\\é", "\\\\srv\\share\\a\\é" },
	};
	static const char *const none[] = {
		"/", "", "a", "C:/a", "/srv", "/srv/", "/C:x", "/C:/a/../b", "/C:/.", "/C:/a:b",
		"/C:/a::$DATA", "/C:/a\\b", "/C:/a?", "/C:/a\nb", "/C:/a//b", "/srv/share/..",
		"/C:/a|b", "/C:/a*", "/C:/\"a\"", "/./share/a",
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(same); i++) {
		assert_string_equal(native_path(a, same[i].ours), same[i].literal);
		assert_string_equal(native_path_plain(a, same[i].ours), same[i].plain);
		assert_string_equal(native_path_back(a, same[i].literal), same[i].ours);
		assert_string_equal(native_path_back(a, same[i].plain), same[i].ours);
	}
	for (size_t i = 0; i < NELEMS(none); i++) {
		assert_null(native_path(a, none[i]));
		assert_null(native_path_plain(a, none[i]));
	}
	assert_string_equal(native_path(a, "/c:/a/"), "\\\\?\\C:\\a");
	arena_free(a);
}

static void
test_native_back(void **state)
{
	static const struct { const char *native, *ours; } same[] = {
		{ "c:\\", "/C:" }, { "c:/a/b/", "/C:/a/b" }, { "\\??\\C:\\a\\\\b", "/C:/a/b" },
		{ "\\??\\UNC\\s\\t\\u", "/s/t/u" }, { "//s/t", NULL }, { "\\\\?\\unc\\s\\t", "/s/t" },
	};
	static const char *const none[] = {
		"", "C:", "C:a", "a\\b", "\\a", "\\\\", "\\\\s", "\\\\s\\", "\\\\.\\NUL", "\\\\.\\C:\\a",
		"\\\\?\\Volume{0}\\a", "\\\\?\\UNC\\s", "\\\\?\\pipe\\x", "\\??\\", "1:\\a",
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(same); i++) {
		const char *got = native_path_back(a, same[i].native);
		if (same[i].ours == NULL)
			assert_null(got);
		else
			assert_string_equal(got, same[i].ours);
	}
	for (size_t i = 0; i < NELEMS(none); i++)
		assert_null(native_path_back(a, none[i]));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf16),
		cmocka_unit_test(test_utf16_random),
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_native_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

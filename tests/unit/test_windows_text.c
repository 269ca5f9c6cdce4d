/* SPDX-License-Identifier: Apache-2.0 */
/* test_windows_text.c - text and paths of Windows, to and fro: on any system */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arena.h"
#include "native_path.h"
#include "prng.h"
#include "runner_request.h"
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

static struct runner_request
request(struct arena *a)
{
	static const struct sid cap = { .authority = 5, .n = 5, .sub = { 21, 1, 2, 3, UINT32_MAX } }, logon = { 0 };
	struct runner_request q = { .group = sid_users, .program = "C:\\x \u20ac.exe", .cwd = "C:\\Work\\a",
	    .private_desktop = true, .point = "cdxp-1", .target = "c:\\work" };

	VEC_PUSH(a, &q.restricting, cap);
	VEC_PUSH(a, &q.restricting, logon);
	ace_add(a, &q.dacl, (struct ace){ .type = ACE_ALLOW, .mask = 0x10000000, .sid = logon });
	ace_add(a, &q.dacl, (struct ace){ .type = ACE_ALLOW, .mask = UINT32_MAX, .sid = cap });
	VEC_PUSH(a, &q.argv, "x");
	VEC_PUSH(a, &q.argv, "\"\\\n\x01");
	VEC_PUSH(a, &q.envp, "A=");
	VEC_PUSH(a, &q.canaries, "/C:/state/canary");
	return q;
}

static void
write_request(const struct runner_request *q, struct sbuf *whole, const char **rest, size_t *len)
{
	char *end;

	sbuf_free(whole);
	runner_request_write(q, whole);
	*len = strtoul(sbuf_str(whole), &end, 10);
	assert_int_equal(*end, '\n');
	*rest = end + 1;
	assert_int_equal(*rest + *len - sbuf_str(whole), whole->len);
}

static const char *
written_and_read(struct arena *a, const struct runner_request *q, struct runner_request *got)
{
	struct sbuf whole = SBUF_INIT;
	const char *rest;
	size_t len;

	write_request(q, &whole, &rest, &len);
	const char *why = runner_request_read(a, rest, len, got);
	sbuf_free(&whole);
	return why;
}

static void
test_runner_request(void **state)
{
	struct arena *a = arena_new();
	struct runner_request q = request(a), got;
	struct sbuf first = SBUF_INIT, again = SBUF_INIT;
	const char *rest;
	size_t len, refused = 0;

	(void)state;
	write_request(&q, &first, &rest, &len);
	assert_null(runner_request_read(a, rest, len, &got));
	runner_request_write(&got, &again);
	assert_string_equal(sbuf_str(&first), sbuf_str(&again));
	assert_string_equal(got.argv.v[1], q.argv.v[1]);
	assert_int_equal(got.restricting.v[1].n, 0);
	assert_true(sid_equal(&got.restricting.v[0], &q.restricting.v[0]));
	/* Cut off anywhere, or with a byte that is another: refused, or read as something, without a crash. */
	for (size_t i = 0; i < len; i++)
		assert_non_null(runner_request_read(a, rest, i, &got));
	for (size_t i = 0; i < len; i++) {
		char *changed = arena_strndup(a, rest, len);
		changed[i] ^= 4;
		refused += runner_request_read(a, changed, len, &got) != NULL;
	}
	assert_true(refused > len / 2);
	sbuf_free(&first);
	sbuf_free(&again);
	arena_free(a);
}

static void
test_runner_request_that_checks_nothing(void **state)
{
	struct arena *a = arena_new();
	struct runner_request q = request(a), got;

	(void)state;
	q.canaries.len = 0;
	assert_non_null(written_and_read(a, &q, &got));
	q.unconfined = true;
	assert_null(written_and_read(a, &q, &got));
	q = request(a), q.group.n = 0;
	assert_non_null(written_and_read(a, &q, &got));
	q = request(a), q.restricting.len = 0;
	assert_non_null(written_and_read(a, &q, &got));
	q = request(a), q.argv.len = 0;
	assert_non_null(written_and_read(a, &q, &got));
	/* A junction is to the directory of the command or one around it, by one name. */
	static const char *const other[][2] = { { "cdxp-1", "C:\\Work\\b" }, { "a\\b", "C:\\Work" }, { "..", "C:\\Work" },
	    { NULL, "C:\\Work" }, { "cdxp-1", NULL }, { "a:b", "C:\\Work" } };
	for (size_t i = 0; i < NELEMS(other); i++) {
		q = request(a), q.point = other[i][0], q.target = other[i][1];
		assert_non_null(written_and_read(a, &q, &got));
	}
	arena_free(a);
}

static void
test_way_by_junction(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(runner_cwd(a, "C:\\work", "c:\\Work", "C:\\u\\j"), "C:\\u\\j");
	assert_string_equal(runner_cwd(a, "C:\\work\\a\\b", "c:\\Work", "C:\\u\\j"), "C:\\u\\j\\a\\b");
	assert_string_equal(runner_cwd(a, "C:\\a", "C:\\", "D:\\j"), "D:\\j\\a");
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
		cmocka_unit_test(test_runner_request),
		cmocka_unit_test(test_runner_request_that_checks_nothing),
		cmocka_unit_test(test_way_by_junction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

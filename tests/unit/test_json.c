/* SPDX-License-Identifier: Apache-2.0 */
/* test_json.c - canonical writing, strict reading, digests */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "arena.h"
#include "json.h"
#include "prng.h"

static void
reading_and_writing_is_canonical(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "null", "null" }, { " \ttrue\n", "true" }, { "true ", NULL }, { "\n\tfalse\n", "false" },
		{ "{\"b\":1, \"a\" : [ ],\r\n\"\":{ }}", "{\"\":{},\"a\":[],\"b\":1}" },
		{ "\"\\u00e9\\ud83d\\ude00\\/\\u0041\"", "\"\u00e9\U0001f600/A\"" },
		{ "\"\\b\\t\\n\\f\\r\\\"\\\\\\u001F\x7f\"",
		    "\"\\b\\t\\n\\f\\r\\\"\\\\\\u001f\x7f\"" },
		{ "[0,-0,-1,9007199254740992,-9007199254740992]",
		    "[0,0,-1,9007199254740992,-9007199254740992]" },
		/* bytewise: U+10000 after U+FFFD, which UTF-16 would turn round */
		{ "{\"\\ud800\\udc00\":1,\"\\ufffd\":2,\"ab\":3,\"a\":4}",
		    "{\"a\":4,\"ab\":3,\"\uFFFD\":2,\"\U00010000\":1}" },
	};
	const char *why;
	size_t offset;

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		cJSON *v = json_read(cases[i].in, strlen(cases[i].in), &why, &offset);
		struct sbuf b = SBUF_INIT;
		if (cases[i].out == NULL) {
			assert_null(v);
			continue;
		}
		if (v == NULL)
			fail_msg("%s: %s at %zu", cases[i].in, why, offset);
		assert_int_equal(json_write(&b, v), 0);
		assert_string_equal(sbuf_str(&b), cases[i].out);
		sbuf_free(&b);
		cJSON_Delete(v);
	}
}

#define BAD(s, at, why)	{ s, sizeof(s) - 1, at, why }

static void
what_is_not_strict_is_refused(void **state)
{
	static const struct { const char *in; size_t len, at; const char *why; } cases[] = {
		BAD("", 0, "a value"), BAD("{", 1, "a string"), BAD("[1,]", 3, "a value"),
		BAD("{\"a\":1,}", 7, "a string"), BAD("{\"a\" 1}", 5, "':'"),
		BAD("[1 2]", 3, "',' or ']'"), BAD("{\"a\":1]", 6, "',' or '}'"),
		BAD("{\"a\":1,\"\\u0061\":2}", 7, "duplicate"),
		BAD("[{\"a\":{\"a\":1},\"b\":1,\"a\":2}]", 20, "duplicate"),
		BAD("\"\\u0000\"", 1, "\\u0000"), BAD("\"a\0b\"", 2, "control"),
		BAD("\"\\ud800\"", 1, "surrogate"), BAD("\"\\udc00\"", 1, "surrogate"),
		BAD("\"\\ud800\\u0041\"", 1, "surrogate"), BAD("\"\\ud800x", 1, "surrogate"),
		BAD("\"\xff\"", 1, "UTF-8"), BAD("\"\xed\xa0\x80\"", 1, "UTF-8"),
		BAD("\"a\nb\"", 2, "control"), BAD("\"abc", 4, "does not end"),
		BAD("\"\\x\"", 2, "escape"), BAD("\"\\u12g4\"", 5, "hex"), BAD("\"\\", 2, "escape"),
		BAD("9007199254740993", 0, "2^53"), BAD("-9007199254740993", 0, "2^53"),
		BAD("123456789012345678901234567890", 0, "2^53"),
		BAD("1.5", 0, "plain"), BAD("1e2", 0, "plain"), BAD("1.0", 0, "plain"),
		BAD("01", 0, "zero"), BAD("-01", 0, "zero"), BAD("-", 0, "a value"),
		BAD("+1", 0, "a value"), BAD("nul", 0, "a value"), BAD("NaN", 0, "a value"),
		BAD("1 2", 1, "behind"), BAD("1\n\n", 2, "behind"), BAD("1 ", 1, "behind"),
		BAD("nullx", 4, "behind"), BAD("\xef\xbb\xbfnull", 0, "a value"),
		BAD("/**/1", 0, "a value"), BAD("'a'", 0, "a value"), BAD("[\0]", 1, "a value"),
		BAD("1\0", 1, "behind"),
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		const char *why = NULL;
		size_t at = 0;
		/* exactly as long as the text: a step behind it is noticed */
		char *in = malloc(cases[i].len > 0 ? cases[i].len : 1);
		assert_non_null(in);
		memcpy(in, cases[i].in, cases[i].len);
		cJSON *v = json_read(in, cases[i].len, &why, &at);
		free(in);
		if (v != NULL || strstr(why, cases[i].why) == NULL || at != cases[i].at)
			fail_msg("%s: %s at %zu", cases[i].in, v != NULL ? "accepted" : why, at);
	}
}

static void
depth_and_size_are_limited(void **state)
{
	struct sbuf b = SBUF_INIT, out = SBUF_INIT;
	const char *why;
	size_t at;

	(void)state;
	for (int depth = LIMIT_BUNDLE_DEPTH; depth <= LIMIT_BUNDLE_DEPTH + 1; depth++) {
		b.len = 0;
		for (int i = 0; i < depth; i++)
			sbuf_puts(&b, i % 2 == 0 ? "[" : "{\"\":");
		sbuf_puts(&b, "1");
		for (int i = depth; i-- > 0; )
			sbuf_puts(&b, i % 2 == 0 ? "]" : "}");
		cJSON *v = json_read(b.p, b.len, &why, &at);
		if (depth == LIMIT_BUNDLE_DEPTH) {
			assert_non_null(v);
			assert_int_equal(json_write(&out, v), 0);
			assert_string_equal(out.p, b.p);
			cJSON *deeper = cJSON_CreateArray();
			cJSON_AddItemToArray(deeper, v);
			assert_int_equal(json_write(&out, deeper), -1);
			cJSON_Delete(deeper);
		} else {
			assert_null(v);
			assert_non_null(strstr(why, "deep"));
		}
	}
	sbuf_free(&b);
	sbuf_free(&out);
	char *large = calloc(1, (size_t)LIMIT_BUNDLE_BYTES + 1);
	assert_non_null(large);
	memset(large, ' ', LIMIT_BUNDLE_BYTES);
	large[LIMIT_BUNDLE_BYTES] = '1';
	assert_null(json_read(large, (size_t)LIMIT_BUNDLE_BYTES + 1, &why, &at));
	assert_string_equal(why, "larger than the limit");
	free(large);
}

/* A quadratic step anywhere would take minutes here. */
static void
large_documents_are_fast(void **state)
{
	struct sbuf b = SBUF_INIT, out = SBUF_INIT;
	const char *why;
	size_t at;
	enum { N = 200000 };

	(void)state;
	sbuf_puts(&b, "{\"\":[");
	for (int i = 0; i < N; i++)
		sbuf_printf(&b, "%s%d", i == 0 ? "" : ",", i);
	sbuf_puts(&b, "]");
	for (int i = 0; i < N; i++)
		sbuf_printf(&b, ",\"key %06d\":{\"a\":%d}", (i * 7919) % N, i);
	sbuf_puts(&b, "}");
	clock_t start = clock();
	cJSON *v = json_read(b.p, b.len, &why, &at);
	assert_non_null(v);
	assert_int_equal(json_write(&out, v), 0);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	assert_int_equal(out.len, b.len);
	/* canonical text is a fixed point */
	cJSON *again = json_read(out.p, out.len, &why, &at);
	b.len = 0;
	assert_int_equal(json_write(&b, again), 0);
	assert_string_equal(out.p, b.p);
	cJSON_Delete(again);
	cJSON_Delete(v);
	sbuf_free(&b);
	sbuf_free(&out);
	if (seconds > 10)
		fail_msg("%d members took %.1f s", N, seconds);
}

/* Whatever is done to a sound text: no crash, and what is read can be written. */
static void
damaged_text_is_survived(void **state)
{
	static const char sound[] =
	    "{\"a\":[1,-2,{\"b\":\"x\\u00e9\\ud83d\\ude00\xc3\xa9\"}],\"c\":null,\"d\":[true,false]}\n";
	uint64_t seed = prng_seed(), rng = seed;
	int accepted = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = sizeof(sound) - 1, at;
		const char *why;
		char *s = malloc(len);
		assert_non_null(s);
		memcpy(s, sound, len);
		for (size_t i = prng_below(&rng, 3) + 1; i > 0; i--)
			s[prng_below(&rng, len)] = sound[prng_below(&rng, len)];
		if (prng_below(&rng, 4) == 0)
			s[prng_below(&rng, len)] = (char)prng(&rng);
		if (prng_below(&rng, 4) == 0)
			len = prng_below(&rng, len);
		cJSON *v = json_read(s, len, &why, &at);
		free(s);
		if (v == NULL) {
			assert_true(at <= len);
			continue;
		}
		struct sbuf b = SBUF_INIT;
		accepted++;
		if (json_write(&b, v) != 0)
			fail_msg("SEED=%llu: round %d cannot be written", (unsigned long long)seed, round);
		sbuf_free(&b);
		cJSON_Delete(v);
	}
	assert_in_range(accepted, 100, 19000);
}

static void
what_cannot_be_canonical_is_not_written(void **state)
{
	cJSON *bad[] = {
		cJSON_CreateNumber(0.5), cJSON_CreateNumber(1e300), cJSON_CreateNumber(-1e17),
		cJSON_CreateNumber(strtod("nan", NULL)), cJSON_CreateString("\xff"),
		cJSON_CreateObject(), cJSON_CreateObject(),
	};
	struct sbuf b = SBUF_INIT;

	(void)state;
	cJSON_AddNullToObject(bad[5], "twice");
	cJSON_AddNullToObject(bad[5], "twice");
	cJSON_AddNullToObject(bad[6], "\xc0\x80");
	for (size_t i = 0; i < NELEMS(bad); i++) {
		assert_int_equal(json_write(&b, bad[i]), -1);
		cJSON_Delete(bad[i]);
	}
	assert_int_equal(json_write(&b, NULL), -1);
	sbuf_free(&b);
}

/* Row by row or as a tree: the same bytes, and the same failure. */
static void
rows_are_written_like_a_tree(void **state)
{
	struct json_rows rows = JSON_ROWS_INIT, none = JSON_ROWS_INIT, bad = JSON_ROWS_INIT;
	cJSON *doc = cJSON_CreateObject();
	struct sbuf b = SBUF_INIT;

	(void)state;
	for (int i = 0; i < 3; i++) {
		cJSON *row = cJSON_CreateObject();
		json_put(row, "n", cJSON_CreateNumber(i));
		json_put(row, "a", cJSON_CreateString("\"\n"));
		json_rows_add(&rows, row);
	}
	json_put(doc, "rows", json_rows_done(&rows));
	json_put(doc, "none", json_rows_done(&none));
	assert_int_equal(json_write(&b, doc), 0);
	assert_string_equal(sbuf_str(&b), "{\"none\":[],\"rows\":[{\"a\":\"\\\"\\n\",\"n\":0},"
	    "{\"a\":\"\\\"\\n\",\"n\":1},{\"a\":\"\\\"\\n\",\"n\":2}]}");
	json_rows_add(&bad, cJSON_CreateNumber(0.5));
	json_put(doc, "bad", json_rows_done(&bad));
	assert_int_equal(json_write(&b, doc), -1);
	cJSON_Delete(doc);
	sbuf_free(&b);
}

/* Every byte at every place of a string, so that words of eight and the rest are both met. */
static void
escapes_are_found_everywhere(void **state)
{
	(void)state;
	for (int c = 1; c < 0x80; c++)
		for (size_t at = 0; at < 19; at++) {
			char text[20] = "abcdefghijklmnopqrs", want[32];
			const char *why;
			size_t offset;
			struct sbuf b = SBUF_INIT;
			text[at] = (char)c;
			cJSON *v = cJSON_CreateString(text);
			assert_int_equal(json_write(&b, v), 0);
			cJSON *again = json_read(sbuf_str(&b), b.len, &why, &offset);
			assert_non_null(again);
			assert_string_equal(again->valuestring, text);
			snprintf(want, sizeof(want), "\"%s\"", text);
			bool plain = c >= 0x20 && c != '"' && c != '\\';
			assert_int_equal(strcmp(sbuf_str(&b), want) == 0, plain);
			cJSON_Delete(again);
			cJSON_Delete(v);
			sbuf_free(&b);
		}
}

static void
bytes_have_one_spelling(void **state)
{
	static const struct { const char *s; size_t len; const char *json; } cases[] = {
		{ "", 0, "\"\"" }, { "/a\u00e9", 4, "\"/a\u00e9\"" },
		{ "a\0b", 3, "{\"hex\":\"610062\"}" }, { "\xff/", 2, "{\"hex\":\"ff2f\"}" },
	};
	static const char *const refused[] = {
		"{\"hex\":\"61\"}", "{\"hex\":\"\"}", "{\"hex\":\"f\"}", "{\"hex\":\"FF\"}",
		"{\"hex\":\"fg\"}", "{\"hex\":\"ff\",\"x\":1}", "{\"hex\":1}", "{}", "1", "[\"ff\"]",
	};
	struct arena *a = arena_new();
	const char *why;
	size_t at, len;

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		cJSON *v = json_bytes(cases[i].s, cases[i].len);
		struct sbuf b = SBUF_INIT;
		assert_int_equal(json_write(&b, v), 0);
		assert_string_equal(b.p, cases[i].json);
		const char *back = json_get_bytes(a, v, &len);
		assert_non_null(back);
		assert_int_equal(len, cases[i].len);
		assert_memory_equal(back, cases[i].s, len + 1);
		sbuf_free(&b);
		cJSON_Delete(v);
	}
	for (size_t i = 0; i < NELEMS(refused); i++) {
		cJSON *v = json_read(refused[i], strlen(refused[i]), &why, &at);
		assert_non_null(v);
		assert_null(json_get_bytes(a, v, &len));
		cJSON_Delete(v);
	}
	arena_free(a);
}

static void
members_are_typed(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"n\":-5,\"b\":true,\"z\":null}";
	const char *why;
	size_t at;
	int64_t n = 77;
	bool b = false;
	cJSON *v = json_read(text, sizeof(text) - 1, &why, &at);

	(void)state;
	assert_non_null(v);
	assert_string_equal(json_string(v, "s"), "x");
	assert_null(json_string(v, "n"));
	assert_null(json_string(v, "S"));
	assert_null(json_member(NULL, "s"));
	assert_non_null(json_member(v, "z"));
	assert_false(json_int(v, "s", &n));
	assert_int_equal(n, 77);
	assert_true(json_int(v, "n", &n));
	assert_int_equal(n, -5);
	assert_false(json_bool(v, "z", &b));
	assert_true(json_bool(v, "b", &b));
	assert_true(b);
	cJSON_Delete(v);
}

/* FIPS 180-4's examples. */
static void
digests_are_sha256(void **state)
{
	char out[65];

	(void)state;
	sha256_hex("abc", 3, out);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, out);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_and_writing_is_canonical),
		cmocka_unit_test(what_is_not_strict_is_refused),
		cmocka_unit_test(depth_and_size_are_limited),
		cmocka_unit_test(large_documents_are_fast),
		cmocka_unit_test(damaged_text_is_survived),
		cmocka_unit_test(what_cannot_be_canonical_is_not_written),
		cmocka_unit_test(rows_are_written_like_a_tree),
		cmocka_unit_test(escapes_are_found_everywhere),
		cmocka_unit_test(bytes_have_one_spelling),
		cmocka_unit_test(members_are_typed),
		cmocka_unit_test(digests_are_sha256),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

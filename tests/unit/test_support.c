/* SPDX-License-Identifier: Apache-2.0 */
/* test_support.c - memory, maps, UTF-8 and edit distance */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "intern.h"
#include "prng.h"
#include "sbuf.h"
#include "suggest.h"
#include "utf8.h"

static void
arena_pieces_are_apart_zero_and_aligned(void **state)
{
	struct arena *a = arena_new();
	uint64_t rng = prng_seed();
	unsigned char *p[500];
	size_t n[500];

	(void)state;
	for (size_t i = 0; i < NELEMS(p); i++) {
		n[i] = prng_below(&rng, i % 50 == 0 ? 3000000 : 300);
		p[i] = arena_alloc(a, n[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < n[i]; k++)
			assert_int_equal(p[i][k], 0);
		if (n[i] > 0)
			memset(p[i], (int)(i % 255) + 1, n[i]);
	}
	for (size_t i = 0; i < NELEMS(p); i++)
		for (size_t k = 0; k < n[i]; k++)
			assert_int_equal(p[i][k], i % 255 + 1);
	arena_free(a);
	arena_free(NULL);
}

static void
arena_text_is_copied(void **state)
{
	struct arena *a = arena_new();
	struct { int *v; size_t len, cap; } vec = { NULL, 0, 0 };

	(void)state;
	assert_memory_equal(arena_strndup(a, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_string_equal(arena_strdup(a, "abc"), "abc");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	for (int i = 0; i < 10000; i++)
		VEC_PUSH(a, &vec, i * 3);
	assert_int_equal(vec.len, 10000);
	assert_true(vec.cap >= vec.len && vec.cap < 40000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(vec.v[i], i * 3);
	arena_free(a);
}

static void
sbuf_holds_any_bytes(void **state)
{
	struct sbuf b = SBUF_INIT;

	(void)state;
	assert_string_equal(sbuf_str(&b), "");
	sbuf_add(&b, NULL, 0);
	assert_string_equal(sbuf_str(&b), "");
	sbuf_puts(&b, "ab");
	sbuf_addc(&b, '\0');
	sbuf_printf(&b, "%03d%s", 5, "!");
	assert_int_equal(b.len, 7);
	assert_memory_equal(b.p, "ab\0" "005!", 8);
	sbuf_add_front(&b, "<>", 2);
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.p, "<>ab\0" "005!", 10);
	sbuf_free(&b);
	assert_int_equal(b.len, 0);
	for (int i = 0; i < 100000; i++)
		sbuf_addc(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	assert_int_equal(b.p[99999], 'a' + 99999 % 26);
	assert_int_equal(b.p[100000], 0);
	sbuf_free(&b);
}

static void
strmap_finds_what_was_put(void **state)
{
	struct arena *a = arena_new();
	struct strmap *m = strmap_new(a);
	enum { N = 5000 };
	static int value[N];
	char key[32];

	(void)state;
	assert_null(strmap_get(m, "", 0));
	for (int i = 0; i < N; i++) {
		size_t len = (size_t)snprintf(key, sizeof(key), "%d", i);
		assert_null(strmap_get(m, key, len));
		assert_null(strmap_put(m, key, len, &value[i]));
		assert_int_equal(strmap_count(m), i + 1);
		memset(key, 'x', sizeof(key));	/* the map has its own copy */
	}
	for (int i = 0; i < N; i++) {
		size_t len = (size_t)snprintf(key, sizeof(key), "%d", i);
		assert_ptr_equal(strmap_get(m, key, len), &value[i]);
		assert_ptr_equal(strmap_put(m, key, len, &value[0]), &value[i]);
		assert_ptr_equal(strmap_get(m, key, len), &value[0]);
	}
	assert_int_equal(strmap_count(m), N);
	assert_null(strmap_put(m, "", 0, &value[1]));
	assert_null(strmap_put(m, "a\0b", 3, &value[2]));
	assert_null(strmap_get(m, "a", 1));
	assert_null(strmap_get(m, "a\0c", 3));
	assert_ptr_equal(strmap_get(m, "", 0), &value[1]);
	arena_free(a);
}

static void
intern_gives_one_pointer_for_equal_text(void **state)
{
	struct arena *a = arena_new();
	struct intern *in = intern_new(a);
	const char *kept[300];
	char key[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 300; i++) {
			size_t len = (size_t)snprintf(key, sizeof(key), "name-%d", i);
			const char *p = intern_str(in, key, len);
			assert_string_equal(p, key);
			if (round == 0)
				kept[i] = p;
			assert_ptr_equal(p, kept[i]);
		}
	assert_ptr_not_equal(kept[1], kept[2]);
	assert_ptr_not_equal(intern_str(in, "ab", 2), intern_str(in, "a", 1));
	arena_free(a);
}

static void
utf8_is_that_of_the_rfc(void **state)
{
	static const struct { const char *s; size_t n, len; uint32_t cp; } cases[] = {
		{ "a", 1, 1, 'a' }, { "\0", 1, 1, 0 },
		{ "\xc2\x80", 2, 2, 0x80 }, { "\xdf\xbf", 2, 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 3, 0x800 }, { "\xed\x9f\xbf", 3, 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 3, 0xe000 }, { "\xf0\x90\x80\x80", 4, 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
		/* overlong, surrogate, too large, cut off, stray */
		{ "\xc0\xaf", 2, 0, 0 }, { "\xc1\xbf", 2, 0, 0 },
		{ "\xe0\x9f\xbf", 3, 0, 0 }, { "\xf0\x8f\xbf\xbf", 4, 0, 0 },
		{ "\xed\xa0\x80", 3, 0, 0 }, { "\xed\xbf\xbf", 3, 0, 0 },
		{ "\xf4\x90\x80\x80", 4, 0, 0 }, { "\xf5\x80\x80\x80", 4, 0, 0 },
		{ "\xe2\x82", 2, 0, 0 }, { "\xe2\x82\x28", 3, 0, 0 },
		{ "\x80", 1, 0, 0 }, { "\xff", 1, 0, 0 }, { "\xfe", 1, 0, 0 },
	};
	uint32_t cp;

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		size_t len = utf8_decode(cases[i].s, cases[i].n, &cp);
		assert_int_equal(len, cases[i].len);
		if (len > 0)
			assert_int_equal(cp, cases[i].cp);
		assert_int_equal(utf8_check(cases[i].s, cases[i].n), len == 0 ? 0 : len);
	}
}

static void
utf8_round_trips(void **state)
{
	char s[4];
	uint32_t back = 0;

	(void)state;
	for (uint32_t cp = 0; cp < 0x110100; cp++) {
		size_t n = utf8_encode(cp, s);
		if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_in_range(n, 1, 4);
		assert_int_equal(utf8_decode(s, n, &back), n);
		assert_int_equal(back, cp);
	}
}

/* The fault is found at each place, also across the eight bytes of a step. */
static void
utf8_check_gives_the_first_fault(void **state)
{
	char s[64];

	(void)state;
	for (size_t at = 0; at < sizeof(s); at++) {
		memset(s, 'a', sizeof(s));
		assert_int_equal(utf8_check(s, sizeof(s)), sizeof(s));
		s[at] = '\xff';
		assert_int_equal(utf8_check(s, sizeof(s)), at);
		assert_int_equal(utf8_check(s, at), at);
	}
	assert_int_equal(utf8_width('a'), 1);
	assert_int_equal(utf8_width(0xe9), 1);
	assert_int_equal(utf8_width(0x301), 0);
	assert_int_equal(utf8_width(0x4e2d), 2);
	assert_int_equal(utf8_width(0x1f600), 2);
}

/* The textbook's table, whole and without a bound. */
static unsigned
distance_by_table(const char *a, const char *b)
{
	unsigned d[12][12];
	size_t la = strlen(a), lb = strlen(b);

	for (size_t i = 0; i <= la; i++)
		for (size_t j = 0; j <= lb; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (unsigned)(i + j);
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < d[i][j])
				d[i][j] = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < d[i][j])
				d[i][j] = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[la][lb];
}

static void
distance_is_the_textbooks(void **state)
{
	uint64_t seed = prng_seed(), rng = seed;
	char a[12], b[12];

	(void)state;
	assert_int_equal(edit_distance("kitten", "sitting", 9), 3);
	assert_int_equal(edit_distance("abc", "xyz", 9), 3);
	assert_int_equal(edit_distance("ab", "ba", 9), 1);
	assert_int_equal(edit_distance("", "", 0), 0);
	assert_int_equal(edit_distance("", "abc", 2), 3);
	for (int round = 0; round < 20000; round++) {
		size_t la = prng_below(&rng, sizeof(a)), lb = prng_below(&rng, sizeof(b));
		for (size_t i = 0; i < la; i++)
			a[i] = (char)('a' + prng_below(&rng, 3));
		for (size_t i = 0; i < lb; i++)
			b[i] = (char)('a' + prng_below(&rng, 3));
		a[la] = b[lb] = '\0';
		unsigned right = distance_by_table(a, b);
		for (unsigned max = 0; max < 13; max++) {
			unsigned got = edit_distance(a, b, max);
			if (got != (right <= max ? right : max + 1))
				fail_msg("SEED=%llu: \"%s\" \"%s\" within %u: %u, should be %u",
				    (unsigned long long)seed, a, b, max, got, right);
		}
	}
}

static void
suggestions_are_near_or_absent(void **state)
{
	static const char *const names[] = {
		"description", "extends", "filesystem", "network", "workspace_roots", "write",
	};

	(void)state;
	assert_string_equal(suggest("filesytem", names, NELEMS(names)), "filesystem");
	assert_string_equal(suggest("wirte", names, NELEMS(names)), "write");
	assert_string_equal(suggest("extend", names, NELEMS(names)), "extends");
	assert_string_equal(suggest("descirptoin", names, NELEMS(names)), "description");
	assert_null(suggest("writ3x", names, 5));
	assert_null(suggest("w", names, NELEMS(names)));
	assert_null(suggest("", names, NELEMS(names)));
	assert_null(suggest("sandbox", names, NELEMS(names)));
	assert_null(suggest("filesystem", names, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_pieces_are_apart_zero_and_aligned),
		cmocka_unit_test(arena_text_is_copied),
		cmocka_unit_test(sbuf_holds_any_bytes),
		cmocka_unit_test(strmap_finds_what_was_put),
		cmocka_unit_test(intern_gives_one_pointer_for_equal_text),
		cmocka_unit_test(utf8_is_that_of_the_rfc),
		cmocka_unit_test(utf8_round_trips),
		cmocka_unit_test(utf8_check_gives_the_first_fault),
		cmocka_unit_test(distance_is_the_textbooks),
		cmocka_unit_test(suggestions_are_near_or_absent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

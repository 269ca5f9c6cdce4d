/* SPDX-License-Identifier: Apache-2.0 */
/* test_acl_values.c - SIDs, lists of entries, paths of Windows, names in an ssh_config: strict and exact */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ace_list.h"
#include "acl_profile.h"
#include "arena.h"
#include "prng.h"
#include "sid.h"
#include "win_path.h"

static void
test_sids(void **state)
{
	static const char *const good[] = {
		"S-1-1-0", "S-1-5-18", "S-1-5-21-1-2-3-1001", "S-1-5-21-4294967295-0-1-2", "S-1-0-0",
		"S-1-0x123456789ABC-1", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15", "S-1-4294967295-1",
	};
	static const char *const bad[] = {
		"", "S", "S-1", "S-1-", "S-1-5", "S-1-5-", "S-2-5-18", "s-1-5-18", "BA", "WD", "S-1-5-18 ", " S-1-5-18",
		"S-1-5-018", "S-1-05-18", "S-1-5-21-4294967296", "S-1-5-21-99999999999", "S-1-5-21-18446744073709551617",
		"S-1-5-21-+1", "S-1-5-21--1", "S-1-5-21-1x", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
		"S-1-0x12345678-1", "S-1-0x000000000005-18", "S-1-0x123456789ABCD-1", "S-1-4294967296-1", "S-1-5-0x12",
	};
	char text[SID_TEXT_MAX];
	uint8_t bytes[SID_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < NELEMS(good); i++) {
		struct sid sid, back;
		if (sid_parse(good[i], strlen(good[i]), &sid) != NULL)
			fail_msg("%s", good[i]);
		assert_string_equal(sid_text(&sid, text), good[i]);
		size_t n = sid_write(&sid, bytes);
		assert_int_equal(sid_read(bytes, n, &back), n);
		assert_true(sid_equal(&sid, &back));
		assert_int_equal(sid_read(bytes, n - 1, &back), 0);
	}
	for (size_t i = 0; i < NELEMS(bad); i++) {
		struct sid sid;
		if (sid_parse(bad[i], strlen(bad[i]), &sid) == NULL)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static struct ace
random_ace(uint64_t *r)
{
	static const struct sid *const sids[] = { &sid_everyone, &sid_users, &sid_owner_rights, &sid_authenticated };
	struct ace ace = { .type = (uint8_t)prng_below(r, 2), .flags = (uint8_t)prng_below(r, 32),
	    .mask = (uint32_t)(1u << prng_below(r, 20)), .sid = *sids[prng_below(r, 4)] };

	return ace;
}

/* Adding keeps the order canonical, and all others as they were; taking away gives what was there. */
static void
test_adding_and_taking_away(void **state)
{
	uint64_t r = prng_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct arena *a = arena_new();
		struct ace_list list = { NULL, 0, 0 };
		bool found;
		for (size_t i = prng_below(&r, 12); i > 0; i--) {
			struct ace e = random_ace(&r);
			if ((e.flags & ACE_INHERITED) != 0)
				ace_add(a, &list, e);
			else
				list = ace_list_with(a, &list, &e);
		}
		assert_true(ace_list_is_canonical(&list));
		struct ace one = random_ace(&r);
		one.flags &= ACE_INHERITANCE;
		size_t before = ace_list_count(&list, &one);
		struct ace_list with = ace_list_with(a, &list, &one);
		assert_true(ace_list_is_canonical(&with));
		assert_int_equal(ace_list_count(&with, &one), before + 1);
		struct ace_list back = ace_list_without(a, &with, &one, &found);
		assert_true(found);
		assert_true(ace_lists_equal(&back, &list));
		/* And as bytes. */
		size_t n;
		const uint8_t *bytes = ace_list_write(a, &with, &n);
		struct ace_list read = { NULL, 0, 0 };
		assert_null(ace_list_read(a, bytes, n, &read));
		assert_true(ace_lists_equal(&read, &with));
		arena_free(a);
	}
}

static void
test_bytes(void **state)
{
	/* An object entry between two plain ones: carried along as it is. */
	static const uint8_t bytes[] = {
		4, 0, 72, 0, 3, 0, 0, 0,
		1, 0, 20, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
		5, 0x13, 24, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
		0, 0x10, 20, 0, 0xff, 1, 0x1f, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
	};
	struct arena *a = arena_new();
	struct ace_list list = { NULL, 0, 0 };
	size_t n;

	(void)state;
	assert_null(ace_list_read(a, bytes, sizeof(bytes), &list));
	assert_int_equal(list.len, 3);
	assert_null(list.v[0].raw);
	assert_non_null(list.v[1].raw);
	assert_int_equal(list.v[2].mask, 0x1f01ff);
	const uint8_t *back = ace_list_write(a, &list, &n);
	assert_int_equal(n, sizeof(bytes));
	assert_memory_equal(back, bytes, n);
	for (size_t len = 0; len < sizeof(bytes); len++)
		assert_non_null(ace_list_read(a, bytes, len, &list));
	/* Sizes of its own that are none. */
	uint8_t copy[sizeof(bytes)];
	for (unsigned i = 0; i < 8; i++) {
		memcpy(copy, bytes, sizeof(copy));
		copy[2] = (uint8_t)i;
		assert_non_null(ace_list_read(a, copy, sizeof(copy), &list));
	}
	struct ace big = { .type = ACE_DENY, .mask = 1, .sid = sid_everyone };
	struct ace_list many = { NULL, 0, 0 };
	for (int i = 0; i < 4000; i++)
		ace_add(a, &many, big);
	assert_null(ace_list_write(a, &many, &n));
	arena_free(a);
}

static void
test_inheritance(void **state)
{
	static const struct sid owner = { .authority = 3, .n = 1, .sub = { 0 } };
	/* flags at the parent; what a directory and a file get; 0xff: nothing */
	static const uint8_t rows[][3] = {
		{ 0x00, 0xff, 0xff }, { 0x01, 0x19, 0x10 }, { 0x02, 0x12, 0xff }, { 0x03, 0x13, 0x10 },
		{ 0x05, 0xff, 0x10 }, { 0x06, 0x10, 0xff }, { 0x07, 0x10, 0x10 }, { 0x0b, 0x13, 0x10 },
		{ 0x0a, 0x12, 0xff }, { 0x09, 0x19, 0x10 }, { 0x13, 0x13, 0x10 }, { 0x08, 0xff, 0xff },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct ace e = { .type = ACE_DENY, .flags = rows[i][0], .mask = 2, .sid = sid_users };
		struct ace_list parent = { &e, 1, 1 };
		for (int dir = 0; dir < 2; dir++) {
			struct ace_list got = ace_list_inherited(a, &parent, dir == 1, &sid_everyone);
			uint8_t want = rows[i][dir == 1 ? 1 : 2];
			assert_int_equal(got.len, want == 0xff ? 0 : 1);
			if (want != 0xff)
				assert_int_equal(got.v[0].flags, want);
		}
	}
	/* For whoever creates: in effect for the owner, and handed on. */
	struct ace creator = { .type = ACE_ALLOW, .flags = 0x0b, .mask = 0x10000000, .sid = owner };
	struct ace_list parent = { &creator, 1, 1 }, got = ace_list_inherited(a, &parent, true, &sid_users);
	assert_int_equal(got.len, 2);
	assert_true(sid_equal(&got.v[0].sid, &sid_users));
	assert_int_equal(got.v[0].mask, 0x1f01ff);
	assert_int_equal(got.v[0].flags, 0x10);
	assert_int_equal(got.v[1].flags, 0x1b);
	arena_free(a);
}

static void
test_paths(void **state)
{
	static const char *const good[] = {
		"C:\\", "C:\\a", "D:\\a b\\.git", "C:\\Users\\me\\conx", "C:\\console.txt", "C:\\com", "C:\\com10", "C:\\lpt",
		"C:\\\xc3\xa4\\\xf0\x9f\x98\x80", "C:\\a~1", "C:\\..a", "C:\\a..b", "C:\\.a", "C:\\nulx\\y",
	};
	static const char *const bad[] = {
		"", "C", "C:", "c:\\a", "C:a", "C:/a", "\\a", "a", "\\\\server\\share\\x", "\\\\?\\C:\\a", "\\\\.\\C:\\a",
		"\\\\?\\UNC\\s\\x", "\\??\\C:\\a", "C:\\\\a", "C:\\a\\", "C:\\a\\\\b", "C:\\a\\.", "C:\\.", "C:\\..", "C:\\a\\..\\b",
		"C:\\a.", "C:\\a ", "C:\\a. \\b", "C:\\...", "C:\\a:b", "C:\\a::$DATA", "C:\\a\\.git:x:$DATA", "C:\\CON", "C:\\con.txt",
		"C:\\a\\nul", "C:\\NUL .txt", "C:\\aux.a.b", "C:\\COM1", "C:\\com1.x", "C:\\lpt9", "C:\\com\xc2\xb9", "C:\\LPT\xc2\xb3.t",
		"C:\\conin$", "C:\\CONOUT$", "C:\\a*", "C:\\a?", "C:\\a|b", "C:\\<", "C:\\a\"b", "C:\\a/b", "C:\\a\nb", "C:\\a\x01",
		"C:\\\xff", "C:\\\xed\xa0\x80", "1:\\a", "\xc3\x84:\\a", "C:\\prn", "C:\\clock$",
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(good); i++)
		if (win_path_check(good[i], strlen(good[i])) != NULL)
			fail_msg("\"%s\" %s", good[i], win_path_check(good[i], strlen(good[i])));
	for (size_t i = 0; i < NELEMS(bad); i++)
		if (win_path_check(bad[i], strlen(bad[i])) == NULL)
			fail_msg("\"%s\" was taken", bad[i]);
	assert_non_null(win_path_check("C:\\a\0b", 6));
}

static void
test_long_paths(void **state)
{
	struct arena *a = arena_new();
	struct sbuf b = SBUF_INIT;

	(void)state;
	/* 4 for the prefix, 2 for the drive, and components of 255 and a backslash each: 32,767 in all. */
	sbuf_puts(&b, "C:");
	while (b.len + 4 + 256 <= WIN_PATH_UNITS)
		sbuf_printf(&b, "\\%0255d", 1);
	while (b.len + 4 < WIN_PATH_UNITS)
		sbuf_puts(&b, b.len + 5 == WIN_PATH_UNITS || b.p[b.len - 1] == '\\' ? "x" : "\\");
	if (b.p[b.len - 1] == '\\')
		b.p[b.len - 1] = 'y';
	assert_int_equal(b.len + 4, WIN_PATH_UNITS);
	assert_null(win_path_check(b.p, b.len));
	sbuf_addc(&b, 'x');
	assert_non_null(win_path_check(b.p, b.len));
	sbuf_free(&b);
	/* 255 units, some of them of three bytes, or two units of four. */
	sbuf_puts(&b, "C:\\");
	for (int i = 0; i < 251; i++)
		sbuf_puts(&b, "\xe2\x82\xac");
	sbuf_puts(&b, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
	assert_null(win_path_check(b.p, b.len));
	sbuf_puts(&b, "\xe2\x82\xac");
	assert_non_null(win_path_check(b.p, b.len));
	sbuf_free(&b);
	arena_free(a);
}

static void
test_path_relations(void **state)
{
	struct arena *a = arena_new();
	const char *why;

	(void)state;
	assert_true(win_path_within("C:\\A\\b", "c:\\a"));
	assert_true(win_path_within("C:\\a", "C:\\"));
	assert_false(win_path_within("C:\\ab", "C:\\a"));
	assert_string_equal(win_path_parent(a, "C:\\a"), "C:\\");
	assert_null(win_path_parent(a, "C:\\"));
	assert_string_equal(win_path_join(a, "C:\\", "x"), "C:\\x");
	assert_string_equal(win_path_final(a, "\\\\?\\c:\\X", &why), "C:\\X");
	assert_null(win_path_final(a, "\\\\?\\UNC\\srv\\s\\x", &why));
	assert_null(win_path_final(a, "\\\\?\\Volume{1}\\x", &why));
	assert_null(win_path_final(a, "\\\\?\\C:\\x:s", &why));
	assert_true(win_path_order("C:\\a\\b", "C:\\a b") < 0);
	assert_int_equal(win_path_order("C:\\A\\b", "c:\\a\\B"), 0);
	assert_true(win_name_is_short("GIT~1", 5));
	assert_true(win_name_is_short("PROGRA~1.TXT", 12));
	assert_false(win_name_is_short("a~1.html", 8));
	assert_false(win_name_is_short("abc~x", 5));
	arena_free(a);
}

static void
collect(void *arg, const char *name, size_t len)
{
	struct sbuf *b = arg;

	sbuf_add(b, name, len);
	sbuf_addc(b, '|');
}

static void
test_ssh_names(void **state)
{
	static const char config[] =
	    "# IdentityFile ~/commented\n"
	    "Host *\n"
	    "  IdentityFile ~/keys/id_rsa\n"
	    "  IdentityFile=\"C:\\Users\\Me\\my keys\\id\"\n"
	    "  CertificateFile c:/users/me/certs/x\r\n"
	    "  UserKnownHostsFile ~/.ssh/kh  %d/known/kh ${HOME}/third\n"
	    "  Include ./relative\n"
	    "  ControlPath ~//./socket\n"
	    "  ProxyCommand ssh -i ~/proxykey host\n"
	    "  IdentityFile C:\\Users\\Meander\\no\n"
	    "  IdentityFile ~\n"
	    "  IdentityFile ~other/x\n"
	    "  IdentityFile \"~/last";
	struct sbuf b = SBUF_INIT;

	(void)state;
	acl_ssh_names(config, sizeof(config) - 1, "C:\\Users\\me", collect, &b);
	assert_string_equal(sbuf_str(&b), "keys|my keys|certs|.ssh|known|third|socket|proxykey|last|");
	sbuf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sids),
		cmocka_unit_test(test_adding_and_taking_away),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_path_relations),
		cmocka_unit_test(test_ssh_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

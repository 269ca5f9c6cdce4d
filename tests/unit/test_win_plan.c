/* SPDX-License-Identifier: Apache-2.0 */
/* test_win_plan.c - plans, of a machine too, are read strictly, capabilities kept safely */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "acl_fixture.h"
#include "backend.h"
#include "cap_store.h"
#include "json.h"
#include "machine.h"
#include "state_files_posix.h"

static const char *const roots[] = { "C:\\work", "C:\\other" };
static const struct test_entry entries[] = {
	{ "C:\\", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ "C:\\other", "directory", "allow", "write", "0x1201BF", "OICI", "capability:1", false },
	{ "C:\\other", "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:1", false },
	{ "C:\\work", "directory", "deny", "holds-pinned", "0x40", "", "user", false },
	{ "C:\\work", "directory", "allow", "write", "0x1201BF", "OICI", "capability:0", false },
	{ "C:\\work", "directory", "allow", "write-delete", "0x10000", "OICIIO", "capability:0", false },
	{ "C:\\work\\.git", "directory", "deny", "carve-out", "0xD0156", "OICI", "capability:0", false },
	{ "C:\\work\\.git", "directory", "deny", "carve-out-holds", "0x40", "CI", "user", false },
	{ "C:\\work\\x", "file", "deny", "carve-out", "0xD0156", "", "capability:0", true },
};
static const char audits[] = "[{\"name\":\"world-writable\",\"principals\":[\"everyone\"],\"mask\":\"0x116\","
    "\"places\":[{\"path\":\"@temp\",\"depth\":1},{\"path\":\"C:\\\\work\",\"depth\":null}],"
    "\"limits\":{\"checks\":10,\"entries\":10,\"seconds\":2},"
    "\"deny\":[{\"flags\":\"OICI\",\"mask\":\"0xD0156\",\"to\":\"capability:0\"}],\"required\":true}]";
static const struct test_plan standard = { false, roots, 2, entries, NELEMS(entries), audits, NULL };

static const char *
refusal(struct arena *a, const char *text, size_t len)
{
	const char *why = NULL;

	return win_plan_read(a, text, len, NULL, &why) == NULL ? why : NULL;
}

static void
test_reads_back(void **state)
{
	struct arena *a = arena_new();
	const char *text = test_plan_text(a, &standard), *why = NULL;

	(void)state;
	struct win_plan *p = win_plan_read(a, text, strlen(text), NULL, &why);
	if (p == NULL)
		fail_msg("%s", why);
	assert_int_equal(p->roots.len, 2);
	assert_int_equal(p->places.len, 5);
	assert_int_equal(p->places.v[2].entries.len, 3);
	assert_int_equal(p->places.v[2].entries.v[1].mask, 0x1201bf);
	assert_int_equal(p->places.v[4].kind, ACL_FILE);
	assert_true(p->places.v[4].make);
	assert_string_equal(p->places.v[2].entries.v[0].at, "ci.toml:3:1: rule");
	assert_int_equal(p->audits.v[0].places.v[1].depth, WIN_PLAN_AUDIT_DEPTH);
	const char *both = arena_printf(a, "{\"cdxp_windows\":1,\"compiler\":\"\",\"profile\":\"\",\"plans\":{"
	    "\"windows-unelevated\":%s,\"windows-elevated\":{\"status\":\"refused\",\"reason\":\"no\",\"rule\":null,"
	    "\"witness\":null}}}", text);
	struct win_plan *q = win_plan_read(a, both, strlen(both), "windows-unelevated", &why);
	assert_non_null(q);
	assert_string_equal(p->id, q->id);
	assert_null(win_plan_read(a, both, strlen(both), "windows-elevated", &why));
	assert_non_null(strstr(why, "cannot enforce"));
	assert_null(win_plan_read(a, both, strlen(both), NULL, &why));
	arena_free(a);
}

/* Every place where a text stands, with another text in its place. */
static void
test_refuses_words(void **state)
{
	static const struct { const char *from, *to; } v[] = {
		{ "\"acl\":1", "\"acl\":2" }, { "\"acl\":1", "\"acl\":true" }, { "\"acl\":1,", "" }, { "\"acl\":1", "\"acl\":1,\"b\":1" },
		{ "\"host\"", "\"generic\"" }, { "\"exact\"", "\"refused\"" }, { "\"exact\"", "\"close\"" },
		{ "0x1201BF", "0x1301BF" }, { "0x1201BF", "0x1201bf" }, { "0x1201BF", "0x1F01FF" }, { "0x1201BF", "0x12011BF" },
		{ "0x1201BF", "0x01201BF" }, { "0x1201BF", "1179071" }, { "\"0x1201BF\"", "1179071" }, { "0xD0156", "0x40" },
		{ "0xD0156", "0xD0155" }, { "0xD0156", "0x10000000" }, { "\"OICI\"", "\"CIOI\"" }, { "\"OICI\"", "\"OICINP\"" },
		{ "\"OICI\"", "\"OICIID\"" }, { "\"OICIIO\"", "\"OICI\"" }, { "\"deny\"", "\"allow\"" }, { "\"allow\"", "\"audit\"" },
		{ "\"carve-out\"", "\"denied\"" }, { "\"carve-out\"", "\"read\"" }, { "\"carve-out\"", "\"\"" },
		{ "\"to\":\"capability:0\"", "\"to\":\"user\"" }, { "\"to\":\"capability:0\"", "\"to\":\"everyone\"" },
		{ "\"to\":\"capability:0\"", "\"to\":\"capability:2\"" }, { "\"to\":\"capability:0\"", "\"to\":\"capability:00\"" },
		{ "\"to\":\"capability:0\"", "\"to\":\"capability:\"" }, { "\"to\":\"capability:0\"", "\"to\":\"S-1-1-0\"" },
		{ "\"to\":\"capability:0\"", "\"to\":\"group\"" }, { "\"to\":\"user\"", "\"to\":\"group\"" },
		{ "\"to\":\"user\"", "\"to\":\"owner-rights\"" }, { "\"make\":true", "\"make\":0" }, { "\"make\":false,", "" },
		{ "C:\\\\work\\\\.git", "C:\\\\work\\\\.git." }, { "C:\\\\work\\\\.git", "C:\\\\work\\\\x" },
		{ "C:\\\\work\\\\.git", "C:\\\\work\\\\X\\\\y" }, { "C:\\\\work\\\\.git", "\\\\\\\\s\\\\x\\\\.git" },
		{ "C:\\\\work\\\\.git", "C:\\\\work\\\\..\\\\.git" }, { "C:\\\\work\\\\.git", "@cwd\\\\.git" },
		{ "C:\\\\work\\\\x", "C:\\\\work\\\\GIT~1" }, { "C:\\\\other", "C:\\\\OTHER\\\\.." },
		{ "\"rule\":0", "\"rule\":1" }, { "\"rule\":0", "\"rule\":-1" }, { "\"rule\":0", "\"rule\":0.5" },
		{ "\"is\":\"file\"", "\"is\":\"directory\"" }, { "\"is\":\"directory\"", "\"is\":\"pipe\"" },
		{ "WRITE_RESTRICTED", "SANDBOX_INERT" }, { "SeChangeNotifyPrivilege", "SeDebugPrivilege" },
		{ "\"logon\"]", "\"logon\",\"user\"]" }, { "\"logon\"]", "\"logon\",\"users\"]" },
		{ "\"logon\"]", "\"logon\",\"sandbox-user\"]" }, { "\"capability:1\",\"logon\"", "\"logon\"" },
		{ "\"online\"", "\"offline\"" }, { "\"reads\":null", "\"reads\":\"x\"" }, { "\"reads\":null,", "" },
		{ "@temp", "@tmp" }, { "@temp", "@temp\\\\x" }, { "\"depth\":1", "\"depth\":-1" }, { "\"checks\":10", "\"checks\":0" },
		{ "\"required\":true", "\"required\":1" }, { "\"denied\":[]", "\"denied\":[\"C:\\\\work\"]" },
		{ "\"audits\":[", "\"audits\":[1," }, { "\"places\":[{", "\"places\":[[],{" }, { "windows-unelevated", "windows-elevated" },
		{ "\"hash\":\"", "\"hash\":\"0" }, { "\"binding\":\"host\"", "\"binding\":\"host\",\"binding\":\"host\"" },
	};
	struct arena *a = arena_new();
	const char *text = test_plan_text(a, &standard);
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(v); i++) {
		const char *at = strstr(text, v[i].from);
		if (at == NULL)
			fail_msg("%s is nowhere", v[i].from);
		/* At each of its places, one after the other. */
		for (; at != NULL; at = strstr(at + 1, v[i].from), n++) {
			const char *bad = arena_printf(a, "%.*s%s%s", (int)(at - text), text, v[i].to, at + strlen(v[i].from));
			if (refusal(a, bad, strlen(bad)) == NULL)
				fail_msg("%s for %s was taken:\n%s", v[i].to, v[i].from, bad);
		}
	}
	print_message("%zu changes refused\n", n);
	arena_free(a);
}

/* Every byte left out, and every byte turned into another: refused, or the same plan but for words for people. */
static void
test_no_byte_is_idle(void **state)
{
	static const char other[] = "0\"x}";
	struct arena *a = arena_new();
	const char *text = test_plan_text(a, &standard), *why;
	size_t len = strlen(text), taken = 0;
	char *bad = arena_alloc(a, len + 1);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		struct arena *each = arena_new();
		memcpy(bad, text, i);
		memcpy(bad + i, text + i + 1, len - i);
		taken += win_plan_read(each, bad, len - 1, NULL, &why) != NULL;
		for (size_t k = 0; k < sizeof(other) - 1; k++) {
			memcpy(bad, text, len + 1);
			if (bad[i] == other[k])
				continue;
			bad[i] = other[k];
			taken += win_plan_read(each, bad, len, NULL, &why) != NULL;
		}
		arena_free(each);
	}
	/* What can change: where a rule stands, limits, depths, masks of audits, default rights. */
	assert_true(taken < 150);
	arena_free(a);
}

static void
test_tables_masks(void **state)
{
	struct plan_entry e = { .at = "" };
	size_t good = 0;

	(void)state;
	/* Of all single-bit changes of all rows for all principals only the table's own pass. */
	static const uint32_t masks[] = { 0x1201bf, 0x10000, 0xd0156, 0x40, 0xd01ff, 0x1200a9, 0x20000 };
	static const uint8_t flags[] = { 0, 2, 3, 11 };
	for (unsigned p = 0; p < PLAN_PURPOSES; p++)
		for (unsigned to = 0; to < PLAN_PRINCIPALS; to++)
			for (unsigned bits = 0; bits < 16; bits++)
				for (size_t m = 0; m < NELEMS(masks); m++)
					for (unsigned bit = 0; bit <= 32; bit++) {
						uint32_t mask = bit == 32 ? masks[m] : masks[m] ^ 1u << bit;
						e.purpose = p;
						e.to.who = to;
						e.type = bits & 1 ? ACE_DENY : ACE_ALLOW;
						e.flags = flags[bits >> 2];
						e.mask = mask;
						bool elevated = (bits & 2) != 0;
						for (int kind = 0; kind < 2; kind++) {
							if (plan_entry_check(&e, kind, elevated) != NULL)
								continue;
							good++;
							/* What must never be in a plan, whatever the table says. */
							assert_false(e.type == ACE_ALLOW && (mask & 0xc0040) != 0);
							assert_false(to == TO_USER && (e.type == ACE_ALLOW || (mask != 0x40 && mask != 0x10000)));
							assert_true(to != TO_EVERYONE && to != TO_USERS && to != TO_AUTHENTICATED && to != TO_LOGON);
							assert_true(e.type == ACE_ALLOW || (mask & 0x120000) == 0);
						}
					}
	assert_true(good > 20);
}

static void
test_machine_plans(void **state)
{
	static const struct { const char *from, *to; } changes[] = {
		{ "cdxp-offline", "Administrator" }, { "\"block\"", "\"allow\"" }, { "SeInteractive", "SeTakeOwnership" },
		{ "0.0.0.0-126", "0.0.0.0-1" }, { "\"any\"", "\"tcp\"" }, { "\"hidden\":true", "\"hidden\":false" },
		{ "cdxp_machine\":1", "cdxp_machine\":2" }, { "1-3127", "1-3100" }, { "\"0-1079\"", "\"0-1079\",7" },
		{ "{\"cdxp", "[\"cdxp" }, { "3129-65535", "3129-65536" },
	};
	static const unsigned port[] = { 3128, 1080 };
	struct arena *a = arena_new();
	struct sbuf b = SBUF_INIT;
	struct machine_plan plan;
	const char *why;

	(void)state;
	backend_windows_machine_ports(port, 2, "any \"compiler\"", &b);
	assert_int_equal(machine_plan_read(a, sbuf_str(&b), b.len, &plan, &why), 0);
	assert_int_equal(plan.n, 17);
	machine_plan_free(&plan);
	for (size_t i = 0; i < NELEMS(changes); i++) {
		const char *at = strstr(sbuf_str(&b), changes[i].from);
		assert_non_null(at);
		const char *other = arena_printf(a, "%.*s%s%s", (int)(at - sbuf_str(&b)), sbuf_str(&b), changes[i].to,
		    at + strlen(changes[i].from));
		assert_int_equal(machine_plan_read(a, other, strlen(other), &plan, &why), -1);
		assert_int_equal(plan.n, 0);
	}
	/* Many a byte is the wrong one once. */
	for (size_t i = 0; i < b.len; i += 5) {
		char *other = arena_strndup(a, sbuf_str(&b), b.len);
		other[i] = other[i] == 'x' ? 'y' : 'x';
		if (machine_plan_read(a, other, b.len, &plan, &why) == 0) {
			/* What it was compiled with is nobody's business; a final newline may be left out. */
			assert_true(strstr(sbuf_str(&b), "firewall") > sbuf_str(&b) + i);
			machine_plan_free(&plan);
		}
	}
	sbuf_free(&b);
	arena_free(a);
}

static void
test_capabilities(void **state)
{
	struct test_computer t;
	const char *why = NULL;
	char hash[2][65];

	(void)state;
	test_computer_init(&t);
	sha256_hex("a", 1, hash[0]);
	sha256_hex("b", 1, hash[1]);
	struct cap_request q[] = { { "C:\\work", hash[0], { 0 } }, { "C:\\work", hash[1], { 0 } },
	    { "C:\\other", hash[0], { 0 } }, { NULL, NULL, { 0 } } }, again[4];
	memcpy(again, q, sizeof(q));
	assert_int_equal(cap_store_get(t.a, t.c.files, q, 4, false, NULL, 0, &why), 0);
	assert_int_equal(q[0].sid.n, 0);
	assert_null(memory_file(&t.state, "capabilities"));
	assert_int_equal(cap_store_get(t.a, t.c.files, q, 4, true, NULL, 0, &why), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(q[i].sid.sub[0], 21);
		for (size_t k = 0; k < i; k++)
			assert_false(sid_equal(&q[i].sid, &q[k].sid));
	}
	size_t writes = t.state.writes;
	assert_int_equal(cap_store_get(t.a, t.c.files, again, 4, true, NULL, 0, &why), 0);
	assert_int_equal(t.state.writes, writes);
	for (size_t i = 0; i < 4; i++)
		assert_true(sid_equal(&q[i].sid, &again[i].sid));
	/* The write fails: no SID is handed out, and the file is as it was. */
	struct memory_file *f = memory_file(&t.state, "capabilities");
	char *good = strndup(f->p, f->len);
	size_t len = f->len;
	struct cap_request more = { "C:\\third", hash[0], { 0 } };
	t.faults.fail_at = t.faults.calls + 1;
	assert_int_equal(cap_store_get(t.a, t.c.files, &more, 1, true, NULL, 0, &why), -1);
	assert_int_equal(memory_file(&t.state, "capabilities")->len, len);
	/* Anything else than our form is refused, and stays as it is. */
	size_t refused = 0, tried = 0;
	for (size_t i = 0; i < len; i++, tried++) {
		memory_file_set(&t.state, "capabilities", good, i);
		refused += cap_store_get(t.a, t.c.files, again, 4, true, NULL, 0, &why) != 0;
		assert_int_equal(memory_file(&t.state, "capabilities")->len, i);
	}
	assert_true(refused >= tried - 1);	/* but for the final newline */
	static const char *const forms[] = {
		"", "null", "[]", "{}", "{\"capabilities\":2,\"roots\":[]}", "{\"capabilities\":1,\"roots\":{}}",
		"{\"capabilities\":1,\"roots\":[],\"x\":1}", "{\"capabilities\":1,\"roots\":[],\"readonly\":\"S-1-1-0\"}",
		"{\"capabilities\":1,\"roots\":[],\"readonly\":\"S-1-5-21-1-2-3-4294967296\"}",
		"{\"capabilities\":1,\"roots\":[],\"readonly\":\"S-1-5-21-1-2-3\"}",
		"{\"capabilities\":1,\"roots\":[],\"readonly\":null}", "S-1-5-21-1-2-3-4",
	};
	for (size_t i = 0; i < NELEMS(forms); i++) {
		memory_file_set(&t.state, "capabilities", forms[i], strlen(forms[i]));
		if (cap_store_get(t.a, t.c.files, again, 1, true, NULL, 0, &why) == 0)
			fail_msg("%s", forms[i]);
	}
	free(good);
	test_computer_free(&t);
}

enum { PROCESSES = 8, ROUNDS = 12 };

/* Each process wants the same capabilities, in another order, and prints them. */
static int
compete(const char *dir, int out, int number)
{
	struct arena *a = arena_new();
	struct state_files *files = state_files_posix(dir);
	struct cap_request q[ROUNDS];
	char hash[65], text[SID_TEXT_MAX];
	const char *why = NULL;
	struct sbuf b = SBUF_INIT;
	int result = files == NULL;

	sha256_hex("x", 1, hash);
	for (int i = 0; i < ROUNDS && result == 0; i++) {
		int root = (i * 5 + number * 7) % ROUNDS;
		q[root] = (struct cap_request){ arena_printf(a, "C:\\r%d", root), hash, { 0 } };
		result = cap_store_get(a, files, &q[root], 1, true, NULL, 0, &why);
	}
	for (int i = 0; i < ROUNDS && result == 0; i++)
		sbuf_printf(&b, "%s\n", sid_text(&q[i].sid, text));
	if (result == 0 && write(out, b.p, b.len) != (ssize_t)b.len)
		result = 1;
	if (result != 0)
		fprintf(stderr, "%s\n", why == NULL ? "no files" : why);
	state_files_posix_close(files);
	sbuf_free(&b);
	arena_free(a);
	return result;
}

static void
test_capabilities_of_many_processes(void **state)
{
	char dir[] = "/tmp/cdxp-caps-XXXXXX", path[64];
	int pipes[PROCESSES][2];
	char text[PROCESSES][4096];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(compete(dir, pipes[i][1], i));
		close(pipes[i][1]);
	}
	for (int i = 0; i < PROCESSES; i++) {
		size_t n = 0;
		for (ssize_t got; (got = read(pipes[i][0], text[i] + n, sizeof(text[i]) - n - 1)) > 0; )
			n += (size_t)got;
		text[i][n] = '\0';
		close(pipes[i][0]);
		assert_true(n > 0);
		assert_string_equal(text[i], text[0]);
	}
	for (int i = 0, status; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	static const char *const names[] = { "capabilities", "capabilities-lock" };
	for (size_t i = 0; i < NELEMS(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_refuses_words),
		cmocka_unit_test(test_no_byte_is_idle),
		cmocka_unit_test(test_tables_masks),
		cmocka_unit_test(test_machine_plans),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_capabilities_of_many_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

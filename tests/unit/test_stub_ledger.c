/* SPDX-License-Identifier: Apache-2.0 */
/* test_stub_ledger.c - the ledger of stubs: what is swept by it after a crash, a rename or damage, and what is told of it */
#include <config.h>

#include "stub_fixture.h"

#include "ledger_sweep.h"

/* A power failure took what was not synced: of another boot, no identity is told. */
static void
test_power_failure(void **state)
{
	struct fixture *f = *state;
	static const char clean[] = "0000000000000000:0000000000000000";
	char line[8192];

	make_and_die_with_janitor(f, 4);
	if (!stub_is_ours(f->want[0].path, NULL))
		skip();		/* no extended attributes: nobody can tell */
	const char *path = arena_printf(f->a, "%s/stubs", f->state);
	const char *old = arena_printf(f->a, "%s/old", f->state);
	assert_int_equal(rename(path, old), 0);
	FILE *in = fopen(old, "r"), *out = fopen(path, "w");
	while (fgets(line, sizeof(line), in) != NULL) {
		memcpy(line + strlen("{\"id\":\""), clean, sizeof(clean) - 1);
		memset(strstr(line, "\"boot\":\"") + strlen("\"boot\":\""), '0', 36);
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	stubs_remove(make(f, 0));
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

/* A directory above was renamed: the stub goes from where it is now. */
static void
test_moved(void **state)
{
	struct fixture *f = *state;
	const char *away = arena_printf(f->a, "%s/away", f->dir);
	struct stubs *s = make(f, 4);

	assert_int_equal(rename(f->work, away), 0);
	assert_int_equal(mkdir(f->work, 0755), 0);
	stubs_remove(s);
	assert_int_equal(entries(away), 0);
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

static const struct stub_left *
fate_of(const struct stub_left *v, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].path, path) == 0)
			return &v[i];
	return NULL;
}

static void
test_clean(void **state)
{
	struct fixture *f = *state;
	struct stub_left *v;
	const char *why;
	size_t n;

	/* Nothing was ever recorded. */
	assert_int_equal(ledger_clean(f->a, f->state, false, &v, &n, &why), 0);
	assert_int_equal(n, 0);

	struct run r = start_run(f, 1);
	make_and_die_with_janitor(f, 4);
	int fd = open(f->want[3].path, O_WRONLY);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	for (int dry = 1; dry >= 0; dry--) {
		assert_int_equal(ledger_clean(f->a, f->state, dry, &v, &n, &why), 0);
		const struct stub_left *held = fate_of(v, n, f->want[0].path);
		assert_non_null(held);
		assert_int_equal(held->fate, STUB_HELD);
		assert_int_equal(held->holder, r.pid);
		assert_int_equal(fate_of(v, n, f->want[3].path)->fate, STUB_TAKEN);
		assert_int_equal(fate_of(v, n, f->want[2].path)->fate, STUB_TAKEN);
		assert_int_equal(access(f->want[3].path, F_OK), 0);
	}
	end_run(&r);
	assert_int_equal(entries(f->work), 1);
	assert_true(ledger_is_clean(f));

	f->want[1].path = arena_printf(f->a, "%s/other", f->work);
	make_and_die_with_janitor(f, 2);
	assert_int_equal(ledger_clean(f->a, f->state, true, &v, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(entries(f->work), 3);
	assert_int_equal(ledger_clean(f->a, f->state, false, &v, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_int_equal(fate_of(v, n, f->want[0].path)->fate, STUB_REMOVED);
	assert_int_equal(entries(f->work), 1);
	assert_true(ledger_is_clean(f));
}

static void
test_temporary_left(void **state)
{
	struct fixture *f = *state;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	/* As a run leaves it that dies between mkdir and rename.  FNV-1a of ".git", as in stubs.c. */
	make_and_die_with_janitor(f, 1);
	for (const char *c = ".git"; *c != '\0'; c++)
		h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	assert_int_equal(rename(f->want[0].path, arena_printf(f->a, "%s/.cdxp-stub-%016llx", f->work,
	    (unsigned long long)h)), 0);
	stubs_remove(make(f, 0));
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

static void
test_damaged_ledger(void **state)
{
	struct fixture *f = *state;
	const char *path = arena_printf(f->a, "%s/stubs", f->state);

	stubs_remove(make(f, 4));
	int fd = open(path, O_WRONLY | O_APPEND);
	static const char bad[] =
	    "{\"id\":\"zzzz\n\n{}\n{\"id\":\"0000000000000001:0000000000000001\",\"boot\":\""
	    "00000000-0000-0000-0000-000000000000\",\"path\":\"relative\"}\n{\"id\":\"torn";
	assert_int_equal(write(fd, bad, sizeof(bad) - 1), (ssize_t)sizeof(bad) - 1);
	close(fd);
	f->want[0].path = arena_printf(f->a, "%s/new", f->work);
	for (int i = 0; i < 2; i++) {
		make_and_die_with_janitor(f, 1);
		stubs_remove(make(f, 0));
		assert_int_equal(entries(f->work), 0);
	}
}

/* A ledger that outgrows its limit is rewritten, and what is dirty survives that. */
static void
test_compaction(void **state)
{
	struct fixture *f = *state;
	const char *path = arena_printf(f->a, "%s/stubs", f->state);
	char first[8192];
	struct stat st;

	make_and_die_with_janitor(f, 4);
	FILE *file = fopen(path, "r+");
	assert_non_null(fgets(first, sizeof(first), file));
	const char *boot = strstr(first, "\"boot\":\"");
	assert_non_null(boot);
	fseek(file, 0, SEEK_END);
	for (int i = 0; i < 3000; i++)
		fprintf(file, "{\"id\":\"0000000000000000:0000000000000000\",%.44s\","
		    "\"path\":\"/nowhere/%d\"}\n", boot, i);
	fclose(file);
	stubs_remove(make(f, 0));
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, 1, 4096);
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STUB_TEST(test_power_failure), STUB_TEST(test_moved), STUB_TEST(test_clean),
		STUB_TEST(test_temporary_left), STUB_TEST(test_damaged_ledger), STUB_TEST(test_compaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

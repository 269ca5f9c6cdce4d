/* SPDX-License-Identifier: Apache-2.0 */
/* test_placeholder_host.c - what a plan has made is missing for the next one, while it is what was made */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "acl_journal.h"
#include "arena.h"
#include "host_facts.h"
#include "placeholder_host.h"
#include "state_files_posix.h"

static const char *const lines[] = {
	"d /C:/w/.git", "d /C:/w/.codex", "d /C:/w/.codex/inner", "d /C:/w/.agents", "f /C:/w/.agents/x text",
	"f /C:/w/empty", "f /C:/w/full text", "d /C:/w/user",
};

/* A made-up host that says what is empty, as the real one does. */
struct sized {
	struct host	 host;		/* first */
	struct host	*fake;
};

static int
sized_stat(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	struct host *fake = ((struct sized *)h)->fake;
	int rc = fake->stat(fake, a, path, out);

	out->bare = out->kind == NODE_DIR ||
	    (out->kind == NODE_FILE && fake->read(fake, a, path, 1)[0] == '\0');
	return rc;
}

static int
sized_list(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	struct host *fake = ((struct sized *)h)->fake;

	return fake->list(fake, path, each, arg);
}

static struct fact
fact_of(struct arena *a, struct host *h, const char *path)
{
	struct fact f;

	assert_int_equal(h->stat(h, a, path, &f), 0);
	return f;
}

static void
record(struct arena *a, struct journal *j, struct host *h, const char *path, const char *native,
    uint64_t id_less)
{
	struct fact f = fact_of(a, h, path);

	journal_make(j, native, arena_printf(a, "%s.temp", native), f.kind == NODE_DIR ? ACL_DIR : ACL_FILE);
	struct journal_made *m = journal_made(j, native);
	assert_non_null(m);
	/* The journal has longer numbers. */
	journal_made_is(j, m, f.dev | UINT64_C(7) << 32, (uint64_t[]){ f.ino - id_less, 0 });
}

static void
write_journal(struct arena *a, struct state_files *files, struct host *h)
{
	struct journal j;
	const char *why;

	assert_int_equal(journal_open(a, files, &j, &why), 0);
	journal_begin(&j, "0123456789012345678901234567890123456789012345678901234567890123", "test");
	record(a, &j, h, "/C:/w/.git", "C:\\w\\.git", 0);
	record(a, &j, h, "/C:/w/.codex", "C:\\w\\.codex", 0);
	record(a, &j, h, "/C:/w/.codex/inner", "C:\\w\\.codex\\inner", 0);
	record(a, &j, h, "/C:/w/.agents", "C:\\w\\.agents", 0);
	record(a, &j, h, "/C:/w/empty", "C:\\w\\empty", 0);
	record(a, &j, h, "/C:/w/full", "C:\\w\\full", 0);
	record(a, &j, h, "/C:/w/user", "C:\\w\\user", 1);
	journal_end(&j, false);
	assert_int_equal(journal_sync(&j, &why), 0);
	journal_close(&j);
}

static void
test_facts(void **state)
{
	static const struct { const char *path; bool stub; } want[] = {
		{ "/C:/w/.git", true },
		{ "/C:/w/.codex", true },		/* with another placeholder in it */
		{ "/C:/w/.codex/inner", true },
		{ "/C:/w/.agents", false },		/* somebody uses it */
		{ "/C:/w/empty", true },
		{ "/C:/w/full", false },
		{ "/C:/w/user", false },		/* of another identity: the user made it anew */
		{ "/C:/w", false },
		{ "/C:/w/none", false },
	};
	struct arena *a = arena_new();
	char dir[] = "/tmp/cdxp-placeholder-XXXXXX";
	const char *why = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	struct sized sized = { { .stat = sized_stat, .list = sized_list }, host_fake(a, lines, NELEMS(lines)) };
	struct host *fake = &sized.host;
	struct state_files *files = state_files_posix(dir);
	struct host *h = placeholder_host(a, fake, files, &why);
	assert_non_null(h);
	assert_false(fact_of(a, h, "/C:/w/.git").stub);
	write_journal(a, files, fake);
	h = placeholder_host(a, fake, files, &why);
	if (h == NULL)
		print_message("%s\n", why);
	assert_non_null(h);
	for (size_t i = 0; i < NELEMS(want); i++)
		assert_int_equal(fact_of(a, h, want[i].path).stub, want[i].stub);

	/* Damage is no reason to take what is there for somebody else's. */
	struct sbuf text = SBUF_INIT;
	sbuf_puts(&text, "damage\n");
	assert_int_equal(files->ops->read(files, "acl-journal", 100000, &text), STATE_OK);
	assert_int_equal(files->ops->replace(files, "acl-journal", text.p, text.len), STATE_OK);
	sbuf_free(&text);
	assert_null(placeholder_host(a, fake, files, &why));
	assert_non_null(why);

	char **names;
	size_t n;
	files->ops->list(files, "", 100, &names, &n);
	while (n > 0) {
		files->ops->remove(files, names[--n]);
		free(names[n]);
	}
	free(names);
	state_files_posix_close(files);
	rmdir(dir);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_facts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_stubs.c - stubs are made, shared, removed and swept; real directories are never touched */
#include <config.h>

#include "stub_fixture.h"

#include <sys/syscall.h>
#include <sys/xattr.h>

#include "host_facts.h"
#include "stub_host.h"

/* Within two seconds, as a janitor needs no longer. */
static void
assert_soon_empty(const char *dir)
{
	for (int i = 0; i < 2000 && entries(dir) > 0; i++)
		usleep(1000);
	assert_int_equal(entries(dir), 0);
}

static void
test_make_and_remove(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	for (int round = 0; round < 2; round++) {
		struct stubs *s = make(f, 4);
		for (size_t i = 0; i < 4; i++) {
			assert_int_equal(lstat(f->want[i].path, &st), 0);
			assert_int_equal(st.st_ino, f->want[i].ino);
			assert_int_equal(st.st_dev, f->want[i].dev);
			assert_true(S_ISDIR(st.st_mode) == (f->want[i].kind == STUB_DIR));
		}
		assert_true(stub_is_ours(f->want[0].path, f->state));
		assert_true(stub_is_ours(f->want[3].path, f->state));
		assert_int_equal(entries(f->work), 2);
		assert_false(ledger_is_clean(f));
		stubs_remove(s);
		assert_int_equal(entries(f->work), 0);
		assert_true(ledger_is_clean(f));
		assert_false(stub_is_ours(f->want[0].path, f->state));
	}
}

static void
test_shared(void **state)
{
	struct fixture *f = *state;
	struct run one = start_run(f, 4), two = start_run(f, 4);

	assert_int_equal(one.ino, two.ino);
	end_run(&one);
	assert_int_equal(entries(f->work), 2);
	struct run three = start_run(f, 1);
	assert_int_equal(three.ino, two.ino);
	end_run(&two);
	assert_int_equal(entries(f->work), 1);
	end_run(&three);
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

static void
test_killed_run_is_swept(void **state)
{
	struct fixture *f = *state;

	make_and_die_with_janitor(f, 4);
	assert_int_equal(entries(f->work), 2);
	assert_true(stub_is_ours(f->want[0].path, f->state));
	/* By one that wants nothing itself ... */
	stubs_remove(make(f, 0));
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
	/* ... and by one that wants the same. */
	make_and_die_with_janitor(f, 4);
	struct stubs *s = make(f, 4);
	stubs_remove(s);
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

/* What a killed run shared with a live one stays until the live one ends. */
static void
test_sweep_spares_the_living(void **state)
{
	struct fixture *f = *state;
	struct run r = start_run(f, 4);

	make_and_die_with_janitor(f, 4);
	stubs_remove(make(f, 0));
	assert_int_equal(entries(f->work), 2);
	end_run(&r);
	assert_int_equal(entries(f->work), 0);
	assert_true(ledger_is_clean(f));
}

/* Nobody runs after it: the janitor removes what it left. */
static void
test_janitor(void **state)
{
	struct fixture *f = *state;
	struct run r = start_run(f, 4), other = start_run(f, 1);

	kill(r.pid, SIGKILL);
	assert_int_equal(waitpid(r.pid, NULL, 0), r.pid);
	/* Not what another run holds. */
	for (int i = 0; i < 2000 && entries(f->work) > 1; i++)
		usleep(1000);
	assert_int_equal(entries(f->work), 1);
	assert_int_equal(access(f->want[0].path, F_OK), 0);
	kill(other.pid, SIGKILL);
	assert_int_equal(waitpid(other.pid, NULL, 0), other.pid);
	assert_soon_empty(f->work);
	close(r.in), close(r.out), close(other.in), close(other.out);
}

/* It waits for the processes that it was told of, and ends them. */
static void
test_janitor_waits(void **state)
{
	struct fixture *f = *state;
	int fds[2];
	char c;

	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *why;
		/* Killed by nobody else, and with a descriptor whose end we can see. */
		pid_t sandbox = fork();
		if (sandbox == 0)
			for (;;)
				pause();
		struct stubs *s = stubs_make(f->a, f->want, 4, f->state, &why);
		int pidfd = (int)syscall(SYS_pidfd_open, sandbox, 0);
		if (s != NULL && stubs_watch(s, pidfd) == 0)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* End of file: the sandbox is dead, and the janitor does not hold the pipe either. */
	assert_int_equal(read(fds[0], &c, 1), 0);
	close(fds[0]);
	assert_soon_empty(f->work);
}

/* The run ends as usual; its janitor was killed. */
static void
test_janitor_killed(void **state)
{
	struct fixture *f = *state;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct stubs *s = make(f, 4);
		kill_children();
		stubs_remove(s);
		_exit(entries(f->work) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(ledger_is_clean(f));
}

static void
test_what_is_not_ours_stays(void **state)
{
	struct fixture *f = *state;
	const char *why = NULL, *inside = arena_printf(f->a, "%s/HEAD", f->want[0].path);
	int fd;

	/* A real directory: never ours, and a stub cannot be had there. */
	assert_int_equal(mkdir(f->want[0].path, 0755), 0);
	assert_false(stub_is_ours(f->want[0].path, f->state));
	assert_null(stubs_make(f->a, f->want, 4, f->state, &why));
	assert_non_null(strstr(why, ".git has appeared"));
	assert_int_equal(entries(f->work), 1);
	assert_int_equal(rmdir(f->want[0].path), 0);

	/* A copy that took the mark along. */
	assert_int_equal(mkdir(f->want[0].path, 0755), 0);
	if (setxattr(f->want[0].path, "user.cdxp.stub", "0000000000000001", 16, 0) == 0) {
		assert_false(stub_is_ours(f->want[0].path, f->state));
		stubs_remove(make(f, 0));
		assert_int_equal(entries(f->work), 1);
	}
	assert_int_equal(rmdir(f->want[0].path), 0);

	/* A link to a stub is not a stub. */
	struct stubs *s = make(f, 1);
	const char *link = arena_printf(f->a, "%s/link", f->work);
	assert_int_equal(symlink(f->want[0].path, link), 0);
	assert_false(stub_is_ours(link, f->state));
	assert_int_equal(unlink(link), 0);

	/* Filled by the host during the run: it is the host's now. */
	fd = open(inside, O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_false(stub_is_ours(f->want[0].path, f->state));
	stubs_remove(s);
	assert_int_equal(entries(f->want[0].path), 1);
	assert_int_equal(unlink(inside), 0);
	assert_false(stub_is_ours(f->want[0].path, f->state));
	stubs_remove(make(f, 0));
	assert_int_equal(entries(f->work), 1);
}

/* The same where the file that was filled, or the directory that was replaced, is not the one we made. */
static void
test_replaced_during_the_run(void **state)
{
	struct fixture *f = *state;
	struct stubs *s = make(f, 4);
	int fd = open(f->want[3].path, O_WRONLY);

	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(rmdir(f->want[0].path), 0);
	assert_int_equal(mkdir(f->want[0].path, 0700), 0);
	stubs_remove(s);
	assert_int_equal(access(f->want[0].path, F_OK), 0);
	assert_int_equal(access(f->want[3].path, F_OK), 0);
	assert_true(ledger_is_clean(f));
}

static void
test_refusals(void **state)
{
	struct fixture *f = *state;
	const char *why = NULL;
	struct stub_request q = { .path = arena_printf(f->a, "%s/none/.git", f->work) };

	assert_null(stubs_make(f->a, &q, 1, f->state, &why));
	assert_non_null(strstr(why, "none/.git cannot be made"));
	/* A directory on the way that is a link now. */
	assert_int_equal(symlink(f->dir, arena_printf(f->a, "%s/none", f->work)), 0);
	assert_null(stubs_make(f->a, &q, 1, f->state, &why));
	assert_null(stubs_make(f->a, f->want, 1, "/proc/none", &why));
	assert_non_null(strstr(why, "/proc/none/stubs, cannot be used"));
	assert_true((strstr(why, "XDG_STATE_HOME") != NULL) == (geteuid() != 0));
	assert_int_equal(entries(f->work), 1);
}

/* Many runs at once, some killed at a random moment: afterwards one more leaves nothing. */
static void
test_parallel_with_kills(void **state)
{
	struct fixture *f = *state;
	const char *env = getenv("SEED");
	unsigned seed = env != NULL ? (unsigned)strtoul(env, NULL, 0) : 7;
	int failed = 0;

	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 12; round++) {
		pid_t pid[8];
		bool killed[8];
		for (size_t i = 0; i < 8; i++) {
			killed[i] = rand() % 3 == 0;
			unsigned hold = (unsigned)rand() % 3000;
			pid[i] = fork();
			assert_true(pid[i] >= 0);
			if (pid[i] == 0) {
				const char *why = "";
				struct stubs *s = stubs_make(f->a, f->want, 4, f->state, &why);
				struct stat st;
				if (s == NULL) {
					fprintf(stderr, "%s\n", why);
					_exit(1);
				}
				usleep(hold);
				/* Held: it must still be the one that we were given. */
				for (size_t k = 0; k < 4; k++)
					if (lstat(f->want[k].path, &st) != 0 || st.st_ino != f->want[k].ino)
						_exit(2);
				stubs_remove(s);
				_exit(0);
			}
		}
		for (size_t i = 0; i < 8; i++)
			if (killed[i]) {
				usleep((unsigned)rand() % 1500);
				kill(pid[i], SIGKILL);
			}
		for (size_t i = 0; i < 8; i++) {
			int status;
			assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
			if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
				failed++;
		}
		assert_int_equal(failed, 0);
		stubs_remove(make(f, 0));
		assert_int_equal(entries(f->work), 0);
		assert_true(ledger_is_clean(f));
	}
}

/* A host on which what was seen has gone a moment later. */
static int
stat_and_remove(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	struct stat st;
	bool there = lstat(path, &st) == 0;

	(void)h, (void)a;
	*out = (struct fact){ .path = path, .kind = there ? S_ISDIR(st.st_mode) ? NODE_DIR : NODE_FILE : NODE_MISSING,
	    .bare = there };
	assert_true(!there || remove(path) == 0);
	return 0;
}

static void
test_gone_while_looked_at(void **state)
{
	struct fixture *f = *state;
	struct host real = { .stat = stat_and_remove };
	struct fact fact;

	make_and_die_with_janitor(f, 1);
	struct host *h = stub_host(f->a, &real, f->state);
	assert_int_equal(h->stat(h, f->a, f->want[0].path, &fact), 0);
	assert_int_equal(fact.kind, NODE_MISSING);
	assert_false(fact.stub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STUB_TEST(test_make_and_remove), STUB_TEST(test_shared),
		STUB_TEST(test_killed_run_is_swept), STUB_TEST(test_sweep_spares_the_living),
		STUB_TEST(test_janitor), STUB_TEST(test_janitor_waits), STUB_TEST(test_janitor_killed),
		STUB_TEST(test_what_is_not_ours_stays), STUB_TEST(test_replaced_during_the_run),
		STUB_TEST(test_refusals), STUB_TEST(test_gone_while_looked_at),
		STUB_TEST(test_parallel_with_kills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

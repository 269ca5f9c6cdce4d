/* SPDX-License-Identifier: Apache-2.0 */
/* test_stubs.c - stubs are made, shared, removed and swept; real directories are never touched */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "host_facts.h"
#include "ledger_sweep.h"
#include "stub_host.h"
#include "stubs.h"

struct fixture {
	struct arena	*a;
	char		 dir[64];
	const char	*work, *state;
	struct stub_request want[4];
};

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->a = arena_new();
	strcpy(f->dir, "/var/tmp/cdxp-stubs-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->work = arena_printf(f->a, "%s/work", f->dir);
	f->state = arena_printf(f->a, "%s/state/deep", f->dir);
	assert_int_equal(mkdir(f->work, 0755), 0);
	f->want[0] = (struct stub_request){ .path = arena_printf(f->a, "%s/.git", f->work) };
	f->want[1] = (struct stub_request){ .path = arena_printf(f->a, "%s/a \"b%%\n", f->work) };
	f->want[2] = (struct stub_request){ .path = arena_printf(f->a, "%s/c", f->want[1].path) };
	f->want[3] = (struct stub_request){ .path = arena_printf(f->a, "%s/.env", f->want[2].path),
	    .kind = STUB_FILE };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(f->a);
	free(f);
	return 0;
}

static struct stubs *
make(struct fixture *f, size_t n)
{
	const char *why = "no reason given";
	struct stubs *s = stubs_make(f->a, f->want, n, f->state, &why);

	if (s == NULL)
		fail_msg("%s", why);
	return s;
}

static size_t
entries(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n;
}

/* No line of the ledger speaks of a stub. */
static bool
ledger_is_clean(const struct fixture *f)
{
	FILE *in = fopen(arena_printf(f->a, "%s/stubs", f->state), "r");
	char line[8192];
	bool clean = true;

	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL)
		clean &= strstr(line, "\"id\":\"0000000000000000:0000000000000000\"") != NULL;
	fclose(in);
	return clean;
}

/* End the children of the calling process: its janitor. */
static void
kill_children(void)
{
	DIR *proc = opendir("/proc");
	char path[300], text[512];

	for (const struct dirent *e; proc != NULL && (e = readdir(proc)) != NULL;) {
		int pid = atoi(e->d_name), parent = 0;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		int fd = pid > 0 ? open(path, O_RDONLY) : -1;
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		text[n > 0 ? n : 0] = '\0';
		const char *end = strrchr(text, ')');
		if (end != NULL && sscanf(end, ") %*c %d", &parent) == 1 && parent == getpid())
			kill(pid, SIGKILL);
	}
	if (proc != NULL)
		closedir(proc);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

/* Make stubs in another process, which is then killed while it holds them, and its janitor before it. */
static void
make_and_die_with_janitor(struct fixture *f, size_t n)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		const char *why;
		if (stubs_make(f->a, f->want, n, f->state, &why) != NULL) {
			kill_children();
			kill(getpid(), SIGKILL);
		}
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* A run in another process, which holds stubs until it is told to end. */
struct run {
	pid_t	 pid;
	int	 in, out;
	uint64_t ino;		/* of the first */
};

static struct run
start_run(struct fixture *f, size_t n)
{
	int go[2], done[2];
	struct run r;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(done), 0);
	r.pid = fork();
	assert_true(r.pid >= 0);
	if (r.pid == 0) {
		const char *why = "no reason given";
		char c;
		close(go[1]);
		struct stubs *s = stubs_make(f->a, f->want, n, f->state, &why);
		if (s == NULL) {
			fprintf(stderr, "%s\n", why);
			_exit(1);
		}
		if (write(done[1], &f->want[0].ino, sizeof(r.ino)) < 0 || read(go[0], &c, 1) < 0)
			_exit(1);
		stubs_remove(s);
		_exit(0);
	}
	close(go[0]);
	close(done[1]);
	r.in = go[1];
	r.out = done[0];
	assert_int_equal(read(r.out, &r.ino, sizeof(r.ino)), sizeof(r.ino));
	return r;
}

static void
end_run(struct run *r)
{
	int status;

	/* A byte, since later runs hold this end too. */
	assert_int_equal(write(r->in, "", 1), 1);
	close(r->in);
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	assert_int_equal(status, 0);
	close(r->out);
}

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
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_make_and_remove), T(test_shared), T(test_killed_run_is_swept),
		T(test_sweep_spares_the_living), T(test_janitor),
		T(test_janitor_waits), T(test_janitor_killed), T(test_power_failure), T(test_moved),
		T(test_clean), T(test_temporary_left),
		T(test_what_is_not_ours_stays), T(test_replaced_during_the_run), T(test_refusals),
		T(test_damaged_ledger), T(test_compaction), T(test_gone_while_looked_at), T(test_parallel_with_kills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

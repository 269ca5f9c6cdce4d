/* SPDX-License-Identifier: Apache-2.0 */
/* stub_fixture.h - a directory that wants stubs, and runs that hold them, end or are killed */
#ifndef CDXP_STUB_FIXTURE_H
#define CDXP_STUB_FIXTURE_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "stubs.h"

struct fixture {
	struct arena	*a;
	char		 dir[64];
	const char	*work, *state;
	struct stub_request want[4];
};

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline int
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

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(f->a);
	free(f);
	return 0;
}

static inline struct stubs *
make(struct fixture *f, size_t n)
{
	const char *why = "no reason given";
	struct stubs *s = stubs_make(f->a, f->want, n, f->state, &why);

	if (s == NULL)
		fail_msg("%s", why);
	return s;
}

static inline size_t
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
static inline bool
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
static inline void
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
static inline void
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

static inline struct run
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

static inline void
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

#define STUB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif

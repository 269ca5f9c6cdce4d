/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.c - a launch whose command is tested first: what goes into the sandbox, and comes out */
#include <config.h>

#include "self_test_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "decide_fs.h"
#include "denial_place.h"
#include "launch_landlock.h"
#include "report.h"
#include "self_test.h"
#include "self_test_bait.h"

#ifndef MFD_EXEC
#define MFD_EXEC	0x0010U
#endif

enum { PIECE = 1 << 20 };

/* For the sandbox. */
struct self_test_held {
	int	 program, list, done;
	struct self_test_bait bait;
};

/* Read-only from here on: the sandbox executes, and reads, what we have written. */
static int
seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

/* Older kernels do not know that some files in memory are not for executing. */
static int
memory_file(const char *name, bool program)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = program ? memfd_create(name, flags | MFD_EXEC) : -1;

	return fd >= 0 ? fd : memfd_create(name, flags);
}

static int
copy_ourselves(void)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = memory_file("cdxp-run", true);
	ssize_t n = 1;

	while (from >= 0 && to >= 0 && (n = sendfile(to, from, NULL, PIECE)) > 0)
		continue;
	int saved = errno;
	errno = saved;
	if (to >= 0 && n == 0 && from >= 0 && fchmod(to, 0500) == 0 && seal(to) == 0) {
		close(from);
		return to;
	}
	if (to >= 0)
		close(to);
	/* Where nothing in memory may be executed (vm.memfd_noexec): then from where we lie. */
	return from;
}

static int
check_interpreter(const struct launch *l, int program)
{
	char path[PATH_MAX], real[PATH_MAX];

	if (!denial_interpreter(program, path) || realpath(path, real) == NULL ||
	    decide_fs(l->request->decide, real).readable)
		return 0;
	return report_fail(STATUS_SETUP, "--self-test: this cdxp-run is not linked statically, and in the "
	    "sandbox the profile does not let it read %s, with which it starts: an entry \":minimal\" = "
	    "\"read\" would", path);
}

static int
write_list(const struct launch *l, const struct self_test *t)
{
	struct sbuf text = SBUF_INIT;
	int fd = self_test_list(l, t, &text) == 0 ? memory_file("probes", false) : -1;

	for (size_t done = 0; fd >= 0 && done < text.len;) {
		ssize_t n = write(fd, text.p + done, text.len - done);
		if (n <= 0) {
			close(fd);
			fd = -1;
			break;
		}
		done += (size_t)n;
	}
	sbuf_free(&text);
	if (fd >= 0 && seal(fd) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static char **
stage_argv(struct arena *a, const struct launch *l, const struct self_test_held *t)
{
	struct { char **v; size_t len, cap; } argv = { NULL, 0, 0 };

	VEC_PUSH(a, &argv, arena_printf(a, "/proc/self/fd/%d", t->program));
	VEC_PUSH(a, &argv, arena_strdup(a, "\001self-test"));
	VEC_PUSH(a, &argv, arena_printf(a, "%d", t->list));
	VEC_PUSH(a, &argv, arena_printf(a, "%d", t->done));
	VEC_PUSH(a, &argv, arena_strdup(a, l->command));
	for (char *const *w = l->request->argv; *w != NULL; w++)
		VEC_PUSH(a, &argv, *w);
	VEC_PUSH(a, &argv, NULL);
	return argv.v;
}

int
self_test_begin(struct arena *a, const struct launch *l, struct launch *tested)
{
	struct self_test_held *t = arena_alloc(a, sizeof(*t));
	struct launch_request *q = arena_alloc(a, sizeof(*q));
	struct { int *v; size_t len, cap; } keep = { NULL, 0, 0 };

	*t = (struct self_test_held){ .program = -1, .list = -1, .done = -1, .bait = { .gone = -1 } };
	l->test->held = t;
	t->done = bait_begin(a, &t->bait);
	if (t->done < 0)
		return report_fail(STATUS_SETUP, "--self-test: the process that holds what is tried at "
		    "cannot be started: %s", strerror(errno));
	self_test_add_network(a, l, &t->bait, !launch_is_landlock(l), l->test);
	t->program = copy_ourselves();
	if (t->program < 0)
		return report_fail(STATUS_SETUP, "--self-test: cdxp-run cannot be copied into memory: %s",
		    strerror(errno));
	int rc = check_interpreter(l, t->program);
	if (rc != 0)
		return rc;
	t->list = write_list(l, l->test);
	if (t->list < 0)
		return report_fail(STATUS_SETUP, "--self-test: the list of what is to be tried cannot be "
		    "written: %s", strerror(errno));
	*q = *l->request;
	for (size_t i = 0; i < q->nkeep_fds; i++)
		VEC_PUSH(a, &keep, q->keep_fds[i]);
	VEC_PUSH(a, &keep, t->program);
	VEC_PUSH(a, &keep, t->list);
	VEC_PUSH(a, &keep, t->done);
	q->keep_fds = keep.v;
	q->nkeep_fds = keep.len;
	q->argv = stage_argv(a, l, t);
	q->start = NULL;
	*tested = *l;
	tested->request = q;
	tested->command = q->argv[0];
	tested->test = NULL;
	return 0;
}

void
self_test_end(const struct launch *l)
{
	struct self_test_held *t = l->test->held;

	close_fd(&t->program);
	close_fd(&t->list);
	bait_end(&t->bait, t->done);
	t->done = -1;
}

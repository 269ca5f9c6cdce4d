/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_macos.c - what is tried below a Seatbelt profile, and the sandbox that it is tried in */
#include <config.h>

#include "self_test_macos.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "backend.h"
#include "decide_fs.h"
#include "doctor.h"
#include "exec_seatbelt.h"
#include "report.h"
#include "sbuf.h"
#include "seatbelt_model.h"
#include "self_test.h"
#include "self_test_bait.h"

/* See exec_seatbelt.c.  With an operation and a path: 0: it would be allowed, 1: it would be denied. */
int	sandbox_check(pid_t pid, const char *operation, int filter, ...);

enum { NO_FILTER, BY_PATH };		/* SANDBOX_FILTER_NONE, SANDBOX_FILTER_PATH */
enum { PATH_BYTES = 4096 };

static const char word[] = "\001self-test";

/* ---- probes ---- */

/* What would be done is asked of the sandbox, as it cannot be done without a change. */
static struct probe_result
ask(const char *operation, const char *path)
{
	int rc = sandbox_check(getpid(), operation, BY_PATH, path);

	return (struct probe_result){ .worked = rc == 0, .error = rc == 1 ? EPERM : 0, .unknown = rc < 0 };
}

static struct probe_result
may_make(const struct probe *p)
{
	char path[PATH_BYTES + 64];
	struct stat st;

	/* What is missing must not appear itself. */
	if (lstat(p->target, &st) != 0 && errno == ENOENT)
		return ask("file-write-create", p->target);
	snprintf(path, sizeof(path), "%s/.cdxp-self-test", p->target);
	struct probe_result r = ask("file-write-create", path);
	return r.worked ? probe_rc(faccessat(AT_FDCWD, p->target, W_OK, AT_EACCESS)) : r;
}

static struct probe_result
is_held(const struct probe *p)
{
	struct probe_result r = ask("file-write-unlink", p->target);

	r.said = r.unknown ? NULL : r.worked ? "it can be moved" : "it is held";
	r.worked = !r.worked;
	return r;
}

struct probe_result
probe_make(const struct probe *p)
{
	switch (p->op) {
	case PROBE_CREATE:
		return may_make(p);
	case PROBE_PIN:
		return is_held(p);
	case PROBE_STATUS:
		return (struct probe_result){ .worked = exec_seatbelt_is_inside() };
	default:
		return probe_posix(p);
	}
}

const char *
probe_void(struct probe *p)
{
	return probe_void_posix(p, true);
}

/* ---- of the plan ---- */

void
self_test_add_own(struct self_test_planner *w)
{
	self_test_own(w, PROBE_STATUS, "a Seatbelt profile", "around it", true, "sandbox-exec");
}

void
self_test_emitted(struct self_test_planner *w, const char *path, struct emitted *out)
{
	static const char *const means[] = {
		[ACCESS_DENY] = "neither file-read-data nor file-write-data is allowed",
		[ACCESS_READ] = "file-read-data is allowed, file-write-data is not",
		[ACCESS_WRITE] = "file-read-data and file-write-data are allowed",
	};
	const struct sbuf *text = &w->launch->artifact.bytes;
	const char *why;

	*out = (struct emitted){ .access = ACCESS_DENY };
	/* It was read before, when it was proved. */
	if (w->model == NULL)
		w->model = seatbelt_model_load(w->arena, sbuf_str(text), text->len, &why);
	if (w->model == NULL)
		return;
	if (seatbelt_model_allows(w->model, "file-read-data", path, true))
		out->access = seatbelt_model_allows(w->model, "file-write-data", path, true) ? ACCESS_WRITE :
		    ACCESS_READ;
	out->means = means[out->access];
}

/* ---- before the command ---- */

static int
fail(const char *what)
{
	return report_fail(STATUS_SETUP, "--self-test: %s: %s", what, strerror(errno));
}

static int
write_list(const struct launch *l, const char *dir, int *fd)
{
	struct sbuf text = SBUF_INIT;
	char path[PATH_BYTES];
	bool written = false;

	snprintf(path, sizeof(path), "%s/self-test-XXXXXX", dir);
	*fd = self_test_list(l, l->test, &text) == 0 ? mkstemp(path) : -1;
	if (*fd >= 0) {
		unlink(path);
		fcntl(*fd, F_SETFD, FD_CLOEXEC);
		written = write(*fd, text.p, text.len) == (ssize_t)text.len;
	}
	sbuf_free(&text);
	return written ? 0 : fail("the list of what is to be tried cannot be written");
}

static int
run_test(struct arena *a, const struct launch *l, const struct seatbelt_request *r, const char *self)
{
	struct { int *v; size_t len, cap; } keep = { NULL, 0, 0 };
	struct seatbelt_request q = *r;
	int list, rc = write_list(l, r->state_dir, &list);

	if (rc == 0) {
		char *argv[] = { arena_strdup(a, self), arena_strdup(a, word), arena_printf(a, "%d", list), NULL };
		for (size_t i = 0; i < r->nkeep; i++)
			VEC_PUSH(a, &keep, r->keep_fds[i]);
		VEC_PUSH(a, &keep, list);
		q.keep_fds = keep.v;
		q.nkeep = keep.len;
		q.command = self;
		q.argv = argv;
		q.denials = NULL;
		rc = exec_seatbelt(a, &q);
		/* Ended by a signal it is what the command would have been. */
		if (rc != 0 && rc <= STATUS_SIGNAL)
			rc = STATUS_SETUP;
	}
	if (list >= 0)
		close(list);
	return rc;
}

int
self_test_before(struct arena *a, const struct launch *l, const struct seatbelt_request *r)
{
	const char *self = doctor_self(a);
	struct bait_held held;
	struct self_test_bait bait;

	if (self == NULL)
		return report_fail(STATUS_SETUP, "--self-test: where this cdxp-run lies cannot be found out");
	if (!decide_fs(l->request->decide, self).readable)
		return report_fail(STATUS_SETUP, "--self-test: in the sandbox the profile does not let %s be read, "
		    "which is what tries it: an entry \"%s\" = \"read\" would", self, self);
	bait_hold(a, &held, &bait);
	/* As the profile has it where a network is proxied and allow_local_binding set. */
	bool loopback = strstr(sbuf_str(&l->artifact.bytes), "(local ip \"localhost:*\")") != NULL;
	if (loopback)
		bait.port = 0;
	self_test_add_network(a, l, &bait, loopback, l->test);
	int rc = run_test(a, l, r, self);
	bait_let_go(&held);
	return rc;
}

/* ---- in the sandbox ---- */

void
self_test_stage(int argc, char **argv)
{
	struct sbuf text = SBUF_INIT;
	bool only;

	if (argc != 3 || strcmp(argv[1], word) != 0)
		return;
	int fd = atoi(argv[2]);
	bool arrived = lseek(fd, 0, SEEK_SET) == 0 && sbuf_read(&text, fd, LIMIT_BUNDLE_BYTES) == 0;
	int status = self_test_try(sbuf_str(&text), arrived ? text.len : 0, &only);
	sbuf_free(&text);
	_exit(status);
}

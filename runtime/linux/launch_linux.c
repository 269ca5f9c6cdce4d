/* SPDX-License-Identifier: Apache-2.0 */
/* launch_linux.c - a launch on Linux: through bwrap, or in place; what is for macOS is only printed */
#include <config.h>

#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "bwrap.h"
#include "denial_proxy.h"
#include "denial_watch.h"
#include "exec_builtin.h"
#include "exec_bwrap.h"
#include "exec_landlock.h"
#include "host_facts.h"
#include "job.h"
#include "launch_landlock.h"
#include "launch_outer.h"
#include "launch_seatbelt.h"
#include "path.h"
#include "proxy_run.h"
#include "read_stream.h"
#include "report.h"
#include "self_test.h"
#include "self_test_linux.h"
#include "socket_policy.h"
#include "state_dir.h"
#include "stub_host.h"
#include "system.h"
#include "userns_why.h"

/* Without a name these are tried, in this order. */
static const char *const automatic[] = { "builtin", "bwrap", "landlock" };

const char *
launch_default_backend(void)
{
	return automatic[0];
}

void
launch_stage(int argc, char **argv)
{
	if (self_test_is_stage(argc, argv))
		self_test_stage(argc, argv);
}

const char *
launch_backend_at(size_t i)
{
	return i < NELEMS(automatic) ? automatic[i] : NULL;
}

enum target
launch_target(void)
{
	return TARGET_LINUX;
}

struct host *
launch_host(struct arena *a)
{
	return stub_host(a, host_real(a), state_dir(a));
}

bool
launch_maps_all_ids(void)
{
	return all_ids_possible();
}

bool
launch_keeps_signals(void)
{
	return job_can_scope();
}

unsigned
launch_landlock_abi(void)
{
	return exec_landlock_abi();
}

const char *
launch_program(struct arena *a)
{
	return system_real_path(a, "/proc/self/exe");
}

const char *
launch_proxy_program(struct arena *a, const char **why)
{
	return proxy_run_program(a, why);
}

struct launch_start {
	struct builtin_start *builtin;	/* NULL once it is used */
	struct exec_start *bwrap;	/* likewise */
};

static struct exec_start *
begin_bwrap(struct arena *a, char *const *argv, const int *keep_fds, size_t nkeep_fds,
    const char *cwd)
{
	const char **avoid = arena_alloc(a, sizeof(*avoid));
	*avoid = cwd;
	const struct exec_start_request q = {
		.argv = (const char *const *)argv, .keep_fds = keep_fds, .nkeep = nkeep_fds,
		.path = getenv("PATH"), .avoid = avoid, .navoid = 1,
		/* Most networks are not open. */
		.supervised = true,
	};
	return exec_bwrap_start(a, &q);
}

struct launch_start *
launch_begin(struct arena *a, const char *backend, char *const *argv, const int *keep_fds,
    size_t nkeep_fds, const char *cwd)
{
	struct launch_start *s = arena_alloc(a, sizeof(*s));
	const char *why;
	if (read_streams_needed())
		return NULL;
	/* With a network of its own: nearly every sandbox has one, and making it takes longest. */
	if (backend == NULL || strcmp(backend, "builtin") == 0)
		s->builtin = exec_builtin_start(a, keep_fds, nkeep_fds, true, &why);
	else
		s->bwrap = begin_bwrap(a, argv, keep_fds, nkeep_fds, cwd);
	return s->builtin != NULL || s->bwrap != NULL ? s : NULL;
}

void
launch_abandon(struct launch_start *s)
{
	if (s == NULL)
		return;
	exec_builtin_abandon(s->builtin);
	exec_bwrap_abandon(s->bwrap);
	s->builtin = NULL;
	s->bwrap = NULL;
}

/*
 * Where no bwrap is taken from: what the command, or an earlier one, may have
 * written.  Not of use where that is everything.
 */
static void
directories_to_avoid(struct arena *a, const struct launch *l, struct exec_request *e)
{
	const struct bound_policy *b = l->request->bound;
	struct { const char **v; size_t len, cap; } dirs = { NULL, 0, 0 };
	VEC_PUSH(a, &dirs, b->cwd);
	for (size_t i = 0; i < b->roots.len; i++)
		VEC_PUSH(a, &dirs, b->roots.v[i]);
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *entry = &b->entries.v[i];
		if (entry->access != ACCESS_WRITE)
			continue;
		VEC_PUSH(a, &dirs, entry->path);
		VEC_PUSH(a, &dirs, entry->spelt);
	}
	e->avoid = dirs.v;
	e->navoid = dirs.len;
}

/*
 * What is mounted is looked at again from inside (spec 3.1); but for stubs,
 * which are made after the binding: whoever makes them knows them.
 */
static void
checks_of(struct arena *a, const struct launch *l, struct exec_request *e)
{
	const struct artifact *art = &l->artifact;
	struct exec_check *check = arena_array(a, art->sources.len + 1, sizeof(*check));
	size_t n = 0;
	for (size_t i = 0; i < art->sources.len; i++) {
		const struct fact *f = bound_fact(l->request->bound, art->sources.v[i]);
		if (f != NULL && f->kind != NODE_MISSING && !f->stub)
			check[n++] = (struct exec_check){ f->path, f->dev, f->ino };
	}
	e->checks = check;
	e->nchecks = n;
}

static enum filter_mode
filter_mode_of(enum ir_net_mode mode)
{
	static const enum filter_mode of[] = {
		[NET_OFF] = FILTER_OFF, [NET_OPEN] = FILTER_OPEN, [NET_PROXIED] = FILTER_PROXIED,
	};
	return of[mode];
}

/* Called from the supervisor's threads: the policy is only read. */
static bool
socket_allowed(void *arg, const char *path, const struct stat *st)
{
	return socket_policy_allows(arg, path, st);
}

static void
request_of(struct arena *a, const struct launch *l, struct exec_request *e)
{
	const struct launch_request *q = l->request;
	const struct artifact *art = &l->artifact;
	struct stub_request *stubs = arena_array(a, art->stubs.len + 1, sizeof(*stubs));
	for (size_t i = 0; i < art->stubs.len; i++)
		stubs[i] = (struct stub_request){ .path = art->stubs.v[i].path,
		    .kind = art->stubs.v[i].dir ? STUB_DIR : STUB_FILE };
	*e = (struct exec_request){
		.args = sbuf_str(&art->bytes),
		.args_len = art->bytes.len,
		.artifact = art,
		.stubs = stubs,
		.nstubs = art->stubs.len,
		/* Also without stubs: what killed runs left is swept. */
		.state_dir = state_dir(a),
		.argv = (const char *const *)q->argv,
		.envp = l->envp,
		.cwd = q->cwd,
		.no_debug = q->no_debug,
		.proxy = l->proxy,
		.log = launch_log(q),
		.mode = filter_mode_of(q->ir->network.mode),
		.last = q->last,
		.keep_fds = q->keep_fds,
		.nkeep = q->nkeep_fds,
		.path = getenv("PATH"),
	};
	if (seccomp_filter_notifies(e->mode)) {
		e->socket_arg = socket_policy_new(a, q->decide, true);
		e->socket_allowed = e->socket_arg != NULL ? socket_allowed : NULL;
	}
	directories_to_avoid(a, l, e);
	checks_of(a, l, e);
}

static bool
is_builtin(const struct launch *l)
{
	return l->backend == &backend_builtin;
}

int
launch_words(struct arena *a, const struct launch *l, const char **program,
    const char ***argv, size_t *len, struct launch_error *err)
{
	if (l->backend == NULL) {
		launch_plain_words(a, l, program, argv, len);
		return 0;
	}
	if (l->backend->target == TARGET_MACOS)
		return launch_seatbelt_words(a, l, program, argv, len, err);
	if (launch_is_landlock(l)) {
		launch_plain_words(a, l, program, argv, len);
		return 0;
	}
	struct exec_request e;
	request_of(a, l, &e);
	if (is_builtin(l))
		exec_builtin_words(a, &e, program, argv, len);
	else if (exec_bwrap_words(a, &e, program, argv, len) != 0)
		return refuse(err, NULL);
	return 0;
}

static int
fd_order(const void *x, const void *y)
{
	const int *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* Everything above 2 closes at the exec, but for what is kept. */
static int
close_others(struct arena *a, const struct launch_request *q)
{
	int *keep = arena_array(a, q->nkeep_fds + 1, sizeof(*keep));
	for (size_t i = 0; i < q->nkeep_fds; i++)
		keep[i] = q->keep_fds[i];
	qsort(keep, q->nkeep_fds, sizeof(*keep), fd_order);
	int from = STDERR_FILENO + 1;
	for (size_t i = 0; i < q->nkeep_fds; i++) {
		if (keep[i] > from && close_range((unsigned)from, (unsigned)keep[i] - 1,
		    CLOSE_RANGE_CLOEXEC) != 0)
			return -1;
		if (keep[i] >= from)
			from = keep[i] + 1;
		int flags = fcntl(keep[i], F_GETFD);
		if (flags == -1 || fcntl(keep[i], F_SETFD, flags & ~FD_CLOEXEC) == -1)
			return -1;
	}
	return close_range((unsigned)from, ~0U, CLOSE_RANGE_CLOEXEC);
}

static int
exec_in_place(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	launch_abandon(q->start);
	if (chdir(q->cwd) != 0)
		return refuse(err, arena_printf(a, "%s: cannot enter this directory: %s",
		    q->cwd, strerror(errno)));
	if (close_others(a, q) != 0)
		return refuse(err, arena_printf(a, "cannot close the other descriptors: %s",
		    strerror(errno)));
	const char *why = q->outer != NULL ? launch_outer_hold(a, l) : NULL;
	if (why != NULL)
		return refuse(err, why);
	/* A name with a slash is not searched for; what remains is execvp()'s way with scripts. */
	execvpe(l->command, q->argv, (char *const *)(uintptr_t)l->envp);
	*status = errno == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC;
	report("%s: %s", l->command, strerror(errno));
	return 0;
}

/* ---- one backend after the other ---- */

/* The same launch for another backend, which may be a refusal of its own. */
static int
launch_with(struct arena *a, const struct launch *l, const char *backend, struct launch *other,
    struct launch_error *err)
{
	struct launch_request *q = arena_alloc(a, sizeof(*q));
	*q = *l->request;
	q->backend = backend;
	q->start = NULL;
	if (launch_make(a, q, other, err) == 0)
		return 0;
	launch_drop(other);
	return -1;
}

static int	execute(struct arena *, const struct launch *, const char **why);

static int
execute_tested(struct arena *a, const struct launch *l, const char **why)
{
	struct launch tested;

	launch_abandon(l->request->start);
	int rc = self_test_begin(a, l, &tested);
	if (rc == 0)
		rc = execute(a, &tested, why);
	self_test_end(l);
	return rc;
}

static int
execute_bound(struct arena *a, const struct launch *l, struct launch_start *s,
    struct exec_request *e, const char **why)
{
	if (is_builtin(l)) {
		struct builtin_start *b = s != NULL ? s->builtin : NULL;
		if (s != NULL)
			s->builtin = NULL;
		launch_abandon(s);
		return exec_builtin(a, e, b, why);
	}
	if (s != NULL) {
		e->start = s->bwrap;
		s->bwrap = NULL;
		launch_abandon(s);
	}
	return exec_bwrap(a, e);
}

static int
execute_mounts(struct arena *a, const struct launch *l, struct launch_start *s, const char **why)
{
	struct exec_request e;
	request_of(a, l, &e);
	e.unavailable = why;
	if (e.log == FILTER_SILENT)
		return execute_bound(a, l, s, &e, why);

	struct denials *denials = denials_new(&l->request->denials, l->request->decide);
	e.watch = denial_watch_new(a, denials, l->request->decide, NULL);
	/* bwrap says when its sandbox is made; ours has no filter before. */
	if (is_builtin(l))
		denial_watch_live(e.watch);
	int decisions = denial_proxy_needed(l->proxy) ? memfd_create("cdxp-decisions", MFD_CLOEXEC) : -1;
	e.proxy = denial_proxy_begin(a, l->proxy, decisions);
	int status = execute_bound(a, l, s, &e, why);
	denial_watch_end(e.watch);
	denial_proxy_end(decisions, status >= 0 ? denials : NULL);
	if (status >= 0)
		denials_end(denials);
	else
		denials_free(denials);
	return status;
}

/* -1 with *why where this executor is of no use here; then nothing has happened. */
static int
execute(struct arena *a, const struct launch *l, const char **why)
{
	struct launch_start *s = l->request->start;
	if (l->test != NULL)
		return execute_tested(a, l, why);
	if (launch_is_landlock(l)) {
		launch_abandon(s);
		*why = exec_landlock_unsupported(a);
		return *why != NULL ? -1 : launch_landlock(a, l);
	}
	struct read_streams streams;
	read_streams_begin(&streams);
	int rc = execute_mounts(a, l, s, why);
	read_streams_end(&streams);
	return rc;
}

static const char *
add_reason(struct arena *a, const char *reasons, const char *backend, const char *why)
{
	return arena_printf(a, "%s%s%s: %s", reasons, *reasons != '\0' ? "; " : "", backend,
	    why != NULL ? why : "it cannot run");
}

/* No backend works; what is around us may do.  0, 1 and *outer, or -1 with *err. */
static int
last_resort(struct arena *a, const struct launch *l, const char *reasons, struct launch *outer,
    struct launch_error *err)
{
	int rc = launch_outer_make(a, l, outer, err);
	if (rc != 0)
		return rc;
	return refuse(err, launch_outer_refusal(a, reasons));
}

static int
execute_outer(struct arena *a, const struct launch *l, const char *reasons, int *status,
    struct launch_error *err)
{
	struct launch outer;
	if (last_resort(a, l, reasons, &outer, err) < 0)
		return -1;
	int rc = exec_in_place(a, &outer, status, err);
	launch_drop(&outer);
	return rc;
}

static const char *
none_works(struct arena *a, const char *reasons)
{
	return arena_printf(a, "no backend can set up a sandbox here: %s", reasons);
}

/* Why it need not be tried, without what it would say itself; NULL: it may work. */
static const char *
why_skip(struct arena *a, const char *backend)
{
	if (strcmp(backend, "landlock") == 0)
		return exec_landlock_unsupported(a);
	return strcmp(backend, "bwrap") == 0 ? userns_unusable(a, backend) : NULL;
}

/* The first of the automatic ones was of no use here. */
static int
execute_next(struct arena *a, const struct launch *l, const char *why, int *status,
    struct launch_error *err)
{
	const char *reasons = add_reason(a, "", automatic[0], why);
	for (size_t i = 1; i < NELEMS(automatic); i++) {
		struct launch other;
		struct launch_error refusal = { LAUNCH_REFUSED, why_skip(a, automatic[i]) };
		if (refusal.text != NULL || launch_with(a, l, automatic[i], &other, &refusal) != 0) {
			reasons = add_reason(a, reasons, automatic[i], refusal.text);
			continue;
		}
		/* It is another kind of sandbox, with deviations of its own. */
		if (launch_is_landlock(&other))
			report("confined by Landlock alone, as this profile allows: %s", reasons);
		*status = execute(a, &other, &why);
		launch_drop(&other);
		if (*status >= 0)
			return 0;
		reasons = add_reason(a, reasons, automatic[i], why);
	}
	return execute_outer(a, l, none_works(a, reasons), status, err);
}

/* NULL where it is there and works, as far as that can be known without a policy. */
static const char *
why_not_builtin(struct arena *a, const struct launch_request *q)
{
	const char *why = exec_bwrap_unsupported(a);
	struct builtin_start *s = why != NULL ? NULL : exec_builtin_start(a, q->keep_fds,
	    q->nkeep_fds, q->ir->network.mode != NET_OPEN, &why);
	if (s != NULL)
		why = exec_builtin_ready(a, s);
	exec_builtin_abandon(s);
	return why;
}

int
launch_settle(struct arena *a, const struct launch *l, struct launch *other,
    struct launch_error *err)
{
	if (l->request->backend != NULL || !is_builtin(l))
		return 0;
	const char *why = why_not_builtin(a, l->request);
	if (why == NULL)
		return 0;
	const char *reasons = add_reason(a, "", automatic[0], why);
	for (size_t i = 1; i < NELEMS(automatic); i++) {
		struct launch_error refusal = { LAUNCH_REFUSED, why_skip(a, automatic[i]) };
		if (refusal.text == NULL && launch_with(a, l, automatic[i], other, &refusal) == 0)
			return 1;
		reasons = add_reason(a, reasons, automatic[i], refusal.text);
	}
	return last_resort(a, l, none_works(a, reasons), other, err);
}

int
launch_exec(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	if (l->backend == NULL)
		return exec_in_place(a, l, status, err);
	if (launch_check_target(a, l, err) != 0)
		return -1;
	if (l->artifact.stubs.len > 0 && state_dir(a) == NULL)
		return refuse(err, "there is no place for records of mount points: "
		    "set HOME or XDG_STATE_HOME to an absolute path");
	const char *why = NULL;
	*status = execute(a, l, &why);
	if (*status >= 0)
		return 0;
	if (l->request->backend != NULL)
		return execute_outer(a, l, why, status, err);
	return execute_next(a, l, why, status, err);
}

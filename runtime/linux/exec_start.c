/* SPDX-License-Identifier: Apache-2.0 */
/* exec_start.c - pipes, descriptors and the start of bwrap */
#include <config.h>

#include "exec_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "bwrap_copy.h"
#include "bwrap_find.h"
#include "child.h"
#include "exec_bwrap.h"
#include "seccomp_filter.h"
#include "userns_why.h"

/* bwrap's ends, closed on our side once it runs. */
struct given {
	int	args, filter, status, hold, userns;
};

struct words { const char **v; size_t len, cap; };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
open_pipe(int *read_end, int *write_end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	*read_end = fds[0];
	*write_end = fds[1];
	return 0;
}

static int
open_all(struct exec_start *s, struct given *g, bool all_ids)
{
	if (open_pipe(&g->args, &s->args_fd) != 0 ||
	    open_pipe(&g->filter, &s->sandbox.filter_fd) != 0 ||
	    open_pipe(&s->sandbox.status_fd, &g->status) != 0)
		return -1;
	int hold[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, hold) != 0)
		return -1;
	s->hold_fd = hold[0];
	g->hold = hold[1];
	if (all_ids && (g->userns = all_ids_begin(&s->ids)) < 0)
		return -1;
	s->userns_fd = g->userns;
	return 0;
}

static void
add_fd(struct arena *a, struct words *argv, const char *option, int fd)
{
	VEC_PUSH(a, argv, option);
	VEC_PUSH(a, argv, arena_printf(a, "%d", fd));
}

/*
 * If we die before bwrap has its arguments it reads none, and would go on
 * without: it makes its child, is killed as we are gone, and leaves the child
 * waiting for ever.  --hostname is refused without --unshare-uts, which every
 * artifact has, so it ends there; the name itself stays what it is.
 */
static const char *
host_name(struct arena *a)
{
	struct utsname u;

	return uname(&u) == 0 ? arena_strdup(a, u.nodename) : "localhost";
}

/*
 * An empty environment: what the dynamic loader and the C library obey would
 * work outside the sandbox, and may name what the command can write.  The
 * command's own comes as arguments.
 */
static pid_t
run_bwrap(struct arena *a, struct exec_start *s, const struct given *g,
    const struct exec_start_request *req)
{
	static const char *const no_environ[] = { NULL };
	int *fds = arena_array(a, req->nkeep + 5, sizeof(*fds));
	struct words argv = { NULL, 0, 0 };
	size_t n = 0;
	int copy;

	const char *program = bwrap_copy(a, s->bwrap, &copy);
	if (program == NULL)
		return -1;
	VEC_PUSH(a, &argv, "bwrap");
	add_fd(a, &argv, "--args", fds[n++] = g->args);
	add_fd(a, &argv, "--seccomp", fds[n++] = g->filter);
	add_fd(a, &argv, "--json-status-fd", fds[n++] = g->status);
	/* Read by its child, between the mounts and the command. */
	add_fd(a, &argv, "--block-fd", fds[n++] = g->hold);
	if (g->userns >= 0)
		fds[n++] = g->userns;
	VEC_PUSH(a, &argv, "--hostname");
	VEC_PUSH(a, &argv, host_name(a));
	VEC_PUSH(a, &argv, "--");
	for (const char *const *word = req->argv; *word != NULL; word++)
		VEC_PUSH(a, &argv, *word);
	VEC_PUSH(a, &argv, NULL);
	for (size_t i = 0; i < req->nkeep; i++)
		fds[n++] = req->keep_fds[i];
	struct child_start how = {
		.program = program, .argv = argv.v, .envp = no_environ,
		.fds = fds, .nfds = n, .mask = &s->sandbox.old_mask, .dies_with_us = true, .scoped = true,
		.listener = &s->sandbox.listener,
	};
	/* From the first instruction on; bwrap itself connects nothing. */
	how.answered = req->log != FILTER_SILENT;
	if (req->supervised || how.answered)
		how.filter = seccomp_filter_join(a, seccomp_filter_native(),
		    req->supervised ? FILTER_OFF : FILTER_OPEN, false, req->log, true, &how.nfilter);
	pid_t pid = child_start(&how);
	int error = errno;
	close_fd(&copy);
	errno = error;
	return pid;
}

const char *
exec_keep_why(struct arena *a, const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] <= STDERR_FILENO || fcntl(fds[i], F_GETFD) < 0)
			return arena_printf(a, "descriptor %d cannot be kept: it is not open", fds[i]);
	return NULL;
}

static void
kill_bwrap(struct exec_start *s)
{
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, __WALL) < 0 && errno == EINTR)
		continue;
	s->pid = -1;
}

static const char *
not_started(struct arena *a, const struct exec_start *s, const struct given *g, bool all_ids,
    int error)
{
	if (error == EBUSY)
		return "what is around this answers for system calls already, and one sandbox only can "
		    "(run cdxp-run outside of that)";
	/* The descriptors before it were there. */
	if (all_ids && g->userns < 0 && g->hold >= 0)
		return userns_why(a, "bwrap", error);
	return arena_printf(a, "%s cannot be started: %s", s->bwrap, strerror(error));
}

struct exec_start *
exec_start(struct arena *a, const struct exec_start_request *req, bool all_ids, const char **why)
{
	struct exec_start *s = arena_alloc(a, sizeof(*s));
	struct given g = { -1, -1, -1, -1, -1 };

	*s = (struct exec_start){ .pid = -1, .args_fd = -1, .hold_fd = -1,
	    .userns_fd = -1,
	    .ids = { .pid = -1, .go = { -1, -1 } } };
	s->sandbox.filter_fd = s->sandbox.status_fd = s->sandbox.signal_fd = -1;
	s->sandbox.listener = -1;
	if ((*why = exec_keep_why(a, req->keep_fds, req->nkeep)) != NULL ||
	    (s->bwrap = bwrap_find(a, req->path, req->avoid, req->navoid, why)) == NULL)
		return NULL;
	/* Otherwise one of ours could become a standard descriptor of the command. */
	if (child_standard_fds() != 0 || sandbox_begin(&s->sandbox) != 0) {
		*why = arena_printf(a, "descriptors cannot be opened: %s", strerror(errno));
		return NULL;
	}
	if (open_all(s, &g, all_ids) == 0 && (s->pid = run_bwrap(a, s, &g, req)) > 0)
		sandbox_attach(&s->sandbox, s->pid);
	else
		*why = not_started(a, s, &g, all_ids, errno);
	/* bwrap enters the namespace once it has its arguments, which is later. */
	if (all_ids && all_ids_map(&s->ids) != 0 && s->pid > 0) {
		*why = arena_printf(a, "no user namespace with all ids: %s", strerror(errno));
		kill_bwrap(s);
	}
	close_fd(&g.args);
	close_fd(&g.filter);
	close_fd(&g.status);
	close_fd(&g.hold);
	close_fd(&g.userns);
	if (s->pid > 0)
		return s;
	exec_start_drop(s);
	return NULL;
}

void
exec_start_drop(struct exec_start *s)
{
	close_fd(&s->args_fd);
	close_fd(&s->hold_fd);
	all_ids_end(&s->ids);
	sandbox_end(&s->sandbox);
}

struct exec_start *
exec_bwrap_start(struct arena *a, const struct exec_start_request *req)
{
	const char *why = exec_bwrap_unsupported(a), *found = NULL;

	if (why == NULL)
		found = bwrap_find(a, req->path, req->avoid, req->navoid, &why);
	/* Another place on PATH may be one that the policy, not known yet, lets a command write to. */
	if (found == NULL || (strcmp(found, "/usr/bin/bwrap") != 0 && strcmp(found, "/bin/bwrap") != 0))
		return NULL;
	return exec_start(a, req, all_ids_possible(), &why);
}

void
exec_bwrap_abandon(struct exec_start *s)
{
	if (s == NULL)
		return;
	kill_bwrap(s);
	exec_start_drop(s);
}

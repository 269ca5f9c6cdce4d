/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_run.c - starting and ending the proxy */
#include <config.h>

#include "proxy_run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "inner_plan.h"
#include "report.h"

struct proxy_run {
	struct arena	*arena;
	const struct proxy_plan *plan;
	int		 audit;		/* the file of decisions; -1: none, or the proxy has it */
	int		 fd[PROXY_MAX_LISTENERS];	/* until it has them */
	size_t		 nfds;
	int		 epoll;		/* of those that are connected to; -1: it is started, or cannot be */
	pid_t		 pid;		/* -1: none */
	int		 control;
};

static const char program_name[] = "cdxp-proxy";

/* Beside ours, as in the folder of a build; as it is installed relative to ours; where it was meant to be. */
const char *
proxy_run_program(struct arena *a, const char **why)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *place[3] = { NULL, NULL, arena_printf(a, "%s/%s", LIBEXECDIR, program_name) };

	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');
	if (slash != NULL) {
		*slash = '\0';
		place[0] = arena_printf(a, "%s/%s", self, program_name);
		place[1] = arena_printf(a, "%s/../libexec/%s", self, program_name);
	}
	for (size_t i = 0; i < NELEMS(place); i++)
		if (place[i] != NULL && access(place[i], X_OK) == 0)
			return place[i];
	*why = arena_printf(a, "the managed proxy needs the program %s, which is neither beside cdxp-run "
	    "nor at %s", program_name, place[2]);
	return NULL;
}

/* -1: none is kept; or with *why. */
static int
open_audit(struct arena *a, const struct proxy_plan *plan, const char **why)
{
	if (plan->audit_file == NULL)
		return plan->audit_fd > 0 ? fcntl(plan->audit_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
	int fd = open(plan->audit_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		*why = arena_printf(a, "--audit %s: %s", plan->audit_file, strerror(errno));
	return fd;
}

/* It is of our process group, whose signals are for the command: it has none of them. */
static pid_t
start(struct arena *a, const struct proxy_plan *plan, int control)
{
	static const char *const no_environ[] = { NULL };
	const char *argv[] = { plan->program, arena_printf(a, "%d", control), NULL };
	sigset_t all;

	sigfillset(&all);
	const struct child_start how = {
		.program = plan->program, .argv = argv, .envp = no_environ, .fds = &control, .nfds = 1,
		.mask = &all, .dies_with_us = true,
	};
	return child_start(&how);
}

/* Gone already: its end is told later. */
static void
send_config(struct proxy_run *r)
{
	struct sbuf bytes = SBUF_INIT;
	int rc = 0;

	proxy_config_write(&r->plan->config, r->audit >= 0, &bytes);
	for (size_t at = 0; rc == 0 && at < bytes.len;) {
		ssize_t n = send(r->control, bytes.p + at, bytes.len - at, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			rc = -1;
		at += n > 0 ? (size_t)n : 0;
	}
	sbuf_free(&bytes);
	if (rc == 0 && r->audit >= 0)
		inner_send_fd(r->control, r->audit);
}

/* Ours no more: if the proxy ends nobody listens. */
static void
hand_over(struct proxy_run *r, int fd)
{
	if (r->control >= 0)
		inner_send_fd(r->control, fd);
	close(fd);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static const char *
run(struct proxy_run *r)
{
	const char *why = NULL;
	int pair[2];

	close_fd(&r->epoll);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		why = arena_printf(r->arena, "the managed proxy cannot be started: %s", strerror(errno));
	else {
		r->pid = start(r->arena, r->plan, pair[1]);
		if (r->pid < 0)
			why = arena_printf(r->arena, "the managed proxy %s cannot be started: %s",
			    r->plan->program, strerror(errno));
		close(pair[1]);
		r->control = pair[0];
	}
	if (why != NULL)
		close_fd(&r->control);
	else
		send_config(r);
	close_fd(&r->audit);
	for (size_t i = 0; i < r->nfds; i++)
		hand_over(r, r->fd[i]);
	r->nfds = 0;
	return why;
}

struct proxy_run *
proxy_run_new(struct arena *a, const struct proxy_plan *plan, const char **why)
{
	struct proxy_run *r = arena_alloc(a, sizeof(*r));

	*why = NULL;
	*r = (struct proxy_run){ .arena = a, .plan = plan, .pid = -1, .control = -1, .epoll = -1 };
	r->audit = open_audit(a, plan, why);
	if (*why != NULL)
		return NULL;
	if (!plan->at_once)
		r->epoll = epoll_create1(EPOLL_CLOEXEC);
	/* Without one it is as good at once. */
	if (r->epoll < 0)
		*why = run(r);
	return *why == NULL ? r : NULL;
}

void
proxy_run_give(struct proxy_run *r, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	if (r->epoll < 0) {
		hand_over(r, fd);
		return;
	}
	r->fd[r->nfds++] = fd;
	if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		proxy_run_serve(r);
}

int
proxy_run_fd(const struct proxy_run *r)
{
	return r != NULL ? r->epoll : -1;
}

void
proxy_run_serve(struct proxy_run *r)
{
	const char *why = run(r);

	if (why != NULL)
		report("%s: nothing is reached", why);
}

void
proxy_run_end(struct proxy_run *r, bool last)
{
	int status;

	if (r == NULL)
		return;
	bool ended = r->pid > 0 && waitpid(r->pid, &status, WNOHANG) == r->pid;
	for (size_t i = 0; i < r->nfds; i++)
		close(r->fd[i]);
	close_fd(&r->audit);
	close_fd(&r->epoll);
	close_fd(&r->control);
	if (ended) {
		report("the managed proxy ended before the command did (%s %d): nothing was reached from "
		    "then on", WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		return;
	}
	if (r->pid < 0)
		return;
	kill(r->pid, SIGKILL);
	while (!last && waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		continue;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* exec_builtin.c - one command in a sandbox of our own making, seen from outside */
#include <config.h>

#include "exec_builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "bwrap_args.h"
#include "child.h"
#include "inner.h"
#include "inner_plan.h"
#include "mask_watch.h"
#include "proxy_run.h"
#include "job.h"
#include "report.h"
#include "sbuf.h"
#include "supervisor.h"
#include "userns_why.h"

/*
 * The process inside (inner.c) is our child and pid 1 of the sandbox.  It
 * talks to us over a socket pair, dies when we do, and takes everything in the
 * sandbox with it.  It is in our process group and blocks every signal, so it
 * knows which of ours were sent to the whole group and need no passing on.
 */

static const int passed_on[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGUSR1, SIGUSR2,
};

enum { READY_MS = 10 * 1000, MAX_TEXT = 64 * 1024 };

struct builtin_start {
	pid_t		 pid;
	int		 control;
	int		 signal_fd;
	sigset_t	 old_mask;	/* the command's */
	bool		 all_ids, net;
	bool		 ready;
};

/* What is known of a run. */
struct run {
	struct arena	*arena;
	const struct exec_request *req;
	struct builtin_start *start;
	int		 pidfd;
	struct stubs	*stubs;
	struct mask_watch *masks;
	bool		 started;	/* signals are the command's */
	int		 stop_signal;	/* it never became one, as we were told to end */
	bool		 stopped;	/* the command is, for now */
	int		 exec_error;
	const char	*failure;	/* the plan could not be carried out */
	struct supervisor *supervisor;	/* of connect(2), or NULL */
	struct proxy_run *proxy;	/* or NULL */
	int		 status;	/* the command's, -1: not known */
	bool		 gone;		/* the process inside has closed its socket */
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
take_signals(struct builtin_start *s)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	/* Ignored, it would make every wait fail; the default is what a child expects too. */
	signal(SIGCHLD, SIG_DFL);
	if (sigprocmask(SIG_BLOCK, &set, &s->old_mask) != 0)
		return -1;
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0 ? -1 : 0;
}

/* As fork(2), in new namespaces. */
static pid_t
fork_inside(void)
{
	unsigned long flags = CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD;

#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, flags, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
}

static void
end_process(struct builtin_start *s)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	s->pid = -1;
}

static void
drop(struct builtin_start *s)
{
	close_fd(&s->control);
	close_fd(&s->signal_fd);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

void
exec_builtin_abandon(struct builtin_start *s)
{
	if (s == NULL)
		return;
	end_process(s);
	drop(s);
}

struct builtin_start *
exec_builtin_start(struct arena *a, const int *keep_fds, size_t nkeep, bool net, const char **why)
{
	struct builtin_start *s = arena_alloc(a, sizeof(*s));
	int pair[2];

	*s = (struct builtin_start){ .pid = -1, .control = -1, .signal_fd = -1,
	    .all_ids = all_ids_possible(), .net = net };
	/* Otherwise one of ours could become a standard descriptor of the command. */
	if (child_standard_fds() != 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		*why = arena_printf(a, "descriptors cannot be opened: %s", strerror(errno));
		return NULL;
	}
	s->control = pair[0];
	struct inner_start inner = {
		.control = pair[1], .keep = keep_fds, .nkeep = nkeep, .uid = geteuid(),
		.gid = getegid(), .all_ids = s->all_ids, .net = net, .mask = &s->old_mask,
	};
	if (take_signals(s) == 0 && (s->pid = fork_inside()) == 0)
		inner_run(&inner);
	int error = errno;
	close(pair[1]);
	if (s->pid < 0) {
		*why = userns_why(a, USERNS_OURS, error);
		drop(s);
		return NULL;
	}
	if (s->all_ids && (all_ids_write(s->pid) != 0 ||
	    inner_send(s->control, INNER_MAPPED, 0, NULL, 0) != 0)) {
		*why = arena_printf(a, "no user namespace with all ids: %s", strerror(errno));
		exec_builtin_abandon(s);
		return NULL;
	}
	return s;
}

static const char *
receive_text(struct arena *a, int fd, const struct inner_head *head)
{
	size_t len = head->len < MAX_TEXT ? (size_t)head->len : MAX_TEXT;
	char *text = arena_alloc(a, len + 1);

	return inner_receive(fd, text, len) == 0 ? text : "the process inside broke off";
}

const char *
exec_builtin_ready(struct arena *a, struct builtin_start *s)
{
	struct pollfd p = { .fd = s->control, .events = POLLIN };
	struct inner_head head = { .kind = INNER_ENDED };

	if (s->ready)
		return NULL;
	int n = poll(&p, 1, READY_MS);
	if (n == 0)
		return "namespaces could not be made in 10 seconds";
	if (n < 0 || inner_receive(s->control, &head, sizeof(head)) != 0)
		return "the process inside ended before its namespaces were made";
	if (head.kind == INNER_READY) {
		s->ready = true;
		return NULL;
	}
	const char *text = receive_text(a, s->control, &head);
	if (head.value == INNER_NO_PROC)
		return proc_why(a, USERNS_OURS);
	/* AppArmor lets a user namespace be made and takes away what it is made for. */
	return head.value == EPERM || head.value == EACCES ?
	    userns_why(a, USERNS_OURS, head.value) : text;
}

/* ---- the run ---- */

static void
got_listener(struct run *r)
{
	struct supervisor_request q = {
		.listener = inner_receive_fd(r->start->control), .own_network = true,
		.allows = r->req->socket_allowed, .arg = r->req->socket_arg, .watch = r->req->watch,
	};

	if (q.listener >= 0 && r->supervisor == NULL)
		r->supervisor = supervisor_new(&q);
	if (r->supervisor == NULL)
		r->failure = arena_printf(r->arena, "connections cannot be supervised: %s",
		    strerror(errno));
}

static void
got_socket(struct run *r)
{
	int fd = inner_receive_fd(r->start->control);

	if (fd < 0)
		r->failure = arena_printf(r->arena, "the sandbox cannot be connected to its proxy: %s",
		    strerror(errno));
	else if (r->proxy != NULL)
		proxy_run_give(r->proxy, fd);
	else
		close(fd);
}

/* The first connect: most commands make none, and need no threads. */
static void
supervise(struct run *r)
{
	if (supervisor_serve(r->supervisor) == 0)
		return;
	/* Without it every connect fails, now and later. */
	supervisor_free(r->supervisor);
	r->supervisor = NULL;
}

static void
got_news(struct run *r)
{
	struct inner_head head;

	if (inner_receive(r->start->control, &head, sizeof(head)) != 0) {
		r->gone = true;
		return;
	}
	switch ((enum inner_news)head.kind) {
	case INNER_READY:
		break;
	case INNER_LISTENER:
		got_listener(r);
		break;
	case INNER_SOCKET:
		got_socket(r);
		break;
	case INNER_STARTED:
		r->started = true;
		mask_watch_started(r->masks);
		break;
	case INNER_STOPPED:
	case INNER_CONTINUED:
		r->stopped = head.kind == INNER_STOPPED;
		break;
	case INNER_NOEXEC:
		r->exec_error = head.value;
		break;
	case INNER_ENDED:
		r->status = head.value & 0xff;
		break;
	case INNER_UNAVAILABLE:
	case INNER_FAILED:
		r->failure = receive_text(r->arena, r->start->control, &head);
		break;
	}
}

static void
got_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->start->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int signal = (int)info.ssi_signo;
		if (r->started)
			inner_send(r->start->control, INNER_SIGNAL, signal, NULL, 0);
		/* Before the command: what would have ended it ends the set-up. */
		else if (signal != SIGWINCH && r->stop_signal == 0) {
			r->stop_signal = signal;
			end_process(r->start);
		}
	}
}

/* For job_stop_too(): what has been told meanwhile counts. */
static bool
command_stopped(void *arg)
{
	struct run *r = arg;
	struct pollfd p = { .fd = r->start->control, .events = POLLIN };

	while (!r->gone && r->status < 0 && poll(&p, 1, 0) > 0)
		got_news(r);
	return r->stopped && r->status < 0;
}

static void
follow_stop(struct run *r)
{
	if (job_stop_too(command_stopped, r))
		inner_send(r->start->control, INNER_SIGNAL, SIGCONT, NULL, 0);
	r->stopped = false;
}

static void
watch(struct run *r)
{
	while (!r->gone && r->status < 0 && r->failure == NULL) {
		/* Nothing can be replaced in what is not made yet. */
		struct mask_watch *masks = r->started ? r->masks : NULL;
		struct pollfd p[] = {
			{ .fd = r->start->control, .events = POLLIN },
			{ .fd = r->start->signal_fd, .events = POLLIN },
			{ .fd = mask_watch_fd(masks), .events = POLLIN },
			{ .fd = r->supervisor != NULL ? supervisor_fd(r->supervisor) : -1, .events = POLLIN },
			{ .fd = proxy_run_fd(r->proxy), .events = POLLIN },
		};
		if (poll(p, NELEMS(p), mask_watch_timeout(masks)) < 0)
			continue;
		if (mask_watch_serve(masks, &r->failure) != 0)
			end_process(r->start);
		if ((p[3].revents & POLLIN) != 0)
			supervise(r);
		if ((p[4].revents & POLLIN) != 0)
			proxy_run_serve(r->proxy);
		/* News first: whether a signal is the command's depends on them. */
		if (p[0].revents != 0)
			got_news(r);
		else if (p[1].revents != 0)
			got_signals(r);
		if (r->stopped)
			follow_stop(r);
	}
}

/* The process inside has told its last, or is gone. */
static int
outcome(struct run *r)
{
	int status = 0;

	if (r->exec_error != 0)
		return report_fail(STATUS_NOEXEC, "%s could not be executed in the sandbox: %s",
		    r->req->argv[0], strerror(r->exec_error));
	if (r->status >= 0)
		return r->status;
	if (r->stop_signal != 0)
		return STATUS_SIGNAL + r->stop_signal;
	if (r->failure != NULL)
		return report_fail(STATUS_SETUP, "%s", r->failure);
	while (waitpid(r->start->pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	r->start->pid = -1;
	if (WIFSIGNALED(status))
		return child_status(status);
	return report_fail(STATUS_SETUP, "the sandbox ended before the command did");
}

static int
send_plan(struct run *r)
{
	const struct exec_request *req = r->req;
	const struct inner_plan plan = {
		.args = req->args, .args_len = req->args_len, .cwd = req->cwd, .argv = req->argv,
		.envp = req->envp, .checks = req->checks, .nchecks = req->nchecks, .mode = req->mode,
		.no_debug = req->no_debug, .log = req->log,
		/* A stub must not go while anything lives that could take its place. */
		.empty = req->nstubs > 0,
		.listeners = req->proxy != NULL ? req->proxy->config.listener : NULL,
		.nlisteners = req->proxy != NULL ? req->proxy->config.nlisteners : 0,
	};
	struct sbuf bytes = SBUF_INIT;

	inner_plan_write(&plan, &bytes);
	int rc = inner_send(r->start->control, INNER_PLAN, 0, bytes.p, bytes.len);
	sbuf_free(&bytes);
	/* Where it is gone already, what it said before is still to be read. */
	return rc != 0 && errno != EPIPE && errno != ECONNRESET ? -1 : 0;
}

/*
 * Before it is told what to mount: then it can be looked at, and until then
 * nothing of it has to be ended first.
 */
static const char *
watch_it(struct run *r)
{
	const struct exec_request *req = r->req;

	r->pidfd = (int)syscall(SYS_pidfd_open, r->start->pid, 0);
	if (r->pidfd < 0 || stubs_watch(r->stubs, r->pidfd) != 0)
		return arena_printf(r->arena, "the sandbox cannot be handed to the process that removes "
		    "mount points: %s", strerror(errno));
	if (req->artifact != NULL)
		r->masks = mask_watch_new(r->arena, r->start->pid, r->pidfd, req->artifact);
	return NULL;
}

static int
run_command(struct run *r)
{
	const char *why = watch_it(r);

	if (why != NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	if (send_plan(r) != 0)
		return report_fail(STATUS_SETUP, "the plan cannot be handed over: %s", strerror(errno));
	if (r->req->proxy != NULL && (r->proxy = proxy_run_new(r->arena, r->req->proxy, &why)) == NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	watch(r);
	return outcome(r);
}

static int
run_with_stubs(struct run *r)
{
	const struct exec_request *req = r->req;
	const char *why = NULL;

	if (req->nstubs > 0 && req->state_dir == NULL)
		return report_fail(STATUS_SETUP, "there is no place for the record of mount points: "
		    "set HOME or XDG_STATE_HOME to an absolute path");
	if (req->state_dir != NULL)
		r->stubs = stubs_make(r->arena, req->stubs, req->nstubs, req->state_dir, &why);
	int rc = why != NULL ? report_fail(STATUS_SETUP, "%s", why) : run_command(r);
	mask_watch_end(r->masks);
	if (r->pidfd >= 0)
		close(r->pidfd);
	/* Whatever was said, nothing in it may live that could take a stub's place. */
	if (req->nstubs > 0 && r->status < 0)
		end_process(r->start);
	if (req->last)
		stubs_leave(r->stubs);
	else
		stubs_remove(r->stubs);
	return rc;
}

/* The start we were given, if the plan has the namespaces that it was made with. */
static struct builtin_start *
usable_start(struct run *r, struct builtin_start *s, const char **why)
{
	struct bwrap_args args;
	const char *wrong = exec_keep_why(r->arena, r->req->keep_fds, r->req->nkeep);

	if (wrong == NULL)
		wrong = bwrap_args_read(r->arena, r->req->args, r->req->args_len, &args);
	if (wrong != NULL) {
		r->failure = wrong;
		return s;
	}
	if (s != NULL && s->net != args.net) {
		exec_builtin_abandon(s);
		s = NULL;
	}
	if (s == NULL)
		s = exec_builtin_start(r->arena, r->req->keep_fds, r->req->nkeep, args.net, why);
	if (s != NULL && (*why = exec_builtin_ready(r->arena, s)) != NULL) {
		exec_builtin_abandon(s);
		s = NULL;
	}
	return s;
}

int
exec_builtin(struct arena *a, const struct exec_request *req, struct builtin_start *start,
    const char **why)
{
	struct run r = { .arena = a, .req = req, .pidfd = -1, .status = -1 };
	int rc;

	*why = exec_bwrap_unsupported(a);
	if (*why != NULL) {
		exec_builtin_abandon(start);
		return -1;
	}
	r.start = usable_start(&r, start, why);
	if (r.failure != NULL) {
		exec_builtin_abandon(r.start);
		return report_fail(STATUS_SETUP, "%s", r.failure);
	}
	if (r.start == NULL)
		return -1;
	rc = run_with_stubs(&r);
	/* What is left ends with pid 1, which ends now, and with us in any case. */
	if (!req->last || r.status < 0)
		end_process(r.start);
	supervisor_free(r.supervisor);
	proxy_run_end(r.proxy, req->last);
	drop(r.start);
	return rc;
}

void
exec_builtin_words(struct arena *a, const struct exec_request *req, const char **program,
    const char ***argv, size_t *len)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));

	*program = n > 0 ? arena_strndup(a, self, (size_t)n) : "cdxp-run";
	exec_request_words(a, req, "builtin", argv, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* exec_seatbelt.c - one command under sandbox-exec: start, signals, denials, end */
#include <config.h>

#include "exec_seatbelt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "denial_log.h"
#include "janitor.h"
#include "log_stream.h"
#include "process_tree.h"
#include "process_watch.h"
#include "profile_file.h"
#include "report.h"
#include "seatbelt_command.h"

/*
 * In libSystem since 10.5, in no public header; Chromium and WebKit ask it the
 * same question.  0: the process is in no sandbox, 1: it is in one.
 */
int	sandbox_check(pid_t pid, const char *operation, int filter, ...);

enum {
	EVENTS		= 32,
	QUIET_MS	= 400,		/* the log is behind by less than this, as a rule */
	AFTER_MS	= 2000,		/* and is waited for no longer */
};

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };

struct run {
	struct arena	*arena;
	const struct seatbelt_request *req;
	struct profile_file file;
	struct janitor	 janitor;
	struct log_stream log;
	struct process_watch watch;
	struct sigaction before[NELEMS(passed_on)], before_child;
	pid_t		 pid;
	int		 kq;
	int		 wait_status;
	bool		 executed;	/* sandbox-exec has become the command */
	bool		 ended;
};

/* A kqueue sees signals that are ignored; so they end nobody but the command. */
static void
ignore_signals(struct run *r)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, standard = { .sa_handler = SIG_DFL };

	/* Ignored, the status of children would be lost. */
	sigaction(SIGCHLD, &standard, &r->before_child);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaction(passed_on[i], &ignore, &r->before[i]);
}

static void
restore_signals(struct run *r)
{
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaction(passed_on[i], &r->before[i], NULL);
	sigaction(SIGCHLD, &r->before_child, NULL);
}

static int
add_event(struct run *r, uintptr_t ident, int16_t filter)
{
	struct kevent change;

	EV_SET(&change, ident, filter, EV_ADD, 0, 0, NULL);
	return kevent(r->kq, &change, 1, NULL, 0, NULL);
}

static int
open_queue(struct run *r)
{
	r->kq = kqueue();
	if (r->kq == -1)
		return -1;
	fcntl(r->kq, F_SETFD, FD_CLOEXEC);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		if (add_event(r, (uintptr_t)passed_on[i], EVFILT_SIGNAL) != 0)
			return -1;
	/* NOTE_EXIT comes a little before the status can be had, SIGCHLD does not. */
	if (add_event(r, SIGCHLD, EVFILT_SIGNAL) != 0)
		return -1;
	process_watch_start(&r->watch, r->kq);
	return 0;
}

/* Before the command, so that none of its lines is missed. */
static int
start_log(struct run *r)
{
	if (r->req->denials == NULL)
		return 0;
	if (log_stream_start(&r->log, r->req->denials) != 0)
		return -1;
	r->log.tree = r->watch.tree;
	return add_event(r, (uintptr_t)r->log.fd, EVFILT_READ);
}

static int
start_janitor(struct run *r)
{
	if (janitor_start(&r->janitor, &r->file) != 0)
		return -1;
	return r->log.pid > 0 ? janitor_watch(&r->janitor, r->log.pid) : 0;
}

/* What was ignored when we were started (nohup) stays ignored in the command. */
static pid_t
start_suspended(struct run *r, const char *const *words)
{
	sigset_t mask, defaults;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigemptyset(&defaults);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		if (r->before[i].sa_handler != SIG_IGN)
			sigaddset(&defaults, passed_on[i]);
	const struct child_start how = {
		.program = SANDBOX_EXEC, .argv = words, .envp = r->req->envp,
		.fds = r->req->keep_fds, .nfds = r->req->nkeep, .mask = &mask,
		.cwd = r->req->cwd, .defaults = &defaults, .suspended = true,
	};
	return child_start(&how);
}

/*
 * What the terminal sends goes to all processes of its foreground group, to
 * the command as well as to us: it must not get that twice.
 */
static bool
came_from_terminal(int signal)
{
	if (signal != SIGINT && signal != SIGQUIT)
		return false;
	int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (tty == -1)
		return false;
	bool foreground = tcgetpgrp(tty) == getpgrp();
	close(tty);
	return foreground;
}

static void
got_signal(struct run *r, int signal)
{
	if (signal != SIGCHLD && !r->ended && r->pid > 0 && !came_from_terminal(signal))
		kill(r->pid, signal);
}

static void
reap(struct run *r)
{
	pid_t got;

	while ((got = waitpid(r->pid, &r->wait_status, WNOHANG)) < 0 && errno == EINTR)
		continue;
	if (got == r->pid)
		r->ended = true;
	else if (got < 0) {
		/* Somebody else waited for it. */
		r->wait_status = W_EXITCODE(STATUS_SETUP, 0);
		r->ended = true;
	}
}

static void
got_event(struct run *r, const struct kevent *e)
{
	switch (e->filter) {
	case EVFILT_SIGNAL:
		got_signal(r, (int)e->ident);
		break;
	case EVFILT_PROC:
		process_watch_event(&r->watch, e);
		if ((pid_t)e->ident != r->pid)
			break;
		/* sandbox-exec itself was executed before anybody watched. */
		if ((e->fflags & NOTE_EXEC) != 0)
			r->executed = true;
		break;
	case EVFILT_READ:
		log_stream_read(&r->log);
		break;
	}
}

/* Handle what comes until `ms' have passed without anything; -1: for ever.  How many events. */
static int
serve(struct run *r, int ms)
{
	struct kevent event[EVENTS];
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	int n = kevent(r->kq, NULL, 0, event, EVENTS, ms < 0 ? NULL : &t);

	/* What the kernel says of processes first: lines of the log are about them. */
	for (int i = 0; i < n; i++)
		if (event[i].filter != EVFILT_READ)
			got_event(r, &event[i]);
	for (int i = 0; i < n; i++)
		if (event[i].filter == EVFILT_READ)
			got_event(r, &event[i]);
	return n;
}

static void
follow(struct run *r)
{
	while (!r->ended) {
		if (serve(r, -1) < 0 && errno != EINTR)
			break;
		reap(r);
	}
	/* Without a queue there is still the end to be waited for. */
	while (!r->ended && waitpid(r->pid, &r->wait_status, 0) < 0 && errno == EINTR)
		continue;
	r->ended = true;
	/* That it was executed may be among what was not fetched yet. */
	while (!r->executed && serve(r, 0) > 0)
		continue;
	if (r->req->denials == NULL)
		return;
	uint64_t until = process_watch_now() + AFTER_MS * UINT64_C(1000);
	while (process_watch_now() < until && serve(r, QUIET_MS) > 0)
		continue;
}

static int
run_command(struct run *r, const char *const *words)
{
	const char *why;

	r->pid = start_suspended(r, words);
	if (r->pid <= 0)
		return report_fail(STATUS_SETUP, "%s cannot be started in %s: %s", SANDBOX_EXEC,
		    r->req->cwd, strerror(errno));
	process_tree_add(r->watch.tree, r->pid, process_watch_now());
	if (janitor_watch(&r->janitor, r->pid) != 0) {
		int saved = errno;
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
		return report_fail(STATUS_SETUP, "the process that cleans up is gone: %s",
		    strerror(saved));
	}
	kill(r->pid, SIGCONT);
	follow(r);
	int status = seatbelt_outcome(r->arena, r->executed, r->wait_status, r->req->command, &why);
	if (why != NULL)
		report("%s", why);
	return status;
}

static void
stop_log(struct run *r)
{
	bool failed;

	if (r->req->denials == NULL)
		return;
	log_stream_stop(&r->log, &failed);
	if (failed)
		report("the denials are not complete: %s ended before the command (the log is "
		    "open to administrators only)", DENIAL_LOG_PROGRAM);
}

static int
run_with_file(struct run *r)
{
	const struct seatbelt_request *q = r->req;
	const char *why;
	size_t n;
	const char **words = seatbelt_words(r->arena, q->text, q->len, r->file.path, q->command,
	    q->argv, &n, &why);
	int rc;

	if (words == NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	/* The queue is the first: a signal that comes during the rest is for the command. */
	if (open_queue(r) != 0 || start_log(r) != 0 || start_janitor(r) != 0)
		rc = report_fail(STATUS_SETUP, "the command could not be watched: %s",
		    strerror(errno));
	else
		rc = run_command(r, words);
	stop_log(r);
	janitor_end(&r->janitor);
	process_tree_free(r->watch.tree);
	if (r->kq != -1)
		close(r->kq);
	return rc;
}

bool
exec_seatbelt_is_inside(void)
{
	return sandbox_check(getpid(), NULL, 0) != 0;
}

int
exec_seatbelt(struct arena *a, const struct seatbelt_request *req)
{
	struct run r = { .arena = a, .req = req, .kq = -1, .janitor = { 0, -1 }, .log = { .fd = -1 } };
	const char *why;
	int rc;

	if (exec_seatbelt_is_inside())
		return report_fail(STATUS_SETUP, "this is inside a Seatbelt sandbox already, and "
		    "macOS applies no second one: run cdxp-run outside it, or, with "
		    "--nested=trust-outer, with that alone around the command");
	if (child_standard_fds() != 0)
		return report_fail(STATUS_SETUP, "descriptors cannot be opened: %s", strerror(errno));
	if (profile_file_make(a, req->state_dir, req->text, req->len, &r.file, &why) != 0)
		return report_fail(STATUS_SETUP, "%s", why);
	ignore_signals(&r);
	rc = run_with_file(&r);
	restore_signals(&r);
	profile_file_remove(&r.file);
	return rc;
}

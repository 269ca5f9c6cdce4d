/* SPDX-License-Identifier: Apache-2.0 */
/* exec_landlock.c - one command under Landlock: its supervisor, signals, its status */
#include <config.h>

#include "exec_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "denial_watch.h"
#include "denials.h"
#include "landlock_box.h"
#include "landlock_rights.h"
#include "outer.h"
#include "report.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#endif

enum { ASK_VERSION = 1 };	/* LANDLOCK_CREATE_RULESET_VERSION */

/* Passed on to the command.  SIGTSTP and SIGCONT keep their ordinary effect on us. */
static const int passed_on[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGUSR1, SIGUSR2,
};
/* The supervisor neither ends nor stops before its command does. */
static const int kept_off[] = { SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU, SIGALRM };

struct run {
	pid_t		 supervisor;
	int		 status;	/* read end: the command's, before the supervisor itself has ended */
	int		 orders;	/* write end */
	int		 signals;
	sigset_t	 old_mask;
};

unsigned
exec_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return abi > 0 ? (unsigned)abi : 0;
}

const char *
exec_landlock_unsupported(struct arena *a)
{
	if (seccomp_filter_native() == FILTER_ARCHES)
		return "there is no system call filter for this architecture";
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	if (abi < 0 && errno == EOPNOTSUPP)
		return "Landlock is switched off on this system: it must be named in \"lsm=\" on the "
		    "kernel's command line, or in CONFIG_LSM";
	if (abi < 0 && errno == ENOSYS)
		return "this kernel has no Landlock: Linux 6.2 is the first with what is needed";
	if (abi < 0)
		return arena_printf(a, "Landlock cannot be used here: %s", strerror(errno));
	if (abi < LANDLOCK_ABI_LEAST)
		return arena_printf(a, "this kernel has version %ld of Landlock, and version %d is needed "
		    "(Linux 6.2)", abi, LANDLOCK_ABI_LEAST);
	if (outer_answers())
		return arena_printf(a, "%s answers for system calls already, and one sandbox only can "
		    "(run cdxp-run outside of that)", outer_sandbox(a) != NULL ? outer_sandbox(a) : "what is around this");
	return NULL;
}

static _Noreturn void
supervise(struct arena *a, const struct landlock_request *req, const struct run *r, int orders, int status)
{
	struct denials *denials = req->log != FILTER_SILENT ? denials_new(req->denials, req->decide) : NULL;
	struct landlock_box box = { .arena = a, .req = req, .model = req->model, .mask = r->old_mask, .orders = orders };
	sigset_t more;
	int rc;

	unsigned char code;

	close(r->orders);
	close(r->signals);
	close(r->status);
	sigemptyset(&more);
	for (size_t i = 0; i < NELEMS(kept_off); i++)
		sigaddset(&more, kept_off[i]);
	sigprocmask(SIG_BLOCK, &more, NULL);
	fcntl(orders, F_SETFL, O_NONBLOCK);
	rc = landlock_box_enter(&box);
	if (rc == 0)
		rc = landlock_box_guard(&box);
	if (rc == 0 && denials != NULL) {
		box.supervisor.watch = denial_watch_new(a, denials, req->decide, req->model);
		denial_watch_live(box.supervisor.watch);
	}
	if (rc == 0)
		rc = landlock_box_start(&box);
	if (rc == 0) {
		rc = landlock_box_watch(&box);
		denials_end(denials);
	}
	code = (unsigned char)rc;
	if (write(status, &code, 1) != 1)
		_exit(STATUS_SETUP);
	_exit(rc);
}

/* Signals wait from here on. */
static int
hold_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigaddset(&set, SIGPIPE);
	/* Ignored, it would make every wait fail; the default is what a child expects too. */
	signal(SIGCHLD, SIG_DFL);
	if (sigprocmask(SIG_BLOCK, &set, &r->old_mask) != 0)
		return -1;
	sigdelset(&set, SIGPIPE);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? -1 : 0;
}

/* The signals that came, as orders for the supervisor. */
static void
pass_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		unsigned char order = (unsigned char)info.ssi_signo;
		if (write(r->orders, &order, 1) < 0)
			return;
	}
}

/* A pipe tells the status, which is sooner than the end of the process that knows it. */
static int
wait_for_end(struct run *r, bool last)
{
	struct pollfd p[] = {
		{ .fd = r->status, .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	unsigned char code = 0;
	bool known = false;
	int status = 0;

	while (p[0].revents == 0) {
		if (poll(p, NELEMS(p), -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents != 0)
			pass_signals(r);
	}
	known = read(r->status, &code, 1) == 1;
	if (known && last)
		return code;
	while (waitpid(r->supervisor, &status, 0) < 0 && errno == EINTR)
		continue;
	if (known)
		return code;
	return report_fail(STATUS_SETUP, "the supervisor of the command was ended by signal %d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* A write that found no reader has left one. */
static void
drop_broken_pipe(void)
{
	const struct timespec none = { 0, 0 };
	sigset_t broken;

	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	while (sigtimedwait(&broken, NULL, &none) > 0)
		continue;
}

static int
check_keep(const struct landlock_request *req)
{
	for (size_t i = 0; i < req->nkeep; i++)
		if (req->keep_fds[i] <= STDERR_FILENO || fcntl(req->keep_fds[i], F_GETFD) < 0)
			return report_fail(STATUS_SETUP, "descriptor %d cannot be kept: it is not open",
			    req->keep_fds[i]);
	return 0;
}

int
exec_landlock(struct arena *a, const struct landlock_request *req)
{
	struct run r = { .supervisor = -1, .orders = -1, .signals = -1, .status = -1 };
	const char *why = exec_landlock_unsupported(a);
	int orders[2] = { -1, -1 }, status[2] = { -1, -1 }, rc = check_keep(req);

	if (rc != 0)
		return rc;
	if (why != NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	/* Otherwise one of ours could become a standard descriptor of the command. */
	if (child_standard_fds() != 0 || pipe2(orders, O_CLOEXEC) != 0 ||
	    pipe2(status, O_CLOEXEC) != 0)
		return report_fail(STATUS_SETUP, "descriptors cannot be opened: %s", strerror(errno));
	r.orders = orders[1];
	r.status = status[0];
	if (hold_signals(&r) == 0)
		r.supervisor = fork();
	if (r.supervisor == 0)
		supervise(a, req, &r, orders[0], status[1]);
	close(orders[0]);
	close(status[1]);
	rc = r.supervisor > 0 ? wait_for_end(&r, req->last) :
	    report_fail(STATUS_SETUP, "no supervisor can be started: %s", strerror(errno));
	close(r.orders);
	close(r.status);
	if (r.signals >= 0)
		close(r.signals);
	drop_broken_pipe();
	sigprocmask(SIG_SETMASK, &r.old_mask, NULL);
	return rc;
}

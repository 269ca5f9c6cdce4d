/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_watch.c - from the start of a command under Landlock to the end of all that it left */
#include <config.h>

#include "landlock_box.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "clock_ms.h"
#include "exec_landlock.h"
#include "landlock_rights.h"
#include "proc_file.h"
#include "report.h"

enum { GROUP_MS = 100 };	/* how long our copy of a signal explains the runtime's */

struct watch {
	struct landlock_box *box;
	int		 signals;
	int64_t		 seen[64];	/* when a signal came to us, who nobody means: to the group; 0: never */
	bool		 ended;
	int		 wait_status;
};

static bool
limits_signals(const struct landlock_box *b)
{
	return (b->model->scope & LANDLOCK_SCOPE_SIGNALS) != 0;
}

/* ---- the janitor ---- */

struct janitor {
	int		 orders, alive;	/* end with the runtime and with the supervisor */
};

/* In the supervisor's memory, on a stack of its own: nothing but system calls. */
static int
wait_for_the_worst(void *arg)
{
	const struct janitor *j = arg;
	struct pollfd p[] = { { .fd = 0 }, { .fd = 1 } };

	dup2(j->orders, 0);
	dup2(j->alive, 1);
	syscall(SYS_close_range, 2u, ~0u, 0u);
	while (poll(p, NELEMS(p), -1) <= 0)
		continue;
	kill(-1, SIGKILL);
	_exit(0);
}

/*
 * It shares our memory, since a copy would cost more than all the rest, and
 * ends without a signal, so that whoever waits for the others need not wait
 * for it.  It is out of our process group when this returns.
 */
int
landlock_box_guard(struct landlock_box *b)
{
	enum { STACK_BYTES = 16 * 1024 };
	struct janitor *j = arena_alloc(b->arena, sizeof(*j));
	char *stack = arena_alloc(b->arena, STACK_BYTES);
	int alive[2];

	if (!limits_signals(b))
		return 0;
	if (pipe2(alive, O_CLOEXEC) != 0)
		return report_fail(STATUS_SETUP, "descriptors cannot be opened: %s", strerror(errno));
	*j = (struct janitor){ b->orders, alive[0] };
	pid_t pid = clone(wait_for_the_worst, stack + STACK_BYTES, CLONE_VM, j);
	/* The other end is open as long as we live; the janitor closes its own. */
	close(alive[0]);
	if (pid < 0 || setpgid(pid, pid) != 0)
		return report_fail(STATUS_SETUP, "nobody can be set to guard the command: %s",
		    strerror(errno));
	b->supervisor.janitor = pid;
	return 0;
}

/* ---- signals ---- */

static void
read_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo < NELEMS(w->seen))
			w->seen[info.ssi_signo] = clock_ms();
}

/* Where we have it as well it was sent to the process group, and so to the command. */
static void
pass_on(struct watch *w, unsigned signal)
{
	read_signals(w);
	if (signal >= NELEMS(w->seen))
		return;
	bool group = w->seen[signal] != 0 && clock_ms() - w->seen[signal] <= GROUP_MS;
	w->seen[signal] = 0;
	if (!group)
		kill(w->box->command, (int)signal);
}

/* False: the runtime is gone. */
static bool
read_orders(struct watch *w)
{
	unsigned char orders[16];
	ssize_t n = read(w->box->orders, orders, sizeof(orders));

	for (ssize_t i = 0; i < n; i++)
		pass_on(w, orders[i]);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* ---- processes ---- */

/* Somebody named us as the tracer, by PTRACE_TRACEME: nothing of it. */
static void
refuse_to_trace(pid_t pid, int status)
{
	int signal = status >> 16 != 0 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);

	ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal);
}

static void
reap(struct watch *w)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (WIFSTOPPED(status)) {
			refuse_to_trace(pid, status);
		} else if (pid == w->box->command) {
			w->ended = true;
			w->wait_status = status;
		}
	}
}

/* Children that we have now; what they leave becomes ours. */
static bool
kill_children(void)
{
	char path[64], text[4096];
	bool any = false;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (!proc_read(path, text, sizeof(text)))
		return false;
	for (char *at = text, *end; *at != '\0'; at = end) {
		long pid = strtol(at, &end, 10);
		if (end == at)
			break;
		any = kill((pid_t)pid, SIGKILL) == 0 || any;
	}
	return any;
}

/*
 * We are the subreaper (prctl(2)): whatever the command started and left
 * behind is a child of ours, or below one.
 */
static bool
nobody_is_left(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		continue;
	return pid < 0 && errno == ECHILD;
}

static void
end_all(struct landlock_box *b)
{
	bool more = true;

	/* Signalling all asks the kernel about each process of the machine. */
	if (nobody_is_left()) {
		if (b->supervisor.janitor > 0)
			kill(b->supervisor.janitor, SIGKILL);
		return;
	}
	while (more) {
		if (limits_signals(b))
			kill(-1, SIGKILL);
		else
			more = kill_children();
		/* Orphans come to us while others end; it is over when there is none. */
		pid_t pid;
		while ((pid = waitpid(-1, NULL, 0)) > 0 || (pid < 0 && errno == EINTR))
			if (!limits_signals(b))
				break;
		if (pid < 0)
			return;
	}
}

/* ---- the loop ---- */

static void
serve(struct watch *w, int sigchld)
{
	struct landlock_box *b = w->box;
	struct pollfd p[] = {
		{ .fd = b->orders, .events = POLLIN },
		{ .fd = sigchld, .events = POLLIN },
		{ .fd = b->supervisor.listener, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	if (poll(p, NELEMS(p), -1) < 0)
		return;
	if ((p[2].revents & POLLIN) != 0)
		landlock_serve(&b->supervisor);
	else if (p[2].revents != 0) {
		/* Nobody is left who could call. */
		close(b->supervisor.listener);
		b->supervisor.listener = -1;
	}
	if ((p[1].revents & POLLIN) != 0) {
		while (read(sigchld, &info, sizeof(info)) > 0)
			continue;
		reap(w);
	}
	if (p[0].revents != 0 && !read_orders(w)) {
		/* The runtime is gone: so is everything. */
		end_all(b);
		_exit(STATUS_SETUP);
	}
}

static int
signals_but_child(sigset_t *set)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, NULL, &now);
	*set = now;
	sigdelset(set, SIGCHLD);
	sigdelset(set, SIGPIPE);
	return signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
landlock_box_watch(struct landlock_box *b)
{
	struct watch w = { .box = b };
	sigset_t others, child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	w.signals = signals_but_child(&others);
	int sigchld = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w.signals < 0 || sigchld < 0) {
		end_all(b);
		return report_fail(STATUS_SETUP, "no descriptor for signals: %s", strerror(errno));
	}
	/* What ended before there was a descriptor to tell. */
	reap(&w);
	while (!w.ended)
		serve(&w, sigchld);
	end_all(b);
	return child_status(w.wait_status);
}

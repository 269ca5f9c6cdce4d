/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_trace.c - bwrap and its first process under ptrace(2) */
#include <config.h>

#include "sandbox_trace.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock_ms.h"
#include "proc_file.h"

/* Passed on to the command.  SIGTSTP and SIGCONT keep their ordinary effect on us. */
static const int passed_on[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGUSR1, SIGUSR2,
};
/* Kept from bwrap, which only waits: it neither ends nor stops before its sandbox does. */
static const int kept_off[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH, SIGUSR1, SIGUSR2, SIGALRM,
	SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP,
};

enum {
	GROUP_MS	= 50,		/* how long bwrap's copy of a signal explains ours */
	HOLD_NS		= 20000,	/* between looks at a filter that is being loaded */
	TRACE_OPTIONS	= PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL,
	EXITING		= 0x4,		/* PF_EXITING of /proc/PID/stat's flags, proc(5) */
};

static bool
is_in(int signal, const int *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == signal)
			return true;
	return false;
}

void
sandbox_add_passed_on(sigset_t *set)
{
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaddset(set, passed_on[i]);
}

static void
resume(pid_t pid, int signal)
{
	ptrace(PTRACE_CONT, pid, NULL, (void *)(uintptr_t)signal);
}

/*
 * bwrap blocks SIGCHLD and waits all the same: without the block its first
 * process stops for us when the command does.
 */
static void
let_child_news_through(pid_t init)
{
	uint64_t mask;		/* the kernel's, bit n - 1 for signal n */

	if (ptrace(PTRACE_GETSIGMASK, init, (void *)sizeof(mask), &mask) != 0)
		return;
	mask &= ~(UINT64_C(1) << (SIGCHLD - 1));
	ptrace(PTRACE_SETSIGMASK, init, (void *)sizeof(mask), &mask);
}

/*
 * The child of the fork that `parent' has stopped at, once it has stopped
 * itself, or ended.  0: it has been killed and is told by nobody, see
 * reap_unheard_of(), or is somebody else's to wait for.
 */
static pid_t
forked_child(pid_t parent, int *status)
{
	unsigned long message = 0;
	bool known = ptrace(PTRACE_GETEVENTMSG, parent, NULL, &message) == 0 && message != 0;

	resume(parent, 0);
	while (known && waitpid((pid_t)message, status, __WALL) < 0)
		if (errno != EINTR)
			return 0;
	return known ? (pid_t)message : 0;
}

/*
 * The child that bwrap has just made is stopped before its first instruction.
 * bwrap goes on first: the child waits for it in any case.
 */
static void
trace_init(struct sandbox *s)
{
	int status;
	pid_t init = forked_child(s->bwrap, &status);

	if (init == 0 || !WIFSTOPPED(status))
		return;
	s->init_traced = ptrace(PTRACE_SETOPTIONS, init, NULL, (void *)TRACE_OPTIONS) == 0;
	s->init = init;
	let_child_news_through(init);
	resume(init, 0);
	if (s->stop_signal != 0)
		kill(init, SIGKILL);
	else if (s->born != NULL)
		s->born(s->arg, init);
}

/*
 * How many filters are in force in the process; -1: it is gone.  LONG_MAX:
 * some, as the kernel does not count them (before Linux 5.9).
 */
static long
count_filters(pid_t pid)
{
	char text[PROC_STATUS_BYTES];

	if (!proc_status(pid, text))
		return -1;
	const char *state = proc_field(text, "State"), *count = proc_field(text, "Seccomp_filters");
	if (state != NULL && *state == 'Z')
		return -1;
	if (count != NULL)
		return strtol(count, NULL, 10);
	const char *mode = proc_field(text, "Seccomp");
	return mode != NULL && *mode == '2' ? LONG_MAX : 0;
}

/*
 * The first process has taken the inner filter, or is gone.  The command was
 * forked before that and has the filters there were: the outer one, and those
 * of a sandbox around this one.
 */
static bool
is_filtered(pid_t init, pid_t command)
{
	long has = count_filters(init);

	return has < 0 || has == LONG_MAX || has > count_filters(command);
}

/*
 * bwrap's first process has forked the command, and only then takes the filter
 * on itself: a command that was quick could write to its memory before that,
 * and have a process that no filter confines.  So the command waits, stopped
 * before its first instruction, and is then none of ours; nor are others.
 */
static void
hold_command(struct sandbox *s)
{
	const struct timespec moment = { 0, HOLD_NS };
	int status;

	/* Set while it is stopped; the child of this fork is ours all the same. */
	ptrace(PTRACE_SETOPTIONS, s->init, NULL, (void *)PTRACE_O_EXITKILL);
	pid_t command = forked_child(s->init, &status);
	if (command == 0)
		return;
	while (WIFSTOPPED(status) && !is_filtered(s->init, command))
		nanosleep(&moment, NULL);
	/* Killed meanwhile it is still ours. */
	s->command_held = !WIFSTOPPED(status) || ptrace(PTRACE_DETACH, command, NULL, NULL) == 0;
}

/* A tracee has stopped: with an event, or because a signal is about to be delivered. */
static void
stopped(struct sandbox *s, pid_t pid, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_FORK && pid == s->bwrap) {
		trace_init(s);
		return;
	}
	if (event == PTRACE_EVENT_FORK && pid == s->init) {
		hold_command(s);
		return;
	}
	if (event == 0 && pid == s->bwrap && is_in(signal, passed_on, NELEMS(passed_on))) {
		s->group.signal = signal;
		s->group.at = clock_ms();
	}
	if (event == 0 && pid == s->init && signal == SIGCHLD)
		s->child_changed = true;
	if (event != 0 || is_in(signal, kept_off, NELEMS(kept_off)))
		signal = 0;
	resume(pid, signal);
}

bool
sandbox_holds(const struct sandbox *s)
{
	return s->init_traced && !s->command_held;
}

static bool
is_exiting(pid_t pid)
{
	char path[64], text[512];
	unsigned flags;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!proc_read(path, text, sizeof(text)))
		return false;
	/* Behind the name, in which anything may stand. */
	const char *name_end = strrchr(text, ')');
	return name_end != NULL &&
	    sscanf(name_end, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && (flags & EXITING) != 0;
}

/*
 * Killed between its fork and our hearing of that, the first process waits for
 * the end of a command that is traced by us from its birth, and whose end only
 * we can take note of, without ever having been told its number.
 */
static void
reap_unheard_of(const struct sandbox *s)
{
	char text[PROC_STATUS_BYTES];
	DIR *d = opendir("/proc");

	for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (!isdigit((unsigned char)e->d_name[0]) || pid == s->bwrap || pid == s->init ||
		    !proc_status(pid, text))
			continue;
		const char *tracer = proc_field(text, "TracerPid");
		if (tracer != NULL && strtol(tracer, NULL, 10) == getpid())
			waitpid(pid, NULL, WNOHANG | __WALL);
	}
	if (d != NULL)
		closedir(d);
}

void
sandbox_reap(struct sandbox *s)
{
	int status;
	pid_t pid;

	while (!s->ended && (pid = waitpid(s->bwrap, &status, WNOHANG | __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			stopped(s, pid, status);
			continue;
		}
		s->ended = true;
		s->wait_status = status;
	}
	/* Its parent, bwrap, hears of its end only after we, who trace it, did. */
	while (s->init_traced && (pid = waitpid(s->init, &status, WNOHANG | __WALL)) != 0) {
		if (pid > 0 && WIFSTOPPED(status))
			stopped(s, pid, status);
		else if (pid > 0 || errno != EINTR)
			s->init_traced = false;
	}
	if (sandbox_holds(s) && is_exiting(s->init))
		reap_unheard_of(s);
}

/* The signal is pending for bwrap. */
static bool
is_pending(struct sandbox *s, int signal)
{
	char text[PROC_STATUS_BYTES];
	const char *pending = proc_status(s->bwrap, text) ? proc_field(text, "ShdPnd") : NULL;

	return pending != NULL && (strtoull(pending, NULL, 16) >> (signal - 1) & 1) != 0;
}

bool
sandbox_went_to_group(struct sandbox *s, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (!s->traced)
		return info->ssi_code == SI_KERNEL;
	for (int i = 0; i < 3; i++) {
		bool pending = is_pending(s, signal);
		sandbox_reap(s);
		if (s->group.signal == signal && clock_ms() - s->group.at <= GROUP_MS) {
			s->group.signal = 0;
			return true;
		}
		if (pending)
			return true;
		sched_yield();
	}
	return false;
}

void
sandbox_attach(struct sandbox *s, pid_t bwrap)
{
	s->bwrap = bwrap;
	s->traced = ptrace(PTRACE_SEIZE, bwrap, NULL, (void *)TRACE_OPTIONS) == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_watch.c - the loop that serves bwrap, its sandbox and our signals */
#include <config.h>

#include "sandbox_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "job.h"
#include "mask_watch.h"
#include "proc_file.h"
#include "proxy_run.h"
#include "report.h"
#include "sandbox_check.h"
#include "supervisor.h"

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
	STOP_MS		= 1000,		/* for a child of bwrap to be named that we are to end */
	HELD_MS		= 1,		/* between attempts to reach a command that is being started */
	HOLD_NS		= 20000,	/* between looks at a filter that is being loaded */
	TRACE_OPTIONS	= PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL,
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
is_in(int signal, const int *set, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set[i] == signal)
			return true;
	return false;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
sandbox_begin(struct sandbox *s)
{
	sigset_t set;

	s->root = s->init_fd = -1;
	s->exit_code = -1;
	sigemptyset(&set);
	for (size_t i = 0; i < NELEMS(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGPIPE);	/* a pipe whose reader is gone is an error, not our end */
	/* Ignored, it would make every wait fail; the default is what a child expects too. */
	signal(SIGCHLD, SIG_DFL);
	if (sigprocmask(SIG_BLOCK, &set, &s->old_mask) != 0)
		return -1;
	sigdelset(&set, SIGPIPE);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0 ? -1 : 0;
}

int
sandbox_prime(struct sandbox *s)
{
	/* The smallest pipe has one slot, so that it is full with whatever is in it. */
	if (fcntl(s->filter_fd, F_SETPIPE_SZ, 1) < 0)
		return -1;
	if (write(s->filter_fd, s->filter, sizeof(*s->filter)) != (ssize_t)sizeof(*s->filter))
		return -1;
	return 0;
}

/* The rest of the filter, and the end of it.  bwrap reads on as fast as we write. */
static void
release(struct sandbox *s)
{
	const char *p = (const char *)(s->filter + 1);
	size_t left = (s->filter_len - 1) * sizeof(*s->filter);

	while (left > 0) {
		ssize_t n = write(s->filter_fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		left -= (size_t)n;
	}
	close_fd(&s->filter_fd);
}

/* Nothing of the command runs yet; bwrap ends when its child does. */
static void
stop_setup(struct sandbox *s)
{
	if (s->init > 0)
		kill(s->init, SIGKILL);
}

static void
found_init(struct sandbox *s, pid_t init)
{
	if (s->init_fd >= 0)
		return;
	s->init = init;
	s->init_fd = (int)syscall(SYS_pidfd_open, init, 0);
	if (s->stop_signal != 0)
		stop_setup(s);
}

/* Only now: until its last pivot the sandbox's root is the host's. */
static void
open_root(struct sandbox *s)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", (int)s->init);
	s->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->unseen = s->root < 0;
	s->error = errno;
}

static void	read_status(struct sandbox *);

/*
 * The first instruction was taken: all mounts are made, and the sandbox waits.
 * Its process id was written before that.
 */
static void
now_complete(struct sandbox *s)
{
	read_status(s);
	if (s->stop_signal == 0) {
		open_root(s);
		s->refused = !s->unseen && !s->complete(s->arg, s->root);
		if (!s->unseen && !s->refused) {
			release(s);
			if (s->artifact != NULL)
				s->masks = mask_watch_new(s->arena, s->init, s->init_fd, s->artifact);
			return;
		}
	}
	stop_setup(s);
	close_fd(&s->filter_fd);
}

static void
status_line(struct sandbox *s, const char *line)
{
	static const char pid_key[] = "\"child-pid\": ", exit_key[] = "\"exit-code\": ";
	const char *at;

	if ((at = strstr(line, pid_key)) != NULL)
		found_init(s, (pid_t)strtol(at + sizeof(pid_key) - 1, NULL, 10));
	if ((at = strstr(line, exit_key)) != NULL)
		s->exit_code = (int)strtol(at + sizeof(exit_key) - 1, NULL, 10) & 0xff;
}

static void
read_status(struct sandbox *s)
{
	ssize_t n = 1;

	while (s->status_fd >= 0 && n > 0) {
		n = read(s->status_fd, s->text + s->text_len, sizeof(s->text) - 1 - s->text_len);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n == 0 || (n < 0 && errno != EAGAIN))
			close_fd(&s->status_fd);
		if (n <= 0)
			return;
		s->text_len += (size_t)n;
		s->text[s->text_len] = '\0';
		for (char *end; (end = strchr(s->text, '\n')) != NULL;) {
			*end++ = '\0';
			status_line(s, s->text);
			s->text_len -= (size_t)(end - s->text);
			memmove(s->text, end, s->text_len + 1);
		}
		/* No line of bwrap's is that long. */
		if (s->text_len == sizeof(s->text) - 1)
			s->text_len = 0;
	}
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
 * The child that bwrap has just made is stopped before its first instruction.
 * bwrap goes on first: the child waits for it in any case.
 */
static void
trace_init(struct sandbox *s)
{
	unsigned long message = 0;
	int status;

	bool known = ptrace(PTRACE_GETEVENTMSG, s->bwrap, NULL, &message) == 0 && message != 0;
	resume(s->bwrap, 0);
	if (!known)
		return;
	pid_t init = (pid_t)message;
	while (waitpid(init, &status, __WALL) < 0)
		if (errno != EINTR)
			return;
	if (!WIFSTOPPED(status))
		return;
	s->init_traced = ptrace(PTRACE_SETOPTIONS, init, NULL, (void *)TRACE_OPTIONS) == 0;
	s->init = init;
	let_child_news_through(init);
	resume(init, 0);
	if (s->stop_signal != 0)
		kill(init, SIGKILL);
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
	unsigned long message = 0;
	int status;

	bool known = ptrace(PTRACE_GETEVENTMSG, s->init, NULL, &message) == 0 && message != 0;
	ptrace(PTRACE_SETOPTIONS, s->init, NULL, (void *)PTRACE_O_EXITKILL);
	resume(s->init, 0);
	if (!known)
		return;
	pid_t command = (pid_t)message;
	while (waitpid(command, &status, __WALL) < 0)
		if (errno != EINTR)
			return;
	while (WIFSTOPPED(status) && !is_filtered(s->init, command))
		nanosleep(&moment, NULL);
	ptrace(PTRACE_DETACH, command, NULL, NULL);
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
		s->group.at = now_ms();
	}
	if (event == 0 && pid == s->init && signal == SIGCHLD)
		s->child_changed = true;
	if (event != 0 || is_in(signal, kept_off, NELEMS(kept_off)))
		signal = 0;
	resume(pid, signal);
}

static void
reap(struct sandbox *s)
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
}

/* The signal is pending for bwrap. */
static bool
is_pending(struct sandbox *s, int signal)
{
	char text[PROC_STATUS_BYTES];
	const char *pending = proc_status(s->bwrap, text) ? proc_field(text, "ShdPnd") : NULL;

	return pending != NULL && (strtoull(pending, NULL, 16) >> (signal - 1) & 1) != 0;
}

/*
 * Was the signal sent to the whole process group?  Then the command has it
 * already.  The kernel gives it to the group's younger members first, so when
 * we read ours bwrap has stopped with its copy, is about to, or has it
 * pending.  Untraced, only the terminal's are known for what they are.
 */
static bool
went_to_group(struct sandbox *s, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (!s->traced)
		return info->ssi_code == SI_KERNEL;
	for (int i = 0; i < 3; i++) {
		bool pending = is_pending(s, signal);
		reap(s);
		if (s->group.signal == signal && now_ms() - s->group.at <= GROUP_MS) {
			s->group.signal = 0;
			return true;
		}
		if (pending)
			return true;
		sched_yield();
	}
	return false;
}

/*
 * To the command, which is process 2 of its namespace: bwrap's first process
 * forks it and nothing before.  A directory of /proc is as good as a pidfd
 * and cannot come to mean another process.  False: there is none yet.
 */
static bool
deliver(struct sandbox *s, int signal)
{
	int fd = sandbox_open(s->root, "/proc/2", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return false;
	syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
	close(fd);
	return true;
}

/* The command's state is that of a stop, which is not one for its tracer's sake. */
static bool
command_stopped(void *arg)
{
	const struct sandbox *s = arg;
	char text[512];

	if (s->root < 0 ||
	    !proc_read_fd(sandbox_open(s->root, "/proc/2/stat", O_RDONLY), text, sizeof(text)))
		return false;
	/* Behind the name, in which anything may stand. */
	const char *name_end = strrchr(text, ')');
	return name_end != NULL && strncmp(name_end, ") T", 3) == 0;
}

/* Something happened to a child of pid 1: was it the command's stop? */
static void
follow_stop(struct sandbox *s)
{
	s->child_changed = false;
	if (job_stop_too(command_stopped, s))
		deliver(s, SIGCONT);
}

static void
deliver_held(struct sandbox *s)
{
	for (int signal = 1; signal < 64 && s->held != 0; signal++)
		if ((s->held >> signal & 1) != 0 && deliver(s, signal))
			s->held &= ~(UINT64_C(1) << signal);
}

static void
got_signal(struct sandbox *s, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (s->filter_fd >= 0 || s->root < 0) {
		/* Before the command: what would have ended it ends the set-up. */
		if (signal == SIGWINCH || s->stop_signal != 0)
			return;
		s->stop_signal = signal;
		read_status(s);
		stop_setup(s);
		return;
	}
	if (went_to_group(s, info))
		return;
	s->held |= UINT64_C(1) << signal;
	deliver_held(s);
}

static void
read_signals(struct sandbox *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			got_signal(s, &info);
	reap(s);
}

/* The first connect: most commands make none, and need no threads. */
static void
supervise(struct sandbox *s)
{
	if (supervisor_serve(s->supervisor) == 0)
		return;
	/* Without it every connect fails, now and later. */
	supervisor_free(s->supervisor);
	s->supervisor = NULL;
}

/* bwrap has not said yet that it has a child: it must, or would be waited for for ever. */
static bool
is_awaited(const struct sandbox *s)
{
	return s->filter_fd >= 0 && s->init_fd < 0 && !s->ended;
}

static int
patience(const struct sandbox *s)
{
	if (is_awaited(s))
		return s->stop_signal != 0 ? STOP_MS : SANDBOX_START_MS;
	return s->held != 0 ? HELD_MS : mask_watch_timeout(s->masks);
}

static void
give_up(struct sandbox *s)
{
	read_status(s);
	if (!is_awaited(s))
		return;
	s->late = true;
	kill(s->bwrap, SIGKILL);
}

static void
serve(struct sandbox *s)
{
	/*
	 * bwrap writes its status in seven pieces while its child waits; each
	 * would wake us for nothing.  It is read when the set-up is complete.
	 */
	struct pollfd p[] = {
		{ .fd = s->signal_fd, .events = POLLIN },
		{ .fd = s->filter_fd >= 0 ? -1 : s->status_fd, .events = POLLIN },
		{ .fd = s->filter_fd, .events = POLLOUT },
		{ .fd = s->supervisor != NULL ? supervisor_fd(s->supervisor) : -1, .events = POLLIN },
		{ .fd = mask_watch_fd(s->masks), .events = POLLIN },
		{ .fd = proxy_run_fd(s->proxy), .events = POLLIN },
	};
	const char *why = NULL;

	int n = poll(p, NELEMS(p), patience(s));
	if (n < 0)
		return;
	if (n == 0 && is_awaited(s))
		give_up(s);
	if (mask_watch_serve(s->masks, &why) != 0 && !s->broken) {
		report("%s; the command was ended", why);
		s->broken = true;
		stop_setup(s);
	}
	if (p[1].revents != 0)
		read_status(s);
	if ((p[2].revents & POLLERR) != 0)
		close_fd(&s->filter_fd);	/* bwrap gave up */
	else if ((p[2].revents & POLLOUT) != 0)
		now_complete(s);
	if ((p[3].revents & POLLIN) != 0)
		supervise(s);
	if ((p[5].revents & POLLIN) != 0)
		proxy_run_serve(s->proxy);
	if (p[0].revents != 0)
		read_signals(s);
	if (s->held != 0)
		deliver_held(s);
	if (s->child_changed)
		follow_stop(s);
}

/* Nothing outlives the command.  pid 1 of a namespace ends last; its pidfd is readable then. */
static void
end_rest(struct sandbox *s)
{
	struct pollfd p[] = {
		{ .fd = s->init_fd, .events = POLLIN },
		{ .fd = s->signal_fd, .events = POLLIN },
	};

	/* Without a root the set-up was cut short: its process may be mounting still. */
	if (s->init_fd < 0 || (s->root >= 0 && !sandbox_others_live(s->root)))
		return;
	syscall(SYS_pidfd_send_signal, s->init_fd, SIGKILL, NULL, 0);
	while ((p[0].revents & POLLIN) == 0) {
		if (poll(p, NELEMS(p), -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents != 0)
			read_signals(s);
	}
}

void
sandbox_attach(struct sandbox *s, pid_t bwrap)
{
	s->bwrap = bwrap;
	s->traced = ptrace(PTRACE_SEIZE, bwrap, NULL, (void *)TRACE_OPTIONS) == 0;
}

void
sandbox_watch(struct sandbox *s, enum sandbox_until until)
{
	fcntl(s->status_fd, F_SETFL, O_NONBLOCK);
	while (!s->ended && !(until == SANDBOX_STATUS && s->exit_code >= 0))
		serve(s);
	read_status(s);
	if (until == SANDBOX_EMPTY)
		end_rest(s);
}

void
sandbox_end(struct sandbox *s)
{
	const struct timespec none = { 0, 0 };
	sigset_t broken;

	/* A write that found no reader has left one. */
	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	while (sigtimedwait(&broken, NULL, &none) > 0)
		continue;
	supervisor_free(s->supervisor);
	s->supervisor = NULL;
	close_fd(&s->listener);
	mask_watch_end(s->masks);
	s->masks = NULL;
	close_fd(&s->root);
	close_fd(&s->init_fd);
	close_fd(&s->signal_fd);
	close_fd(&s->status_fd);
	close_fd(&s->filter_fd);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

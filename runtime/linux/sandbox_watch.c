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
#include "sandbox_trace.h"
#include "supervisor.h"

enum {
	STOP_MS		= 1000,		/* for a child of bwrap to be named that we are to end */
	HELD_MS		= 1,		/* between attempts to reach a command that is being started */
};

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
	sandbox_add_passed_on(&set);
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
	if (sandbox_went_to_group(s, info))
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
	sandbox_reap(s);
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

/* The command is being started: of an end in that moment we need not hear. */
static bool
is_watched_for_end(const struct sandbox *s)
{
	return s->root >= 0 && sandbox_holds(s);
}

static int
patience(const struct sandbox *s)
{
	if (is_awaited(s))
		return s->stop_signal != 0 ? STOP_MS : SANDBOX_START_MS;
	return s->held != 0 ? HELD_MS : is_watched_for_end(s) ? SANDBOX_TRACE_MS :
	    mask_watch_timeout(s->masks);
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
	if (n == 0 && is_watched_for_end(s))
		sandbox_reap(s);
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
		if (poll(p, NELEMS(p), sandbox_holds(s) ? SANDBOX_TRACE_MS : -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents != 0)
			read_signals(s);
		else
			sandbox_reap(s);
	}
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

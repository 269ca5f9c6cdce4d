/* SPDX-License-Identifier: Apache-2.0 */
/* inner.c - from a new process to the command: namespaces, mounts, rights, and pid 1 */
#include <config.h>

#include "inner.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "arena.h"
#include "bwrap_args.h"
#include "child.h"
#include "inner_caps.h"
#include "inner_plan.h"
#include "job.h"
#include "mount_ops.h"
#include "proxy_listen.h"
#include "report.h"
#include "sandbox_check.h"
#include "seccomp_filter.h"
#include "supervisor.h"

struct inner {
	const struct inner_start *start;
	struct arena	*arena;
	int		 control;
	mode_t		 umask;
	struct mount_ops mounts;
	const struct inner_plan *plan;
	struct bwrap_args args;
};

extern char **environ;

static _Noreturn void
fail(const struct inner *in, enum inner_news kind, int error, const char *text)
{
	inner_send(in->control, kind, error, text, strlen(text));
	_exit(STATUS_SETUP);
}

static _Noreturn void
unavailable(const struct inner *in, const char *what)
{
	int error = errno;

	fail(in, INNER_UNAVAILABLE, error, arena_printf(in->arena, "%s: %s", what, strerror(error)));
}

static _Noreturn void
fail_errno(const struct inner *in, const char *what)
{
	int error = errno;

	fail(in, INNER_FAILED, error, arena_printf(in->arena, "%s: %s", what, strerror(error)));
}

/* ---- what does not depend on the plan ---- */

static int
fd_order(const void *x, const void *y)
{
	const int *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

static int
close_span(int from, int to)
{
	return from > to ? 0 : (int)syscall(SYS_close_range, (unsigned)from, (unsigned)to, 0u);
}

/* Everything above 2 but the control socket and what the command keeps. */
static int
close_others(struct inner *in)
{
	const struct inner_start *s = in->start;
	int *keep = arena_array(in->arena, s->nkeep + 1, sizeof(*keep)), from = STDERR_FILENO + 1;

	for (size_t i = 0; i < s->nkeep; i++)
		keep[i] = s->keep[i];
	keep[s->nkeep] = in->control;
	qsort(keep, s->nkeep + 1, sizeof(*keep), fd_order);
	for (size_t i = 0; i <= s->nkeep; i++) {
		if (close_span(from, keep[i] - 1) != 0)
			return -1;
		from = keep[i] >= from ? keep[i] + 1 : from;
	}
	for (size_t i = 0; i < s->nkeep; i++)
		if (fcntl(s->keep[i], F_SETFD, 0) != 0)
			return -1;
	return (int)syscall(SYS_close_range, (unsigned)from, ~0u, 0u);
}

/* Sent by the kernel when our parent ends; it may have ended already, which the socket shows. */
static void
die_with_parent(const struct inner *in)
{
	struct pollfd p = { .fd = in->control };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP) != 0))
		_exit(STATUS_SETUP);
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* One id, ours: what an ordinary user may map. */
static int
map_one(unsigned inside_uid, unsigned uid, unsigned inside_gid, unsigned gid)
{
	char text[64];

	if (write_file("/proc/self/setgroups", "deny") != 0)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1\n", inside_uid, uid);
	if (write_file("/proc/self/uid_map", text) != 0)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1\n", inside_gid, gid);
	return write_file("/proc/self/gid_map", text);
}

/* Addresses come with it. */
static int
loopback_up(void)
{
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(r.ifr_name, "lo");
	int rc = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &r), saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

static void
receive_head(const struct inner *in, enum inner_order want, struct inner_head *head)
{
	if (inner_receive(in->control, head, sizeof(*head)) != 0 || head->kind != want)
		_exit(STATUS_SETUP);
}

/*
 * Done while the policy is still being read.  Mapped to 0 first where there
 * is one id: devpts is not mounted without a user 0.  The real id comes back
 * with a second namespace, in give_up_rights().
 */
static void
begin(struct inner *in)
{
	const struct inner_start *s = in->start;
	struct inner_head head;
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | (s->net ? CLONE_NEWNET : 0);

	die_with_parent(in);
	if (close_others(in) != 0)
		unavailable(in, "descriptors cannot be closed");
	if (unshare(flags) != 0)
		unavailable(in, "namespaces cannot be made");
	if (s->all_ids)
		receive_head(in, INNER_MAPPED, &head);
	else if (map_one(0, s->uid, 0, s->gid) != 0)
		unavailable(in, "the user cannot be mapped");
	if (s->net && loopback_up() != 0)
		unavailable(in, "the loopback cannot be set up");
	if (mount_ops_begin(&in->mounts, in->arena) != 0)
		unavailable(in, "mounts cannot be changed");
	if (mount_ops_proc(&in->mounts) != 0 && errno == EPERM)
		fail(in, INNER_UNAVAILABLE, INNER_NO_PROC, "no /proc can be mounted");
	if (in->mounts.fresh_proc < 0)
		unavailable(in, "no /proc can be mounted");
	if (isatty(STDOUT_FILENO)) {
		const char *tty = ttyname(STDOUT_FILENO);
		in->mounts.tty = tty != NULL && strncmp(tty, "/dev/", 5) == 0 ?
		    arena_strdup(in->arena, tty) : NULL;
	}
}

/* ---- the plan ---- */

static void
receive_plan(struct inner *in)
{
	struct inner_head head;

	receive_head(in, INNER_PLAN, &head);
	char *bytes = arena_alloc(in->arena, head.len);
	if (inner_receive(in->control, bytes, head.len) != 0)
		_exit(STATUS_SETUP);
	in->plan = inner_plan_read(in->arena, bytes, head.len);
	if (in->plan == NULL)
		fail(in, INNER_FAILED, 0, "the plan did not arrive as it was sent");
	const char *why = bwrap_args_read(in->arena, in->plan->args, in->plan->args_len, &in->args);
	if (why != NULL)
		fail(in, INNER_FAILED, 0, why);
	if (in->args.net != in->start->net || in->args.user == in->start->all_ids)
		fail(in, INNER_FAILED, 0, "the sandbox was begun with other namespaces than the plan has");
}

/* While we own the network namespace; they are used by the proxy, which is outside. */
static void
make_listeners(const struct inner *in)
{
	for (size_t i = 0; i < in->plan->nlisteners; i++) {
		const struct proxy_listener *l = &in->plan->listeners[i];
		int fd = proxy_listen(l);
		if (fd < 0)
			fail_errno(in, arena_printf(in->arena, "the managed proxy cannot listen on port %u "
			    "of the sandbox", (unsigned)l->port));
		if (inner_send(in->control, INNER_SOCKET, 0, NULL, 0) != 0 ||
		    inner_send_fd(in->control, fd) != 0)
			_exit(STATUS_SETUP);	/* nobody is there any more */
		close(fd);
	}
}

static void
enter_root(struct inner *in)
{
	const char *why = mount_ops_run(&in->mounts, &in->args);
	if (why == NULL)
		why = mount_ops_pivot(&in->mounts);
	if (why == NULL)
		why = sandbox_check(in->arena, in->mounts.root, in->plan->checks, in->plan->nchecks,
		    in->plan->cwd);
	if (why != NULL)
		fail(in, INNER_FAILED, 0, why);
	umask(in->umask);
	if (chdir(in->plan->cwd) != 0)
		fail_errno(in, arena_printf(in->arena, "the working directory %s cannot be entered "
		    "in the sandbox", in->plan->cwd));
}

/*
 * The limit is of the namespace of whoever opens the file, hence last; and
 * /proc/sys is read-only by now but in the mount that was kept.  Where it
 * cannot be written the system call filter is what keeps new ones from being
 * made.
 */
static void
forbid_user_namespaces(const struct inner *in)
{
	int fd = in->mounts.proc < 0 ? -1 : openat(in->mounts.proc, "sys/user/max_user_namespaces",
	    O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		fail_errno(in, "further user namespaces cannot be forbidden");
	close(fd);
}

static void
give_up_rights(struct inner *in)
{
	if (!in->start->all_ids && (unshare(CLONE_NEWUSER) != 0 ||
	    map_one(in->start->uid, 0, in->start->gid, 0) != 0))
		fail_errno(in, "the user cannot be mapped back");
	forbid_user_namespaces(in);
	mount_ops_end(&in->mounts);
	if (inner_caps_drop(in->args.caps) != 0)
		fail_errno(in, "capabilities cannot be dropped");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		fail_errno(in, "the process cannot be hidden");
	/* A change of rights may have cleared it. */
	die_with_parent(in);
	if (job_scope_signals() != 0)
		fail_errno(in, "signals cannot be kept in");
}

/* What comes through the pipe, 0 where there is none. */
struct carrier {
	int	 control, pipe[2];
	pid_t	 pid;
	char	 stack[32 * 1024];	/* clone(2) of the C library aligns it */
};

static int
tell_listener(int control, int listener)
{
	return inner_send(control, INNER_LISTENER, 0, NULL, 0) != 0 || inner_send_fd(control, listener) != 0;
}

/* Shares our memory and descriptors, and has no filter.  Sets errno only while we wait for it. */
static int
carry(void *arg)
{
	const struct carrier *c = arg;
	int listener;

	return read(c->pipe[0], &listener, sizeof(listener)) != (ssize_t)sizeof(listener) ||
	    tell_listener(c->control, listener) != 0;
}

/*
 * A log notifies of sendmsg(2), which is how descriptors go: once the filter
 * is loaded our own would wait for whoever has the listener, for ever.
 */
static struct carrier *
start_carrier(const struct inner *in)
{
	struct carrier *c = arena_alloc(in->arena, sizeof(*c));

	c->control = in->control;
	if (pipe2(c->pipe, O_CLOEXEC) != 0 ||
	    (c->pid = clone(carry, c->stack + sizeof(c->stack), CLONE_VM | CLONE_FILES | SIGCHLD, c)) < 0)
		fail_errno(in, "the process that hands over the system call filter cannot be started");
	return c;
}

static void
hand_over(const struct inner *in, struct carrier *c, int listener)
{
	int status = 1;

	if (c == NULL) {
		status = tell_listener(in->control, listener);
	} else if (write(c->pipe[1], &listener, sizeof(listener)) == (ssize_t)sizeof(listener)) {
		waitpid(c->pid, &status, 0);
		close(c->pipe[0]);
		close(c->pipe[1]);
	}
	if (status != 0)
		_exit(STATUS_SETUP);	/* nobody is there any more */
	close(listener);
}

/* With a listener, which goes to cdxp-run, where connect(2) is supervised, or denials are logged. */
static void
load_filter(const struct inner *in)
{
	struct { unsigned short len; const struct filter_insn *filter; } program;
	size_t len;

	program.filter = seccomp_filter_join(in->arena, seccomp_filter_native(), in->plan->mode,
	    in->plan->no_debug, in->plan->log, false, &len);
	program.len = (unsigned short)len;
	if (!seccomp_filter_notifies(in->plan->mode) && in->plan->log == FILTER_SILENT) {
		if (len == 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
			fail_errno(in, "the system call filter cannot be loaded");
		return;
	}
	struct carrier *c = in->plan->log != FILTER_SILENT ? start_carrier(in) : NULL;
	int listener = supervisor_filter(program.filter, len);
	if (listener < 0)
		fail_errno(in, "the system call filter cannot be loaded");
	hand_over(in, c, listener);
}

/* ---- the command, and pid 1 ---- */

/* In the memory of pid 1, which sleeps until the exec. */
static _Noreturn void
become_command(const struct inner *in)
{
	sigprocmask(SIG_SETMASK, in->start->mask, NULL);
	/* A name without a slash is looked for where the command's own PATH says. */
	environ = (char **)(uintptr_t)in->plan->envp;
	execvp(in->plan->argv[0], (char *const *)(uintptr_t)in->plan->argv);
	inner_send(in->control, INNER_NOEXEC, errno, NULL, 0);
	_exit(STATUS_NOEXEC);
}

/* Everything else in the namespace, to its end. */
static void
end_all(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		continue;
}

/* Takes what has ended; true where the command was among it.  Its stops are told. */
static bool
reap(const struct inner *in, pid_t command, int *status)
{
	bool ended = false;
	int one;
	pid_t pid;

	while ((pid = waitpid(-1, &one, WNOHANG | __WALL | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != command)
			continue;
		if (WIFSTOPPED(one) || WIFCONTINUED(one)) {
			inner_send(in->control, WIFSTOPPED(one) ? INNER_STOPPED : INNER_CONTINUED, 0,
			    NULL, 0);
			continue;
		}
		*status = one;
		ended = true;
	}
	return ended;
}

/*
 * A signal that was sent to the whole process group has reached the command
 * too, if that is where it still is, and waits here, blocked: the kernel
 * gives it to the younger members first, so before cdxp-run had its own.
 */
static void
pass_on(pid_t command, int signal)
{
	const struct timespec now = { 0, 0 };
	sigset_t set;

	if (signal <= 0 || signal >= 64)
		return;
	sigemptyset(&set);
	sigaddset(&set, signal);
	bool had = sigtimedwait(&set, NULL, &now) == signal;
	if (!had || getpgid(command) != getpgrp())
		kill(command, signal);
}

static void
discard_pending(void)
{
	const struct timespec now = { 0, 0 };
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGCHLD);
	while (sigtimedwait(&all, NULL, &now) > 0)
		continue;
}

static int
watch(const struct inner *in, pid_t command, int children)
{
	struct pollfd p[] = {
		{ .fd = children, .events = POLLIN }, { .fd = in->control, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	struct inner_head head;
	int status = 0;

	for (;;) {
		if (reap(in, command, &status))
			return status;
		if (poll(p, NELEMS(p), -1) < 0)
			continue;
		if (p[0].revents != 0 && read(children, &info, sizeof(info)) < 0 && errno != EAGAIN)
			_exit(STATUS_SETUP);
		if (p[1].revents == 0)
			continue;
		if (inner_receive(in->control, &head, sizeof(head)) != 0)
			_exit(STATUS_SETUP);	/* nobody is there any more */
		if (head.kind == INNER_SIGNAL)
			pass_on(command, head.value);
	}
}

static _Noreturn void
be_init(struct inner *in)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (children < 0)
		fail_errno(in, "a descriptor cannot be opened");
	load_filter(in);
	/*
	 * From here on cdxp-run passes signals on instead of ending the set-up.
	 * One that was sent to the group before there was a command in it is
	 * among those, so it must not be taken for one that the command has.
	 */
	inner_send(in->control, INNER_STARTED, 0, NULL, 0);
	discard_pending();
	pid_t command = vfork();
	if (command == 0)
		become_command(in);
	if (command < 0)
		fail_errno(in, "the command cannot be started");
	/* What is the command's alone. */
	for (size_t i = 0; i < in->start->nkeep; i++)
		close(in->start->keep[i]);
	int status = watch(in, command, children);
	if (in->plan->empty)
		end_all();
	inner_send(in->control, INNER_ENDED, child_status(status), NULL, 0);
	_exit(0);
}

void
inner_run(const struct inner_start *s)
{
	struct inner in = { .start = s, .arena = arena_new(), .control = s->control };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	in.umask = umask(0);
	begin(&in);
	inner_send(in.control, INNER_READY, 0, NULL, 0);
	/* While the plan is still being made. */
	mount_ops_dev(&in.mounts);
	receive_plan(&in);
	make_listeners(&in);
	enter_root(&in);
	give_up_rights(&in);
	be_init(&in);
}

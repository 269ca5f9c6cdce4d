/* SPDX-License-Identifier: Apache-2.0 */
/* child_linux.c - starting a program on Linux: vfork, close what is not given, exec */
#include <config.h>

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "report.h"
#include "supervisor.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	4u
#endif

enum { STACK_BYTES = 32 * 1024 };

/* What the child gets of us, and we of it. */
struct start {
	const struct child_start *how;
	pid_t		 parent;
	volatile int	 error;
	volatile int	 listener;
	int		 ready;		/* written to once the child has its own descriptors, or failed; 0: nobody waits */
};

struct dirent64_head {		/* getdents64(2) */
	uint64_t	ino;
	int64_t		off;
	uint16_t	len;
	uint8_t		type;
	char		name[];
};

/*
 * Mark all descriptors above 2 close-on-exec.  Linux before 5.11 has no such
 * close_range(2): there the list in /proc is walked, without opendir(3), as
 * this runs between vfork and exec and must not allocate.
 */
static int
mark_all_cloexec(void)
{
	_Alignas(struct dirent64_head) char buf[4096];
	int dir, saved;
	long n;

	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64_head *d = (const void *)(buf + at);
			int fd = 0;
			for (const char *c = d->name; *c >= '0' && *c <= '9'; c++)
				fd = fd * 10 + (*c - '0');
			if (fd > 2)
				fcntl(fd, F_SETFD, FD_CLOEXEC);
			at += d->len;
		}
	}
	saved = errno;
	close(dir);
	errno = saved;
	return n < 0 ? -1 : 0;
}

/*
 * The child has our descriptors here, not a copy, so that the listener is one
 * of ours without being handed over; afterwards it has its own.
 */
static int
install_filter(struct start *t)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	t->listener = supervisor_filter(t->how->filter, t->how->nfilter);
	if (t->listener < 0 || unshare(CLONE_FILES) != 0)
		return -1;
	return t->ready > 0 && write(t->ready, "", 1) != 1 ? -1 : 0;
}

/*
 * Runs in the address space of the parent, which sleeps: calls nothing but
 * the kernel and changes no memory that the parent reads but that of *t.
 */
static int
become(void *arg)
{
	struct start *t = arg;
	const struct child_start *s = t->how;

	if (s->filter != NULL && install_filter(t) != 0)
		goto fail;
	if (mark_all_cloexec() != 0)
		goto fail;
	for (size_t i = 0; i < s->nfds; i++)
		if (fcntl(s->fds[i], F_SETFD, 0) != 0)
			goto fail;
	if (s->output > 0 && (dup2(s->output, STDOUT_FILENO) < 0 ||
	    dup2(s->output, STDERR_FILENO) < 0))
		goto fail;
	if (s->dies_with_us) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
			goto fail;
		if (getppid() != t->parent)
			_exit(STATUS_SETUP);
	}
	if (s->scoped && job_scope_signals() != 0)
		goto fail;
	if (sigprocmask(SIG_SETMASK, s->mask, NULL) != 0)
		goto fail;
	execve(s->program, (char *const *)(uintptr_t)s->argv, (char *const *)(uintptr_t)s->envp);
fail:
	t->error = errno;
	if (t->ready > 0 && write(t->ready, "", 1) != 1)
		_exit(STATUS_SETUP);
	_exit(STATUS_SETUP);
}

/* As vfork(2), where the descriptors are shared until the child has its own. */
static pid_t
start_filtered(struct start *t)
{
	_Alignas(64) char stack[STACK_BYTES];

	return clone(become, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, t);
}

/*
 * The same, where calls of the child on the way to its exec, that one among
 * them, are notifications: we must not sleep meanwhile.  The pipe ends with
 * the exec, or with the child.
 */
static pid_t
start_answered(struct start *t)
{
	_Alignas(64) char stack[STACK_BYTES];
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	t->ready = ends[1];
	pid_t pid = clone(become, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, t);
	int saved = errno;
	if (pid > 0)
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			continue;
	close(ends[1]);
	for (bool over = pid < 0; !over;) {
		struct pollfd p[] = {
			{ .fd = ends[0], .events = POLLIN }, { .fd = t->listener, .events = POLLIN },
		};
		if (poll(p, 2, -1) < 0)
			continue;
		if ((p[1].revents & POLLIN) != 0)
			supervisor_let_pass(t->listener);
		else if ((p[0].revents & POLLIN) != 0)
			over = read(ends[0], &byte, 1) == 0;
		else
			over = p[0].revents != 0;
	}
	close(ends[0]);
	errno = saved;
	return pid;
}

static pid_t
start_plain(struct start *t)
{
	pid_t pid = vfork();

	if (pid == 0)
		become(t);
	return pid;
}

pid_t
child_start(const struct child_start *s)
{
	struct start t = { s, getpid(), 0, -1, 0 };
	sigset_t all, old;

	/* No handler of ours may run in the child, which has our memory. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid = s->filter == NULL ? start_plain(&t) : s->answered ? start_answered(&t) : start_filtered(&t);
	int saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid > 0 && t.error != 0) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		saved = t.error;
		pid = -1;
	}
	if (pid < 0 && t.listener >= 0) {
		close(t.listener);
		t.listener = -1;
	}
	if (s->listener != NULL)
		*s->listener = t.listener;
	errno = saved;
	return pid;
}

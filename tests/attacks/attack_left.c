/* SPDX-License-Identifier: Apache-2.0 */
/* attack_left.c - processes that would outlive their sandbox */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LATE_MS = 150, LONGEST_MS = 60000 };

static void
nap(int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* Nobody waits for us because of what we have open. */
static void
let_go(void)
{
	for (int fd = 0; fd < 64; fd++)
		close(fd);
}

/* The runner makes the file `over' when the sandbox has ended, or was killed. */
static void
until_over(void)
{
	for (int i = 0; i < LONGEST_MS && access("over", F_OK) != 0; i++)
		nap(1);
	nap(LATE_MS);
}

/* What the left one does: after the end it makes a file, which the runner looks for. */
static _Noreturn void
live_on(void)
{
	let_go();
	until_over();
	creates("late");
	_exit(0);
}

/* Is it running?  The runner waits for `up' where it is to kill us. */
static enum outcome
left(void)
{
	creates("up");
	if (given("ATTACK_STAY")[0] != '\0')
		for (;;)
			pause();
	return DONE;
}

static enum outcome
daemon_left(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		live_on();
	}
	waitpid(pid, NULL, 0);
	return left();
}

static enum outcome
deaf_left(void)
{
	if (fork() == 0) {
		for (int signal = 1; signal < 64; signal++)
			sigaction(signal, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
		setpgid(0, 0);
		live_on();
	}
	nap(10);
	return left();
}

/* Each forks the next before whoever kills it has counted. */
static enum outcome
chain_left(void)
{
	if (fork() == 0) {
		let_go();
		for (int i = 0, late = 0; i < LONGEST_MS && late < LATE_MS; i++) {
			nap(1);
			late += access("over", F_OK) == 0;
			if (fork() != 0)
				_exit(0);
			setsid();
		}
		creates("late");
		_exit(0);
	}
	return left();
}

/* A tracer that holds its child. */
static enum outcome
traced_left(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		live_on();
	}
	if (fork() == 0) {
		ptrace(PTRACE_SEIZE, pid, NULL, NULL);
		let_go();
		until_over();
		nap(LATE_MS);
		_exit(0);
	}
	nap(10);
	return left();
}

/* A child of whoever started us, who did not make it. */
static enum outcome
sibling_left(void)
{
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) == 0) {
		setsid();
		live_on();
	}
	return left();
}

/* Orphans that come to a process which takes no notice of them. */
static enum outcome
orphans_left(void)
{
	if (fork() == 0) {
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		setsid();
		if (fork() == 0) {
			if (fork() != 0)
				_exit(0);
			live_on();
		}
		let_go();
		until_over();
		nap(LATE_MS);
		_exit(0);
	}
	nap(10);
	return left();
}

const struct attack attacks_left[] = {
	{ "sibling-left", "late", "leave a process that is a child of the runtime (CLONE_PARENT)", sibling_left, 0 },
	{ "sibling-killed", "late killed", "the same when the runtime is killed", sibling_left, 0 },
	{ "orphans-left", "late", "leave orphans with a reaper of their own", orphans_left, 0 },
	{ "daemon-left", "late", "leave a daemon that writes later", daemon_left, 0 },
	{ "deaf-left", "late", "leave a process that ignores all signals", deaf_left, 0 },
	{ "chain-left", "late", "leave a chain of short-lived processes", chain_left, 0 },
	{ "traced-left", "late", "leave a process held by a tracer", traced_left, 0 },
	{ "daemon-killed", "late killed", "leave a daemon when the runtime is killed", daemon_left, 0 },
	{ "chain-killed", "late killed", "leave a chain of processes when the runtime is killed", chain_left, 0 },
	{ .name = NULL },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - Landlock's scope for signals; stopping with the command */
#include <config.h>

#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The headers of the system may be older than its kernel. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_restrict_self	446
#endif

struct ruleset {		/* struct landlock_ruleset_attr, version 6 */
	uint64_t	files, network, scoped;
};

enum {
	SCOPE_SIGNAL	= 1 << 1,
	SETTLE_MS	= 5,		/* for a signal to reach all of a group */
};

/* Nothing but signals: a domain that handled files would forbid the mounts that are still to come. */
static int
create(void)
{
	const struct ruleset only_signals = { .scoped = SCOPE_SIGNAL };

	return (int)syscall(SYS_landlock_create_ruleset, &only_signals, sizeof(only_signals), 0);
}

/* A kernel without Landlock, with Landlock switched off, or with one before the scopes. */
static bool
is_absent(int error)
{
	return error == ENOSYS || error == EOPNOTSUPP || error == E2BIG || error == EINVAL;
}

int
job_scope_signals(void)
{
	int fd = create();

	if (fd < 0)
		return is_absent(errno) ? 0 : -1;
	long rc = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (rc == 0)
		rc = syscall(SYS_landlock_restrict_self, fd, 0);
	int error = errno;
	close(fd);
	errno = error;
	return rc == 0 ? 0 : -1;
}

bool
job_can_scope(void)
{
	int fd = create();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
in_foreground(void)
{
	int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	pid_t front = tty < 0 ? -1 : tcgetpgrp(tty);

	if (tty >= 0)
		close(tty);
	return front >= 0 && front == getpgrp();
}

bool
job_stop_too(bool (*stopped)(void *), void *arg)
{
	const struct timespec settle = { 0, SETTLE_MS * 1000000L };

	if (!in_foreground() || !stopped(arg))
		return false;
	/* Of ^Z we have a copy of our own; and when all is continued, that takes a moment too. */
	nanosleep(&settle, NULL);
	if (!stopped(arg) || !in_foreground())
		return false;
	kill(getpid(), SIGTSTP);
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* attack_signal.c - signals, priorities and limits of processes outside */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IOPRIO_PROCESS = 1, IOPRIO_GROUP = 2, IOPRIO_IDLE = 3 << 13 };

/* The process outside ignores it, and so do we. */
#define SIGNAL	SIGURG

static enum outcome
kill_outside(void)
{
	return outcome_of(kill(outside_pid(), SIGNAL) == 0);
}

static enum outcome
kill_thread(void)
{
	return outcome_of(syscall(SYS_tgkill, outside_pid(), outside_pid(), SIGNAL) == 0);
}

static enum outcome
queue_outside(void)
{
	return outcome_of(sigqueue(outside_pid(), SIGNAL, (union sigval){ .sival_int = 0 }) == 0);
}

static enum outcome
pidfd_signal(void)
{
	int fd = (int)syscall(SYS_pidfd_open, outside_pid(), 0);

	return outcome_of(fd >= 0 && syscall(SYS_pidfd_send_signal, fd, SIGNAL, NULL, 0) == 0);
}

static enum outcome
pidfd_of_proc(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)outside_pid());
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return outcome_of(fd >= 0 && syscall(SYS_pidfd_send_signal, fd, SIGNAL, NULL, 0) == 0);
}

/* Landlock's scopes, and whatever else came with them or later. */
static bool
has_scopes(void)
{
	enum { CREATE_RULESET = 444, ASK_VERSION = 1, WITH_SCOPES = 6 };

	return syscall(CREATE_RULESET, NULL, 0, ASK_VERSION) >= WITH_SCOPES;
}

/* The caller's process group is ours too, so that job control works. */
static enum outcome
kill_group(void)
{
	if (is_control() && !has_scopes())
		return cannot(ENOSYS);	/* the deviation group-signals */
	if (kill(0, SIGNAL) != 0)
		return BLOCKED;
	return outcome_of(appears("../seen", 250));
}

static enum outcome
sigio_group(void)
{
	int p[2];

	/* 0 names nobody, and the group's number is not known in here: then this is the end. */
	if (pipe2(p, O_CLOEXEC) != 0 || fcntl(p[0], F_SETOWN, -getpgrp()) != 0 ||
	    fcntl(p[0], F_SETSIG, SIGNAL) != 0 || fcntl(p[0], F_SETFL, O_ASYNC) != 0 ||
	    write(p[1], "x", 1) != 1)
		return BLOCKED;
	return outcome_of(appears("../seen", 250));
}

static enum outcome
nice_group(void)
{
	if (setpriority(PRIO_PGRP, 0, getpriority(PRIO_PROCESS, 0) + 1) != 0 && is_control())
		return BLOCKED;		/* confined, it may have changed some and failed at one */
	return outcome_of(appears("../seen", 250));
}

static enum outcome
ioprio_group(void)
{
	if (syscall(SYS_ioprio_set, IOPRIO_GROUP, 0, IOPRIO_IDLE) != 0 && is_control())
		return BLOCKED;
	return outcome_of(appears("../seen", 250));
}

static enum outcome
nice_outside(void)
{
	return outcome_of(setpriority(PRIO_PROCESS, (id_t)outside_pid(),
	    getpriority(PRIO_PROCESS, (id_t)outside_pid())) == 0);
}

static enum outcome
ioprio_outside(void)
{
	return outcome_of(syscall(SYS_ioprio_set, IOPRIO_PROCESS, outside_pid(),
	    syscall(SYS_ioprio_get, IOPRIO_PROCESS, outside_pid())) == 0);
}

static enum outcome
scheduler_outside(void)
{
	const struct sched_param p = { .sched_priority = 0 };

	return outcome_of(sched_setscheduler(outside_pid(), SCHED_OTHER, &p) == 0);
}

static enum outcome
affinity_outside(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return outcome_of(sched_getaffinity(outside_pid(), sizeof(set), &set) == 0 &&
	    sched_setaffinity(outside_pid(), sizeof(set), &set) == 0);
}

static enum outcome
limits_outside(void)
{
	struct rlimit limit;

	return outcome_of(prlimit(outside_pid(), RLIMIT_CORE, NULL, &limit) == 0 &&
	    prlimit(outside_pid(), RLIMIT_CORE, &limit, NULL) == 0);
}

static enum outcome
group_outside(void)
{
	return outcome_of(getpgid(outside_pid()) > 0);
}

const struct attack attacks_signal[] = {
	{ "kill-outside", "", "signal a process outside", kill_outside, 0 },
	{ "kill-thread", "", "tgkill a process outside", kill_thread, 0 },
	{ "queue-outside", "", "sigqueue to a process outside", queue_outside, 0 },
	{ "pidfd-signal", "", "signal a process outside by a pidfd", pidfd_signal, 0 },
	{ "pidfd-of-proc", "", "signal a process outside by its directory in /proc", pidfd_of_proc, 0 },
	{ "kill-group", "group", "signal the process group of the caller by kill(0, ...)", kill_group, 0 },
	{ "sigio-group", "group", "signal the process group of the caller by F_SETOWN", sigio_group, 0 },
	{ "nice-group", "group", "change the priority of the caller's process group", nice_group, 0 },
	{ "ioprio-group", "group", "change the I/O priority of the caller's process group", ioprio_group, 0 },
	{ "nice-outside", "", "set the priority of a process outside", nice_outside, 0 },
	{ "ioprio-outside", "", "set the I/O priority of a process outside", ioprio_outside, 0 },
	{ "scheduler-outside", "", "set the scheduler of a process outside", scheduler_outside, 0 },
	{ "affinity-outside", "", "set the processors of a process outside", affinity_outside, 0 },
	{ "limits-outside", "", "set a limit of a process outside", limits_outside, 0 },
	{ "group-outside", "landlock:shared-proc", "ask for the process group of a process outside",
	    group_outside, 0 },
	{ .name = NULL },
};

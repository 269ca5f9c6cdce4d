/* SPDX-License-Identifier: Apache-2.0 */
/* attack_identity.c - other users, capabilities, set-user-ID programs, limits, the terminal */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OTHER = 1 };

static enum outcome
become_other(void)
{
	return outcome_of(setresuid(OTHER, OTHER, OTHER) == 0);
}

static enum outcome
join_other_group(void)
{
	return outcome_of(setresgid(OTHER, OTHER, OTHER) == 0);
}

static enum outcome
drop_groups(void)
{
	const gid_t groups[] = { OTHER };

	return outcome_of(setgroups(1, groups) == 0);
}

static enum outcome
raise_capability(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) != 0)
		return BLOCKED;
	data[0].effective |= UINT32_C(1) << CAP_SYS_ADMIN;
	data[0].permitted |= UINT32_C(1) << CAP_SYS_ADMIN;
	return outcome_of(syscall(SYS_capset, &head, data) == 0);
}

/*
 * Only a user namespace lets an ordinary user drop it.  Landlock has none, and
 * no_new_privs stands for it there.
 */
static enum outcome
bounding_set(void)
{
	errno = 0;
	if (geteuid() != 0 && strcmp(given("CDXP_SANDBOX"), "landlock") == 0 &&
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return BLOCKED;
	return outcome_of(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 1);
}

static enum outcome
may_gain(void)
{
	errno = 0;
	return outcome_of(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
}

static enum outcome
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NICE, &limit) != 0)
		return BLOCKED;
	limit.rlim_max += limit.rlim_max == RLIM_INFINITY ? 0 : 1;
	return outcome_of(setrlimit(RLIMIT_NICE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY);
}

static enum outcome
raise_priority(void)
{
	errno = 0;
	return outcome_of(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 1) == 0);
}

static enum outcome
real_time(void)
{
	const struct sched_param p = { .sched_priority = 1 };

	return outcome_of(sched_setscheduler(0, SCHED_FIFO, &p) == 0);
}

/* A program of somebody else that says who runs it. */
static enum outcome
set_id(const char *program, bool group)
{
	unsigned uid, gid;
	char command[4200];

	if (given(program)[0] == '\0')
		return cannot(ENOENT);
	snprintf(command, sizeof(command), "exec '%s' --ids", given(program));
	FILE *f = popen(command, "re");
	if (f == NULL)
		return BLOCKED;
	int n = fscanf(f, "%u %u", &uid, &gid);
	pclose(f);
	errno = 0;
	return outcome_of(n == 2 && (group ? gid != getegid() : uid != geteuid()));
}

static enum outcome
set_user_id(void)
{
	return set_id("ATTACK_SETUID", false);
}

static enum outcome
set_group_id(void)
{
	return set_id("ATTACK_SETGID", true);
}

/* The number is an int for the kernel: bits above it change nothing but what a filter compares. */
static enum outcome
inject(unsigned long request, const char *byte)
{
	long rc = syscall(SYS_ioctl, STDIN_FILENO, request, byte);

	if (rc == 0 || !is_control())
		return outcome_of(rc == 0);
	return CANNOT;
}

static enum outcome
type_for_user(void)
{
	return inject(TIOCSTI, "\n");
}

static enum outcome
type_for_user_high(void)
{
	return inject(TIOCSTI | UINT64_C(1) << 32, "\n");
}

static enum outcome
type_for_user_proc(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return is_control() ? CANNOT : BLOCKED;
	return dup2(fd, STDIN_FILENO) < 0 ? BLOCKED : inject(TIOCSTI, "\n");
}

const struct attack attacks_identity[] = {
	{ "become-other", "root", "become another user", become_other, 0 },
	{ "join-other-group", "root", "join another group", join_other_group, 0 },
	{ "drop-groups", "root", "setgroups", drop_groups, 0 },
	{ "raise-capability", "root", "raise CAP_SYS_ADMIN", raise_capability, 0 },
	{ "bounding-set", "", "leave CAP_SYS_ADMIN where a program could gain it", bounding_set, 0 },
	{ "may-gain", "", "be without no_new_privs", may_gain, 0 },
	{ "raise-limit", "root", "raise a hard limit", raise_limit, 0 },
	{ "raise-priority", "root", "raise the own priority", raise_priority, 0 },
	{ "real-time", "root", "run in real time", real_time, 0 },
	{ "set-user-id", "", "run a set-user-ID program of another user", set_user_id, 0 },
	{ "set-group-id", "", "run a set-group-ID program of another group", set_group_id, 0 },
	{ "type-for-user", "pty", "type into the terminal by TIOCSTI", type_for_user, 0 },
	{ "type-for-user-high", "pty", "the same with a bit above the number set", type_for_user_high, 0 },
	{ "type-for-user-tty", "pty", "the same through /dev/tty", type_for_user_proc, 0 },
	{ .name = NULL },
};

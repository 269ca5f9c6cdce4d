/* SPDX-License-Identifier: Apache-2.0 */
/* userns_why.c - is there a user namespace for us, and a line on why there is none */
#include <config.h>

#include "userns_why.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "doctor.h"
#include "doctor_why.h"
#include "proc_file.h"

static int
wait_for(pid_t pid)
{
	int status;

	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

int
userns_try(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) != 0)
			_exit(errno & 0x7f);
		/* AppArmor lets the call pass and takes the capabilities away. */
		_exit(unshare(CLONE_NEWNS) == 0 ? 0 : errno & 0x7f);
	}
	return wait_for(pid);
}

/* In the namespaces that userns_try() makes: the first process of its own has that /proc. */
static int
mount_proc(void)
{
	int fs = (int)syscall(SYS_fsopen, "proc", 0);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0 ||
	    syscall(SYS_fsmount, fs, 0, 0) < 0)
		return errno;
	return 0;
}

int
proc_try(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return wait_for(pid);
	/* For whoever cannot do this the question is another one. */
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) != 0)
		_exit(0);
	pid = fork();
	_exit((pid == 0 ? mount_proc() : wait_for(pid)) & 0x7f);
}

const char *
proc_why(struct arena *a, const char *program)
{
	struct doctor_cause c;

	doctor_why_proc(a, program, &c);
	return arena_printf(a, "%s cannot mount a /proc: %s (%s)", program, c.text, c.remedy);
}

const char *
userns_why(struct arena *a, const char *program, int error)
{
	struct doctor_cause c;

	doctor_why_userns(a, program, error, &c);
	return arena_printf(a, "%s cannot make a user namespace: %s (%s)", program, c.text, c.remedy);
}

const char *
userns_unusable(struct arena *a, const char *program)
{
	int error = userns_try();
	char text[32];

	if (error == 0)
		return proc_try() == EPERM ? proc_why(a, program) : NULL;
	return proc_read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", text, sizeof(text)) &&
	    *text == '1' ? NULL : userns_why(a, program, error);
}

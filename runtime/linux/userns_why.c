/* SPDX-License-Identifier: Apache-2.0 */
/* userns_why.c - finding out why there is no user namespace for us */
#include <config.h>

#include "userns_why.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "outer.h"
#include "proc_file.h"

static const char by_apparmor[] = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

/* A number in a file of /proc/sys, or -1. */
static long
setting(const char *path)
{
	char text[32];

	return proc_read(path, text, sizeof(text)) ? strtol(text, NULL, 10) : -1;
}

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
	const char *outer = outer_sandbox(a);
	/* A sandbox cannot be made otherwise from inside; a container is, by whoever starts it. */
	const char *remedy = outer != NULL && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ?
	    "run cdxp-run outside of that" : "where the container is made, leave /proc uncovered: "
	    "--security-opt systempaths=unconfined";

	return arena_printf(a, "%s cannot mount a /proc: parts of the one here are covered%s%s (%s)",
	    program, outer != NULL ? ", by " : "", outer != NULL ? outer : "", remedy);
}

const char *
userns_why(struct arena *a, const char *program, int error)
{
	const char *outer = outer_sandbox(a);

	/* Nothing can be set from in there, and what the settings say is often not the reason. */
	if (outer != NULL && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return arena_printf(a, "%s cannot make a user namespace: %s forbids it (run cdxp-run "
		    "outside of that)", program, outer);
	if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return arena_printf(a, "%s cannot make a user namespace: the system forbids it "
		    "(as root: sysctl kernel.unprivileged_userns_clone=1)", program);
	if (setting("/proc/sys/user/max_user_namespaces") == 0)
		return arena_printf(a, "%s cannot make a user namespace: their number is limited to 0 "
		    "(as root: sysctl user.max_user_namespaces=15000)", program);
	if (setting(by_apparmor) == 1)
		return arena_printf(a, "%s cannot use a user namespace: AppArmor forbids it (as root: "
		    "install %s, or sysctl kernel.apparmor_restrict_unprivileged_userns=0)", program,
		    strcmp(program, USERNS_OURS) == 0 ? "the profile " DOCDIR "/apparmor" :
		    "a profile for it");
	if (error == ENOSYS || error == EINVAL)
		return arena_printf(a, "%s cannot make a user namespace: this kernel has none", program);
	if (error == ENOSPC)
		return arena_printf(a, "%s cannot make a user namespace: too many of them, or nested too "
		    "deep (run cdxp-run outside of other sandboxes)", program);
	if (outer != NULL)
		return arena_printf(a, "%s cannot make a user namespace: %s, by %s (where that is made, "
		    "allow user namespaces)", program, strerror(error), outer);
	return arena_printf(a, "%s cannot make a user namespace: %s (inside a container or "
	    "another sandbox, allow user namespaces there)", program, strerror(error));
}

const char *
userns_unusable(struct arena *a, const char *program)
{
	int error = userns_try();

	if (error == 0)
		return proc_try() == EPERM ? proc_why(a, program) : NULL;
	return setting(by_apparmor) == 1 ? NULL : userns_why(a, program, error);
}

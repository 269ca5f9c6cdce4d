/* SPDX-License-Identifier: Apache-2.0 */
/* userns_why.c - finding out why there is no user namespace for us */
#include <config.h>

#include "userns_why.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "proc_file.h"

/* A number in a file of /proc/sys, or -1. */
static long
setting(const char *path)
{
	char text[32];

	return proc_read(path, text, sizeof(text)) ? strtol(text, NULL, 10) : -1;
}

int
userns_try(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) != 0)
			_exit(errno & 0x7f);
		/* AppArmor lets the call pass and takes the capabilities away. */
		_exit(unshare(CLONE_NEWNS) == 0 ? 0 : errno & 0x7f);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

const char *
userns_why(struct arena *a, const char *program, int error)
{
	if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return arena_printf(a, "%s cannot make a user namespace: the system forbids it "
		    "(as root: sysctl kernel.unprivileged_userns_clone=1)", program);
	if (setting("/proc/sys/user/max_user_namespaces") == 0)
		return arena_printf(a, "%s cannot make a user namespace: their number is limited to 0 "
		    "(as root: sysctl user.max_user_namespaces=15000)", program);
	if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return arena_printf(a, "%s cannot use a user namespace: AppArmor forbids it (as root: "
		    "install %s, or sysctl kernel.apparmor_restrict_unprivileged_userns=0)", program,
		    strcmp(program, USERNS_OURS) == 0 ? "the profile " DOCDIR "/apparmor" :
		    "a profile for it");
	if (error == ENOSYS || error == EINVAL)
		return arena_printf(a, "%s cannot make a user namespace: this kernel has none", program);
	if (error == ENOSPC)
		return arena_printf(a, "%s cannot make a user namespace: too many of them, or nested too "
		    "deep (inside another sandbox?)", program);
	return arena_printf(a, "%s cannot make a user namespace: %s (inside a container or "
	    "another sandbox that forbids it?)", program, strerror(error));
}

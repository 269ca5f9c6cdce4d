/* SPDX-License-Identifier: Apache-2.0 */
/* child.c - what is the same on every system about starting a program */
#include <config.h>

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

int
child_status(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return STATUS_SIGNAL + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

int
child_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The lowest free number, which is fd: those below are open by now. */
		if (open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	return 0;
}

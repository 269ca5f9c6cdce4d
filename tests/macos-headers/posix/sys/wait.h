/* SPDX-License-Identifier: Apache-2.0 */
/* sys/wait.h - POSIX and W_EXITCODE, as macOS has them */
#ifndef TEST_MACOS_WAIT_H
#define TEST_MACOS_WAIT_H

#include <signal.h>
#include <sys/types.h>

#define WNOHANG			1
#define WIFEXITED(s)		(((s) & 0177) == 0)
#define WEXITSTATUS(s)		(((s) >> 8) & 0377)
#define WIFSIGNALED(s)		(((s) & 0177) != 0177 && ((s) & 0177) != 0)
#define WTERMSIG(s)		((s) & 0177)
#define W_EXITCODE(ret, sig)	((ret) << 8 | (sig))

pid_t	waitpid(pid_t, int *, int);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* denial_calls.c - the table of those calls; backends/linux/seccomp_gen.c notifies of the same */
#include <config.h>

#include "denial_calls.h"

#include <sys/syscall.h>

#ifndef SYS_faccessat2
#define SYS_faccessat2		439
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2		452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat		463
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat	466
#endif

#define NONE		NO_ARG
#define CALL(name)	SYS_##name, #name

static const struct watched_call calls[] = {
#ifdef SYS_open		/* not on aarch64: these have a form with a directory only */
	{ CALL(open), WATCH_OPEN, DENIAL_READ, NONE, 0, 1, NONE, NONE, false },
	{ CALL(creat), WATCH_OPEN, DENIAL_WRITE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(mkdir), WATCH_MAKE, DENIAL_CREATE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(mknod), WATCH_MAKE, DENIAL_CREATE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(rmdir), WATCH_REMOVE, DENIAL_REMOVE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(unlink), WATCH_REMOVE, DENIAL_REMOVE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(rename), WATCH_MOVE, DENIAL_RENAME, NONE, 0, NONE, NONE, 1, true },
	{ CALL(link), WATCH_LINK, DENIAL_LINK, NONE, 0, NONE, NONE, 1, true },
	{ CALL(symlink), WATCH_MAKE, DENIAL_CREATE, NONE, 1, NONE, NONE, NONE, true },
	{ CALL(chmod), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(chown), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(lchown), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(utime), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(utimes), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(futimesat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, NONE, NONE, NONE, false },
	{ CALL(access), WATCH_ACCESS, DENIAL_STAT, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(stat), WATCH_LOOK, DENIAL_STAT, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(lstat), WATCH_LOOK, DENIAL_STAT, NONE, 0, NONE, NONE, NONE, true },
#endif
	{ CALL(faccessat), WATCH_ACCESS, DENIAL_STAT, 0, 1, NONE, NONE, NONE, false },
	{ CALL(faccessat2), WATCH_ACCESS, DENIAL_STAT, 0, 1, 3, NONE, NONE, false },
	{ CALL(newfstatat), WATCH_LOOK, DENIAL_STAT, 0, 1, 3, NONE, NONE, false },
	{ CALL(statx), WATCH_LOOK, DENIAL_STAT, 0, 1, 2, NONE, NONE, false },
	{ CALL(chdir), WATCH_ENTER, DENIAL_STAT, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(openat), WATCH_OPEN, DENIAL_READ, 0, 1, 2, NONE, NONE, false },
	{ CALL(openat2), WATCH_OPEN_HOW, DENIAL_READ, 0, 1, 2, NONE, NONE, false },
	{ CALL(execve), WATCH_EXECUTE, DENIAL_EXECUTE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(execveat), WATCH_EXECUTE, DENIAL_EXECUTE, 0, 1, 4, NONE, NONE, false },
	{ CALL(mkdirat), WATCH_MAKE, DENIAL_CREATE, 0, 1, NONE, NONE, NONE, true },
	{ CALL(mknodat), WATCH_MAKE, DENIAL_CREATE, 0, 1, NONE, NONE, NONE, true },
	{ CALL(unlinkat), WATCH_REMOVE, DENIAL_REMOVE, 0, 1, NONE, NONE, NONE, true },
#ifdef SYS_renameat
	{ CALL(renameat), WATCH_MOVE, DENIAL_RENAME, 0, 1, NONE, 2, 3, true },
#endif
	{ CALL(renameat2), WATCH_MOVE, DENIAL_RENAME, 0, 1, NONE, 2, 3, true },
	{ CALL(linkat), WATCH_LINK, DENIAL_LINK, 0, 1, 4, 2, 3, true },
	{ CALL(symlinkat), WATCH_MAKE, DENIAL_CREATE, 1, 2, NONE, NONE, NONE, true },
	{ CALL(fchmodat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, NONE, NONE, NONE, false },
	{ CALL(fchmodat2), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, 3, NONE, NONE, false },
	{ CALL(fchownat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, 4, NONE, NONE, false },
	{ CALL(truncate), WATCH_CHANGE, DENIAL_WRITE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(utimensat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, 3, NONE, NONE, false },
	{ CALL(setxattr), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(lsetxattr), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(setxattrat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, 2, NONE, NONE, false },
	{ CALL(removexattr), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, false },
	{ CALL(lremovexattr), WATCH_CHANGE, DENIAL_CHANGE, NONE, 0, NONE, NONE, NONE, true },
	{ CALL(removexattrat), WATCH_CHANGE, DENIAL_CHANGE, 0, 1, 2, NONE, NONE, false },
	{ CALL(fchmod), WATCH_CHANGE_FD, DENIAL_CHANGE, 0, NONE, NONE, NONE, NONE, false },
	{ CALL(fchown), WATCH_CHANGE_FD, DENIAL_CHANGE, 0, NONE, NONE, NONE, NONE, false },
	{ CALL(fsetxattr), WATCH_CHANGE_FD, DENIAL_CHANGE, 0, NONE, NONE, NONE, NONE, false },
	{ CALL(fremovexattr), WATCH_CHANGE_FD, DENIAL_CHANGE, 0, NONE, NONE, NONE, NONE, false },
	{ CALL(bind), WATCH_BIND, DENIAL_BIND, NONE, NONE, NONE, NONE, NONE, true },
	{ CALL(sendto), WATCH_SEND, DENIAL_SEND, NONE, NONE, NONE, NONE, NONE, false },
	{ CALL(sendmsg), WATCH_SEND_MESSAGE, DENIAL_SEND, NONE, NONE, NONE, NONE, NONE, false },
	{ CALL(sendmmsg), WATCH_SEND_MESSAGES, DENIAL_SEND, NONE, NONE, NONE, NONE, NONE, false },
	{ CALL(socket), WATCH_SOCKET, DENIAL_SOCKET, NONE, NONE, NONE, NONE, NONE, false },
	{ CALL(socketpair), WATCH_PAIR, DENIAL_SOCKET, NONE, NONE, NONE, NONE, NONE, false },
};

const struct watched_call *
watched_call(long nr)
{
	for (size_t i = 0; i < NELEMS(calls); i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

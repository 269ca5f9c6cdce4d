/* SPDX-License-Identifier: Apache-2.0 */
/* fcntl.h - what our own files use of it; no O_PATH, which macOS has not */
#ifndef TEST_MACOS_FCNTL_H
#define TEST_MACOS_FCNTL_H

#include <sys/types.h>

#define O_RDONLY	0x00000000
#define O_WRONLY	0x00000001
#define O_RDWR		0x00000002
#define O_NONBLOCK	0x00000004
#define O_APPEND	0x00000008
#define O_NOFOLLOW	0x00000100
#define O_CREAT		0x00000200
#define O_TRUNC		0x00000400
#define O_EXCL		0x00000800
#define O_NOCTTY	0x00020000
#define O_DIRECTORY	0x00100000
#define O_CLOEXEC	0x01000000
#define O_EVTONLY	0x00008000
#define O_SYMLINK	0x00200000
#define O_SEARCH	(0x40000000 | O_DIRECTORY)

#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_GETPATH	50
#define FD_CLOEXEC	1
#define AT_FDCWD	(-2)
#define AT_EACCESS	0x0010
#define AT_SYMLINK_NOFOLLOW	0x0020
#define AT_REMOVEDIR	0x0080

int	open(const char *, int, ...);
int	openat(int, const char *, int, ...);
int	fcntl(int, int, ...);

#endif

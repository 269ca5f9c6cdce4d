/* SPDX-License-Identifier: Apache-2.0 */
/* denial-ops.c - does what the lines of standard input say, and prints how each ended
 *
 *	CALL PATH [PATH]
 *
 * prints the line, a tab and "ok" or the errno's number.
 */
#include <config.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base.h"

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int
try_creat(const char *path)
{
	int fd = creat(path, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int
exchange(const char *a, const char *b)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2);
}

static int
try_openat2(const char *path)
{
	const struct { uint64_t flags, mode, resolve; } how = { O_WRONLY | O_CLOEXEC, 0, 0 };
	long fd = syscall(437, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? -1 : 0;
}

static int
try_execute(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl(path, path, (char *)NULL);
		_exit(errno);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int
try_socket_file(const char *path, bool binds)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(un.sun_path))
		abort();
	if (fd < 0)
		return -1;
	strcpy(un.sun_path, path);
	int rc = binds ? bind(fd, (struct sockaddr *)&un, sizeof(un)) : connect(fd, (struct sockaddr *)&un, sizeof(un));
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
try_abstract(const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	size_t len = strlen(name);

	if (fd < 0 || len >= sizeof(un.sun_path))
		abort();
	memcpy(un.sun_path + 1, name, len);
	int rc = connect(fd, (struct sockaddr *)&un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len));
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

enum { BY_NAME, BY_MESSAGE, BY_MESSAGES };

/* One to ourselves first, which must not keep from looking at the next. */
static ssize_t
send_to(int fd, const struct sockaddr *to, socklen_t len, int how)
{
	struct sockaddr_storage own = { .ss_family = to->sa_family };
	socklen_t own_len = sizeof(own);
	struct iovec part = { (char[]){ "x" }, 1 };
	struct mmsghdr m[2] = {
		{ .msg_hdr = { .msg_name = &own, .msg_iov = &part, .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_name = (void *)(uintptr_t)to, .msg_namelen = len, .msg_iov = &part, .msg_iovlen = 1 } },
	};

	if (how == BY_NAME)
		return sendto(fd, "x", 1, 0, to, len);
	if (how == BY_MESSAGE)
		return sendmsg(fd, &m[1].msg_hdr, 0);
	if (bind(fd, (struct sockaddr *)&own, len) != 0 || getsockname(fd, (struct sockaddr *)&own, &own_len) != 0)
		abort();
	m[0].msg_hdr.msg_namelen = own_len;
	/* Why the second failed is told by the next call. */
	return sendmmsg(fd, m, NELEMS(m), 0) == 1 ? sendmmsg(fd, &m[1], 1, 0) : 0;
}

static int
try_address(const char *host, int port, int type, int how)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	bool six = inet_pton(AF_INET6, host, &in6.sin6_addr) == 1;
	const struct sockaddr *to = six ? (struct sockaddr *)&in6 : (struct sockaddr *)&in;
	socklen_t len = six ? sizeof(in6) : sizeof(in);
	int fd = socket(six ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	inet_pton(AF_INET, host, &in.sin_addr);
	ssize_t rc = type == SOCK_STREAM ? connect(fd, to, len) : send_to(fd, to, len, how);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc < 0 ? -1 : 0;
}

/* To ourselves, as programs pass descriptors on. */
static int
pass_on(const char *path)
{
	union { struct cmsghdr head; char space[CMSG_SPACE(sizeof(int))]; } control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
	} };
	struct iovec part = { (char[]){ "x" }, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	int pair[2], fd = open(path, O_RDONLY | O_CLOEXEC), got;
	struct stat sent, received;

	if (fd < 0)
		return -1;
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || sendmsg(pair[0], &m, 0) != 1 ||
	    recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC) != 1)
		abort();
	memcpy(&got, CMSG_DATA(&control.head), sizeof(got));
	if (fstat(fd, &sent) != 0 || fstat(got, &received) != 0 || sent.st_ino != received.st_ino)
		abort();
	for (int i = 0; i < 4; i++)
		close((int[]){ fd, got, pair[0], pair[1] }[i]);
	return 0;
}

static int
try_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int
change_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fd < 0 ? -1 : fchmod(fd, 0640), saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

static int
in_directory(const char *path, int (*what)(int, const char *))
{
	char dir[4096];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), rc = fd < 0 ? -1 : what(fd, slash + 1), saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

static int
make_at(int dir, const char *name)
{
	return mkdirat(dir, name, 0700);
}

static int
remove_at(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

/* Comes back, where it went anywhere. */
static int
enter(const char *path)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), rc = chdir(path), saved = errno;

	if (rc == 0 && fchdir(here) != 0)
		abort();
	close(here);
	errno = saved;
	return rc;
}

/* By the name that a descriptor has in /proc. */
static int
write_again(const char *path)
{
	char name[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	int rc = try_open(name, O_WRONLY), saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
one(const char *call, const char *a, const char *b)
{
	if (strcmp(call, "read") == 0)		return try_open(a, O_RDONLY);
	if (strcmp(call, "pass") == 0)		return pass_on(a);
	if (strcmp(call, "path") == 0)		return try_open(a, O_PATH);
	if (strcmp(call, "write") == 0)		return try_open(a, O_WRONLY);
	if (strcmp(call, "update") == 0)	return try_open(a, O_RDWR);
	if (strcmp(call, "append") == 0)	return try_open(a, O_WRONLY | O_APPEND | O_CREAT);
	if (strcmp(call, "empty") == 0)		return try_open(a, O_RDONLY | O_TRUNC);
	if (strcmp(call, "create") == 0)	return try_open(a, O_WRONLY | O_CREAT | O_TRUNC);
	if (strcmp(call, "fresh") == 0)		return try_open(a, O_WRONLY | O_CREAT | O_EXCL);
	if (strcmp(call, "nameless") == 0)	return try_open(a, O_RDWR | O_TMPFILE);
	if (strcmp(call, "openat2") == 0)	return try_openat2(a);
	if (strcmp(call, "list") == 0)		return try_open(a, O_RDONLY | O_DIRECTORY);
	if (strcmp(call, "stat") == 0)		return access(a, F_OK);
	if (strcmp(call, "look") == 0)		return lstat(a, &(struct stat){ 0 });
	if (strcmp(call, "canread") == 0)	return access(a, R_OK);
	if (strcmp(call, "canwrite") == 0)	return faccessat(AT_FDCWD, a, W_OK, AT_EACCESS);
	if (strcmp(call, "canexecute") == 0)	return access(a, X_OK);
	if (strcmp(call, "enter") == 0)		return enter(a);
	if (strcmp(call, "again") == 0)		return write_again(a);
	if (strcmp(call, "creat") == 0)		return try_creat(a);
	if (strcmp(call, "lchown") == 0)	return lchown(a, (uid_t)-1, (gid_t)-1);
	if (strcmp(call, "exchange") == 0)	return exchange(a, b);
	if (strcmp(call, "execute") == 0)	return try_execute(a);
	if (strcmp(call, "mkdir") == 0)		return mkdir(a, 0700);
	if (strcmp(call, "mkdirat") == 0)	return in_directory(a, make_at);
	if (strcmp(call, "mkfifo") == 0)	return mkfifo(a, 0600);
	if (strcmp(call, "symlink") == 0)	return symlink("x", a);
	if (strcmp(call, "rmdir") == 0)		return rmdir(a);
	if (strcmp(call, "unlink") == 0)	return unlink(a);
	if (strcmp(call, "unlinkat") == 0)	return in_directory(a, remove_at);
	if (strcmp(call, "rename") == 0)	return rename(a, b);
	if (strcmp(call, "link") == 0)		return link(a, b);
	if (strcmp(call, "chmod") == 0)		return chmod(a, 0640);
	if (strcmp(call, "fchmod") == 0)	return change_open(a);
	if (strcmp(call, "chown") == 0)		return chown(a, (uid_t)-1, (gid_t)-1);
	if (strcmp(call, "touch") == 0)		return utimensat(AT_FDCWD, a, NULL, 0);
	if (strcmp(call, "truncate") == 0)	return truncate(a, 1);
	if (strcmp(call, "setxattr") == 0)	return setxattr(a, "user.cdxp", "x", 1, 0);
	if (strcmp(call, "removexattr") == 0)	return removexattr(a, "user.cdxp");
	if (strcmp(call, "bind") == 0)		return try_socket_file(a, true);
	if (strcmp(call, "connect") == 0)	return try_socket_file(a, false);
	if (strcmp(call, "abstract") == 0)	return try_abstract(a);
	if (strcmp(call, "tcp") == 0)		return try_address(a, atoi(b), SOCK_STREAM, BY_NAME);
	if (strcmp(call, "udp") == 0)		return try_address(a, atoi(b), SOCK_DGRAM, BY_NAME);
	if (strcmp(call, "message") == 0)	return try_address(a, atoi(b), SOCK_DGRAM, BY_MESSAGE);
	if (strcmp(call, "messages") == 0)	return try_address(a, atoi(b), SOCK_DGRAM, BY_MESSAGES);
	if (strcmp(call, "socket") == 0)	return try_socket(atoi(a), atoi(b));
	fprintf(stderr, "denial-ops: %s: unknown\n", call);
	exit(2);
}

int
main(void)
{
	char line[8192];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char call[32], a[4096], b[4096] = "";
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%31s %4095s %4095s", call, a, b) < 2)
			return 2;
		errno = 0;
		int rc = one(call, a, b);
		if (rc == 0)
			printf("%s\tok\n", line);
		else
			printf("%s\t%d\n", line, errno);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* net_posix.c - sockets of POSIX */
#include <config.h>

#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proxy.h"

enum { CAUTIOUS_LIMIT = 10240 };	/* what macOS lets nobody exceed */

/* Nothing of the caller's is held: a pipe ends for its reader when the command does. */
static int
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -1;
	if (null > STDERR_FILENO)
		close(null);
	return chdir("/");
}

/* A connection takes two descriptors, and two more while much goes through it. */
static void
raise_limits(void)
{
	const rlim_t want = 4 * PROXY_MAX_CLIENTS;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0 && r.rlim_cur > CAUTIOUS_LIMIT) {
		r.rlim_cur = CAUTIOUS_LIMIT;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

int
net_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	raise_limits();
	return let_go();
}

/* As it is without being asked. */
void
net_alone(evutil_socket_t fd)
{
	(void)fd;
}

int
net_errno(void)
{
	return errno;
}

int
net_connect(evutil_socket_t fd, const struct sockaddr *to, socklen_t len)
{
	return connect(fd, to, len);
}

int
net_outcome(evutil_socket_t fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ? errno : error;
}

ptrdiff_t
net_recv(evutil_socket_t fd, void *to, size_t len)
{
	return recv(fd, to, len, 0);
}

ptrdiff_t
net_recv_from(evutil_socket_t fd, void *to, size_t len, struct sockaddr_storage *from, socklen_t *from_len)
{
	return recvfrom(fd, to, len, 0, (struct sockaddr *)from, from_len);
}

ptrdiff_t
net_send_to(evutil_socket_t fd, const void *bytes, size_t len, const struct sockaddr *to, socklen_t to_len)
{
	return sendto(fd, bytes, len, 0, to, to_len);
}

void
net_shut(evutil_socket_t fd)
{
	shutdown(fd, SHUT_WR);
}

void
net_close(evutil_socket_t fd)
{
	close(fd);
}

int
net_append(struct arena *a, const char *path)
{
	(void)a;
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
}

const char *
net_error_text(int error)
{
	return strerror(error);
}

const char *
net_name_error_text(int error)
{
	return gai_strerror(error);
}

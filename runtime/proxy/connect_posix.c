/* SPDX-License-Identifier: Apache-2.0 */
/* connect_posix.c - a connection to this host, and standard input and output */
#include <config.h>

#include "connect_system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "connect.h"

enum { PIECE = 64 * 1024 };

intptr_t
connect_open(struct arena *a, const struct net_address *to, uint16_t port, const char **why)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	(void)a;
	/* Who reads no more gives an error. */
	signal(SIGPIPE, SIG_IGN);
	memcpy(&v4.sin_addr, to->b, 4);
	memcpy(&v6.sin6_addr, to->b, 16);
	int fd = socket(to->v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (fd >= 0 && (to->v6 ? connect(fd, (struct sockaddr *)&v6, sizeof(v6)) :
	    connect(fd, (struct sockaddr *)&v4, sizeof(v4))) == 0)
		return fd;
	*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return -1;
}

void
connect_close(intptr_t s)
{
	close((int)s);
}

ptrdiff_t
connect_read(intptr_t s, void *bytes, size_t len)
{
	ssize_t n;

	while ((n = read((int)s, bytes, len)) < 0 && errno == EINTR)
		continue;
	return n;
}

int
connect_write(intptr_t s, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write((int)s, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
connect_join(intptr_t s, const void *before, size_t len)
{
	struct pollfd p[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = (int)s, .events = POLLIN } };
	char buffer[PIECE];

	if (connect_write(STDOUT_FILENO, before, len) != 0)
		return CONNECT_FAILED;
	for (;;) {
		if (poll(p, NELEMS(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return CONNECT_FAILED;
		}
		if (p[1].revents != 0) {
			ptrdiff_t n = connect_read(s, buffer, sizeof(buffer));
			if (n == 0)
				return CONNECT_DONE;
			if (n < 0 || connect_write(STDOUT_FILENO, buffer, (size_t)n) != 0)
				return CONNECT_FAILED;
		}
		if (p[0].revents != 0) {
			ptrdiff_t n = connect_read(STDIN_FILENO, buffer, sizeof(buffer));
			if (n > 0 && connect_write(s, buffer, (size_t)n) != 0)
				return CONNECT_FAILED;
			if (n <= 0) {
				shutdown((int)s, SHUT_WR);
				p[0].fd = -1;
			}
		}
	}
}

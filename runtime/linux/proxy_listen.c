/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_listen.c - sockets on another network's loopback */
#include <config.h>

#include "proxy_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 4096, STACK_BYTES = 32 * 1024 };

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND	78
#endif

static socklen_t
address_of(const struct proxy_listener *l, struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (void *)ss;
	struct sockaddr_in6 *v6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (l->address.v6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(l->port);
		memcpy(&v6->sin6_addr, l->address.b, 16);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(l->port);
	memcpy(&v4->sin_addr, l->address.b, 4);
	return sizeof(*v4);
}

/*
 * A loopback has no congestion to find out about.  What paces itself, as BBR
 * does where it is the host's default, sets a timer for every segment, and a
 * large download takes half as much work again.  What is accepted is like its
 * listener; changed on a connection the pacing would stay.  Every kernel has
 * this one and lets anybody choose it, and without it all is as before.
 */
static void
unpaced(int fd)
{
	static const char name[] = "reno";

	setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, sizeof(name) - 1);
}

/* Whether the loopback is up already is none of our business. */
static int
set_up(int fd, const struct proxy_listener *l)
{
	struct sockaddr_storage ss;
	socklen_t len = address_of(l, &ss);
	const int on = 1;

	if (l->address.v6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) :
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)))
		return -1;
	if (bind(fd, (struct sockaddr *)&ss, len) != 0)
		return -1;
	if (l->datagrams)
		return 0;
	unpaced(fd);
	return listen(fd, BACKLOG);
}

int
proxy_listen(const struct proxy_listener *l)
{
	int type = (l->datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = socket(l->address.v6 ? AF_INET6 : AF_INET, type, 0);

	if (fd >= 0 && set_up(fd, l) != 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	return fd;
}

/* What the child gets of us, and we of it. */
struct entry {
	int		 network, owner;
	const struct proxy_listener *listener;
	size_t		 n;
	const int	*place;		/* descriptors that its sockets take the places of */
	volatile int	 error;
};

static int
make_all(const struct entry *e)
{
	/* EINVAL: the user namespace is ours as well. */
	if ((setns(e->owner, CLONE_NEWUSER) != 0 && errno != EINVAL) || setns(e->network, CLONE_NEWNET) != 0)
		return errno;
	for (size_t i = 0; i < e->n; i++) {
		int fd = proxy_listen(&e->listener[i]);
		if (fd < 0)
			return errno;
		int rc = dup3(fd, e->place[i], O_CLOEXEC), saved = errno;
		close(fd);
		if (rc < 0)
			return saved;
	}
	return 0;
}

static int
enter(void *arg)
{
	struct entry *e = arg;

	e->error = make_all(e);
	_exit(0);
}

/*
 * As vfork(2), with one table of descriptors: the child has our memory while we
 * sleep, so that nothing is copied while bwrap waits.  Another user namespace
 * makes us what the supervisor has made us already: not dumpable.
 */
static int
in_child(struct entry *e)
{
	_Alignas(64) char stack[STACK_BYTES];
	sigset_t all, old;

	e->error = ECHILD;
	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid = clone(enter, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, e);
	int saved = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return saved;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return e->error;
}

int
proxy_listen_inside(pid_t pid, const struct proxy_listener *l, size_t n, int *fds)
{
	char path[64];
	size_t made = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	int network = open(path, O_RDONLY | O_CLOEXEC);
	/* Not the process's own: bwrap enters a further one once it is set up. */
	int owner = network < 0 ? -1 : ioctl(network, NS_GET_USERNS);
	int error = owner < 0 ? errno : 0;
	/* Numbers of ours, which the child puts its sockets in the place of. */
	while (error == 0 && made < n) {
		fds[made] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[made] < 0)
			error = errno;
		else
			made++;
	}
	struct entry e = { network, owner, l, n, fds, 0 };
	if (error == 0)
		error = in_child(&e);
	if (network >= 0)
		close(network);
	if (owner >= 0)
		close(owner);
	for (size_t i = 0; error != 0 && i < made; i++)
		close(fds[i]);
	errno = error;
	return error == 0 ? 0 : -1;
}

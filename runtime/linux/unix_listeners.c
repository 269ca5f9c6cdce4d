/* SPDX-License-Identifier: Apache-2.0 */
/* unix_listeners.c - asks the socket diagnosis (sock_diag(7)) of a network namespace */
#include <config.h>

#include "unix_listeners.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/unix_diag.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SIOCGSKNS
#define SIOCGSKNS	0x894c
#endif

enum {
	STACK_BYTES	= 16 * 1024,
	REPLY_BYTES	= 16 * 1024,
	LISTENING	= 10,		/* TCP_LISTEN of the kernel, for Unix sockets too */
	MINOR_BITS	= 20,		/* of a device number inside the kernel */
};

int
unix_listeners_here(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

struct visit {
	int	pidfd, fd, error;
};

/* In our memory and with our descriptors, but a process of its own: a thread cannot change namespaces. */
static int
visit(void *arg)
{
	struct visit *v = arg;

	if (setns(v->pidfd, CLONE_NEWUSER | CLONE_NEWNET) == 0)
		v->fd = unix_listeners_here();
	v->error = errno;
	return 0;
}

int
unix_listeners_of(int pidfd)
{
	_Alignas(64) char stack[STACK_BYTES];
	struct visit v = { pidfd, -1, 0 };
	pid_t pid = clone(visit, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_FILES, &v);

	if (pid < 0)
		return -1;
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		continue;
	errno = v.error;
	return v.fd;
}

int
unix_listeners_namespace(int socket, struct stat *st)
{
	int fd = ioctl(socket, SIOCGSKNS);
	int rc = fd < 0 ? -1 : fstat(fd, st), saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

/* The numbers that the kernel has for a socket's inode are 32 bits wide each. */
static bool
is_that(const struct nlmsghdr *h, const struct stat *st)
{
	const struct unix_diag_msg *m = NLMSG_DATA(h);
	size_t left = h->nlmsg_len - NLMSG_LENGTH(sizeof(*m));
	const char *at = (const char *)m + NLMSG_ALIGN(sizeof(*m));
	const uint64_t device = (uint64_t)major(st->st_dev) << MINOR_BITS | minor(st->st_dev);

	while (left >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)at;
		struct unix_diag_vfs vfs;
		if (a->rta_len < sizeof(*a) || a->rta_len > left)
			return false;
		if (a->rta_type == UNIX_DIAG_VFS && RTA_PAYLOAD(a) >= sizeof(vfs)) {
			memcpy(&vfs, RTA_DATA(a), sizeof(vfs));
			return vfs.udiag_vfs_dev == device && vfs.udiag_vfs_ino == st->st_ino;
		}
		size_t step = RTA_ALIGN(a->rta_len);
		if (step > left)
			return false;
		at += step;
		left -= step;
	}
	return false;
}

static int
ask(int fd)
{
	const struct {
		struct nlmsghdr	h;
		struct unix_diag_req q;
	} request = {
		.h = {
			.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.q = {
			.sdiag_family = AF_UNIX, .udiag_states = 1u << LISTENING,
			.udiag_show = UDIAG_SHOW_VFS,
		},
	};

	return send(fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request) ? 0 : -1;
}

/* One piece of the answer: 1: there is more, 0: the end, -1 with errno. */
static int
look_through(const char *reply, size_t n, const struct stat *st, int *found)
{
	for (const struct nlmsghdr *h = (const void *)reply; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *e = NLMSG_DATA(h);
			errno = h->nlmsg_len >= NLMSG_LENGTH(sizeof(*e)) && e->error < 0 ? -e->error : EPROTO;
			return -1;
		}
		if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct unix_diag_msg)) && is_that(h, st))
			*found = 1;
	}
	return 1;
}

int
unix_listeners_has(int fd, const struct stat *st)
{
	_Alignas(struct nlmsghdr) char reply[REPLY_BYTES];
	int found = 0, more = ask(fd) == 0 ? 1 : -1;

	/* To the end, whatever is found: the next question comes on the same socket. */
	while (more > 0) {
		ssize_t n = recv(fd, reply, sizeof(reply), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EPROTO;
		more = n > 0 ? look_through(reply, (size_t)n, st, &found) : -1;
	}
	return more < 0 ? -1 : found;
}

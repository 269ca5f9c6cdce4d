/* SPDX-License-Identifier: Apache-2.0 */
/* stub_janitor.c - the janitor's life, and what it is told */
#include <config.h>

#include "stub_janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_file.h"
#include "send_fds.h"

enum {
	BATCH		= SEND_FDS_MAX,
	MAX_WATCHED	= 8,
	OWN_FD		= 3,		/* where the janitor keeps its end */
	OLD_FD_LIMIT	= 65536,	/* without close_range(2) */
};

enum order { ORDER_HOLD, ORDER_WATCH, ORDER_STATUS, ORDER_DONE };

struct message {
	uint32_t	 order;
	uint32_t	 first;		/* ORDER_HOLD: the number of the first descriptor */
};

struct janitor {
	int		*held;		/* by number; -1: not given */
	size_t		 nheld;
	int		 watched[MAX_WATCHED + 1];
	size_t		 nwatched;
	int		 status;	/* or -1 */
};

union control {
	struct cmsghdr	 head;
	char		 space[CMSG_SPACE(BATCH * sizeof(int))];
};

/* ---- in the janitor ---- */

/*
 * What ends the run must not end it; nobody who waits for the end of a pipe or
 * wants to unmount the working directory may have to wait for it.
 */
static int
stand_apart(int fd)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) != 0 || setsid() < 0 || chdir("/") != 0)
		return -1;
	prctl(PR_SET_NAME, "cdxp-janitor");
	prctl(PR_SET_DUMPABLE, 0);
	if (fd != OWN_FD && dup2(fd, OWN_FD) < 0)
		return -1;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; i <= STDERR_FILENO; i++)
		if (null < 0 || (null != i && dup2(null, i) < 0))
			return -1;
	if (syscall(SYS_close_range, OWN_FD + 1u, ~0u, 0u) != 0)
		for (int i = OWN_FD + 1; i < OLD_FD_LIMIT; i++)
			close(i);
	return 0;
}

static void
keep(struct janitor *j, const struct message *m, int fd, size_t i)
{
	switch (m->order) {
	case ORDER_HOLD:
		if (m->first + i < j->nheld)
			j->held[m->first + i] = fd;
		break;
	case ORDER_WATCH:
		if (j->nwatched < MAX_WATCHED)
			j->watched[j->nwatched++] = fd;
		break;
	case ORDER_STATUS:
		j->status = fd;
		break;
	}
}

/* False: nothing more comes.  *done: and nothing is left to do. */
static bool
hear(struct janitor *j, bool *done)
{
	struct message m = { ORDER_DONE, 0 };
	union control control;
	struct iovec text = { &m, sizeof(m) };
	struct msghdr h = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(OWN_FD, &h, MSG_CMSG_CLOEXEC);

	if (n < 0 && errno == EINTR)
		return true;
	if (n != (ssize_t)sizeof(m))
		return false;
	*done = m.order == ORDER_DONE;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c != NULL; c = CMSG_NXTHDR(&h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			keep(j, &m, fd, i);
		}
	}
	return !*done;
}

/* It is the first process of a namespace below ours, as bwrap's child is, and not a later one of that number. */
static bool
is_first_of_namespace(pid_t pid)
{
	char text[PROC_STATUS_BYTES];
	int outer, inner = 0;
	const char *ids = proc_status(pid, text) ? proc_field(text, "NSpid") : NULL;

	return ids != NULL && sscanf(ids, "%d %d", &outer, &inner) == 2 && inner == 1;
}

static void
read_status(struct janitor *j)
{
	static const char key[] = "\"child-pid\": ";
	char text[1024];

	if (j->status < 0)
		return;
	ssize_t n = read(j->status, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strstr(text, key);
	pid_t pid = at != NULL ? (pid_t)strtol(at + sizeof(key) - 1, NULL, 10) : 0;
	int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (fd >= 0 && is_first_of_namespace(pid))
		j->watched[j->nwatched++] = fd;
}

/* The kernel ends most of them with the run; all must have ended before their stubs go. */
static void
end_all(const struct janitor *j)
{
	for (size_t i = 0; i < j->nwatched; i++)
		syscall(SYS_pidfd_send_signal, j->watched[i], SIGKILL, NULL, 0);
	for (size_t i = 0; i < j->nwatched; i++) {
		struct pollfd p = { .fd = j->watched[i], .events = POLLIN };
		while (poll(&p, 1, -1) < 0 && errno == EINTR)
			continue;
	}
}

static _Noreturn void
be_janitor(int fd, void (*clean)(void *, const int *), void *arg, size_t nfds)
{
	struct janitor j = { .nheld = nfds, .status = -1 };
	bool done = false;

	if (stand_apart(fd) != 0 || (j.held = malloc((nfds + 1) * sizeof(int))) == NULL)
		_exit(1);
	for (size_t i = 0; i < nfds; i++)
		j.held[i] = -1;
	if (write(OWN_FD, "", 1) != 1)
		_exit(1);
	while (hear(&j, &done))
		continue;
	if (!done) {
		read_status(&j);
		end_all(&j);
		clean(arg, j.held);
	}
	_exit(0);
}

/* ---- in the run ---- */

int
stub_janitor_start(struct stub_janitor *j, void (*clean)(void *, const int *), void *arg, size_t nfds)
{
	int ends[2];

	*j = (struct stub_janitor){ 0, -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		be_janitor(ends[1], clean, arg, nfds);
	}
	int saved = errno;
	close(ends[1]);
	if (pid > 0) {
		*j = (struct stub_janitor){ pid, ends[0] };
		return 0;
	}
	close(ends[0]);
	errno = saved;
	return -1;
}

int
stub_janitor_ready(struct stub_janitor *j)
{
	char c;
	ssize_t n;

	while ((n = read(j->fd, &c, 1)) < 0 && errno == EINTR)
		continue;
	if (n == 0)
		errno = ECHILD;
	return n == 1 ? 0 : -1;
}

static int
tell(struct stub_janitor *j, enum order order, size_t first, const int *fds, size_t n)
{
	struct message m = { order, (uint32_t)first };

	return send_fds(j->fd, &m, sizeof(m), fds, n);
}

/* A lock of its own on what each has open; how many there are, fewer than n with errno. */
static size_t
lock_again(const int *fds, size_t n, int *again)
{
	char link[64];

	for (size_t i = 0; i < n; i++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fds[i]);
		again[i] = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (again[i] < 0)
			return i;
		if (flock(again[i], LOCK_SH | LOCK_NB) != 0) {
			int error = errno;
			close(again[i]);
			errno = error;
			return i;
		}
	}
	return n;
}

int
stub_lend(int socket, const int *fds, size_t n)
{
	int again[BATCH];
	size_t done = 0;

	do {
		size_t some = n - done < BATCH ? n - done : BATCH;
		size_t have = lock_again(fds + done, some, again);
		int rc = have < some ? -1 : send_fds(socket, "", 1, again, some), error = errno;
		while (have > 0)
			close(again[--have]);
		errno = error;
		if (rc != 0)
			return -1;
		done += some;
	} while (done < n);
	return 0;
}

int
stub_janitor_hold(struct stub_janitor *j, const int *fds, size_t n, size_t first)
{
	for (size_t i = 0; i < n; i += BATCH)
		if (tell(j, ORDER_HOLD, first + i, fds + i, n - i < BATCH ? n - i : BATCH) != 0)
			return -1;
	return 0;
}

int
stub_janitor_watch(struct stub_janitor *j, int pidfd)
{
	return tell(j, ORDER_WATCH, 0, &pidfd, 1);
}

int
stub_janitor_status(struct stub_janitor *j, int fd)
{
	return tell(j, ORDER_STATUS, 0, &fd, 1);
}

void
stub_janitor_end(struct stub_janitor *j, bool wait)
{
	if (j->fd >= 0) {
		tell(j, ORDER_DONE, 0, NULL, 0);
		close(j->fd);
	}
	while (wait && j->pid > 0 && waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*j = (struct stub_janitor){ 0, -1 };
}

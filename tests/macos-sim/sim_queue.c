/* SPDX-License-Identifier: Apache-2.0 */
/* sim_queue.c - a kqueue that looks around every two milliseconds */
#include <config.h>

#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/event.h>
#include <unistd.h>

#include "base.h"

enum { STEP_MS = 2, MAX_WATCHED = 256, MAX_READ = 8, MAX_SIGNAL = 32, MAX_CHILDREN = 64 };

struct watched {
	pid_t	 pid;
	char	 program[256];
	pid_t	 child[MAX_CHILDREN];
	size_t	 nchild;
};

/* One queue for each process: the newest. */
static struct {
	struct watched	 process[MAX_WATCHED];
	int		 nprocess;
	int		 fd[MAX_READ];
	int		 nfd;
	bool		 signal[MAX_SIGNAL];
} queue;
static volatile sig_atomic_t count[MAX_SIGNAL];

static void
on_signal(int s)
{
	count[s]++;
}

int
kqueue(void)
{
	memset(&queue, 0, sizeof(queue));
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int
watch(pid_t pid)
{
	struct watched *w = &queue.process[queue.nprocess];

	if (queue.nprocess == MAX_WATCHED || sim_parent(pid) == 0)
		return ESRCH;
	*w = (struct watched){ .pid = pid };
	sim_program(pid, w->program, sizeof(w->program));
	queue.nprocess++;
	return 0;
}

static void
forget_fd(int fd)
{
	for (int i = 0; i < queue.nfd; i++)
		if (queue.fd[i] == fd)
			queue.fd[i--] = queue.fd[--queue.nfd];
}

/* A kqueue hears of signals that are ignored; here a handler has to. */
static int
change(const struct kevent *c)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	switch (c->filter) {
	case EVFILT_SIGNAL:
		queue.signal[c->ident] = true;
		return sigaction((int)c->ident, &act, NULL) == 0 ? 0 : errno;
	case EVFILT_READ:
		forget_fd((int)c->ident);
		if ((c->flags & EV_ADD) != 0)
			queue.fd[queue.nfd++] = (int)c->ident;
		return 0;
	case EVFILT_PROC:
		return watch((pid_t)c->ident);
	}
	return EINVAL;
}

static uint32_t
news_of(struct watched *w)
{
	char program[256];
	pid_t child[MAX_CHILDREN];
	size_t n = sim_children(w->pid, child, MAX_CHILDREN);
	uint32_t news = 0;

	for (size_t i = 0; i < n; i++) {
		size_t j = 0;
		while (j < w->nchild && w->child[j] != child[i])
			j++;
		if (j == w->nchild)
			news |= NOTE_FORK;
	}
	memcpy(w->child, child, n * sizeof(*child));
	w->nchild = n;
	sim_program(w->pid, program, sizeof(program));
	if (program[0] != '\0' && strcmp(program, w->program) != 0) {
		news |= NOTE_EXEC;
		strcpy(w->program, program);
	}
	return sim_parent(w->pid) == 0 ? news | NOTE_EXIT : news;
}

static int
look(struct kevent *out, int max)
{
	int n = 0;

	for (int s = 1; s < MAX_SIGNAL && n < max; s++) {
		if (!queue.signal[s] || count[s] == 0)
			continue;
		count[s] = 0;
		out[n++] = (struct kevent){ .ident = (uintptr_t)s, .filter = EVFILT_SIGNAL };
	}
	for (int i = 0; i < queue.nprocess && n < max; i++) {
		struct watched *w = &queue.process[i];
		uint32_t news = news_of(w);
		if (news != 0)
			out[n++] = (struct kevent){ .ident = (uintptr_t)w->pid,
			    .filter = EVFILT_PROC, .fflags = news };
		if ((news & NOTE_EXIT) != 0)
			*w = queue.process[--queue.nprocess];
	}
	for (int i = 0; i < queue.nfd && n < max; i++) {
		struct pollfd p = { .fd = queue.fd[i], .events = POLLIN };
		if (poll(&p, 1, 0) <= 0)
			continue;
		if ((p.revents & POLLNVAL) != 0)
			forget_fd(queue.fd[i]);
		else
			out[n++] = (struct kevent){ .ident = (uintptr_t)p.fd, .filter = EVFILT_READ };
	}
	return n;
}

int
kevent(int kq, const struct kevent *changes, int nchanges, struct kevent *out, int max,
    const struct timespec *timeout)
{
	long ms = timeout != NULL ? (long)timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000 : -1;

	(void)kq;
	for (int i = 0; i < nchanges; i++) {
		int error = change(&changes[i]);
		if ((changes[i].flags & EV_RECEIPT) != 0) {
			*out = changes[i];
			out->flags |= EV_ERROR;
			out->data = error;
			return 1;
		}
		if (error != 0) {
			errno = error;
			return -1;
		}
	}
	if (max == 0)
		return 0;
	for (long spent = 0;; spent += STEP_MS) {
		int n = look(out, max);
		if (n > 0 || (ms >= 0 && spent >= ms))
			return n;
		usleep(STEP_MS * 1000);
	}
}

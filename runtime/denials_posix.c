/* SPDX-License-Identifier: Apache-2.0 */
/* denials_posix.c - what a run's denials need of POSIX: a lock, and writing */
#include <config.h>

#include "denials_system.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "arena.h"
#include "sbuf.h"

/* A pipe that can be written to at all takes as much at once. */
#ifndef PIPE_BUF
#define PIPE_BUF	512
#endif

struct denials_lock { pthread_mutex_t it; };

struct denials_lock *
denials_lock_new(void)
{
	struct denials_lock *l = calloc(1, sizeof(*l));

	if (l == NULL)
		out_of_memory();
	pthread_mutex_init(&l->it, NULL);
	return l;
}

void
denials_lock(struct denials_lock *l)
{
	pthread_mutex_lock(&l->it);
}

void
denials_unlock(struct denials_lock *l)
{
	pthread_mutex_unlock(&l->it);
}

void
denials_lock_free(struct denials_lock *l)
{
	pthread_mutex_destroy(&l->it);
	free(l);
}

/* Nobody need read it: then there is an error, and no signal. */
static void
write_all(int fd, const struct sbuf *text)
{
	sigset_t broken, old;

	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &broken, &old);
	for (size_t done = 0; done < text->len;) {
		ssize_t n = write(fd, text->p + done, text->len - done);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			poll(&p, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			break;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	sigset_t pending;
	int signal;
	if (!sigismember(&old, SIGPIPE) && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE))
		sigwait(&broken, &signal);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

bool
denials_write(int fd, const struct sbuf *text, bool wait)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (!wait && (text->len > PIPE_BUF || poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0))
		return false;
	write_all(fd, text);
	return true;
}

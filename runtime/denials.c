/* SPDX-License-Identifier: Apache-2.0 */
/* denials.c - denials on their way to whoever asked for them */
#include <config.h>

#include "denials.h"

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

struct denials {
	struct denials_request request;
	pthread_mutex_t	 lock;		/* of the report, and of what is written */
	struct denial_report *report;
	struct sbuf	 late;		/* lines that found no room */
};

struct denials *
denials_new(const struct denials_request *q, const struct decide_fs *decide)
{
	struct denials *x = calloc(1, sizeof(*x));

	if (x == NULL)
		out_of_memory();
	x->request = *q;
	pthread_mutex_init(&x->lock, NULL);
	x->report = denial_report_new(decide);
	return x;
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

static void
write_now(struct denials *x, const struct sbuf *line)
{
	struct pollfd p = { .fd = x->request.fd, .events = POLLOUT };

	if (x->late.len == 0 && line->len <= PIPE_BUF && poll(&p, 1, 0) == 1 &&
	    (p.revents & POLLOUT) != 0)
		write_all(x->request.fd, line);
	else
		sbuf_add(&x->late, line->p, line->len);
}

void
denials_add(struct denials *x, const struct denial *d)
{
	struct sbuf line = SBUF_INIT;

	pthread_mutex_lock(&x->lock);
	if (denial_report_add(x->report, d, x->request.fd > 0 ? &line : NULL) && x->request.fd > 0)
		write_now(x, &line);
	pthread_mutex_unlock(&x->lock);
	sbuf_free(&line);
}

void
denials_free(struct denials *x)
{
	if (x == NULL)
		return;
	sbuf_free(&x->late);
	denial_report_free(x->report);
	pthread_mutex_destroy(&x->lock);
	free(x);
}

void
denials_end(struct denials *x)
{
	struct sbuf text = SBUF_INIT;

	if (x == NULL)
		return;
	if (x->request.fd > 0) {
		sbuf_add(&text, sbuf_str(&x->late), x->late.len);
		denial_report_print(x->report, DENIAL_JSON_AGAIN, &text);
		write_all(x->request.fd, &text);
	} else {
		denial_report_print(x->report, x->request.json ? DENIAL_JSON :
		    x->request.table ? DENIAL_TABLE : DENIAL_TEXT, &text);
		write_all(STDERR_FILENO, &text);
	}
	sbuf_free(&text);
	denials_free(x);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* log_stream.c - following the unified log through log(1) */
#include <config.h>

#include "log_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "denial_log.h"
#include "denials.h"
#include "process_tree.h"
#include "seatbelt_denial.h"

enum { START_MS = 1000 };

/* Nothing of the caller's: what it obeys is not for log(1), which runs outside the sandbox. */
static const char *const no_environ[] = { NULL };

int
log_stream_start(struct log_stream *s, struct denials *denials)
{
	int ends[2];
	sigset_t none;

	*s = (struct log_stream){ .fd = -1, .denials = denials };
	if (pipe(ends) != 0)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	sigemptyset(&none);
	/* It ends when we say so: what the terminal sends is for the command. */
	const struct child_start how = {
		.program = DENIAL_LOG_PROGRAM, .argv = denial_log_words(), .envp = no_environ,
		.mask = &none, .output = ends[1], .own_group = true,
	};
	s->pid = child_start(&how);
	int saved = errno;
	close(ends[1]);
	if (s->pid <= 0) {
		close(ends[0]);
		s->pid = 0;
		errno = saved;
		return -1;
	}
	s->fd = ends[0];
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	while (poll(&p, 1, START_MS) < 0 && errno == EINTR)
		continue;
	return 0;
}

static void
take_line(struct log_stream *s)
{
	struct arena *a = arena_new();
	struct log_denial d;

	if (!s->skipping && denial_log_line(a, sbuf_str(&s->line), s->line.len, &d) &&
	    s->tree != NULL && process_tree_has(s->tree, d.pid, d.time)) {
		const struct denial said = seatbelt_denial(&d);
		denials_add(s->denials, &said);
	}
	arena_free(a);
	s->line.len = 0;
	s->skipping = false;
}

static void
take_bytes(struct log_stream *s, const char *bytes, size_t n)
{
	while (n > 0) {
		const char *newline = memchr(bytes, '\n', n);
		size_t part = newline != NULL ? (size_t)(newline - bytes) : n;
		if (s->line.len + part > LIMIT_LOG_LINE)
			s->skipping = true;
		if (!s->skipping)
			sbuf_add(&s->line, bytes, part);
		if (newline == NULL)
			return;
		take_line(s);
		bytes = newline + 1;
		n -= part + 1;
	}
}

bool
log_stream_read(struct log_stream *s)
{
	char piece[16384];
	ssize_t n;

	if (s->fd == -1)
		return false;
	while ((n = read(s->fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			take_bytes(s, piece, (size_t)n);
	if (n < 0 && errno == EAGAIN)
		return true;
	close(s->fd);
	s->fd = -1;
	return false;
}

void
log_stream_stop(struct log_stream *s, bool *failed)
{
	int status = 0;

	*failed = s->pid > 0 && waitpid(s->pid, &status, WNOHANG) == s->pid;
	if (s->pid > 0 && !*failed) {
		kill(s->pid, SIGKILL);
		while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	s->pid = 0;
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	sbuf_free(&s->line);
}

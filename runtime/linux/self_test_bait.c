/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_bait.c - listeners of the host's that a sandbox must not reach, and who takes them away */
#include <config.h>

#include "self_test_bait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"

enum { GONE_MS = 2000 };

/* From the keeper, once it has made what it could. */
struct news {
	unsigned port;
	char	 abstract[BAIT_NAME_BYTES], socket[BAIT_NAME_BYTES];
};

static void
make_abstract(struct news *news)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int len = snprintf(at.sun_path + 1, BAIT_NAME_BYTES - 1, "cdxp-self-test.%ld", (long)getpid());

	if (bait_listen(AF_UNIX, &at, (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 + (socklen_t)len) >= 0)
		memcpy(news->abstract, at.sun_path + 1, (size_t)len);
}

/* Nothing that we have open is held, and no signal ends this. */
static _Noreturn void
keep(int done, int tell)
{
	struct news news = { .port = 0 };
	char dir[BAIT_NAME_BYTES], c;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	/* First out of the way of each other. */
	done = fcntl(done, F_DUPFD, STDERR_FILENO + 1);
	tell = fcntl(tell, F_DUPFD, STDERR_FILENO + 1);
	if (dup2(done, STDIN_FILENO) < 0 || dup2(tell, STDOUT_FILENO) < 0 ||
	    syscall(SYS_close_range, (unsigned)STDERR_FILENO, ~0u, 0u) != 0)
		_exit(1);
	bait_listen_port(&news.port);
	make_abstract(&news);
	bait_listen_file(news.socket, dir);
	/* Where nobody reads this, nobody will write either. */
	ssize_t n = write(STDOUT_FILENO, &news, sizeof(news));
	while (n == (ssize_t)sizeof(news) && read(STDIN_FILENO, &c, 1) < 0 && errno == EINTR)
		continue;
	if (news.socket[0] != '\0')
		unlink(news.socket);
	if (dir[0] != '\0')
		rmdir(dir);
	_exit(0);
}

/* A grandchild: nobody waits for it. */
static bool
start_keeper(const int done[2], const int tell[2])
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0) {
		close(done[1]);
		close(tell[0]);
		pid = fork();
		if (pid == 0)
			keep(done[0], tell[1]);
		_exit(pid < 0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	if (pid > 0 && status != 0)
		errno = EAGAIN;
	return pid > 0 && status == 0;
}

static const char *
name_of(struct arena *a, const char text[BAIT_NAME_BYTES])
{
	return text[0] != '\0' ? arena_strndup(a, text, strnlen(text, BAIT_NAME_BYTES)) : NULL;
}

int
bait_begin(struct arena *a, struct self_test_bait *b)
{
	int done[2], tell[2];
	struct news news;

	*b = (struct self_test_bait){ .gone = -1 };
	if (pipe2(done, O_CLOEXEC) != 0)
		return -1;
	if (pipe2(tell, O_CLOEXEC) != 0) {
		close(done[0]);
		close(done[1]);
		return -1;
	}
	bool started = start_keeper(done, tell);
	int error = errno;
	close(done[0]);
	close(tell[1]);
	ssize_t n = started ? read(tell[0], &news, sizeof(news)) : -1;
	if (n != (ssize_t)sizeof(news)) {
		close(done[1]);
		close(tell[0]);
		errno = started ? EIO : error;
		return -1;
	}
	b->gone = tell[0];
	b->port = news.port;
	b->abstract = name_of(a, news.abstract);
	b->socket = name_of(a, news.socket);
	return done[1];
}

void
bait_done(int done)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	sigaction(SIGPIPE, &ignore, &before);
	ssize_t n = write(done, "", 1);
	(void)n;
	sigaction(SIGPIPE, &before, NULL);
}

void
bait_end(struct self_test_bait *b, int done)
{
	struct pollfd p = { .fd = b->gone, .events = POLLIN };

	if (done >= 0) {
		bait_done(done);
		close(done);
	}
	if (b->gone < 0)
		return;
	while (poll(&p, 1, GONE_MS) < 0 && errno == EINTR)
		continue;
	close(b->gone);
	b->gone = -1;
}

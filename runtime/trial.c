/* SPDX-License-Identifier: Apache-2.0 */
/* trial.c - work that may hang, or break, done by a process of its own with a limit of time */
#include <config.h>

#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock_ms.h"

enum { TICK_MS = 20 };

static const int ends_us[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

/* Should we be killed, it ends by itself soon after; what it starts does with it. */
static _Noreturn void
be_trial(int (*work)(void *), void *arg, unsigned seconds, int output, const sigset_t *mask)
{
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	alarm(seconds + 1);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
	    (null >= 0 && dup2(null, STDIN_FILENO) < 0))
		_exit(127);
	close(output);
	if (null > STDERR_FILENO)
		close(null);
	_exit(work(arg));
}

/* What it has written by now.  False once nobody can write any more. */
static bool
read_some(struct trial *t, int fd)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	size_t room = TRIAL_TEXT_BYTES - t->text.len;

	if (n > 0)
		sbuf_add(&t->text, bytes, (size_t)n < room ? (size_t)n : room);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool
told_to_end(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	sigpending(&pending);
	for (size_t i = 0; i < NELEMS(ends_us); i++)
		if (sigismember(&pending, ends_us[i]) == 1)
			return true;
	return false;
}

static void
end_all(pid_t pid)
{
	/* Both: it may not have its group yet. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/* Until it has ended.  Something that it left may hold the pipe: that is not waited for. */
static void
follow(struct trial *t, pid_t pid, int fd, unsigned seconds)
{
	const int64_t end = clock_ms() + (int64_t)seconds * 1000;
	bool open = true;
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
		struct pollfd p = { .fd = open ? fd : -1, .events = POLLIN };
		if (poll(&p, 1, TICK_MS) > 0)
			open = read_some(t, fd);
		if (told_to_end() || clock_ms() >= end) {
			t->late = !told_to_end();
			end_all(pid);
			while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
				continue;
			break;
		}
	}
	t->status = ended == pid ? child_status(status) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (open && poll(&p, 1, 0) > 0)
		open = read_some(t, fd);
}

void
trial_run(int (*work)(void *), void *arg, unsigned seconds, struct trial *t)
{
	sigset_t hold, mask;
	int fds[2];

	*t = (struct trial){ .status = -1, .text = SBUF_INIT };
	/* Or the pipe would be where something else is looked for. */
	if (child_standard_fds() != 0 || pipe(fds) != 0)
		return;
	/* A trial before this one, or whoever started us, may have had them ignored. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&hold);
	for (size_t i = 0; i < NELEMS(ends_us); i++)
		sigaddset(&hold, ends_us[i]);
	sigprocmask(SIG_BLOCK, &hold, &mask);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		be_trial(work, arg, seconds, fds[1], &mask);
	}
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	if (pid > 0)
		follow(t, pid, fds[0], seconds);
	close(fds[0]);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

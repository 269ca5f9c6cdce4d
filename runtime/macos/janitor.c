/* SPDX-License-Identifier: Apache-2.0 */
/* janitor.c - kills the descendants of the command when cdxp-run has ended, however it did */
#include <config.h>

#include "janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process_tree.h"
#include "process_watch.h"
#include "profile_file.h"

enum { ROUNDS = 200, ROUND_NS = 5 * 1000 * 1000, BATCH = 256, EVENTS = 32 };

/* It must not end before its work, hold a pipe of the command's open, nor stop with it. */
static void
stand_apart(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP };
	int null = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < NELEMS(signals); i++)
		signal(signals[i], SIG_IGN);
	setpgid(0, 0);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* False: cdxp-run has ended. */
static bool
hear(struct process_watch *w, int fd)
{
	pid_t pid;
	ssize_t n = read(fd, &pid, sizeof(pid));

	if (n == (ssize_t)sizeof(pid))
		process_tree_add(w->tree, pid, process_watch_now());
	return n > 0 || (n < 0 && errno == EINTR);
}

static bool
serve(struct process_watch *w, int fd, const struct timespec *timeout)
{
	struct kevent event[EVENTS];
	bool more = true;
	int n = kevent(w->kq, NULL, 0, event, EVENTS, timeout);

	for (int i = 0; i < n; i++) {
		if (event[i].filter == EVFILT_PROC)
			process_watch_event(w, &event[i]);
		else if (event[i].filter == EVFILT_READ)
			more = hear(w, fd) && more;
	}
	return n >= 0 || errno == EINTR ? more : false;
}

/* Until none is left: what is killed may have forked a moment before. */
static void
kill_all(struct process_watch *w, int fd)
{
	const struct timespec pause = { 0, ROUND_NS };
	struct kevent change;
	pid_t pid[BATCH];
	size_t n;

	EV_SET(&change, (uintptr_t)fd, EVFILT_READ, EV_DELETE, 0, 0, NULL);
	kevent(w->kq, &change, 1, NULL, 0, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		/* First hear of those that have ended: their numbers may be others' soon. */
		serve(w, fd, &(const struct timespec){ 0, 0 });
		n = process_tree_living(w->tree, pid, BATCH);
		if (n == 0)
			return;
		for (size_t i = 0; i < n && i < BATCH; i++)
			kill(pid[i], SIGKILL);
		serve(w, fd, &pause);
	}
}

static _Noreturn void
be_janitor(int fd, const struct profile_file *file)
{
	struct process_watch w;
	struct kevent change;
	struct profile_file mine = *file;

	stand_apart();
	process_watch_start(&w, kqueue());
	EV_SET(&change, (uintptr_t)fd, EVFILT_READ, EV_ADD, 0, 0, NULL);
	if (w.kq >= 0 && kevent(w.kq, &change, 1, NULL, 0, NULL) == 0) {
		while (serve(&w, fd, NULL))
			continue;
		kill_all(&w, fd);
	}
	profile_file_remove(&mine);
	_exit(0);
}

int
janitor_start(struct janitor *j, const struct profile_file *file)
{
	int ends[2];

	*j = (struct janitor){ 0, -1 };
	if (pipe(ends) != 0)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	j->pid = fork();
	if (j->pid == 0) {
		close(ends[1]);
		be_janitor(ends[0], file);
	}
	int saved = errno;
	close(ends[0]);
	if (j->pid > 0) {
		j->fd = ends[1];
		return 0;
	}
	close(ends[1]);
	j->pid = 0;
	errno = saved;
	return -1;
}

int
janitor_watch(struct janitor *j, pid_t pid)
{
	return write(j->fd, &pid, sizeof(pid)) == (ssize_t)sizeof(pid) ? 0 : -1;
}

void
janitor_end(struct janitor *j)
{
	if (j->fd != -1)
		close(j->fd);
	while (j->pid > 0 && waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*j = (struct janitor){ 0, -1 };
}

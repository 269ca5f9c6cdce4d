/* SPDX-License-Identifier: Apache-2.0 */
/* attack_runtime.c - the processes of the runtime, as far as they can be named */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD	77
#endif

enum { DESCRIPTORS = 32 };

/* A line of /proc/PID/status as a number, in that base; -1 where there is none. */
static long long
status_of(pid_t pid, const char *key, int base)
{
	char path[64], line[256];
	long long value = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoll(line + strlen(key), NULL, base);
	if (f != NULL)
		fclose(f);
	return value;
}

/*
 * Of a confined attempt the parent is the runtime's; the control has the
 * runner's.  -1 where it is confined as we are, so that nothing is to be had.
 */
static pid_t
runtime(void)
{
	pid_t us = getpid(), it = getppid();

	if (!is_control() && status_of(it, "Seccomp_filters:", 10) >= status_of(us, "Seccomp_filters:", 10) &&
	    status_of(it, "NoNewPrivs:", 10) == 1 &&
	    (status_of(it, "CapEff:", 16) & ~status_of(us, "CapEff:", 16)) == 0)
		return -1;
	return it;
}

static enum outcome
runtime_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)runtime());
	return outcome_of(open(path, O_RDWR | O_CLOEXEC) >= 0);
}

static enum outcome
runtime_trace(void)
{
	if (ptrace(PTRACE_SEIZE, runtime(), NULL, NULL) != 0)
		return BLOCKED;
	return DONE;
}

static bool
takes_any(int pidfd)
{
	for (int fd = 0; pidfd >= 0 && fd < DESCRIPTORS; fd++)
		if (syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0)
			return true;
	return false;
}

static enum outcome
runtime_descriptors(void)
{
	return outcome_of(takes_any((int)syscall(SYS_pidfd_open, runtime(), 0)));
}

static enum outcome
runtime_environ(void)
{
	char path[64], byte;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)runtime());
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return outcome_of(fd >= 0 && read(fd, &byte, 1) == 1);
}

static enum outcome
runtime_program(void)
{
	char path[64], room[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)runtime());
	if (readlink(path, room, sizeof(room)) <= 0)
		return BLOCKED;
	return outcome_of(open(path, O_RDONLY | O_CLOEXEC) >= 0);
}

/* Connected by whom?  Where the runtime connects, the peer is a process of its. */
static int
peer_of_own_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "bin/peer" };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), pidfd = -1;
	socklen_t len = sizeof(pidfd);

	if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(listener, 1) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) == 0)
			pause();
		_exit(1);
	}
	alarm(10);
	int s = accept(listener, NULL, NULL);
	if (s < 0 || getsockopt(s, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) != 0)
		pidfd = -1;
	return pidfd;
}

static enum outcome
peer_descriptors(void)
{
	int pidfd = peer_of_own_socket();

	if (pidfd < 0 && is_control())
		return cannot(errno);
	/* A peer in the sandbox is no catch. */
	if (!is_control() && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0)
		return BLOCKED;
	return outcome_of(takes_any(pidfd));
}

static enum outcome
peer_signal(void)
{
	int pidfd = peer_of_own_socket();
	char path[64], text[512] = "";

	if (pidfd < 0)
		return is_control() ? cannot(errno) : BLOCKED;
	if (syscall(SYS_pidfd_send_signal, pidfd, SIGURG, NULL, 0) != 0)
		return BLOCKED;
	if (is_control())
		return DONE;
	/* "Pid: 0": it is in no namespace of ours. */
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	FILE *f = fopen(path, "re");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	return outcome_of(strstr(text, "Pid:\t0\n") != NULL);
}

static enum outcome
robust_list(void)
{
	void *head;
	size_t len;

	return outcome_of(syscall(SYS_get_robust_list, outside_pid(), &head, &len) == 0);
}

static enum outcome
pages_outside(void)
{
	return outcome_of(syscall(SYS_move_pages, outside_pid(), 0UL, NULL, NULL, NULL, 0) == 0);
}

static enum outcome
nodes_outside(void)
{
	unsigned long none = 1;

	return outcome_of(syscall(SYS_migrate_pages, outside_pid(), 2UL, &none, &none) >= 0);
}

static enum outcome
advise_outside(void)
{
	enum { PROCESS_MADVISE = 440, COLD = 20 };
	int pidfd = (int)syscall(SYS_pidfd_open, outside_pid(), 0);
	struct iovec v = { NULL, 0 };

	return outcome_of(pidfd >= 0 && syscall(PROCESS_MADVISE, pidfd, &v, 0UL, COLD, 0) >= 0);
}

const struct attack attacks_runtime[] = {
	{ "runtime-memory", "", "open the memory of the process that started us", runtime_memory, 0 },
	{ "runtime-trace", "", "PTRACE_SEIZE it", runtime_trace, 0 },
	{ "runtime-descriptors", "", "pidfd_getfd from it", runtime_descriptors, 0 },
	{ "runtime-environ", "", "read its environment", runtime_environ, 0 },
	{ "runtime-program", "", "open its program through /proc", runtime_program, 0 },
	{ "peer-descriptors", "", "pidfd_getfd from whoever connects to a socket of ours", peer_descriptors, 0 },
	{ "peer-signal", "", "signal it", peer_signal, 0 },
	{ "robust-list", "", "ask for the locks of a process outside", robust_list, 0 },
	{ "pages-outside", "", "move_pages of a process outside", pages_outside, 0 },
	{ "nodes-outside", "", "migrate_pages of a process outside", nodes_outside, 0 },
	{ "advise-outside", "", "process_madvise on a process outside", advise_outside, 0 },
	{ .name = NULL },
};

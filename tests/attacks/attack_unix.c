/* SPDX-License-Identifier: Apache-2.0 */
/* attack_unix.c - Unix sockets of the host, such as that of a container daemon */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RACE_MS = 200 };

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return a;
}

static int
stream(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static enum outcome
greeted(int s)
{
	struct pollfd p = { .fd = s, .events = POLLIN };

	return poll(&p, 1, 1000) == 1 ? secret_in(s) : BLOCKED;
}

static enum outcome
connects(const char *path, int type)
{
	struct sockaddr_un a = address(path);
	int s = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof(a)) != 0)
		return BLOCKED;
	return greeted(s);
}

static enum outcome
by_path(void)
{
	return connects(given("ATTACK_SOCKET"), SOCK_STREAM);
}

/* A second name of it lies in the workspace. */
static enum outcome
in_workspace(void)
{
	return connects("docker.sock", SOCK_STREAM);
}

static enum outcome
in_run(void)
{
	return *given("ATTACK_RUN_SOCKET") == '\0' ? cannot(EACCES) :
	    connects(given("ATTACK_RUN_SOCKET"), SOCK_STREAM);
}

static enum outcome
in_tmp(void)
{
	return *given("ATTACK_TMP_SOCKET") == '\0' ? cannot(EACCES) :
	    connects(given("ATTACK_TMP_SOCKET"), SOCK_STREAM);
}

static enum outcome
by_symlink(void)
{
	return symlink(given("ATTACK_SOCKET"), "way.sock") != 0 ? BLOCKED : connects("way.sock", SOCK_STREAM);
}

static enum outcome
by_descriptor(void)
{
	char path[64];
	int fd = open(given("ATTACK_SOCKET"), O_PATH | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return connects(path, SOCK_STREAM);
}

/* Whoever connects for us must not look from its own root. */
static enum outcome
by_own_root(void)
{
	char path[108];

	if ((size_t)snprintf(path, sizeof(path), "/proc/self/root%s", given("ATTACK_SOCKET")) >= sizeof(path))
		return cannot(ENAMETOOLONG);
	return connects(path, SOCK_STREAM);
}

static enum outcome
abstract(void)
{
	struct sockaddr_un a = address(given("ATTACK_ABSTRACT"));
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(a.sun_path));
	int s = stream();

	a.sun_path[0] = '\0';
	if (s < 0 || connect(s, (struct sockaddr *)&a, len) != 0)
		return BLOCKED;
	return greeted(s);
}

static enum outcome
datagram_to(int s)
{
	struct sockaddr_un a = address(given("ATTACK_DATAGRAM"));

	return outcome_of(s >= 0 && sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)) == 1);
}

static enum outcome
datagram(void)
{
	return datagram_to(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

/* One end of a pair can send to anybody. */
static enum outcome
datagram_of_pair(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0 ? BLOCKED : datagram_to(pair[0]);
}

/* The kernel takes SOCK_RAW for SOCK_DGRAM here. */
static enum outcome
raw_of_pair(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC, 0, pair) != 0 ? BLOCKED : datagram_to(pair[0]);
}

/* By another call; of a connected pair only the other end can be reached. */
static enum outcome
datagram_by_sendmmsg(void)
{
	struct sockaddr_un a = address(given("ATTACK_DATAGRAM"));
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct mmsghdr m = { .msg_hdr = { .msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = &iov, .msg_iovlen = 1 } };
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), pair[2] = { -1, -1 };
	char byte;

	if (s < 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0)
		s = pair[0];
	if (s < 0 || sendmmsg(s, &m, 1, 0) != 1)
		return BLOCKED;
	return outcome_of(recv(pair[1], &byte, 1, MSG_DONTWAIT) != 1);
}

struct race {
	_Atomic(bool)	 over;
	const char	*paths[2];
	struct sockaddr_un seen;
};

static void *
flip(void *arg)
{
	struct race *r = arg;

	for (unsigned i = 0; !r->over; i++) {
		struct sockaddr_un next = address(r->paths[i & 1]);
		/* On purpose under the feet of whoever reads it. */
		memcpy(r->seen.sun_path, next.sun_path, sizeof(next.sun_path));
	}
	return NULL;
}

/*
 * An address that one reader takes for our own listener's and the next for the
 * host's: whoever checks it and lets our own call go on is deceived.
 */
static enum outcome
race_address(void)
{
	struct race r = { .paths = { "own.sock", given("ATTACK_SOCKET") }, .seen = { .sun_family = AF_UNIX } };
	struct sockaddr_un own = address(r.paths[0]);
	struct timespec begin, now;
	enum outcome got = BLOCKED;
	pthread_t thread;
	int listener = stream();

	if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
	    listen(listener, 64) != 0 || pthread_create(&thread, NULL, flip, &r) != 0)
		return BLOCKED;
	fcntl(listener, F_SETFL, O_NONBLOCK);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(s, (struct sockaddr *)&r.seen, sizeof(r.seen)) == 0) {
			struct pollfd p = { .fd = s, .events = POLLIN };
			got = poll(&p, 1, 2) == 1 ? secret_in(dup(s)) : BLOCKED;
		}
		close(s);
		int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (peer >= 0)
			close(peer);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (got != DONE &&
	    (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < RACE_MS);
	r.over = true;
	pthread_join(thread, NULL);
	return got;
}

/* The same with the file that the name leads to. */
static enum outcome
race_name(void)
{
	struct sockaddr_un own = address("own.sock"), way = address("way.sock");
	enum outcome got = BLOCKED;
	int listener = stream();

	if (listener < 0 || bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
	    listen(listener, 64) != 0 || symlink("own.sock", "way.sock") != 0 ||
	    symlink(given("ATTACK_SOCKET"), "host.sock") != 0)
		return BLOCKED;
	pid_t swapper = fork();
	if (swapper == 0) {
		for (int i = 0; i < 1000000; i++)
			renameat2(AT_FDCWD, "way.sock", AT_FDCWD, "host.sock", RENAME_EXCHANGE);
		_exit(0);
	}
	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 300 && got != DONE; i++) {
		int s = stream();
		if (connect(s, (struct sockaddr *)&way, sizeof(way)) == 0) {
			struct pollfd p = { .fd = s, .events = POLLIN };
			got = poll(&p, 1, 1) == 1 ? secret_in(dup(s)) : BLOCKED;
		}
		close(s);
		int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (peer >= 0)
			close(peer);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	return got;
}

const struct attack attacks_unix[] = {
	{ "unix-path", "", "connect to a socket of the host by its path", by_path, 0 },
	{ "unix-workspace", "", "connect to one that lies in the workspace", in_workspace, 0 },
	{ "unix-run", "root", "connect to one below /run", in_run, 0 },
	{ "unix-tmp", "", "connect to one below /tmp", in_tmp, 0 },
	{ "unix-symlink", "", "connect to it through a symbolic link", by_symlink, 0 },
	{ "unix-descriptor", "", "connect to it through /proc/self/fd", by_descriptor, 0 },
	{ "unix-own-root", "", "connect to it through /proc/self/root", by_own_root, 0 },
	{ "unix-abstract", "", "connect to an abstract socket of the host", abstract, 0 },
	{ "unix-datagram", "", "send a datagram to a socket of the host", datagram, 0 },
	{ "unix-pair", "", "the same from one end of a socket pair", datagram_of_pair, 0 },
	{ "unix-raw-pair", "", "the same from a pair of raw sockets", raw_of_pair, 0 },
	{ "unix-sendmmsg", "", "the same by sendmmsg", datagram_by_sendmmsg, 0 },
	{ "unix-race-address", "", "change the address while it is looked at", race_address, 0 },
	{ "unix-race-name", "", "change what the name leads to while it is looked at", race_name, 0 },
	{ .name = NULL },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* attack_host.c - the process outside: memory, descriptors, sockets and queues to be attacked */
#include <config.h>

#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

enum {
	LISTENERS	= 12,
	KEPT_FD		= 9,		/* where the attempts look for it */
	IPC_KEY		= 0x63647870,	/* beside our process id, which makes it this run's */
};

struct host {
	struct pollfd	 fds[LISTENERS];
	size_t		 len;
};

/* The last part of a name that has to be unlike every other run's. */
static const char *
own_name(char *room, size_t size, const char *prefix)
{
	snprintf(room, size, "%scdxp-attack-%d", prefix, (int)getpid());
	return room;
}

static void
offer(const char *name, long value)
{
	printf("%s=%ld\n", name, value);
}

static bool
serve_on(struct host *h, int s, const struct sockaddr *a, socklen_t len, bool listens)
{
	if (s < 0)
		return false;
	if (h->len == LISTENERS || bind(s, a, len) != 0 || (listens && listen(s, 64) != 0)) {
		close(s);
		return false;
	}
	h->fds[h->len++] = (struct pollfd){ .fd = s, .events = POLLIN };
	return true;
}

/* An internet address of any port; which, is printed. */
static void
offer_port(struct host *h, const char *name, const struct sockaddr *a, socklen_t len, int type)
{
	union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } own;
	socklen_t room = sizeof(own);
	int s = socket(a->sa_family, type | SOCK_CLOEXEC, 0);

	if (serve_on(h, s, a, len, type == SOCK_STREAM) && getsockname(s, &own.any, &room) == 0)
		offer(name, ntohs(a->sa_family == AF_INET ? own.v4.sin_port : own.v6.sin6_port));
}

static void
offer_ports(struct host *h)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct ifaddrs *all;

	offer_port(h, "ATTACK_ANY4", (struct sockaddr *)&v4, sizeof(v4), SOCK_STREAM);
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	offer_port(h, "ATTACK_TCP4", (struct sockaddr *)&v4, sizeof(v4), SOCK_STREAM);
	offer_port(h, "ATTACK_UDP4", (struct sockaddr *)&v4, sizeof(v4), SOCK_DGRAM);
	offer_port(h, "ATTACK_TCP6", (struct sockaddr *)&v6, sizeof(v6), SOCK_STREAM);
	offer_port(h, "ATTACK_UDP6", (struct sockaddr *)&v6, sizeof(v6), SOCK_DGRAM);
	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		char text[INET_ADDRSTRLEN];
		const struct sockaddr_in *a = (const void *)i->ifa_addr;
		if (a == NULL || a->sin_family != AF_INET || ntohl(a->sin_addr.s_addr) >> 24 == 127)
			continue;
		printf("ATTACK_ADDRESS4=%s\n", inet_ntop(AF_INET, &a->sin_addr, text, sizeof(text)));
		break;
	}
	freeifaddrs(all);
}

static void
offer_path(struct host *h, const char *name, const char *path, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	unlink(path);
	if (serve_on(h, socket(AF_UNIX, type | SOCK_CLOEXEC, 0), (struct sockaddr *)&a, sizeof(a),
	    type == SOCK_STREAM))
		printf("%s=%s\n", name, path);
	chmod(path, 0666);	/* for the attempts of the other user too */
}

static void
offer_unix(struct host *h)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char room[256];

	snprintf(room, sizeof(room), "%s/docker.sock", given("ATTACK_RUN_DIR"));
	offer_path(h, "ATTACK_SOCKET", room, SOCK_STREAM);
	snprintf(room, sizeof(room), "%s/datagram.sock", given("ATTACK_RUN_DIR"));
	offer_path(h, "ATTACK_DATAGRAM", room, SOCK_DGRAM);
	offer_path(h, "ATTACK_RUN_SOCKET", own_name(room, sizeof(room), "/run/"), SOCK_STREAM);
	offer_path(h, "ATTACK_TMP_SOCKET", own_name(room, sizeof(room), "/tmp/"), SOCK_STREAM);
	own_name(a.sun_path, sizeof(a.sun_path), "@");
	snprintf(room, sizeof(room), "%s", a.sun_path);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(a.sun_path));
	a.sun_path[0] = '\0';
	if (serve_on(h, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&a, len, true))
		printf("ATTACK_ABSTRACT=%s\n", room);
}

static void
offer_sysv(void)
{
	key_t key = IPC_KEY ^ (key_t)(getpid() << 4);
	int id;

	offer("ATTACK_IPC", key);
	if ((id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600)) >= 0) {
		char *p = shmat(id, NULL, 0);
		if (p != (void *)-1)
			strcpy(p, SECRET);
		offer("ATTACK_SHM", id);
	}
	if ((id = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600)) >= 0)
		offer("ATTACK_SEM", id);
	if ((id = msgget(key, IPC_CREAT | IPC_EXCL | 0600)) >= 0)
		offer("ATTACK_MSG", id);
}

static void
offer_named(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 16 };
	char room[64];
	int fd;

	own_name(room, sizeof(room), "/");
	if (mq_open(room, O_RDWR | O_CREAT | O_EXCL, 0600, &attr) != (mqd_t)-1)
		printf("ATTACK_QUEUE=%s\n", room);
	if ((fd = shm_open(room, O_RDWR | O_CREAT | O_EXCL, 0600)) >= 0 &&
	    write(fd, SECRET, strlen(SECRET)) > 0)
		printf("ATTACK_DEVSHM=%s\n", room);
	if (syscall(SYS_add_key, "user", room + 1, SECRET, strlen(SECRET), KEY_SPEC_USER_KEYRING) >= 0)
		printf("ATTACK_KEYRING=%s\n", room + 1);
}

static void
offer_handle(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = { .room = { 0 } };
	int mount;

	u.h.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, "key", &u.h, &mount, 0) != 0)
		return;
	printf("ATTACK_HANDLE=%d:", u.h.handle_type);
	for (unsigned i = 0; i < u.h.handle_bytes; i++)
		printf("%02x", u.h.f_handle[i]);
	printf("\n");
}

/* Shared memory, queues and keys stay where nobody takes them away. */
static void
take_away(void)
{
	key_t key = IPC_KEY ^ (key_t)(getpid() << 4);
	char room[64];
	int id;

	if ((id = shmget(key, 0, 0)) >= 0)
		shmctl(id, IPC_RMID, NULL);
	if ((id = semget(key, 0, 0)) >= 0)
		semctl(id, 0, IPC_RMID);
	if ((id = msgget(key, 0)) >= 0)
		msgctl(id, IPC_RMID, NULL);
	own_name(room, sizeof(room), "/");
	mq_unlink(room);
	shm_unlink(room);
	long found = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", room + 1, 0);
	if (found >= 0)
		syscall(SYS_keyctl, KEYCTL_UNLINK, found, KEY_SPEC_USER_KEYRING, 0, 0);
	unlink(own_name(room, sizeof(room), "/run/"));
	unlink(own_name(room, sizeof(room), "/tmp/"));
}

static void
answer(int s)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char byte;
	int peer = accept4(s, NULL, NULL, SOCK_CLOEXEC);

	if (peer >= 0) {
		send(peer, SECRET, strlen(SECRET), MSG_NOSIGNAL);
		close(peer);
	} else if (recvfrom(s, &byte, 1, MSG_DONTWAIT, (struct sockaddr *)&from, &len) >= 0 && len > 0) {
		sendto(s, SECRET, strlen(SECRET), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&from, len);
	}
}

/* Serves until standard input ends, so that nothing is left when the runner dies. */
int
host_serve(void)
{
	static char memory[sizeof(SECRET)];	/* read only by others */
	struct host h = { .len = 0 };
	int key = open("key", O_RDONLY | O_CLOEXEC);

	signal(SIGURG, SIG_IGN);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	strcpy(memory, SECRET);
	if (key < 0 || (key != KEPT_FD && dup2(key, KEPT_FD) < 0))
		return CANNOT;
	h.fds[h.len++] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	offer("ATTACK_PID", getpid());
	offer("ATTACK_ADDRESS", (long)(intptr_t)memory);
	offer_ports(&h);
	offer_unix(&h);
	offer_sysv();
	offer_named();
	offer_handle();
	printf("ready\n");
	fflush(stdout);
	while (poll(h.fds, h.len, -1) >= 0 || errno == EINTR) {
		if (h.fds[0].revents != 0)
			break;
		for (size_t i = 1; i < h.len; i++)
			if (h.fds[i].revents != 0)
				answer(h.fds[i].fd);
	}
	take_away();
	return 0;
}

static void
caught(int signal)
{
	(void)signal;
	close(open("../seen", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

int
host_stand_by(void)
{
	enum { IOPRIO_PROCESS = 1 };
	const struct timespec pause = { 0, 5000000 };
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int priority = getpriority(PRIO_PROCESS, 0);
	long io_priority = syscall(SYS_ioprio_get, IOPRIO_PROCESS, 0);

	signal(SIGURG, caught);
	printf("ready\n");
	fflush(stdout);
	while (poll(&in, 1, 0) == 0) {
		if (getpriority(PRIO_PROCESS, 0) != priority ||
		    syscall(SYS_ioprio_get, IOPRIO_PROCESS, 0) != io_priority)
			caught(0);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* attack_ipc.c - memory, queues and keys of the host that have no path, or one in /dev */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the helper outside made, or says that this kernel has not. */
static bool
is_offered(const char *what)
{
	return given(what)[0] != '\0';
}

static enum outcome
shared_segment(void)
{
	if (!is_offered("ATTACK_SHM"))
		return cannot(ENOSYS);
	int id = shmget((key_t)given_number("ATTACK_IPC"), 0, 0);
	const char *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY);

	return outcome_of(p != (void *)-1 && strcmp(p, SECRET) == 0);
}

static enum outcome
shared_segment_by_number(void)
{
	if (!is_offered("ATTACK_SHM"))
		return cannot(ENOSYS);
	const char *p = shmat((int)given_number("ATTACK_SHM"), NULL, SHM_RDONLY);

	return outcome_of(p != (void *)-1 && strcmp(p, SECRET) == 0);
}

static enum outcome
semaphore(void)
{
	if (!is_offered("ATTACK_SEM"))
		return cannot(ENOSYS);
	return outcome_of(semget((key_t)given_number("ATTACK_IPC"), 0, 0) >= 0);
}

static enum outcome
message(void)
{
	struct { long type; char text[16]; } m = { 1, SECRET };

	if (!is_offered("ATTACK_MSG"))
		return cannot(ENOSYS);
	int id = msgget((key_t)given_number("ATTACK_IPC"), 0);
	return outcome_of(id >= 0 && msgsnd(id, &m, sizeof(m.text), IPC_NOWAIT) == 0 &&
	    msgrcv(id, &m, sizeof(m.text), 0, IPC_NOWAIT) > 0);
}

static enum outcome
posix_queue(void)
{
	if (!is_offered("ATTACK_QUEUE"))
		return cannot(ENOSYS);
	return outcome_of(mq_open(given("ATTACK_QUEUE"), O_RDWR) != (mqd_t)-1);
}

static enum outcome
dev_shm(void)
{
	if (!is_offered("ATTACK_DEVSHM"))
		return cannot(ENOENT);
	int fd = shm_open(given("ATTACK_DEVSHM"), O_RDWR, 0);

	return secret_in(fd);
}

static enum outcome
dev_shm_create(void)
{
	char name[64], path[80];

	snprintf(name, sizeof(name), "/cdxp-attack-new-%d", (int)outside_pid());
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return BLOCKED;
	/* In a /dev/shm of our own nobody sees it: the host's has the other. */
	snprintf(path, sizeof(path), "/dev/shm%s", given("ATTACK_DEVSHM"));
	bool shared = access(path, F_OK) == 0;
	shm_unlink(name);
	return outcome_of(shared);
}

static enum outcome
user_key(void)
{
	char text[sizeof(SECRET)] = "";

	if (!is_offered("ATTACK_KEYRING"))
		return cannot(ENOSYS);
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", given("ATTACK_KEYRING"), 0);
	return outcome_of(key >= 0 && syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1, 0) > 0 &&
	    strcmp(text, SECRET) == 0);
}

static enum outcome
add_key(void)
{
	if (!is_offered("ATTACK_KEYRING"))
		return cannot(ENOSYS);
	return outcome_of(syscall(SYS_add_key, "user", "cdxp-attack", "x", 1, KEY_SPEC_PROCESS_KEYRING) >= 0);
}

static enum outcome
request_key(void)
{
	if (!is_offered("ATTACK_KEYRING"))
		return cannot(ENOSYS);
	syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING, 0, 0);
	return outcome_of(syscall(SYS_request_key, "user", given("ATTACK_KEYRING"), NULL, 0) >= 0);
}

const struct attack attacks_ipc[] = {
	{ "shared-segment", "", "System V shared memory of the host, by its key", shared_segment, 0 },
	{ "shared-segment-number", "", "the same by its number", shared_segment_by_number, 0 },
	{ "semaphore", "", "System V semaphores of the host", semaphore, 0 },
	{ "message", "", "System V messages of the host", message, 0 },
	{ "posix-queue", "", "a POSIX message queue of the host", posix_queue, 0 },
	{ "dev-shm", "", "read from the host's /dev/shm", dev_shm, 0 },
	{ "dev-shm-create", "", "make something in the host's /dev/shm", dev_shm_create, 0 },
	{ "user-key", "", "read a key of the user", user_key, 0 },
	{ "add-key", "", "add a key", add_key, 0 },
	{ "request-key", "", "request a key of the user", request_key, 0 },
	{ .name = NULL },
};

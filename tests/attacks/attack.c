/* SPDX-License-Identifier: Apache-2.0 */
/* attack.c - one attempt, by name; the list of all; what the attempts share */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "base.h"

/* What an attempt holds when it ends is nobody's loss; read where the sanitizers are linked. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

static const struct attack *const tables[] = {
	attacks_path, attacks_narrow, attacks_again, attacks_proc, attacks_signal, attacks_mount,
	attacks_kernel, attacks_identity, attacks_ipc, attacks_device, attacks_net, attacks_unix,
	attacks_left, attacks_descriptor, attacks_runtime,
};

enum outcome
outcome_of(bool done)
{
	return done ? DONE : BLOCKED;
}

enum outcome
cannot(int error)
{
	errno = error;
	return CANNOT;
}

enum outcome
reached(long rc)
{
	return outcome_of(rc >= 0 ||
	    (errno != EPERM && errno != EACCES && errno != ENOSYS && errno != EROFS));
}

const char *
given(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? text : "";
}

long
given_number(const char *name)
{
	return strtol(given(name), NULL, 10);
}

bool
is_control(void)
{
	return given("ATTACK_CONTROL")[0] != '\0';
}

pid_t
outside_pid(void)
{
	return (pid_t)given_number("ATTACK_PID");
}

pid_t
first_pid(void)
{
	return is_control() ? outside_pid() : 1;
}

enum outcome
secret_in(int fd)
{
	char text[sizeof(SECRET)] = "";
	ssize_t n;

	if (fd < 0)
		return BLOCKED;
	n = read(fd, text, sizeof(text) - 1);
	int error = errno;
	close(fd);
	errno = n < 0 ? error : 0;
	return outcome_of(n > 0 && strcmp(text, SECRET) == 0);
}

enum outcome
secret_at(const char *path)
{
	return secret_in(open(path, O_RDONLY | O_CLOEXEC));
}

enum outcome
writes(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	bool done = write(fd, "x", 1) == 1;
	close(fd);
	return outcome_of(done);
}

enum outcome
creates(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return BLOCKED;
	close(fd);
	return DONE;
}

enum outcome
opens(const char *path, int flags)
{
	if (is_control() && access(path, F_OK) != 0)
		return cannot(errno);
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return BLOCKED;
	close(fd);
	return DONE;
}

enum outcome
writes_back(const char *path)
{
	char text[4096];
	int in = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = in < 0 ? -1 : read(in, text, sizeof(text));

	if (in >= 0)
		close(in);
	if (n <= 0)
		return is_control() ? cannot(errno) : BLOCKED;
	int out = open(path, O_WRONLY | O_CLOEXEC);
	if (out < 0)
		return BLOCKED;
	bool done = write(out, text, (size_t)n) == n;
	int error = errno;
	close(out);
	errno = error;
	return outcome_of(done);
}

bool
appears(const char *path, int ms)
{
	const struct timespec pause = { 0, 5000000 };

	for (int waited = 0; waited <= ms; waited += 5) {
		if (access(path, F_OK) == 0)
			return true;
		nanosleep(&pause, NULL);
	}
	errno = 0;
	return false;
}

static int
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Where whoever is free can do what else only root can, and nobody is harmed. */
static int
enter_own_namespaces(int more)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof(uid), "0 %u 1", (unsigned)geteuid());
	snprintf(gid, sizeof(gid), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | more) != 0 ||
	    put("/proc/self/uid_map", uid) != 0 || put("/proc/self/setgroups", "deny") != 0 ||
	    put("/proc/self/gid_map", gid) != 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* What a free attempt of root mounts is gone with it, whatever it was. */
static int
enter_own_mounts(void)
{
	return unshare(CLONE_NEWNS) != 0 ? -1 : mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static enum outcome
try_one(const struct attack *a)
{
	if (is_control() && strncmp(a->how, "ns", 2) == 0 && enter_own_namespaces(a->namespaces) != 0)
		return CANNOT;
	if (is_control() && geteuid() == 0 && strncmp(a->how, "ns", 2) != 0 && enter_own_mounts() != 0)
		return CANNOT;
	errno = 0;
	return a->run();
}

static int
list(void)
{
	for (size_t i = 0; i < NELEMS(tables); i++)
		for (const struct attack *a = tables[i]; a->name != NULL; a++)
			printf("%s\t%s\t%s\n", a->name, a->how, a->tries);
	return 0;
}

static int
run_named(const char *name)
{
	for (size_t i = 0; i < NELEMS(tables); i++)
		for (const struct attack *a = tables[i]; a->name != NULL; a++)
			if (strcmp(a->name, name) == 0) {
				enum outcome got = try_one(a);
				if (got != DONE)
					printf("%s\n", strerror(errno));
				return (int)got;
			}
	fprintf(stderr, "attack: there is no attempt \"%s\"\n", name);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	/* These two are what the attempts themselves execute. */
	if (strcmp(word, "--read") == 0 && argc == 3)
		return (int)secret_at(argv[2]);
	if (strcmp(word, "--ids") == 0)
		return printf("%u %u\n", (unsigned)geteuid(), (unsigned)getegid()) > 0 ? 0 : 1;
	if (strcmp(word, "--list") == 0)
		return list();
	if (strcmp(word, "--host") == 0)
		return host_serve();
	if (strcmp(word, "--stand-by") == 0)
		return host_stand_by();
	if (argc == 2 && word[0] != '-')
		return run_named(word);
	fprintf(stderr, "usage: attack NAME | --list | --host | --stand-by\n");
	return 2;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* attack_descriptor.c - what a descriptor that may be had leads to */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OUTSIDE	"../outside/file"

static int
open_outside(void)
{
	return open(OUTSIDE, O_RDONLY | O_CLOEXEC);
}

/* For reading, but emptied: an empty file stays what it is. */
static enum outcome
open_truncate(void)
{
	return outcome_of(open(OUTSIDE, O_RDONLY | O_TRUNC | O_CLOEXEC) >= 0);
}

static enum outcome
times_by_descriptor(void)
{
	int fd = open_outside();

	return outcome_of(fd >= 0 && futimens(fd, NULL) == 0);
}

static enum outcome
owner_by_descriptor(void)
{
	int fd = open_outside();

	return outcome_of(fd >= 0 && fchown(fd, geteuid(), getegid()) == 0);
}

static enum outcome
xattr_by_descriptor(void)
{
	int fd = open_outside();

	errno = 0;
	if (fd >= 0 && fsetxattr(fd, "user.cdxp-attack", "x", 1, 0) == 0)
		return DONE;
	return is_control() && errno == EOPNOTSUPP ? cannot(errno) : BLOCKED;
}

/* Linux 6.6: a path, a descriptor and flags at once. */
static enum outcome
mode_by_new_call(void)
{
	enum { FCHMODAT2 = 452 };
	int fd = open(OUTSIDE, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return BLOCKED;
	if (syscall(FCHMODAT2, fd, "", st.st_mode & 07777, AT_EMPTY_PATH) == 0)
		return DONE;
	return is_control() && errno == ENOSYS ? cannot(errno) : BLOCKED;
}

/* The names of what is used there. */
static enum outcome
watch_hidden(void)
{
	char path[4200];
	int fd = inotify_init1(IN_CLOEXEC);

	snprintf(path, sizeof(path), "%s", given("ATTACK_KEY"));
	*strrchr(path, '/') = '\0';
	if (fd < 0 || inotify_add_watch(fd, path, IN_ALL_EVENTS) < 0)
		return BLOCKED;
	/* Of a mask there is nothing to tell. */
	return outcome_of(access(given("ATTACK_KEY"), F_OK) == 0);
}

static enum outcome
bind_outside(void)
{
	const struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "../outside/bound" };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return outcome_of(s >= 0 && bind(s, (const struct sockaddr *)&a, sizeof(a)) == 0);
}

/* The caller has redirected standard input, for reading. */
static enum outcome
stream_reopened(void)
{
	return writes("/proc/self/fd/0");
}

static enum outcome
stream_truncated(void)
{
	return outcome_of(truncate("/dev/stdin", 0) == 0);
}

static enum outcome
stream_mode(void)
{
	struct stat st;

	return outcome_of(fstat(STDIN_FILENO, &st) == 0 && fchmod(STDIN_FILENO, st.st_mode & 07777) == 0);
}

const struct attack attacks_descriptor[] = {
	{ "open-truncate", "", "open(2) a file that may only be read with O_TRUNC", open_truncate, 0 },
	{ "times-by-descriptor", "", "change the times of a file outside by a descriptor for reading",
	    times_by_descriptor, 0 },
	{ "owner-by-descriptor", "", "give it to its owner by such a descriptor", owner_by_descriptor, 0 },
	{ "xattr-by-descriptor", "", "set an extended attribute by such a descriptor", xattr_by_descriptor, 0 },
	{ "mode-by-new-call", "", "set its mode by fchmodat2, to what it is", mode_by_new_call, 0 },
	{ "watch-hidden", "", "have inotify name what is used in a directory that may not be read",
	    watch_hidden, 0 },
	{ "bind-outside", "", "make a socket file outside by bind(2)", bind_outside, 0 },
	{ "stream-reopened", "stdin", "open standard input again, a file outside, and write to it",
	    stream_reopened, 0 },
	{ "stream-truncated", "stdin", "truncate(2) that file by the name of the stream", stream_truncated, 0 },
	{ "stream-mode", "stdin", "set the mode of that file, to what it is", stream_mode, 0 },
	{ .name = NULL },
};

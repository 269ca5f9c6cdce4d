/* SPDX-License-Identifier: Apache-2.0 */
/* make_dirs_posix.c - making directories without following links */
#include <config.h>

#include "make_dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "path.h"

#ifndef O_PATH
#define O_PATH	O_SEARCH	/* POSIX's name for almost the same: macOS */
#endif

/* The directory `name' in `at', made where it is missing; -1 with errno. */
static int
enter_or_make(int at, const char *name, mode_t mode)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags);
	if (fd != -1 || errno != ENOENT)
		return fd;
	if (mkdirat(at, name, mode) == -1 && errno != EEXIST)
		return -1;
	return openat(at, name, flags);
}

int
make_dirs(struct arena *a, const char *path, mode_t mode, const char **why)
{
	const char *rest = path;
	struct slice c;
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (at != -1 && path_next(&rest, &c)) {
		int next = enter_or_make(at, arena_strndup(a, c.p, c.len), mode);
		int saved = errno;
		close(at);
		errno = saved;
		at = next;
	}
	if (at == -1) {
		*why = arena_printf(a, "%s: cannot make this directory: %s", path,
		    strerror(errno));
		return -1;
	}
	close(at);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* output.c - write beside, sync, rename */
#include <config.h>

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

/* Where one output goes. */
struct target {
	const char	*path;		/* with links resolved */
	bool		 direct;	/* no regular file: written to as it is, after all others */
	bool		 exists;	/* what is there gives mode, and owner where that is not us */
	struct stat	 was;
	char		*temp;		/* exists while it is not NULL */
};

static int
fail(struct arena *a, const char **why, const char *path)
{
	*why = arena_printf(a, "%s: %s", path, strerror(errno));
	return -1;
}

static int
write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A link is followed: what it points to is replaced, not the link. */
static int
choose_target(struct arena *a, const char *path, struct target *t, const char **why)
{
	t->exists = strcmp(path, "-") != 0 && stat(path, &t->was) == 0;
	t->path = path;
	t->direct = strcmp(path, "-") == 0 || (t->exists && !S_ISREG(t->was.st_mode));
	if (t->exists && S_ISDIR(t->was.st_mode)) {
		errno = EISDIR;
		return fail(a, why, path);
	}
	char *real = t->direct ? NULL : realpath(path, NULL);
	if (real != NULL)
		t->path = arena_strdup(a, real);
	free(real);
	return 0;
}

/*
 * As the file that is replaced, so that what was private stays so; only root
 * can give a file away, and does so where it was another user's.
 */
static int
set_mode(int fd, const struct target *t)
{
	mode_t mask = umask(0);
	umask(mask);
	if (!t->exists)
		return fchmod(fd, 0666 & ~mask);
	if (geteuid() == 0 && fchown(fd, t->was.st_uid, t->was.st_gid) != 0)
		return -1;
	return fchmod(fd, t->was.st_mode & 0777);
}

static int
write_temp(struct arena *a, const struct output *o, struct target *t, const char **why)
{
	const char *slash = strrchr(t->path, '/');
	char *temp = arena_printf(a, "%.*s.cdxpXXXXXX",
	    slash == NULL ? 0 : (int)(slash + 1 - t->path), t->path);
	int fd = mkstemp(temp);
	if (fd == -1)
		return fail(a, why, o->path);
	t->temp = temp;
	bool ok = set_mode(fd, t) == 0 &&
	    write_all(fd, sbuf_str(&o->bytes), o->bytes.len) == 0 && fsync(fd) == 0;
	int saved = errno;
	close(fd);
	errno = saved;
	return ok ? 0 : fail(a, why, o->path);
}

static int
write_direct(struct arena *a, const struct output *o, const char **why)
{
	bool standard = strcmp(o->path, "-") == 0;
	int fd = standard ? STDOUT_FILENO : open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return fail(a, why, o->path);
	bool ok = write_all(fd, sbuf_str(&o->bytes), o->bytes.len) == 0;
	int saved = errno;
	if (!standard)
		close(fd);
	errno = saved;
	return ok ? 0 : fail(a, why, standard ? "standard output" : o->path);
}

static int
write_targets(struct arena *a, const struct output *o, struct target *t, size_t n,
    const char **why)
{
	for (size_t i = 0; i < n; i++)
		if (choose_target(a, o[i].path, &t[i], why) != 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (!t[i].direct && write_temp(a, &o[i], &t[i], why) != 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (t[i].direct && write_direct(a, &o[i], why) != 0)
			return -1;
	for (size_t i = 0; i < n; i++) {
		if (t[i].temp == NULL)
			continue;
		if (rename(t[i].temp, t[i].path) != 0)
			return fail(a, why, o[i].path);
		t[i].temp = NULL;
	}
	return 0;
}

int
output_write(struct arena *a, const struct output *o, size_t n, const char **why)
{
	struct target *t = arena_array(a, n, sizeof(*t));
	sigset_t block, before;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	int result = write_targets(a, o, t, n, why);
	for (size_t i = 0; i < n; i++)
		if (t[i].temp != NULL)
			unlink(t[i].temp);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

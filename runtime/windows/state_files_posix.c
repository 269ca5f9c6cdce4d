/* SPDX-License-Identifier: Apache-2.0 */
/* state_files_posix.c - state files where files are POSIX */
#include <config.h>

#include "state_files_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium/randombytes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"

enum { PAUSE_MS = 5 };

struct posix_files {
	struct state_files	 files;		/* first */
	int			 dir;
};

struct state_lock {
	int	fd;
};

static enum state_status
failed(struct state_files *s, enum state_status status, const char *why)
{
	s->why = why;
	return status;
}

static enum state_status
by_errno(struct state_files *s)
{
	return failed(s, errno == ENOENT ? STATE_MISSING : STATE_FAILED, strerror(errno));
}

static int
dir_of(struct state_files *s)
{
	return ((struct posix_files *)(void *)s)->dir;
}

static enum state_status
lock(struct state_files *s, const char *name, unsigned ms, struct state_lock **out)
{
	int fd = openat(dir_of(s), name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	const struct timespec pause = { 0, PAUSE_MS * 1000000 };

	if (fd < 0)
		return by_errno(s);
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += PAUSE_MS) {
		if (errno == EWOULDBLOCK && waited < ms) {
			nanosleep(&pause, NULL);
			continue;
		}
		enum state_status status = errno == EWOULDBLOCK ?
		    failed(s, STATE_LOCKED, "another process holds it") : by_errno(s);
		close(fd);
		return status;
	}
	struct state_lock *l = malloc(sizeof(*l));
	if (l == NULL)
		out_of_memory();
	l->fd = fd;
	*out = l;
	return STATE_OK;
}

static void
unlock(struct state_files *s, struct state_lock *l)
{
	(void)s;
	close(l->fd);
	free(l);
}

static enum state_status
read_file(struct state_files *s, const char *name, size_t limit, struct sbuf *out)
{
	int fd = openat(dir_of(s), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t before = out->len;

	if (fd < 0)
		return by_errno(s);
	enum state_status status = sbuf_read(out, fd, before + limit) == 0 ? STATE_OK : by_errno(s);
	close(fd);
	if (status == STATE_OK && out->len - before > limit)
		return failed(s, STATE_TOO_LARGE, "it is larger than it can be");
	return status;
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static enum state_status
append(struct state_files *s, const char *name, const void *p, size_t n)
{
	struct stat st;
	bool is_new = fstatat(dir_of(s), name, &st, AT_SYMLINK_NOFOLLOW) != 0;
	int fd = openat(dir_of(s), name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return by_errno(s);
	bool ok = write_all(fd, p, n) && fsync(fd) == 0 && (!is_new || fsync(dir_of(s)) == 0);
	enum state_status status = ok ? STATE_OK : by_errno(s);
	close(fd);
	return status;
}

static enum state_status
replace(struct state_files *s, const char *name, const void *p, size_t n)
{
	char new[256];

	if (strlen(name) > sizeof(new) - 5)
		return failed(s, STATE_FAILED, "its name is too long");
	strcat(strcpy(new, name), ".new");
	int fd = openat(dir_of(s), new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return by_errno(s);
	bool ok = write_all(fd, p, n) && fsync(fd) == 0 && renameat(dir_of(s), new, dir_of(s), name) == 0 &&
	    fsync(dir_of(s)) == 0;
	enum state_status status = ok ? STATE_OK : by_errno(s);
	close(fd);
	return status;
}

static enum state_status
list(struct state_files *s, const char *prefix, size_t limit, char ***out, size_t *n)
{
	int fd = openat(dir_of(s), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char **v = NULL;
	size_t len = 0;

	if (d == NULL)
		return by_errno(s);
	for (const struct dirent *e; len < limit && (e = readdir(d)) != NULL; ) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		char **more = realloc(v, (len + 1) * sizeof(*v));
		if (more == NULL || (more[len] = strdup(e->d_name)) == NULL)
			out_of_memory();
		v = more;
		len++;
	}
	closedir(d);
	*out = v;
	*n = len;
	return STATE_OK;
}

static enum state_status
remove_file(struct state_files *s, const char *name)
{
	return unlinkat(dir_of(s), name, 0) == 0 || errno == ENOENT ? STATE_OK : by_errno(s);
}

static enum state_status
random_bytes(struct state_files *s, void *p, size_t n)
{
	(void)s;
	randombytes_buf(p, n);
	return STATE_OK;
}

static const struct state_files_ops ops = {
	.lock = lock,
	.unlock = unlock,
	.read = read_file,
	.append = append,
	.replace = replace,
	.list = list,
	.remove = remove_file,
	.random = random_bytes,
};

struct state_files *
state_files_posix(const char *dir)
{
	struct posix_files *s = calloc(1, sizeof(*s));

	if (s == NULL)
		out_of_memory();
	s->files.ops = &ops;
	s->files.dir = dir;
	if (mkdir(dir, 0700) == 0 || errno == EEXIST) {
		s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (s->dir >= 0)
			return &s->files;
	}
	free(s);
	return NULL;
}

void
state_files_posix_close(struct state_files *files)
{
	if (files == NULL)
		return;
	close(dir_of(files));
	free(files);
}

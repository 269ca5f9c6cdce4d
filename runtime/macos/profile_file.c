/* SPDX-License-Identifier: Apache-2.0 */
/* profile_file.c - the profile of one run in a private directory, swept when a run was killed */
#include <config.h>

#include "profile_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

static const char prefix[] = "seatbelt-";
static const char file_name[] = "profile.sb";

const char *
profile_file_name(struct arena *a, const char *state_dir)
{
	return arena_printf(a, "%s/%sXXXXXX/%s", state_dir, prefix, file_name);
}

/*
 * Remove the directory unless a run holds its lock.  Between the making of one
 * and its lock another run may take it for left over, see make_locked().
 */
static void
sweep_one(int state, const char *name)
{
	int dir = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir == -1)
		return;
	if (flock(dir, LOCK_EX | LOCK_NB) == 0) {
		unlinkat(dir, file_name, 0);
		unlinkat(state, name, AT_REMOVEDIR);
	}
	close(dir);
}

/* What cannot be swept stays: it is in nobody's way. */
static void
sweep(const char *state_dir)
{
	DIR *d = opendir(state_dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (strncmp(e->d_name, prefix, sizeof(prefix) - 1) == 0)
			sweep_one(dirfd(d), e->d_name);
	closedir(d);
}

static int
make_once(struct arena *a, const char *state_dir, struct profile_file *f)
{
	char *dir = arena_printf(a, "%s/%sXXXXXX", state_dir, prefix);
	struct stat st;

	if (mkdtemp(dir) == NULL)
		return -1;
	f->dir = dir;
	f->lock = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (f->lock == -1)
		return -1;
	f->path = arena_printf(a, "%s/%s", dir, file_name);
	/* It has no name any more where another run swept it before it was locked. */
	if (flock(f->lock, LOCK_EX) == 0 && fstat(f->lock, &st) == 0) {
		if (st.st_nlink > 0 && access(dir, F_OK) == 0)
			return 0;
		errno = ENOENT;
	}
	return -1;
}

static int
make_locked(struct arena *a, const char *state_dir, struct profile_file *f)
{
	for (int tries = 0; tries < 8; tries++) {
		if (make_once(a, state_dir, f) == 0)
			return 0;
		int saved = errno;
		profile_file_remove(f);
		errno = saved;
		if (saved != ENOENT)
			return -1;
	}
	return -1;
}

static int
write_all(int fd, const char *text, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

int
profile_file_make(struct arena *a, const char *state_dir, const char *text, size_t len,
    struct profile_file *out, const char **why)
{
	*out = (struct profile_file){ NULL, NULL, -1 };
	sweep(state_dir);
	int fd = -1;
	if (make_locked(a, state_dir, out) == 0)
		fd = openat(out->lock, file_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd != -1) {
		int failed = write_all(fd, text, len);
		int saved = errno;
		if (close(fd) == 0 && failed == 0)
			return 0;
		if (failed != 0)
			errno = saved;
	}
	*why = arena_printf(a, "%s: the profile cannot be written there: %s", state_dir,
	    strerror(errno));
	profile_file_remove(out);
	return -1;
}

void
profile_file_remove(struct profile_file *f)
{
	if (f->path != NULL)
		unlink(f->path);
	if (f->dir != NULL)
		rmdir(f->dir);
	if (f->lock > STDERR_FILENO)
		close(f->lock);
	*f = (struct profile_file){ NULL, NULL, -1 };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* near_dir.c - one directory kept open for the places in it */
#include <config.h>

#include "near_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sandbox_check.h"

void
near_dir_begin(struct near_dir *n, int root)
{
	*n = (struct near_dir){ .root = root, .fd = -1 };
}

static void
forget(struct near_dir *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
	n->dir = NULL;
	n->len = 0;
}

/* The directory of the place opened last. */
static int
open_dir(struct near_dir *n)
{
	char dir[PATH_MAX];

	if (n->fd >= 0)
		return n->fd;
	memcpy(dir, n->dir, n->len);
	dir[n->len] = '\0';
	n->fd = sandbox_open(n->root, dir, O_PATH | O_DIRECTORY);
	return n->fd;
}

int
near_dir_parent(struct near_dir *n, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (slash == NULL || len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*name = slash + 1;
	if (len == 0)
		return n->root;
	if (n->dir == NULL || n->len != len || memcmp(n->dir, path, len) != 0) {
		forget(n);
		n->dir = path;
		n->len = len;
	}
	return open_dir(n);
}

void
near_dir_changed(struct near_dir *n, const char *path)
{
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);

	if (n->dir != NULL && n->len >= len && memcmp(n->dir, path, len) == 0 &&
	    (n->len == len || n->dir[len] == '/'))
		forget(n);
}

void
near_dir_end(struct near_dir *n)
{
	forget(n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* near_dir.c - one directory kept open for the places in it */
#include <config.h>

#include "near_dir.h"

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

int
near_dir_open(struct near_dir *n, const char *path, int flags)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	char dir[PATH_MAX];

	if (len == 0 || len >= sizeof(dir))
		return sandbox_open(n->root, path, flags);
	if (n->dir == NULL || n->len != len || memcmp(n->dir, path, len) != 0) {
		forget(n);
		n->dir = path;
		n->len = len;
		return sandbox_open(n->root, path, flags);
	}
	if (n->fd < 0) {
		memcpy(dir, path, len);
		dir[len] = '\0';
		n->fd = sandbox_open(n->root, dir, O_PATH | O_DIRECTORY);
		if (n->fd < 0)
			return -1;
	}
	return sandbox_open(n->fd, slash + 1, flags);
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

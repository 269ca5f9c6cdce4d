/* SPDX-License-Identifier: Apache-2.0 */
/* hard_links.c - a bounded walk for files with more than one name */
#include <config.h>

#include "hard_links.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "path.h"

struct walk {
	struct arena	*a;
	uint64_t	 bound;
	struct hard_links *out;
	struct { const char **v; size_t len, cap; } dirs;	/* still to be read */
};

/* One name in the directory `at' (AT_FDCWD: `name' is the whole path). */
static void
look(struct walk *w, int at, const char *name, const char *path)
{
	struct stat st;

	if (w->out->looked_at >= w->bound) {
		w->out->cut = true;
		return;
	}
	w->out->looked_at++;
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		w->out->unread += errno != ENOENT && errno != ENOTDIR;
		return;
	}
	if (S_ISDIR(st.st_mode))
		VEC_PUSH(w->a, &w->dirs, path);
	else if (S_ISREG(st.st_mode) && st.st_nlink > 1)
		VEC_PUSH(w->a, &w->out->found, ((struct hard_link){ path, st.st_nlink }));
}

static void
read_dir(struct walk *w, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		w->out->unread++;
		return;
	}
	while (!w->out->cut && (e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		const char *child = path_join(w->a, path, e->d_name);
		/* Beyond that no policy names it either. */
		if (strlen(child) <= LIMIT_PATH_BYTES)
			look(w, dirfd(dir), e->d_name, child);
	}
	closedir(dir);
}

static int
link_cmp(const void *a, const void *b)
{
	return path_order(((const struct hard_link *)a)->path,
	    ((const struct hard_link *)b)->path);
}

void
hard_links_below(struct arena *a, const char *place, uint64_t bound, struct hard_links *out)
{
	struct walk w = { .a = a, .bound = bound, .out = out };

	look(&w, AT_FDCWD, place, place);
	while (w.dirs.len > 0 && !out->cut)
		read_dir(&w, w.dirs.v[--w.dirs.len]);
	if (out->found.len > 1)
		qsort(out->found.v, out->found.len, sizeof(*out->found.v), link_cmp);
}

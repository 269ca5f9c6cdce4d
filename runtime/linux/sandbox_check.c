/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_check.c - device and inode of every mounted place, from inside the sandbox's root */
#include <config.h>

#include "sandbox_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "bwrap_args.h"
#include "exec_bwrap.h"
#include "near_dir.h"
#include "path.h"

enum { RETRIES = 16 };		/* openat2(2): EAGAIN when something was renamed meanwhile */

int
sandbox_open(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	path += strspn(path, "/");
	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, root, *path != '\0' ? path : ".", &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static const char *
check_one(struct arena *a, struct near_dir *near, const struct exec_check *c)
{
	struct stat st;
	const char *name;
	int dir = near_dir_parent(near, c->path, &name);

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
		return arena_printf(a, "%s cannot be looked at in the sandbox: %s (replaced since "
		    "the policy was bound?)", c->path, strerror(errno));
	if (st.st_dev != c->dev || st.st_ino != c->ino)
		return arena_printf(a, "%s is not what it was when the policy was bound to this "
		    "host: it was replaced meanwhile", c->path);
	return NULL;
}

const char *
sandbox_check(struct arena *a, int root, const struct exec_check *checks, size_t n, const char *cwd)
{
	struct near_dir near;
	const char *wrong = NULL;

	near_dir_begin(&near, root);
	for (size_t i = 0; wrong == NULL && i < n; i++)
		wrong = check_one(a, &near, &checks[i]);
	near_dir_end(&near);
	if (wrong != NULL)
		return wrong;
	int fd = sandbox_open(root, cwd, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return arena_printf(a, "the working directory %s cannot be entered in the sandbox: %s",
		    cwd, strerror(errno));
	close(fd);
	return NULL;
}

/* "\\040" is a blank, and so on. */
static void
unescape(char *path)
{
	char *to = path;

	for (const char *p = path; *p != '\0'; to++) {
		unsigned byte = 0, digits = 0;
		while (*p == '\\' && digits < 3 && p[1 + digits] >= '0' && p[1 + digits] <= '7')
			byte = byte * 8 + (unsigned)(p[1 + digits++] - '0');
		*to = digits == 3 ? (char)byte : *p;
		p += digits == 3 ? 4 : 1;
	}
	*to = '\0';
}

/* The mount point of a line, where it can be written by its flags; else NULL. */
static const char *
writable_point(char *line)
{
	char *field[6], *save = NULL;
	size_t n = 0;

	for (char *p = strtok_r(line, " ", &save); p != NULL && n < NELEMS(field);
	    p = strtok_r(NULL, " ", &save))
		field[n++] = p;
	if (n < NELEMS(field) || strncmp(field[5], "rw", 2) != 0)
		return NULL;
	unescape(field[4]);
	return field[4];
}

static bool
is_meant(const struct bwrap_args *args, const char *point)
{
	for (size_t i = 0; i < args->ops.len; i++) {
		const struct bwrap_op *op = &args->ops.v[i];
		bool writable = op->kind == OP_BIND || op->kind == OP_DEV_BIND || op->kind == OP_TMPFS ||
		    op->kind == OP_PROC || op->kind == OP_DEV;
		if (writable && path_within(point, op->dst))
			return true;
	}
	return false;
}

/* bwrap leaves as it is what it cannot get at, and so cannot the command. */
static bool
is_out_of_reach(int root, const char *point)
{
	int fd = sandbox_open(root, point, O_PATH);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES;
}

const char *
sandbox_check_writable(struct arena *a, int root, pid_t pid, const struct bwrap_args *args)
{
	char path[64], *line = NULL;
	const char *wrong = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return arena_printf(a, "the mounts of the sandbox cannot be looked at: %s", strerror(errno));
	while (wrong == NULL && getline(&line, &size, f) > 0) {
		const char *point = writable_point(line);
		if (point != NULL && !is_meant(args, point) && !is_out_of_reach(root, point))
			wrong = arena_printf(a, "%s could be written in the sandbox: what was to be mounted "
			    "elsewhere was led there while it was set up", point);
	}
	if (wrong == NULL && ferror(f))
		wrong = "the mounts of the sandbox cannot be read";
	free(line);
	fclose(f);
	return wrong;
}

bool
sandbox_others_live(int root)
{
	int fd = root < 0 ? -1 : sandbox_open(root, "/proc", O_RDONLY | O_DIRECTORY);
	DIR *proc = fd < 0 ? NULL : fdopendir(fd);
	bool found = false;

	/* Where it cannot be seen any more the namespace is gone. */
	if (proc == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (const struct dirent *e; !found && (e = readdir(proc)) != NULL;)
		found = e->d_name[0] >= '1' && e->d_name[0] <= '9' && strcmp(e->d_name, "1") != 0;
	closedir(proc);
	return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_check.c - device and inode of every mounted place, from inside the sandbox's root */
#include <config.h>

#include "sandbox_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "exec_bwrap.h"
#include "near_dir.h"

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

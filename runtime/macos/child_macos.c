/* SPDX-License-Identifier: Apache-2.0 */
/* child_macos.c - starting a program on macOS: posix_spawn, which closes what is not given */
#include <config.h>

#include "child.h"

#include <errno.h>
#include <spawn.h>
#include <unistd.h>

/* POSIX_SPAWN_CLOEXEC_DEFAULT closes the standard descriptors too, unless they are named. */
static int
add_files(posix_spawn_file_actions_t *files, const struct child_start *s)
{
	int rc = 0;

	for (int fd = 0; fd <= STDERR_FILENO && rc == 0; fd++) {
		if (s->output > 0 && fd != STDIN_FILENO)
			rc = posix_spawn_file_actions_adddup2(files, s->output, fd);
		else
			rc = posix_spawn_file_actions_addinherit_np(files, fd);
	}
	for (size_t i = 0; i < s->nfds && rc == 0; i++)
		rc = posix_spawn_file_actions_addinherit_np(files, s->fds[i]);
	if (rc == 0 && s->cwd != NULL)
		rc = posix_spawn_file_actions_addchdir_np(files, s->cwd);
	return rc;
}

static int
set_attributes(posix_spawnattr_t *attr, const struct child_start *s)
{
	short flags = POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETSIGMASK;
	int rc = posix_spawnattr_setsigmask(attr, s->mask);

	if (rc == 0 && s->defaults != NULL) {
		flags |= POSIX_SPAWN_SETSIGDEF;
		rc = posix_spawnattr_setsigdefault(attr, s->defaults);
	}
	if (s->own_group) {
		flags |= POSIX_SPAWN_SETPGROUP;
		if (rc == 0)
			rc = posix_spawnattr_setpgroup(attr, 0);
	}
	if (s->in_place)
		flags |= POSIX_SPAWN_SETEXEC;
	if (s->suspended)
		flags |= POSIX_SPAWN_START_SUSPENDED;
	return rc != 0 ? rc : posix_spawnattr_setflags(attr, flags);
}

pid_t
child_start(const struct child_start *s)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc != 0) {
		errno = rc;
		return -1;
	}
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		rc = add_files(&files, s);
		if (rc == 0)
			rc = set_attributes(&attr, s);
		if (rc == 0)
			rc = posix_spawn(&pid, s->program, &files, &attr,
			    (char *const *)(uintptr_t)s->argv, (char *const *)(uintptr_t)s->envp);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	errno = rc;
	return rc == 0 ? pid : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sim_process.c - libproc and posix_spawn of macOS, as far as runtime/macos/ uses them, on Linux */
#include <config.h>

#include "sim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc_info.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"

enum { MAX_FDS = 64 };

struct files {
	int	 inherited[MAX_FDS], ninherited;
	int	 from[MAX_FDS], to[MAX_FDS], ndup;
	const char *cwd;
};

struct attributes {
	short	 flags;
	pid_t	 group;
	sigset_t mask, defaults;
};

pid_t
sim_parent(pid_t pid)
{
	char path[64], text[512], state;
	int parent;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	/* The name before that may hold anything. */
	const char *rest = strrchr(text, ')');
	if (rest == NULL || sscanf(rest, ") %c %d", &state, &parent) != 2 || state == 'Z')
		return 0;
	return parent;
}

size_t
sim_children(pid_t pid, pid_t *out, size_t max)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL && n < max) {
		pid_t p = (pid_t)atoi(e->d_name);
		if (p > 0 && sim_parent(p) == pid)
			out[n++] = p;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

void
sim_program(pid_t pid, char *out, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(path, out, size - 1);
	out[n < 0 ? 0 : n] = '\0';
}

int
proc_listchildpids(pid_t pid, void *out, int size)
{
	return (int)sim_children(pid, out, (size_t)size / sizeof(pid_t));
}

int
proc_pidinfo(int pid, int flavor, uint64_t arg, void *out, int size)
{
	struct proc_bsdinfo *info = out;
	pid_t parent = sim_parent(pid);

	(void)flavor, (void)arg;
	info->pbi_ppid = (uint32_t)parent;
	return parent != 0 ? size : 0;
}

/* ---- posix_spawn: this system's has no such flags ---- */

static void *
make(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

int
posix_spawn_file_actions_init(posix_spawn_file_actions_t *f)
{
	*f = make(sizeof(struct files));
	return 0;
}

int
posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *f)
{
	free(*f);
	return 0;
}

int
posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *f, int from, int to)
{
	struct files *x = *f;

	x->from[x->ndup] = from;
	x->to[x->ndup++] = to;
	return 0;
}

int
posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *f, int fd)
{
	struct files *x = *f;

	x->inherited[x->ninherited++] = fd;
	return 0;
}

int
posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *f, const char *restrict path)
{
	((struct files *)*f)->cwd = path;
	return 0;
}

int
posix_spawnattr_init(posix_spawnattr_t *a)
{
	*a = make(sizeof(struct attributes));
	return 0;
}

int
posix_spawnattr_destroy(posix_spawnattr_t *a)
{
	free(*a);
	return 0;
}

int
posix_spawnattr_setflags(posix_spawnattr_t *a, short flags)
{
	((struct attributes *)*a)->flags = flags;
	return 0;
}

int
posix_spawnattr_setpgroup(posix_spawnattr_t *a, pid_t group)
{
	((struct attributes *)*a)->group = group;
	return 0;
}

int
posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict a, const sigset_t *restrict s)
{
	((struct attributes *)*a)->defaults = *s;
	return 0;
}

int
posix_spawnattr_setsigmask(posix_spawnattr_t *restrict a, const sigset_t *restrict s)
{
	((struct attributes *)*a)->mask = *s;
	return 0;
}

/* With POSIX_SPAWN_CLOEXEC_DEFAULT nothing is left open that is not named. */
static void
arrange_files(const struct files *f)
{
	bool keep[256] = { false };

	for (int i = 0; i < f->ndup; i++) {
		dup2(f->from[i], f->to[i]);
		keep[f->to[i]] = true;
	}
	for (int i = 0; i < f->ninherited; i++) {
		keep[f->inherited[i]] = true;
		fcntl(f->inherited[i], F_SETFD, 0);
	}
	for (int fd = 0; fd < 256; fd++)
		if (!keep[fd])
			close(fd);
	if (f->cwd != NULL && chdir(f->cwd) != 0)
		_exit(99);
}

/* What the queue handles here is ignored there (sim_queue.c), and the child inherits that. */
static void
arrange_signals(const struct attributes *a)
{
	struct sigaction act;

	for (int s = 1; s < 32; s++) {
		if ((a->flags & POSIX_SPAWN_SETSIGDEF) != 0 && sigismember(&a->defaults, s) == 1)
			signal(s, SIG_DFL);
		else if (s != SIGCHLD && sigaction(s, NULL, &act) == 0 &&
		    act.sa_handler != SIG_DFL)
			signal(s, SIG_IGN);
	}
}

/* What has a double here is this program under another name; see sim_main.c. */
static const char *
program_of(const char *path)
{
	bool ours = strcmp(path, "/usr/bin/sandbox-exec") == 0 || strcmp(path, "/usr/bin/log") == 0;

	return ours ? "/proc/self/exe" : path;
}

int
posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *files,
    const posix_spawnattr_t *restrict attr, char *const argv[restrict], char *const envp[restrict])
{
	const struct attributes *a = *attr;
	int status;

	if ((a->flags & POSIX_SPAWN_CLOEXEC_DEFAULT) == 0)
		return EINVAL;
	*pid = fork();
	if (*pid == 0) {
		if ((a->flags & POSIX_SPAWN_SETPGROUP) != 0)
			setpgid(0, a->group);
		arrange_signals(a);
		arrange_files(*files);
		sigprocmask(SIG_SETMASK, &a->mask, NULL);
		execve(program_of(path), argv, envp);
		_exit(98);
	}
	/* Our sandbox-exec stops itself. */
	if (*pid > 0 && (a->flags & POSIX_SPAWN_START_SUSPENDED) != 0)
		waitpid(*pid, &status, WUNTRACED);
	return *pid > 0 ? 0 : errno;
}

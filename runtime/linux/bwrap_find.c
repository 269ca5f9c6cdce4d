/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_find.c - finding bwrap, and finding out why it failed */
#include <config.h>

#include "bwrap_find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"

static const char install[] = "install the package \"bubblewrap\" (0.8.0 or newer)";

enum { HELP_BYTES = 64 * 1024 };

static bool
is_below(const char *path, const char *const *dirs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(dirs[i]);
		if (len > 1 && strncmp(path, dirs[i], len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	return false;
}

const char *
bwrap_find(struct arena *a, const char *path, const char *const *avoid, size_t navoid,
    const char **why)
{
	const char *passed = NULL;
	char real[PATH_MAX];
	struct stat st;

	for (const char *at = path; at != NULL && *at != '\0'; at += *at == ':') {
		size_t len = strcspn(at, ":");
		const char *dir = arena_strndup(a, at, len);
		at += len;
		if (dir[0] != '/')
			continue;
		const char *file = arena_printf(a, "%s/bwrap", dir);
		if (faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) != 0 || stat(file, &st) != 0 ||
		    !S_ISREG(st.st_mode) || realpath(file, real) == NULL)
			continue;
		if (is_below(file, avoid, navoid) || is_below(real, avoid, navoid)) {
			passed = file;
			continue;
		}
		return file;
	}
	*why = passed != NULL ?
	    arena_printf(a, "%s lies where the command may write and is not used: %s", passed, install) :
	    arena_printf(a, "bwrap is not on PATH: %s", install);
	return NULL;
}

bool
bwrap_is_wsl1(const char *release)
{
	/* WSL 2 says "-microsoft-standard-WSL2", WSL 1 "-Microsoft". */
	return strstr(release, "Microsoft") != NULL &&
	    strstr(release, "microsoft-standard") == NULL && strstr(release, "WSL2") == NULL;
}

/* Standard output and error of `bwrap OPTION', or NULL where it cannot be run. */
static const char *
output_of(struct arena *a, const char *bwrap, const char *option)
{
	const char *const argv[] = { "bwrap", option, NULL }, *const envp[] = { "LC_ALL=C", NULL };
	char *text = arena_alloc(a, HELP_BYTES);
	size_t len = 0;
	sigset_t none;
	int fds[2];
	ssize_t n;

	sigemptyset(&none);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return NULL;
	struct child_start start = {
		.program = bwrap, .argv = argv, .envp = envp, .mask = &none, .output = fds[1],
		.dies_with_us = true,
	};
	pid_t pid = child_start(&start);
	close(fds[1]);
	while (pid > 0 && len < HELP_BYTES - 1) {
		n = read(fds[0], text + len, HELP_BYTES - 1 - len);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	close(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 ? text : NULL;
}

/* A whole word of the help text. */
static bool
knows(const char *help, const char *option)
{
	size_t len = strlen(option);

	for (const char *at = help; (at = strstr(at, option)) != NULL; at += len)
		if ((at[len] == ' ' || at[len] == '\n' || at[len] == '\0') &&
		    (at == help || at[-1] == ' ' || at[-1] == '\n'))
			return true;
	return false;
}

/* Options are the only arguments of the artifact that begin with "--": paths begin with "/". */
static const char *
unknown_option(const char *help, const char *args, size_t len)
{
	static const char *const ours[] = { "--args", "--seccomp", "--json-status-fd", "--chdir" };

	for (size_t i = 0; i < NELEMS(ours); i++)
		if (!knows(help, ours[i]))
			return ours[i];
	for (size_t at = 0; at < len; at += strnlen(args + at, len - at) + 1)
		if (strncmp(args + at, "--", 2) == 0 && !knows(help, args + at))
			return args + at;
	return NULL;
}

/* A number in a file of /proc/sys, or -1. */
static long
setting(const char *path)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

/* 0 where a user namespace can be made and used here, else an errno. */
static int
try_userns(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) != 0)
			_exit(errno & 0x7f);
		/* AppArmor lets the call pass and takes the capabilities away. */
		_exit(unshare(CLONE_NEWNS) == 0 ? 0 : errno & 0x7f);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static const char *
why_no_userns(struct arena *a, int error)
{
	if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return "bwrap cannot make a user namespace: the system forbids it "
		    "(as root: sysctl kernel.unprivileged_userns_clone=1)";
	if (setting("/proc/sys/user/max_user_namespaces") == 0)
		return "bwrap cannot make a user namespace: their number is limited to 0 "
		    "(as root: sysctl user.max_user_namespaces=15000)";
	if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return "bwrap cannot use a user namespace: AppArmor forbids it (as root: install a "
		    "profile for bwrap, or sysctl kernel.apparmor_restrict_unprivileged_userns=0)";
	if (error == ENOSYS || error == EINVAL)
		return "bwrap cannot make a user namespace: this kernel has none";
	if (error == ENOSPC)
		return "bwrap cannot make a user namespace: too many of them, or nested too deep "
		    "(inside another sandbox?)";
	return arena_printf(a, "bwrap cannot make a user namespace: %s (inside a container or "
	    "another sandbox that forbids it?)", strerror(error));
}

const char *
bwrap_why(struct arena *a, const char *bwrap, const char *args, size_t args_len)
{
	const char *help = output_of(a, bwrap, "--help"), *option;
	int error;

	if (help == NULL)
		return arena_printf(a, "%s cannot be run: %s", bwrap, strerror(errno));
	if (strstr(help, "--ro-bind") == NULL)
		return arena_printf(a, "%s does not work: %s", bwrap, install);
	option = unknown_option(help, args, args_len);
	if (option != NULL) {
		const char *version = output_of(a, bwrap, "--version");
		return arena_printf(a, "%s (%.*s) is too old, it does not know %s: %s", bwrap,
		    version != NULL ? (int)strcspn(version, "\n") : 0,
		    version != NULL ? version : "", option, install);
	}
	if ((error = try_userns()) != 0)
		return why_no_userns(a, error);
	return arena_printf(a, "%s could not set up the sandbox (it says why on the line above)", bwrap);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_find.c - finding bwrap, and finding out why it failed */
#include <config.h>

#include "bwrap_find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "clock_ms.h"
#include "userns_why.h"

static const char install[] = "install the package \"bubblewrap\" (0.8.0 or newer)";

enum { HELP_BYTES = 64 * 1024, HELP_SECONDS = 5 };

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
	struct pollfd p = { .fd = fds[0], .events = POLLIN };
	const int64_t end = clock_ms() + HELP_SECONDS * 1000;
	bool late = false;
	pid_t pid = child_start(&start);
	close(fds[1]);
	while (pid > 0 && len < HELP_BYTES - 1) {
		int64_t left = end - clock_ms();
		int ready = poll(&p, 1, left > 0 ? (int)left : 0);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			kill(pid, SIGKILL);
			late = true;
			break;
		}
		n = read(fds[0], text + len, HELP_BYTES - 1 - len);
		if (n == 0 || (n < 0 && errno != EINTR))
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	close(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (late)
		errno = ETIMEDOUT;
	return pid > 0 && !late ? text : NULL;
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
	static const char *const ours[] = { "--args", "--seccomp", "--json-status-fd", "--block-fd",
	    "--chdir" };

	for (size_t i = 0; i < NELEMS(ours); i++)
		if (!knows(help, ours[i]))
			return ours[i];
	for (size_t at = 0; at < len; at += strnlen(args + at, len - at) + 1)
		if (strncmp(args + at, "--", 2) == 0 && !knows(help, args + at))
			return args + at;
	return NULL;
}

const char *
bwrap_why(struct arena *a, const char *bwrap, const char *args, size_t args_len, bool *unusable)
{
	const char *help = output_of(a, bwrap, "--help"), *option;
	int error;

	*unusable = true;
	if (help == NULL && errno == ETIMEDOUT)
		return arena_printf(a, "%s does not answer: %s", bwrap, install);
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
	if ((error = userns_try()) != 0)
		return userns_why(a, "bwrap", error);
	if (proc_try() == EPERM)
		return proc_why(a, "bwrap");
	*unusable = false;
	return arena_printf(a, "%s could not set up the sandbox (it says why on the line above)", bwrap);
}

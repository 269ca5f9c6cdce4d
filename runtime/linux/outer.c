/* SPDX-License-Identifier: Apache-2.0 */
/* outer.c - facts and marks of what is around us */
#include <config.h>

#include "outer.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "proc_file.h"

/* Of the namespaces that the kernel starts with (PROC_PID_INIT_INO, PROC_USER_INIT_INO). */
static const ino_t first_pid = 0xEFFFFFFC, first_user = 0xEFFFFFFD;

enum { TEXT_BYTES = 8192 };

/* Another one than the first; false where nothing is known. */
static bool
is_other_namespace(const char *path, ino_t first)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_ino != first;
}

/* AppArmor's and SELinux' word on us: "snap.x.y (enforce)". */
static bool
is_labelled(void)
{
	char text[TEXT_BYTES];

	return proc_read("/proc/self/attr/current", text, sizeof(text)) &&
	    strstr(text, "(enforce)") != NULL;
}

/*
 * A process namespace of its own is what containers and sandboxes have in
 * common.  Those without one take for good what set-user-ID programs give, and
 * have a filter, or a user namespace.
 */
static bool
is_inside(void)
{
	bool filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
	bool bound = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

	if (is_other_namespace("/proc/self/ns/pid", first_pid))
		return true;
	if (bound && (filtered || is_other_namespace("/proc/self/ns/user", first_user)))
		return true;
	return filtered && is_labelled();
}

static bool
first_process_is(const char *name)
{
	char text[TEXT_BYTES];

	if (!proc_read("/proc/1/comm", text, sizeof(text)))
		return false;
	text[strcspn(text, "\n")] = '\0';
	return strcmp(text, name) == 0;
}

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && *value != '\0';
}

/* What systemd-nspawn, lxc, podman and others tell their processes; one plain word. */
static const char *
container_word(struct arena *a)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *word = getenv("container");

	if (word == NULL || *word == '\0' || strlen(word) > 32 || word[strspn(word, plain)] != '\0')
		return NULL;
	return arena_printf(a, "a container (%s)", word);
}

const char *
outer_sandbox(struct arena *a)
{
	static const struct { const char *variable, *name; } sandboxes[] = {
		{ "CODEX_SANDBOX", "a sandbox of codex" },
		{ "SANDBOX_RUNTIME", "a sandbox of srt" },
	};
	static const struct { const char *file, *name; } files[] = {
		{ "/.dockerenv", "a Docker container" },
		{ "/run/.containerenv", "a podman container" },
	};
	static const struct { const char *variable, *name; } others[] = {
		{ "CODEX_SANDBOX_NETWORK_DISABLED", "a sandbox of codex" },
		{ "SNAP_NAME", "a snap" },
		{ "KUBERNETES_SERVICE_HOST", "a container of Kubernetes" },
	};
	const char *word;

	if (!is_inside())
		return NULL;
	if (is_set("CDXP_SANDBOX") || (getpid() != 1 && first_process_is("cdxp-run")))
		return "another sandbox of cdxp-run";
	/* Those are the inner ones, where they are in a container. */
	for (size_t i = 0; i < NELEMS(sandboxes); i++)
		if (is_set(sandboxes[i].variable))
			return sandboxes[i].name;
	if (access("/.flatpak-info", F_OK) == 0)
		return "a sandbox of flatpak";
	if (getpid() != 1 && first_process_is("bwrap"))
		return "a sandbox of bwrap";
	for (size_t i = 0; i < NELEMS(files); i++)
		if (access(files[i].file, F_OK) == 0)
			return files[i].name;
	for (size_t i = 0; i < NELEMS(others); i++)
		if (is_set(others[i].variable))
			return others[i].name;
	if ((word = container_word(a)) != NULL)
		return word;
	return "a container or another sandbox";
}

bool
outer_answers(void)
{
	struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
	struct sock_fprog filter = { 1, &allow };
	int status;

	/* Without a filter nobody does. */
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		    &filter) < 0 && errno == EBUSY);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

bool
outer_has_no_network(void)
{
	char text[TEXT_BYTES], *save = NULL;
	bool loopback = false;

	/* Two lines of heading; then "  lo: ..." for each. */
	if (!proc_read("/proc/self/net/dev", text, sizeof(text)) || strlen(text) == TEXT_BYTES - 1)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " ");
		size_t len = strcspn(line, ":");
		if (line[len] == '\0')
			continue;
		if (len != 2 || memcmp(line, "lo", 2) != 0)
			return false;
		loopback = true;
	}
	return loopback;
}

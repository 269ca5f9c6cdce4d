/* SPDX-License-Identifier: Apache-2.0 */
/* namespace_steps.c - all that a sandbox of namespaces and mounts takes, tried step by step */
#include <config.h>

#include "namespace_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "all_ids.h"
#include "mount_calls.h"
#include "seccomp_filter.h"
#include "supervisor.h"
#include "trial.h"

struct setup {
	bool		 ours;
	unsigned	 uid, gid;
	bool		 all;		/* root's, who needs one user namespace only */
};

/* As fork(2), in new namespaces. */
static pid_t
fork_inside(unsigned long flags)
{
#ifdef __s390__
	return (pid_t)syscall(SYS_clone, 0, flags | SIGCHLD, 0, 0, 0);
#else
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
#endif
}

/* To the trial's reader; the first line counts. */
static int
failed(enum namespace_step step)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%d %d\n", (int)step, errno);

	return write(STDOUT_FILENO, line, (size_t)n) == n ? 0 : 1;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int saved = errno;
	close(fd);
	errno = saved;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static int
map_one(const struct setup *s)
{
	char text[64];

	if (write_file("/proc/self/setgroups", "deny") != 0)
		return -1;
	snprintf(text, sizeof(text), "0 %u 1\n", s->uid);
	if (write_file("/proc/self/uid_map", text) != 0)
		return -1;
	snprintf(text, sizeof(text), "0 %u 1\n", s->gid);
	return write_file("/proc/self/gid_map", text);
}

static int
loopback_up(void)
{
	struct ifreq r = { .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(r.ifr_name, "lo");
	return fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &r);
}

static int
listen_to_calls(void)
{
	size_t len;
	const struct filter_insn *filter = seccomp_filter_outer(seccomp_filter_native(), &len);

	if (filter == NULL) {
		errno = ENOSYS;
		return -1;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? -1 : supervisor_filter(filter, len);
}

/* -1: all of them work. */
static int
our_mounts(void)
{
	if (mount_private() != 0)
		return failed(STEP_SETATTR);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mount_clone(root, true) < 0)
		return failed(STEP_TREE);
	if (mount_new("tmpfs", NULL, 0) < 0)
		return failed(STEP_TMPFS);
	return mount_new("proc", NULL, 0) < 0 ? failed(STEP_PROC) : -1;
}

static int
bwrap_mounts(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE | MS_SILENT, NULL) != 0 ||
	    mount("tmpfs", "/proc/self/fdinfo", "tmpfs", MS_NOSUID | MS_NODEV, NULL) != 0)
		return failed(STEP_CALL);
	return mount("proc", "/proc/self/fdinfo", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0 ?
	    failed(STEP_PROC) : -1;
}

/* Process 1 of namespaces of its own. */
static int
steps_inside(const struct setup *s)
{
	static const struct { enum namespace_step step; int flag; } spaces[] = {
		{ STEP_MOUNT, CLONE_NEWNS }, { STEP_IPC, CLONE_NEWIPC }, { STEP_UTS, CLONE_NEWUTS },
		{ STEP_NET, CLONE_NEWNET },
	};

	for (size_t i = 0; i < NELEMS(spaces); i++)
		if (unshare(spaces[i].flag) != 0)
			return failed(spaces[i].step);
	if (map_one(s) != 0)
		return failed(STEP_MAP);
	if (loopback_up() != 0)
		return failed(STEP_LOOPBACK);
	int rc = s->ours ? our_mounts() : bwrap_mounts();
	if (rc >= 0)
		return rc;
	if (!s->all && unshare(CLONE_NEWUSER) != 0)
		return failed(STEP_AGAIN);
	if (listen_to_calls() < 0)
		return failed(STEP_LISTENER);
	errno = 0;
	return failed(STEP_NONE);
}

static int
steps(void *arg)
{
	const bool *ours = arg;
	const struct setup s = { *ours, geteuid(), getegid(), all_ids_possible() };
	int status;

	pid_t pid = fork_inside(CLONE_NEWUSER | CLONE_NEWPID);
	if (pid == 0)
		_exit(steps_inside(&s));
	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		return 0;
	}
	/* Which of the two was it? */
	int error = errno;
	pid = fork_inside(CLONE_NEWUSER);
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return failed(STEP_USER);
	waitpid(pid, &status, 0);
	errno = error;
	return failed(STEP_PID);
}

enum namespace_step
namespace_steps(bool ours, unsigned seconds, int *error)
{
	struct trial t;
	int step = STEP_UNKNOWN;

	trial_run(steps, &ours, seconds, &t);
	*error = 0;
	if (sscanf(sbuf_str(&t.text), "%d %d", &step, error) != 2 || step < STEP_NONE ||
	    step > STEP_UNKNOWN)
		step = STEP_UNKNOWN;
	sbuf_free(&t.text);
	return (enum namespace_step)step;
}

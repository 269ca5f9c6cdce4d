/* SPDX-License-Identifier: Apache-2.0 */
/* attack_proc.c - /proc, and other processes' memory and descriptors */
#include <config.h>

#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = 5000 };

/* An entry of /proc for a process. */
static const char *
entry(char *room, pid_t pid, const char *name)
{
	snprintf(room, PATH_ROOM, "/proc/%d/%.4900s", (int)pid, name);
	return room;
}

static enum outcome
root_of(pid_t pid)
{
	char room[PATH_ROOM], name[PATH_ROOM];

	snprintf(name, sizeof(name), "root%s", given("ATTACK_KEY"));
	return secret_at(entry(room, pid, name));
}

static enum outcome
outside_root(void)
{
	return root_of(outside_pid());
}

static enum outcome
first_root(void)
{
	return root_of(first_pid());
}

/* From there to the root, which may not be ours, and down. */
static enum outcome
cwd_of(pid_t pid)
{
	char room[PATH_ROOM], way[PATH_ROOM] = "";
	int fd = open(entry(room, pid, "cwd"), O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	for (int i = 0; i < 32; i++)
		strcat(way, "../");
	strncat(way, given("ATTACK_KEY"), sizeof(way) - strlen(way) - 1);
	return secret_in(openat(fd, way, O_RDONLY));
}

static enum outcome
outside_cwd(void)
{
	return cwd_of(outside_pid());
}

static enum outcome
first_cwd(void)
{
	return cwd_of(first_pid());
}

static enum outcome
outside_fd(void)
{
	char room[PATH_ROOM];

	return secret_at(entry(room, outside_pid(), "fd/9"));
}

/* Any that leads to a file or directory; pid 1 of the sandbox has the command's own 0, 1 and 2. */
static enum outcome
first_fds(void)
{
	char room[PATH_ROOM];
	int dir = open(entry(room, first_pid(), "fd"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	bool found = false;

	if (d == NULL)
		return BLOCKED;
	for (const struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		char target[64] = "";
		if (strtol(e->d_name, NULL, 10) > STDERR_FILENO &&
		    readlinkat(dir, e->d_name, target, sizeof(target) - 1) > 0 && target[0] == '/')
			found = openat(dir, e->d_name, O_PATH | O_CLOEXEC) >= 0;
	}
	closedir(d);
	errno = 0;
	return outcome_of(found);
}

/*
 * The program of pid 1 was executed before there was a sandbox, so what its
 * `exe' leads to lies on a mount of the host.
 */
static enum outcome
first_exe(void)
{
	char room[PATH_ROOM];
	struct stat st;

	errno = 0;
	if (stat(entry(room, first_pid(), "exe"), &st) != 0 || st.st_nlink == 0)
		return BLOCKED;	/* a copy of its own, without a name: nobody's but this sandbox's */
	return outcome_of(chmod(room, st.st_mode & 07777) == 0);
}

static enum outcome
outside_mem(void)
{
	char room[PATH_ROOM], text[sizeof(SECRET)] = "";
	int fd = open(entry(room, outside_pid(), "mem"), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	return outcome_of(pread(fd, text, sizeof(text) - 1, (off_t)given_number("ATTACK_ADDRESS")) > 0 &&
	    strcmp(text, SECRET) == 0);
}

static enum outcome
outside_environ(void)
{
	char room[PATH_ROOM], text[65536];
	int fd = open(entry(room, outside_pid(), "environ"), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return outcome_of(n > 0 && memmem(text, (size_t)n, SECRET, strlen(SECRET)) != NULL);
}

static enum outcome
outside_maps(void)
{
	char room[PATH_ROOM], byte;
	int fd = open(entry(room, outside_pid(), "maps"), O_RDONLY | O_CLOEXEC);

	return outcome_of(fd >= 0 && read(fd, &byte, 1) == 1);
}

/* Is the helper of this test to be seen at all, whatever number it has here? */
static enum outcome
see_outside(void)
{
	static const char mark[] = "\0--host";	/* an argument, whole */
	DIR *d = opendir("/proc");
	bool found = false;

	if (d == NULL)
		return BLOCKED;
	for (const struct dirent *e; !found && (e = readdir(d)) != NULL;) {
		char room[PATH_ROOM], text[4096];
		int fd = open(entry(room, (pid_t)strtol(e->d_name, NULL, 10), "cmdline"), O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
		found = n > 0 && memmem(text, (size_t)n, mark, sizeof(mark)) != NULL;
		if (fd >= 0)
			close(fd);
	}
	closedir(d);
	errno = 0;
	return outcome_of(found);
}

static enum outcome
attach_outside(void)
{
	if (ptrace(PTRACE_ATTACH, outside_pid(), NULL, NULL) != 0)
		return BLOCKED;
	waitpid(outside_pid(), NULL, __WALL);
	ptrace(PTRACE_DETACH, outside_pid(), NULL, NULL);
	return DONE;
}

static enum outcome
seize_outside(void)
{
	return outcome_of(ptrace(PTRACE_SEIZE, outside_pid(), NULL, NULL) == 0);
}

static enum outcome
read_memory(void)
{
	char text[sizeof(SECRET)] = "";
	struct iovec mine = { text, sizeof(text) - 1 };
	struct iovec theirs = { (void *)given_number("ATTACK_ADDRESS"), sizeof(text) - 1 };

	return outcome_of(process_vm_readv(outside_pid(), &mine, 1, &theirs, 1, 0) > 0 &&
	    strcmp(text, SECRET) == 0);
}

/* What is there already. */
static enum outcome
write_memory(void)
{
	char text[] = SECRET;
	struct iovec mine = { text, sizeof(text) - 1 };
	struct iovec theirs = { (void *)given_number("ATTACK_ADDRESS"), sizeof(text) - 1 };

	return outcome_of(process_vm_writev(outside_pid(), &mine, 1, &theirs, 1, 0) > 0);
}

static enum outcome
take_descriptor(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, outside_pid(), 0);
	int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, 9, 0);

	return fd < 0 ? BLOCKED : outcome_of(lseek(fd, 0, SEEK_SET) == 0 && secret_in(fd) == DONE);
}

static enum outcome
compare_kernel(void)
{
	enum { KCMP_FILES = 2 };

	return outcome_of(syscall(SYS_kcmp, getpid(), outside_pid(), KCMP_FILES, 0, 0) >= 0);
}

/* A process of the sandbox that is not confined as we are would do what it is told. */
static enum outcome
unconfined_first(void)
{
	char room[PATH_ROOM], line[256];
	FILE *f = fopen(entry(room, first_pid(), "status"), "r");
	unsigned long long own_set = 0x1b, value;	/* what root keeps: 3.1 of the man page's list */
	bool filtered = false, more = false;

	if (f == NULL)
		return BLOCKED;
	while (fgets(line, sizeof(line), f) != NULL) {
		filtered = filtered || strcmp(line, "Seccomp:\t2\n") == 0;
		if (sscanf(line, "CapEff: %llx", &value) == 1 || sscanf(line, "CapPrm: %llx", &value) == 1)
			more = more || (value & ~own_set) != 0;
	}
	fclose(f);
	errno = 0;
	if (filtered && !more)
		return BLOCKED;
	/* It is not confined: is it ours to command? */
	int fd = open(entry(room, first_pid(), "mem"), O_RDWR | O_CLOEXEC);
	return outcome_of(fd >= 0);
}

static enum outcome
join(const char *which)
{
	char room[PATH_ROOM];
	int fd = open(entry(room, outside_pid(), which), O_RDONLY | O_CLOEXEC);

	return outcome_of(fd >= 0 && setns(fd, 0) == 0);
}

static enum outcome
join_mounts(void)
{
	return join("ns/mnt");
}

static enum outcome
join_network(void)
{
	return join("ns/net");
}

static enum outcome
join_by_pidfd(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, outside_pid(), 0);

	return outcome_of(pidfd >= 0 && setns(pidfd, CLONE_NEWNS | CLONE_NEWUTS) == 0);
}

static enum outcome
inherited(void)
{
	errno = EBADF;
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		if (secret_in(openat(fd, "key", O_RDONLY)) == DONE || secret_in(dup(fd)) == DONE)
			return DONE;
	}
	return BLOCKED;
}

/* Out of a stream that is a directory, and up. */
static enum outcome
directory_stream(void)
{
	return secret_in(openat(STDIN_FILENO, "../hidden/key", O_RDONLY));
}

static enum outcome
inherited_writable(void)
{
	errno = EBADF;
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
		if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR && write(fd, "x", 1) == 1)
			return DONE;
	return BLOCKED;
}

/* The socket is the same, whoever holds its number: what waits in it is a descriptor. */
static enum outcome
inherited_socket(void)
{
	char byte;
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } control;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	int fd;

	errno = EBADF;
	for (int s = STDERR_FILENO + 1; s < 64; s++) {
		if (recvmsg(s, &m, MSG_DONTWAIT) != 1 || m.msg_controllen < sizeof(control.h))
			continue;
		memcpy(&fd, CMSG_DATA(&control.h), sizeof(fd));
		return secret_in(fd);
	}
	return BLOCKED;
}

const struct attack attacks_proc[] = {
	{ "outside-root", "", "/proc/PID/root of a process outside", outside_root, 0 },
	{ "outside-cwd", "", "/proc/PID/cwd of a process outside", outside_cwd, 0 },
	{ "outside-fd", "", "/proc/PID/fd of a process outside", outside_fd, 0 },
	{ "outside-mem", "", "/proc/PID/mem of a process outside", outside_mem, 0 },
	{ "outside-environ", "", "/proc/PID/environ of a process outside", outside_environ, 0 },
	{ "outside-maps", "", "/proc/PID/maps of a process outside", outside_maps, 0 },
	{ "see-outside", "landlock:shared-proc", "find a process outside in /proc", see_outside, 0 },
	{ "first-root", "", "/proc/1/root", first_root, 0 },
	{ "first-cwd", "", "/proc/1/cwd", first_cwd, 0 },
	{ "first-fds", "", "files that pid 1 of the sandbox has open", first_fds, 0 },
	{ "first-exe", "", "change the mode (to what it is) of the program of pid 1, through /proc/1/exe",
	    first_exe, 0 },
	{ "unconfined-first", "", "take over pid 1 where it is less confined", unconfined_first, 0 },
	{ "attach-outside", "", "ptrace a process outside", attach_outside, 0 },
	{ "seize-outside", "", "PTRACE_SEIZE a process outside", seize_outside, 0 },
	{ "read-memory", "", "process_vm_readv on a process outside", read_memory, 0 },
	{ "write-memory", "", "process_vm_writev on a process outside", write_memory, 0 },
	{ "take-descriptor", "", "pidfd_getfd from a process outside", take_descriptor, 0 },
	{ "compare-kernel", "", "kcmp with a process outside", compare_kernel, 0 },
	{ "join-mounts", "root", "setns to the mounts of a process outside", join_mounts, 0 },
	{ "join-network", "root", "setns to the network of a process outside", join_network, 0 },
	{ "join-by-pidfd", "root", "setns by a pidfd", join_by_pidfd, 0 },
	{ "inherited", "fds", "read through descriptors of the caller", inherited, 0 },
	{ "directory-stream", "dir", "read relative to standard input, a directory", directory_stream, 0 },
	{ "inherited-writable", "fds", "write through descriptors of the caller", inherited_writable, 0 },
	{ "inherited-socket", "fds", "receive a descriptor through a socket of the caller",
	    inherited_socket, 0 },
	{ .name = NULL },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* landlock-calls.c - tries each form of the calls that a supervisor or a filter decides on; "NAME ok|ERRNAME" lines */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fs.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

static const char *path, *base;
static int dir, fd;
static pid_t other;

static void
say(const char *name, long rc)
{
	int e = errno;

	printf("%s %s\n", name, rc < 0 ? strerrorname_np(e) : "ok");
	fflush(stdout);
}

/* What is tried on a file may succeed: it sets what is there already, or nearly. */
static void
modes(void)
{
	char self[64], dev[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	snprintf(dev, sizeof(dev), "/dev/fd/%d", fd);
	say("chmod", chmod(path, 0640));
	say("chmod-relative", fchdir(dir) != 0 ? -1 : chmod(base, 0640));
	say("chmod-proc-self", chmod(self, 0640));
	say("chmod-dev-fd", chmod(dev, 0640));
	say("fchmod", fchmod(fd, 0640));
	say("fchmodat", fchmodat(dir, base, 0640, 0));
	say("fchmodat2", syscall(452, dir, base, 0640, 0));
	say("fchmodat2-empty", syscall(452, fd, "", 0640, AT_EMPTY_PATH));
}

static void
owners(void)
{
	uid_t u = geteuid();
	gid_t g = getegid();

	say("chown", chown(path, u, g));
	say("lchown", lchown(path, u, g));
	say("fchown", fchown(fd, u, g));
	say("fchownat", fchownat(dir, base, u, g, 0));
	say("fchownat-empty", fchownat(fd, "", u, g, AT_EMPTY_PATH));
}

static void
times(void)
{
	const struct utimbuf old = { 1000, 1000 };
	const struct timeval tv[2] = { { 1001, 5 }, { 1001, 5 } };
	const struct timespec ts[2] = { { 1002, 7 }, { 1002, 7 } };

	say("utime", utime(path, &old));
	say("utimes", utimes(path, tv));
	say("futimesat", futimesat(dir, base, tv));
	say("utimensat", utimensat(dir, base, ts, 0));
	say("utimensat-nofollow", utimensat(dir, base, ts, AT_SYMLINK_NOFOLLOW));
	say("futimens", futimens(fd, ts));
	say("utimensat-now", utimensat(dir, base, NULL, 0));
}

static void
attributes(void)
{
	int flags = 0;

	say("setxattr", setxattr(path, "user.cdxp", "x", 1, 0));
	say("lsetxattr", lsetxattr(path, "user.cdxp", "xy", 2, 0));
	say("fsetxattr", fsetxattr(fd, "user.cdxp", "xyz", 3, 0));
	say("removexattr", removexattr(path, "user.cdxp"));
	say("setxattr-empty", setxattr(path, "user.cdxp", "", 0, 0));
	say("fremovexattr", fremovexattr(fd, "user.cdxp"));
	say("lsetxattr-again", lsetxattr(path, "user.cdxp", "x", 1, 0));
	say("lremovexattr", lremovexattr(path, "user.cdxp"));
	say("security-capability", setxattr(path, "security.capability",
	    "\1\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 0));
	say("ioctl-getflags", ioctl(fd, FS_IOC_GETFLAGS, &flags));
	say("ioctl-setflags", ioctl(fd, FS_IOC_SETFLAGS, &flags));
	say("truncate", truncate(path, 1));
}

static void
on_file(const char *file)
{
	char *copy = strdup(file), *copy2 = strdup(file);

	path = file;
	base = basename(copy);
	dir = open(dirname(copy2), O_RDONLY | O_DIRECTORY);
	fd = open(file, O_RDONLY);
	if (dir < 0 || fd < 0) {
		say("open", -1);
		exit(1);
	}
	modes();
	owners();
	times();
	attributes();
	free(copy);
	free(copy2);
}

/* A process of the same user that is not in the sandbox. */
static void
on_process(void)
{
	char name[64], c;
	struct rlimit64 { uint64_t cur, max; } limit = { 1, 1 };
	cpu_set_t cpus;
	struct iovec here = { &c, 1 }, there = { &limit, 1 };

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	say("kill-0", kill(other, 0));
	say("kill", kill(other, SIGUSR1));
	say("tgkill", syscall(SYS_tgkill, other, other, SIGUSR1));
	say("sigqueue", sigqueue(other, SIGUSR1, (union sigval){ .sival_int = 0 }));
	long pidfd = syscall(SYS_pidfd_open, other, 0);
	say("pidfd-signal", syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0));
	say("pidfd-getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0));
	say("ptrace-seize", ptrace(PTRACE_SEIZE, other, NULL, NULL));
	say("ptrace-attach", ptrace(PTRACE_ATTACH, other, NULL, NULL));
	say("process-vm-readv", process_vm_readv(other, &here, 1, &there, 1, 0));
	say("prlimit", syscall(SYS_prlimit64, other, RLIMIT_CPU, &limit, NULL));
	say("setpriority", setpriority(PRIO_PROCESS, (id_t)other, 19));
	say("setpriority-user", setpriority(PRIO_USER, 0, 19));
	say("ioprio-set", syscall(SYS_ioprio_set, 1, other, 3 << 13));
	say("sched-setaffinity", sched_setaffinity(other, sizeof(cpus), &cpus));
	say("sched-setscheduler", sched_setscheduler(other, SCHED_BATCH, &(struct sched_param){ 0 }));
	static const char *const file[] = { "environ", "mem", "maps", "root/", "cwd/", "fd/0", "auxv" };
	for (size_t i = 0; i < sizeof(file) / sizeof(*file); i++) {
		snprintf(name, sizeof(name), "/proc/%d/%s", (int)other, file[i]);
		int f = open(name, O_RDONLY);
		snprintf(name, sizeof(name), "proc-%s", file[i]);
		say(name, f < 0 ? -1 : read(f, &c, 1) < 0 && errno != EISDIR ? -1 : 0);
	}
}

/* The same on itself, and on a child, must go on working. */
static void
on_itself(void)
{
	cpu_set_t cpus;
	struct rlimit now;

	say("own-getrlimit", getrlimit(RLIMIT_CORE, &now));
	say("own-setrlimit", setrlimit(RLIMIT_CORE, &now));
	say("own-getaffinity", sched_getaffinity(0, sizeof(cpus), &cpus));
	say("own-setaffinity", sched_setaffinity(0, sizeof(cpus), &cpus));
	say("own-setaffinity-by-number", sched_setaffinity(getpid(), sizeof(cpus), &cpus));
	int nice_now = getpriority(PRIO_PROCESS, 0);
	say("own-nice", setpriority(PRIO_PROCESS, 0, nice_now));
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	say("child-prlimit", prlimit(child, RLIMIT_CORE, &now, NULL));
	say("child-setpriority", setpriority(PRIO_PROCESS, (id_t)child, nice_now));
	say("child-ptrace", ptrace(PTRACE_SEIZE, child, NULL, NULL));
	say("child-kill", kill(child, SIGKILL));
	say("parent-kill", kill(getppid(), SIGKILL));
	say("parent-prlimit", prlimit(getppid(), RLIMIT_CORE, &now, NULL));
	say("parent-ptrace", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static void
elsewhere(void)
{
	static const struct { const char *name; int family, type; } sockets[] = {
		{ "socket-unix", AF_UNIX, SOCK_STREAM }, { "socket-inet", AF_INET, SOCK_STREAM },
		{ "socket-inet6", AF_INET6, SOCK_STREAM }, { "socket-udp", AF_INET, SOCK_DGRAM },
		{ "socket-raw", AF_INET, SOCK_RAW }, { "socket-netlink", AF_NETLINK, SOCK_RAW },
		{ "socket-vsock", AF_VSOCK, SOCK_STREAM }, { "socket-packet", AF_PACKET, SOCK_RAW },
	};
	int pair[2];

	for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++)
		say(sockets[i].name, socket(sockets[i].family, sockets[i].type, 0));
	say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	say("shmget", shmget(IPC_PRIVATE, 4096, 0600));
	say("semget", semget(IPC_PRIVATE, 1, 0600));
	say("msgget", msgget(IPC_PRIVATE, 0600));
	say("mq-open", mq_open("/cdxp-test", O_RDWR | O_CREAT, 0600, NULL));
	say("shm-open", open("/dev/shm/cdxp-test", O_RDWR | O_CREAT, 0600));
	say("unshare-user", unshare(CLONE_NEWUSER));
	say("chroot", chroot("/"));
	say("io-uring", syscall(425, 1, NULL));
	say("open-null", open("/dev/null", O_RDWR));
	say("open-ptmx", open("/dev/ptmx", O_RDWR));
	say("mknod", mknod("device", S_IFCHR | 0600, 0x0103));
}

/* Standard input is a socket that somebody else made. */
static void
connect_inherited(const char *to)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", to);
	say("connect", connect(STDIN_FILENO, (struct sockaddr *)&un, sizeof(un)));
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "file") == 0)
		on_file(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "process") == 0 && (other = atoi(argv[2])) > 0)
		on_process();
	else if (argc == 2 && strcmp(argv[1], "itself") == 0)
		on_itself();
	else if (argc == 2 && strcmp(argv[1], "elsewhere") == 0)
		elsewhere();
	else if (argc == 3 && strcmp(argv[1], "connect") == 0)
		connect_inherited(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "watch") == 0)
		say("watch", inotify_add_watch(inotify_init1(0), argv[2], IN_CREATE));
	else
		return 2;
	return 0;
}

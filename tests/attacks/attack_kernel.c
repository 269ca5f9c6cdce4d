/* SPDX-License-Identifier: Apache-2.0 */
/* attack_kernel.c - parts of the kernel that no command needs, and calls by other numbers */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

static enum outcome
io_uring(void)
{
	struct io_uring_params p = { .flags = 0 };
	long fd = syscall(SYS_io_uring_setup, 1, &p);

	return fd < 0 && errno == ENOSYS && is_control() ? CANNOT : outcome_of(fd >= 0);
}

static enum outcome
user_faults(void)
{
	return outcome_of(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY) >= 0);
}

static enum outcome
user_faults_device(void)
{
	return opens("/dev/userfaultfd", O_RDWR);
}

static enum outcome
perf(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	return fd < 0 && errno == ENOSYS && is_control() ? CANNOT : outcome_of(fd >= 0);
}

static enum outcome
bpf_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	return outcome_of(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) >= 0);
}

/* What follows has arguments that are wrong: the error tells whether we would be let in. */

static enum outcome
load_module(void)
{
	return reached(syscall(SYS_init_module, "not a module", 12, ""));
}

static enum outcome
load_module_file(void)
{
	int fd = open("file", O_RDONLY | O_CLOEXEC);

	return reached(syscall(SYS_finit_module, fd, "", 0));
}

static enum outcome
remove_module(void)
{
	return reached(syscall(SYS_delete_module, "cdxp_no_such_module", O_NONBLOCK));
}

static enum outcome
kexec(void)
{
	enum { MANY = 1 << 20 };	/* more segments than there can be */
	long rc = syscall(SYS_kexec_load, 0, MANY, NULL, 0);

	return errno == ENOSYS && is_control() ? CANNOT : reached(rc);
}

static enum outcome
swap(void)
{
	return reached(swapon("file", 0));
}

static enum outcome
swap_off(void)
{
	return reached(swapoff("file"));
}

static enum outcome
accounting(void)
{
	int rc = acct("no-such-directory/file");

	return rc != 0 && errno == ENOSYS && is_control() ? CANNOT : reached(rc);
}

static enum outcome
reboot_machine(void)
{
	enum { NO_MAGIC = 1 };

	return reached(syscall(SYS_reboot, NO_MAGIC, NO_MAGIC, 0, NULL));
}

static enum outcome
adjust_clock(void)
{
	struct timex t = { .modes = 0 };

	if (adjtimex(&t) < 0)
		return BLOCKED;
	t.modes = ADJ_FREQUENCY;
	return outcome_of(adjtimex(&t) >= 0);
}

/* The time zone, which is the one that it has. */
static enum outcome
set_time(void)
{
	struct timezone zone;

	if (syscall(SYS_gettimeofday, NULL, &zone) != 0)
		return BLOCKED;
	return outcome_of(syscall(SYS_settimeofday, NULL, &zone) == 0);
}

/* The name that it has, in the control in a namespace besides. */
static enum outcome
set_host_name(void)
{
	char name[256];

	return outcome_of(gethostname(name, sizeof(name)) == 0 && sethostname(name, strlen(name)) == 0);
}

static enum outcome
set_domain_name(void)
{
	char name[256];

	return outcome_of(getdomainname(name, sizeof(name)) == 0 && setdomainname(name, strlen(name)) == 0);
}

static enum outcome
kernel_log(void)
{
	enum { READ_CLEAR = 4 };

	return reached(klogctl(READ_CLEAR, NULL, -1));
}

static enum outcome
watch_everything(void)
{
	return outcome_of(fanotify_init(FAN_CLASS_CONTENT, O_RDONLY) >= 0);
}

/* A forbidden call may cost the life of who makes it. */
static enum outcome
in_child(bool (*call)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(call() ? 0 : errno == ENOSYS ? ENOSYS : 1);
	if (waitpid(pid, &status, 0) != pid)
		return BLOCKED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == ENOSYS)
		return is_control() ? cannot(ENOSYS) : BLOCKED;
	/* A kernel without the other calls kills as a filter does, by another signal. */
	if (WIFSIGNALED(status) && is_control())
		return cannot(ENOSYS);
	return outcome_of(status == 0);
}

#if defined(__x86_64__)
enum { I386_GETPID = 20, I386_UNSHARE = 310, X32 = 0x40000000 };

static long
i386_call(long number, long argument)
{
	long rc;

	__asm__ volatile("int $0x80" : "=a"(rc) : "0"(number), "b"(argument)
	    : "memory", "r8", "r9", "r10", "r11");
	return (int)rc;
}

static bool
i386_getpid(void)
{
	return i386_call(I386_GETPID, 0) == getpid();
}

static bool
i386_unshare(void)
{
	enum { NEWUSER = 0x10000000 };

	return i386_call(I386_UNSHARE, NEWUSER) == 0;
}

static bool
x32_getpid(void)
{
	return syscall(X32 + SYS_getpid) == getpid();
}

static enum outcome
ports(void)
{
	return outcome_of(ioperm(0x80, 1, 1) == 0);
}

static enum outcome
all_ports(void)
{
	return outcome_of(iopl(3) == 0);
}
#else
static bool
i386_getpid(void)
{
	errno = ENOSYS;
	return false;
}

static bool
i386_unshare(void)
{
	return i386_getpid();
}

static bool
x32_getpid(void)
{
	return i386_getpid();
}

static enum outcome
ports(void)
{
	return cannot(ENOSYS);
}

static enum outcome
all_ports(void)
{
	return cannot(ENOSYS);
}
#endif

static enum outcome
i386_number(void)
{
	return in_child(i386_getpid);
}

static enum outcome
i386_namespace(void)
{
	return in_child(i386_unshare);
}

static enum outcome
x32_number(void)
{
	return in_child(x32_getpid);
}

const struct attack attacks_kernel[] = {
	{ "io-uring", "", "set up an io_uring, whose calls no filter sees", io_uring, 0 },
	{ "user-faults", "", "handle page faults of the kernel by userfaultfd", user_faults, 0 },
	{ "user-faults-device", "root", "the same by /dev/userfaultfd", user_faults_device, 0 },
	{ "perf", "", "open a performance counter", perf, 0 },
	{ "bpf-map", "root", "make a map for bpf programs", bpf_map, 0 },
	{ "load-module", "root", "init_module", load_module, 0 },
	{ "load-module-file", "root", "finit_module", load_module_file, 0 },
	{ "remove-module", "root", "delete_module", remove_module, 0 },
	{ "kexec", "root", "kexec_load", kexec, 0 },
	{ "swap-on", "root", "swapon", swap, 0 },
	{ "swap-off", "root", "swapoff", swap_off, 0 },
	{ "accounting", "root", "acct", accounting, 0 },
	{ "reboot", "root", "reboot", reboot_machine, 0 },
	{ "adjust-clock", "root", "adjtimex, to the frequency that it has", adjust_clock, 0 },
	{ "set-time", "root", "settimeofday", set_time, 0 },
	{ "set-host-name", "ns", "sethostname, to the name that it has", set_host_name, 0x04000000 },
	{ "set-domain-name", "ns", "setdomainname, to the name that it has", set_domain_name, 0x04000000 },
	{ "kernel-log", "root", "read and clear the kernel's log", kernel_log, 0 },
	{ "watch-everything", "root", "fanotify of the class that can refuse", watch_everything, 0 },
	{ "i386-number", "", "a system call by its i386 number", i386_number, 0 },
	{ "i386-namespace", "", "make a user namespace by the i386 number", i386_namespace, 0 },
	{ "x32-number", "", "a system call by its x32 number", x32_number, 0 },
	{ "ports", "root", "ioperm", ports, 0 },
	{ "all-ports", "root", "iopl", all_ports, 0 },
	{ .name = NULL },
};

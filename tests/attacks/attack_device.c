/* SPDX-License-Identifier: Apache-2.0 */
/* attack_device.c - device nodes, /sys, control groups and the switches of /proc */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MEM_MAJOR = 1, ZERO_MINOR = 5 };

static enum outcome
reads_zero(const char *path)
{
	char byte = 'x';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	ssize_t n = read(fd, &byte, 1);
	close(fd);
	return outcome_of(n == 1 && byte == '\0');
}

/* /dev/zero by another name. */
static enum outcome
make_device(void)
{
	return mknod("device", S_IFCHR | 0600, makedev(MEM_MAJOR, ZERO_MINOR)) != 0 ? BLOCKED :
	    reads_zero("device");
}

static enum outcome
make_device_in_dev(void)
{
	const char *path = "/dev/shm/cdxp-attack-device";

	if (mknod(path, S_IFCHR | 0600, makedev(MEM_MAJOR, ZERO_MINOR)) != 0)
		return BLOCKED;
	enum outcome got = reads_zero(path);
	unlink(path);
	return got;
}

/* Put there by the runner, where that is root. */
static enum outcome
found_device(void)
{
	if (is_control() && access("node", F_OK) != 0)
		return cannot(errno);
	return reads_zero("node");
}

static enum outcome
kernel_messages(void)
{
	return opens("/dev/kmsg", O_RDONLY);
}

static enum outcome
physical_memory(void)
{
	return opens("/dev/mem", O_RDONLY);
}

static enum outcome
fuse(void)
{
	return opens("/dev/fuse", O_RDWR);
}

static enum outcome
tunnel(void)
{
	return opens("/dev/net/tun", O_RDWR);
}

static enum outcome
loop_control(void)
{
	return opens("/dev/loop-control", O_RDWR);
}

static enum outcome
virtual_machine(void)
{
	return opens("/dev/kvm", O_RDWR);
}

static enum outcome
disk(void)
{
	return *given("ATTACK_DISK") == '\0' ? cannot(ENOENT) : opens(given("ATTACK_DISK"), O_RDONLY);
}

static enum outcome
disk_by_number(void)
{
	unsigned from, to;

	if (sscanf(given("ATTACK_DISK_NUMBER"), "%u:%u", &from, &to) != 2)
		return cannot(ENOENT);
	if (mknod("device", S_IFBLK | 0600, makedev(from, to)) != 0)
		return BLOCKED;
	return opens("device", O_RDONLY);
}

/* A terminal of the test, which is not ours. */
static enum outcome
other_terminal(void)
{
	int fd = open(given("ATTACK_TERMINAL"), O_RDWR | O_NOCTTY | O_CLOEXEC);

	return outcome_of(fd >= 0 && write(fd, "x", 1) == 1);
}

static enum outcome
core_pattern(void)
{
	return writes_back("/proc/sys/kernel/core_pattern");
}

static enum outcome
overcommit(void)
{
	return writes_back("/proc/sys/vm/overcommit_memory");
}

static enum outcome
pid_max(void)
{
	return writes_back("/proc/sys/kernel/pid_max");
}

static enum outcome
affinity_of_interrupts(void)
{
	return writes_back("/proc/irq/default_smp_affinity");
}

static enum outcome
sysrq(void)
{
	return opens("/proc/sysrq-trigger", O_WRONLY);
}

static enum outcome
memory_types(void)
{
	return opens("/proc/mtrr", O_WRONLY);
}

static enum outcome
kernel_image(void)
{
	return opens("/proc/kcore", O_RDONLY);
}

static enum outcome
formats(void)
{
	return opens("/proc/sys/fs/binfmt_misc/register", O_WRONLY);
}

static enum outcome
oom_outside(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)outside_pid());
	return writes_back(path);
}

static enum outcome
sys_setting(void)
{
	return writes_back("/sys/kernel/mm/ksm/sleep_millisecs") == DONE ? DONE :
	    writes_back("/sys/block/loop0/queue/read_ahead_kb");
}

static enum outcome
power_state(void)
{
	return opens("/sys/power/state", O_WRONLY);
}

static enum outcome
uevent_helper(void)
{
	return opens("/sys/kernel/uevent_helper", O_WRONLY);
}

static enum outcome
tracing(void)
{
	return opens("/sys/kernel/tracing/trace_marker", O_WRONLY);
}

/* Version 2, alone or beside the first. */
static const char *
cgroups(void)
{
	return access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup/unified" :
	    "/sys/fs/cgroup";
}

static enum outcome
cgroup_make(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/cdxp-attack-%d", cgroups(), (int)outside_pid());
	if (mkdir(path, 0755) != 0)
		return is_control() && errno != EACCES && errno != EPERM ? CANNOT : BLOCKED;
	return outcome_of(rmdir(path) == 0);
}

/* Into the group in which it is. */
static enum outcome
cgroup_move(void)
{
	char line[512] = "", path[600];
	FILE *f = fopen("/proc/self/cgroup", "re");

	while (f != NULL && strncmp(line, "0::", 3) != 0 && fgets(line, sizeof(line), f) != NULL)
		continue;
	if (f != NULL)
		fclose(f);
	if (strncmp(line, "0::", 3) != 0)
		return is_control() ? cannot(ENOENT) : BLOCKED;
	line[strcspn(line, "\n")] = '\0';
	snprintf(path, sizeof(path), "%s%s/cgroup.procs", cgroups(), line + 3);
	if (is_control() && access(path, F_OK) != 0)
		return CANNOT;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	return outcome_of(fd >= 0 && write(fd, "0", 1) == 1);
}

const struct attack attacks_device[] = {
	{ "make-device", "root", "make a device node in the workspace and read from it", make_device, 0 },
	{ "make-device-in-dev", "root", "make a device node in /dev/shm", make_device_in_dev, 0 },
	{ "found-device", "landlock:the workspace is the host's own mount",
	    "read from a device node that lies in the workspace", found_device, 0 },
	{ "kernel-messages", "root", "open /dev/kmsg", kernel_messages, 0 },
	{ "physical-memory", "root", "open /dev/mem", physical_memory, 0 },
	{ "fuse", "root", "open /dev/fuse", fuse, 0 },
	{ "tunnel", "root", "open /dev/net/tun", tunnel, 0 },
	{ "loop-control", "root", "open /dev/loop-control", loop_control, 0 },
	{ "virtual-machine", "root", "open /dev/kvm", virtual_machine, 0 },
	{ "disk", "root", "open the disk below the workspace", disk, 0 },
	{ "disk-by-number", "root", "make a node for that disk", disk_by_number, 0 },
	{ "other-terminal", "", "write to a terminal that is not ours", other_terminal, 0 },
	{ "core-pattern", "root", "write kernel.core_pattern, the value that it has", core_pattern, 0 },
	{ "overcommit", "root", "write vm.overcommit_memory, the value that it has", overcommit, 0 },
	{ "pid-max", "root", "write kernel.pid_max, the value that it has", pid_max, 0 },
	{ "interrupts", "root", "write to /proc/irq, the value that is there", affinity_of_interrupts, 0 },
	{ "sysrq", "root", "open /proc/sysrq-trigger", sysrq, 0 },
	{ "memory-types", "root", "open /proc/mtrr for writing", memory_types, 0 },
	{ "kernel-image", "root", "open /proc/kcore", kernel_image, 0 },
	{ "formats", "root", "open the registry of binary formats", formats, 0 },
	{ "oom-outside", "", "write oom_score_adj of a process outside, the value that it has",
	    oom_outside, 0 },
	{ "sys-setting", "root", "write a setting in /sys, the value that it has", sys_setting, 0 },
	{ "power-state", "root", "open /sys/power/state", power_state, 0 },
	{ "uevent-helper", "root", "open /sys/kernel/uevent_helper", uevent_helper, 0 },
	{ "tracing", "root", "open the kernel's trace", tracing, 0 },
	{ "cgroup-make", "root", "make a control group", cgroup_make, 0 },
	{ "cgroup-move", "root", "move into a control group, the one where we are", cgroup_move, 0 },
	{ .name = NULL },
};

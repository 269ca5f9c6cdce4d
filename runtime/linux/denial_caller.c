/* SPDX-License-Identifier: Apache-2.0 */
/* denial_caller.c - names of processes, and rights like theirs */
#include <config.h>

#include "denial_caller.h"

#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_file.h"

/* What was executed by a descriptor is called by its number: then as the file is. */
static void
name_of_number(pid_t pid, char name[DENIAL_NAME_BYTES])
{
	static const char gone[] = " (deleted)", memory[] = "memfd:";
	char link[64], file[PATH_MAX];

	if (name[strspn(name, "0123456789")] != '\0')
		return;
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	ssize_t n = readlink(link, file, sizeof(file) - 1);
	if (n <= 0)
		return;
	file[n] = '\0';
	const char *base = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file;
	if (strncmp(base, memory, sizeof(memory) - 1) == 0)
		base += sizeof(memory) - 1;
	size_t len = strlen(base), tail = sizeof(gone) - 1;
	if (len > tail && strcmp(base + len - tail, gone) == 0)
		len -= tail;
	if (len > 0)
		snprintf(name, DENIAL_NAME_BYTES, "%.*s", (int)len, base);
}

bool
denial_process(pid_t tid, struct denial *d, char name[DENIAL_NAME_BYTES])
{
	char text[PROC_STATUS_BYTES], path[64];
	const char *tgid = proc_status(tid, text) ? proc_field(text, "Tgid") : NULL;

	if (tgid == NULL)
		return false;
	d->pid = (int)strtol(tgid, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%d/comm", d->pid);
	if (!proc_read(path, name, DENIAL_NAME_BYTES))
		return false;
	name[strcspn(name, "\n")] = '\0';
	name_of_number(d->pid, name);
	d->process = name;
	return true;
}

/* Those of a command that root starts (spec 3.1); an ordinary user's has none, as we have none then. */
void
denial_low_rights(bool low)
{
	const uint32_t command = 1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER | 1u << CAP_FSETID;
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct v[2];

	if (geteuid() != 0 || syscall(SYS_capget, &head, v) != 0)
		return;
	v[0].effective = low ? v[0].permitted & command : v[0].permitted;
	v[1].effective = low ? 0 : v[1].permitted;
	syscall(SYS_capset, &head, v);
}

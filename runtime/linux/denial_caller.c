/* SPDX-License-Identifier: Apache-2.0 */
/* denial_caller.c - names of processes, and rights like theirs */
#include <config.h>

#include "denial_caller.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_file.h"

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

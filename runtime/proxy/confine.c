/* SPDX-License-Identifier: Apache-2.0 */
/* confine.c - capabilities dropped, and a Landlock domain in which files can only be read */
#include <config.h>

#include "confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_restrict_self	446
#endif

/*
 * The thirteen rights of the first version of Landlock (linux/landlock.h,
 * which has the name of a header of ours) but READ_FILE and READ_DIR: what is
 * handled and no rule gives back is denied.
 */
static const uint64_t denied = 0x1fff & ~(1u << 2 | 1u << 3);

/* Nothing is executed any more, so none comes back. */
static int
drop_all_caps(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	return (int)syscall(SYS_capset, &head, none);
}

int
confine_proxy(void)
{
	if (drop_all_caps() != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -1;
	int fd = (int)syscall(SYS_landlock_create_ruleset, &denied, sizeof(denied), 0);
	if (fd < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
	/* E2BIG: sixteen domains are around us already. */
	int rc = (int)syscall(SYS_landlock_restrict_self, fd, 0), saved = errno;
	close(fd);
	errno = saved;
	return rc == 0 || saved == E2BIG ? 0 : -1;
}

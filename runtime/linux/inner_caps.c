/* SPDX-License-Identifier: Apache-2.0 */
/* inner_caps.c - capabilities, securebits, no_new_privs */
#include <config.h>

#include "inner_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is kept passes an exec by the ambient set alone, which nobody adds to afterwards. */
static const unsigned long locked_bits =
    SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
    SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
    SECBIT_KEEP_CAPS_LOCKED |
    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

static bool
has(uint64_t set, unsigned cap)
{
	return (set >> cap & 1) != 0;
}

/* The kernel may know more of them than its headers did when this was built. */
static int
drop_bounding(uint64_t keep)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		if (has(keep, cap) || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		return errno == EINVAL && cap > CAP_SETPCAP ? 0 : -1;
	}
	return 0;
}

static int
set_caps(uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	for (size_t i = 0; i < NELEMS(data); i++) {
		uint32_t half = (uint32_t)(permitted >> 32 * i);
		data[i] = (struct __user_cap_data_struct){ half, half,
		    (uint32_t)(inheritable >> 32 * i) };
	}
	return (int)syscall(SYS_capset, &head, data);
}

int
inner_caps_drop(uint64_t keep)
{
	uint64_t meanwhile = keep | UINT64_C(1) << CAP_SETPCAP;

	if (drop_bounding(keep) != 0 || set_caps(meanwhile, keep) != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
		return -1;
	for (unsigned cap = 0; cap < 64; cap++)
		if (has(keep, cap) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0)
			return -1;
	if (prctl(PR_SET_SECUREBITS, locked_bits, 0, 0, 0) != 0 || set_caps(keep, keep) != 0)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

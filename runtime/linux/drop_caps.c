/* SPDX-License-Identifier: Apache-2.0 */
/* drop_caps.c - capabilities of a command that has no user namespace of its own */
#include <config.h>

#include "drop_caps.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base.h"

static uint64_t
permitted(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &head, data) != 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static int
set_caps(uint32_t caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	data[0].permitted = data[0].effective = data[0].inheritable = caps;
	return (int)syscall(SYS_capset, &head, data);
}

int
drop_caps(void)
{
	static const unsigned keep[] = {
		CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID,
	};
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
	uint64_t have = permitted();
	uint32_t kept = 0;

	for (size_t i = 0; geteuid() == 0 && i < NELEMS(keep); i++)
		kept |= 1u << keep[i];
	kept &= (uint32_t)have;
	if ((have >> CAP_SETPCAP & 1) != 0) {
		for (int cap = 0; cap < 64; cap++)
			if ((cap >= 32 || (kept >> cap & 1) == 0) && prctl(PR_CAPBSET_DROP, cap) != 0)
				break;	/* the kernel has no more */
		if (prctl(PR_SET_SECUREBITS, bits) != 0)
			return -1;
	}
	/* What is not inheritable any more is not ambient either. */
	if (set_caps(kept) != 0)
		return -1;
	/* In a sandbox of ours they are so already, and none may be added. */
	for (size_t i = 0; i < NELEMS(keep); i++)
		if ((kept >> keep[i] & 1) != 0 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, keep[i], 0, 0) != 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, keep[i], 0, 0) != 0)
			return -1;
	return 0;
}

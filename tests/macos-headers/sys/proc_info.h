/* SPDX-License-Identifier: Apache-2.0 */
/* sys/proc_info.h - what runtime/macos/ uses of it; the real structure has more members */
#ifndef TEST_MACOS_PROC_INFO_H
#define TEST_MACOS_PROC_INFO_H

#include <stdint.h>

#define PROC_PIDTBSDINFO	3

struct proc_bsdinfo {
	uint32_t	pbi_flags, pbi_status, pbi_xstatus, pbi_pid, pbi_ppid;
};

#endif

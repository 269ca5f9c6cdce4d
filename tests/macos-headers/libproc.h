/* SPDX-License-Identifier: Apache-2.0 */
/* libproc.h - what runtime/macos/ uses of it */
#ifndef TEST_MACOS_LIBPROC_H
#define TEST_MACOS_LIBPROC_H

#include <stdint.h>
#include <sys/types.h>

int	proc_listchildpids(pid_t, void *, int);
int	proc_pidinfo(int, int, uint64_t, void *, int);

#endif

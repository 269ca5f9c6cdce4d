/* SPDX-License-Identifier: Apache-2.0 */
/* mach-o/dyld.h - what doctor_macos.c uses of it, after dyld(3) */
#ifndef CDXP_MACH_O_DYLD_H
#define CDXP_MACH_O_DYLD_H

#include <stdint.h>

int	_NSGetExecutablePath(char *, uint32_t *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_gen.h - what the two halves of the generator of filters share */
#ifndef CDXP_SECCOMP_GEN_H
#define CDXP_SECCOMP_GEN_H

#include <seccomp.h>

#include "base.h"

/* struct sock_filter, as it lies in memory on the machine that builds. */
struct insn {
	uint16_t	code;
	uint8_t		jt, jf;
	uint32_t	k;
};

enum {
	LOAD = 0x20, AND = 0x54, JUMP_EQUAL = 0x15, RETURN = 0x06,	/* linux/bpf_common.h */
	NUMBER = 0, ARCH = 4, ARGS = 16,		/* in struct seccomp_data */
	ALLOW = 0x7fff0000, NOTIFY = 0x7fc00000,	/* linux/seccomp.h */
};

struct gen_arch {
	const char	*name;
	uint32_t	 token;
};

/* `error' is an errno, or the negative of one. */
_Noreturn void	gen_fail(const char *what, int error);
/* The call's number on that architecture, which has it. */
uint32_t	gen_number_on(uint32_t token, const char *name);
/* filter_ARCH_NAME[], on standard output. */
void	gen_print(const struct gen_arch *, const char *name, const struct insn *, size_t len);

/* seccomp_gen_log.c: the four filters of an architecture that go in front with --log-denials. */
void	gen_print_logs(const struct gen_arch *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_filter.h - the system call filters of spec 3.1, made at build time */
#ifndef CDXP_SECCOMP_FILTER_H
#define CDXP_SECCOMP_FILTER_H

#include "base.h"

enum filter_arch { FILTER_X86_64, FILTER_AARCH64, FILTER_ARCHES };

/* By network mode. */
enum filter_mode { FILTER_OFF, FILTER_PROXIED, FILTER_OPEN, FILTER_MODES };

/*
 * With the network off or proxied connect(2) is a notification, which the
 * supervisor answers: whoever installs the filter asks for the listener.  Who
 * cannot, because another program installs it (bwrap), has that program take
 * the inner form, which lets connect pass, below the outer filter, which does
 * nothing but notify.  The two together are the whole.
 */
enum filter_form { FILTER_WHOLE, FILTER_INNER, FILTER_FORMS };

/* The layout of struct sock_filter (linux/filter.h), which other systems lack. */
struct filter_insn {
	uint16_t	code;
	uint8_t		jt, jf;
	uint32_t	k;
};

/*
 * Static; *len is the number of instructions.  NULL and 0 only where there are
 * no filters (seccomp_none.c).  `no_debug' refuses ptrace and process_vm_*.
 */
const struct filter_insn *seccomp_filter_get(enum filter_arch, enum filter_mode, bool no_debug,
	    enum filter_form, size_t *len);
const struct filter_insn *seccomp_filter_outer(enum filter_arch, size_t *len);

/* connect(2) is a notification in this mode. */
bool	seccomp_filter_notifies(enum filter_mode);

/* The architecture this program was built for; FILTER_ARCHES: none of them. */
enum filter_arch	seccomp_filter_native(void);

const char	*seccomp_filter_arch_name(enum filter_arch);	/* "x86_64" */
const char	*seccomp_filter_mode_name(enum filter_mode);	/* "off" */

/* What the filter does, a line for each group of calls, NULL at the end; static. */
const char	*const *seccomp_filter_words(enum filter_mode, bool no_debug);

/* What made the bytes: "libseccomp 2.5.4". */
const char	*seccomp_filter_version(void);

#endif

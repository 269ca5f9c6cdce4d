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
enum filter_form {
	FILTER_WHOLE, FILTER_INNER,
	FILTER_INNER_LOGGED,	/* the same, where a log is in front of the outer one */
	FILTER_FORMS,
};

/* What denials are seen by: the calls that the listener is told of besides (spec 3.1.4). */
enum filter_log { FILTER_SILENT, FILTER_LOG_WRITES, FILTER_LOG_READS, FILTER_LOGS };

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

/*
 * What goes in front of a whole or an outer filter to notify of those calls;
 * NULL and 0 for FILTER_SILENT.  What it does not notify of it leaves to the
 * filter behind it.
 */
const struct filter_insn *seccomp_filter_log(enum filter_arch, enum filter_mode, enum filter_log,
	    size_t *len);
const char	*seccomp_filter_log_name(enum filter_log);	/* "writes" */

/*
 * Both in one piece: a filter to be installed.  With `outer' that of
 * seccomp_filter_outer(), or none behind the log where the network is open;
 * else the whole one.  In the arena, or static; never NULL on an architecture
 * that has filters, but for *len == 0 where there is nothing to install.
 */
struct arena;
const struct filter_insn *seccomp_filter_join(struct arena *, enum filter_arch, enum filter_mode,
	    bool no_debug, enum filter_log, bool outer, size_t *len);

/*
 * A log notifies of socket(2) and socketpair(2) that are refused, too: the
 * errno that the filter without a log gives them.
 */
int	seccomp_filter_socket_error(bool pair, const uint64_t *args);

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

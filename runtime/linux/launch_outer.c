/* SPDX-License-Identifier: Apache-2.0 */
/* launch_outer.c - a command with nothing around it but the sandbox that we are in */
#include <config.h>

#include "launch_outer.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "drop_caps.h"
#include "exec_bwrap.h"
#include "ir.h"
#include "outer.h"
#include "report.h"
#include "seccomp_filter.h"

/* Whatever the native architecture is: the usual filter, loaded first, kills all others. */
#define LOAD(member) \
	{ BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offsetof(struct seccomp_data, member) }
#define UNLESS(value, over)	{ BPF_JMP | BPF_JEQ | BPF_K, 0, (over), (uint32_t)(value) }
#define GIVE(action)		{ BPF_RET | BPF_K, 0, 0, (action) }
#define REFUSE(error)		(SECCOMP_RET_ERRNO | (uint32_t)(error))

int
launch_outer_make(struct arena *a, const struct launch *l, struct launch *outer,
    struct launch_error *err)
{
	struct launch_request *q = arena_alloc(a, sizeof(*q));

	*q = *l->request;
	q->outer = q->trust_outer ? outer_sandbox(a) : NULL;
	if (q->outer == NULL)
		return 0;
	q->backend = NULL;
	q->start = NULL;
	if (launch_make(a, q, outer, err) == 0)
		return 1;
	launch_drop(outer);
	return -1;
}

static int
load(const struct sock_filter *insn, size_t n)
{
	struct sock_fprog p = { (unsigned short)n, (struct sock_filter *)(uintptr_t)insn };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p);
}

/*
 * Nobody can tell the sockets of the command from those of others here, so
 * there are none but pairs; with nothing to reach but a loopback, those of the
 * internet are its own.
 */
static int
hold_network(bool loopback_only)
{
	const struct sock_filter none[] = {
		LOAD(nr),
		UNLESS(SYS_socket, 1),
		GIVE(REFUSE(EPERM)),
		UNLESS(SYS_connect, 1),
		GIVE(REFUSE(EACCES)),
		GIVE(SECCOMP_RET_ALLOW),
	};
	const struct sock_filter internet[] = {
		LOAD(nr),
		UNLESS(SYS_socket, 3),
		LOAD(args[0]),	/* the low half: little-endian */
		UNLESS(AF_UNIX, 1),
		GIVE(REFUSE(EPERM)),
		GIVE(SECCOMP_RET_ALLOW),
	};

	return loopback_only ? load(internet, NELEMS(internet)) : load(none, NELEMS(none));
}

static int
hold_calls(const struct launch_request *q)
{
	enum filter_mode mode = q->ir->network.mode == NET_OPEN ? FILTER_OPEN : FILTER_OFF;
	size_t len;
	/* The form that notifies of nothing: nobody could answer. */
	const struct filter_insn *usual = seccomp_filter_get(seccomp_filter_native(), mode,
	    q->no_debug, FILTER_INNER, &len);

	/* The same layout under another name (seccomp_filter.h). */
	if (load((const struct sock_filter *)(const void *)usual, len) != 0)
		return -1;
	return mode == FILTER_OPEN ? 0 : hold_network(outer_has_no_network());
}

const char *
launch_outer_hold(struct arena *a, const struct launch *l)
{
	const struct launch_request *q = l->request;
	const char *why = exec_bwrap_unsupported(a);

	if (why != NULL)
		return why;
	if (drop_caps() != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return arena_printf(a, "privileges cannot be dropped: %s", strerror(errno));
	if (hold_calls(q) != 0)
		return arena_printf(a, "the system call filter cannot be loaded: %s", strerror(errno));
	report("confined by %s alone, which --nested=trust-outer trusts: of the profile only the "
	    "environment, privileges and system calls are held%s", q->outer,
	    q->ir->network.mode == NET_OPEN ? "" : ", and that there is no network");
	return NULL;
}

const char *
launch_outer_refusal(struct arena *a, const char *reasons)
{
	const char *outer = outer_sandbox(a);

	if (outer == NULL)
		return reasons;
	return arena_printf(a, "inside %s: %s; with --nested=trust-outer the command would run with that "
	    "alone around it", outer, reasons);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_gen.c - at build time: the filters, made with libseccomp, as a C header */
#include <config.h>

#include "seccomp_gen.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

/*
 * The kernel takes int and unsigned int arguments from the low half of a
 * register and ignores the rest, so every comparison here masks the high
 * half away: a comparison of all 64 bits would be walked around by setting
 * one of them.
 */
#define LOW32(arg, value)	SCMP_CMP64((arg), SCMP_CMP_MASKED_EQ, 0xffffffff, (value))
#define BITS(arg, mask, value)	SCMP_CMP64((arg), SCMP_CMP_MASKED_EQ, (mask), (value))

#ifndef TIOCSTI
#define TIOCSTI		0x5412
#endif
#define TIOC_LINUX	0x541c

struct group {
	const char	*words;
	int		 error;
	const char	*const *calls;
};

static const char *const absent[] = {
	"io_uring_setup", "io_uring_enter", "io_uring_register", "clone3", NULL,
};
static const char *const kernel_code[] = {
	"kexec_load", "kexec_file_load", "bpf", "perf_event_open", "userfaultfd", NULL,
};
static const char *const keys[] = { "add_key", "request_key", "keyctl", NULL };
static const char *const mounts[] = {
	"mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsconfig",
	"fsmount", "fspick", "mount_setattr", NULL,
};
static const char *const namespaces[] = { "setns", NULL };
static const char *const debugging[] = {
	"ptrace", "process_vm_readv", "process_vm_writev", NULL,
};

/* Refused whatever the arguments are. */
static const struct group groups[] = {
	{ "clone3 and io_uring_*: ENOSYS (the C library falls back)", ENOSYS, absent },
	{ "kexec_*, bpf, perf_event_open, userfaultfd: EPERM", EPERM, kernel_code },
	{ "add_key, request_key, keyctl: EPERM", EPERM, keys },
	{ "mount, umount2, pivot_root, open_tree*, move_mount, fs*, mount_setattr: EPERM", EPERM,
	    mounts },
	{ "setns: EPERM", EPERM, namespaces },
};
static const struct group no_debug = { "ptrace, process_vm_*: EPERM", EPERM, debugging };

/*
 * Mount calls that some libseccomp do not know yet, and so cannot translate
 * between architectures; since Linux 5.1 a new call has one number on all.
 */
static const struct { const char *name; uint32_t number; } young[] = {
	{ "open_tree_attr", 467 },
};

enum { MAX_INSNS = 4096 };			/* BPF_MAXINSNS */

/*
 * The filters of each architecture.  A network that is proxied is, for a
 * filter, one that is off: what reaches the proxy is on the loopback.
 */
static const struct variant {
	const char	*name;
	bool		 closed;	/* the network is not open */
	bool		 no_debug;
	/* An outer filter notifies of connect(2), and must not be outvoted by this one; */
	bool		 inner;
	bool		 logged;	/* nor where it notifies of refused sockets as well */
} variants[] = {
	{ "off", true, false, false, false },
	{ "off_no_debug", true, true, false, false },
	{ "off_inner", true, false, true, false },
	{ "off_no_debug_inner", true, true, true, false },
	{ "off_inner_logged", true, false, true, true },
	{ "off_no_debug_inner_logged", true, true, true, true },
	{ "open", false, false, false, false },
	{ "open_no_debug", false, true, false, false },
};

static const struct gen_arch archs[] = {
	{ "x86_64", SCMP_ARCH_X86_64 },
	{ "aarch64", SCMP_ARCH_AARCH64 },
};

_Noreturn void
gen_fail(const char *what, int error)
{
	fprintf(stderr, "seccomp_gen: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

/* In the numbering of the machine that builds; libseccomp translates. */
static int
number_of(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);
	if (nr == __NR_SCMP_ERROR)
		gen_fail(name, ENOSYS);
	return nr;
}

static void
refuse(scmp_filter_ctx ctx, const char *call, int error, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int rc = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ERRNO(error),
	    number_of(call), n, args);
	if (rc != 0)
		gen_fail(call, rc);
}

static void
refuse_group(scmp_filter_ctx ctx, const struct group *g)
{
	for (const char *const *call = g->calls; *call != NULL; call++)
		refuse(ctx, *call, g->error, 0, NULL);
}

static void
add_rules(scmp_filter_ctx ctx, const struct variant *v)
{
	const struct scmp_arg_cmp newuser = BITS(0, CLONE_NEWUSER, CLONE_NEWUSER);
	const struct scmp_arg_cmp inject[] = { LOW32(1, TIOCSTI), LOW32(1, TIOC_LINUX) };

	for (size_t i = 0; i < NELEMS(groups); i++)
		refuse_group(ctx, &groups[i]);
	if (v->no_debug)
		refuse_group(ctx, &no_debug);
	refuse(ctx, "clone", EPERM, 1, &newuser);
	refuse(ctx, "unshare", EPERM, 1, &newuser);
	for (size_t i = 0; i < NELEMS(inject); i++)
		refuse(ctx, "ioctl", EPERM, 1, &inject[i]);
}

/*
 * The command is in the process group of whoever started us, and 0 names that
 * group whatever namespace it is asked in.  For signals the kernel has a scope.
 */
static void
spare_callers_group(scmp_filter_ctx ctx)
{
	enum { IOPRIO_WHO_PGRP = 2 };
	const struct scmp_arg_cmp nice[] = { LOW32(0, PRIO_PGRP), LOW32(1, 0) };
	const struct scmp_arg_cmp ionice[] = { LOW32(0, IOPRIO_WHO_PGRP), LOW32(1, 0) };

	refuse(ctx, "setpriority", EPERM, NELEMS(nice), nice);
	refuse(ctx, "ioprio_set", EPERM, NELEMS(ionice), ionice);
}

static void
print_words(const struct variant *v)
{
	printf("static const char *const filter_words_%s[] = {\n", v->name);
	printf("\t\"another architecture, and x32: the process is killed\",\n");
	for (size_t i = 0; i < NELEMS(groups); i++)
		printf("\t\"%s\",\n", groups[i].words);
	if (v->no_debug)
		printf("\t\"%s\",\n", no_debug.words);
	printf("\t\"clone and unshare with CLONE_NEWUSER: EPERM\",\n");
	printf("\t\"ioctl TIOCSTI and TIOCLINUX (low 32 bits): EPERM\",\n");
	printf("\t\"setpriority and ioprio_set of the process group 0: EPERM\",\n");
	if (v->closed) {
		printf("\t\"socket: AF_UNIX stream and seqpacket, AF_INET, AF_INET6, NETLINK_ROUTE; "
		    "other types of AF_UNIX: EPERM; other protocols of AF_NETLINK: EPROTONOSUPPORT; "
		    "other families: EAFNOSUPPORT\",\n");
		printf("\t\"socketpair: AF_UNIX stream and seqpacket; other types: EPERM; "
		    "other families: EAFNOSUPPORT\",\n");
		printf("\t\"connect: done, or refused, by the supervisor; ENOSYS without one\",\n");
	}
	printf("\t\"everything else: allowed\",\n\tNULL,\n};\n\n");
}

/* A jump at `from' by `by' that ends at or behind `at' has `n' more instructions to cross. */
static uint8_t
stretch(size_t from, uint8_t by, size_t at, size_t n)
{
	if (from + 1 + by < at)
		return by;
	if (by + n > UINT8_MAX)
		gen_fail("a jump is too far", ERANGE);
	return (uint8_t)(by + n);
}

/*
 * Put instructions right behind the first load of the call's number, so
 * behind the check of the architecture, with the number in the accumulator;
 * where they are left the number must still be there.  Returns the new length.
 */
static size_t
insert(struct insn *f, size_t len, const struct insn *block, size_t n)
{
	size_t at = 0;

	while (at < len && !(f[at].code == LOAD && f[at].k == 0))
		at++;
	if (++at >= len || len + n > MAX_INSNS)
		gen_fail("unexpected form of a filter", EINVAL);
	for (size_t i = 0; i < at; i++) {
		if (f[i].code == JUMP_EQUAL) {
			f[i].jt = stretch(i, f[i].jt, at, n);
			f[i].jf = stretch(i, f[i].jf, at, n);
		} else if (f[i].code != LOAD && f[i].code != RETURN) {
			gen_fail("unexpected beginning of a filter", EINVAL);
		}
	}
	memmove(f + at + n, f + at, (len - at) * sizeof(*f));
	memcpy(f + at, block, n * sizeof(*f));
	return len + n;
}

static size_t
add_young(struct insn *f, size_t len)
{
	for (size_t i = 0; i < NELEMS(young); i++) {
		const struct insn block[] = {
			{ JUMP_EQUAL, 0, 1, young[i].number },
			{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPERM) },
		};
		if (seccomp_syscall_resolve_name(young[i].name) == __NR_SCMP_ERROR)
			len = insert(f, len, block, NELEMS(block));
	}
	return len;
}

uint32_t
gen_number_on(uint32_t token, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(token, name);

	if (nr < 0)
		gen_fail(name, ENOSYS);
	return (uint32_t)nr;
}

/*
 * socket, socketpair and connect where the network is not open.  A filter sees
 * no address: connect is left to the supervisor, and what sends to an address
 * without connect, AF_UNIX datagrams, cannot be had.  Assembled here, as
 * libseccomp has no "none of these" for half a register: spelt out for it,
 * bit by bit, this would be 370 instructions.
 */
static size_t
add_sockets(struct insn *f, size_t len, uint32_t token, const struct variant *v)
{
	enum { FAMILY = ARGS, TYPE = ARGS + 8, PROTOCOL = ARGS + 16 };	/* the low halves */
	/* The type is in the low four bits, flags such as SOCK_CLOEXEC are above. */
	const struct insn socket_block[] = {
		{ JUMP_EQUAL, 0, 16, gen_number_on(token, "socket") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 8, 0, AF_UNIX },
		{ JUMP_EQUAL, 6, 0, AF_INET },
		{ JUMP_EQUAL, 5, 0, AF_INET6 },
		{ JUMP_EQUAL, 1, 0, AF_NETLINK },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EAFNOSUPPORT) },
		{ LOAD, 0, 0, PROTOCOL },
		{ JUMP_EQUAL, 1, 0, NETLINK_ROUTE },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPROTONOSUPPORT) },
		{ RETURN, 0, 0, ALLOW },
		{ LOAD, 0, 0, TYPE },
		{ AND, 0, 0, 0xf },
		{ JUMP_EQUAL, 1, 0, SOCK_STREAM },
		{ JUMP_EQUAL, 0, 1, SOCK_SEQPACKET },
		{ RETURN, 0, 0, ALLOW },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPERM) },
	};
	const struct insn pair_block[] = {
		{ JUMP_EQUAL, 0, 9, gen_number_on(token, "socketpair") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 1, 0, AF_UNIX },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EAFNOSUPPORT) },
		{ LOAD, 0, 0, TYPE },
		{ AND, 0, 0, 0xf },
		{ JUMP_EQUAL, 1, 0, SOCK_STREAM },
		{ JUMP_EQUAL, 0, 1, SOCK_SEQPACKET },
		{ RETURN, 0, 0, ALLOW },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPERM) },
	};
	const struct insn connect_block[] = {
		{ JUMP_EQUAL, 0, 1, gen_number_on(token, "connect") },
		{ RETURN, 0, 0, v->inner ? ALLOW : NOTIFY },
	};

	if (!v->logged) {
		len = insert(f, len, socket_block, NELEMS(socket_block));
		len = insert(f, len, pair_block, NELEMS(pair_block));
	}
	return insert(f, len, connect_block, NELEMS(connect_block));
}

/* The filter as libseccomp writes it; returns its length. */
static size_t
make_filter(struct insn *f, uint32_t token, const struct variant *v)
{
	int rc;
	FILE *tmp = tmpfile();
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (tmp == NULL || ctx == NULL)
		gen_fail("no memory", ENOMEM);
	if ((rc = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE)) != 0 && rc != -EEXIST)
		gen_fail("removing the native architecture", rc);
	if ((rc = seccomp_arch_add(ctx, token)) != 0)
		gen_fail("adding the architecture", rc);
	if ((rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) != 0)
		gen_fail("setting the action for other architectures", rc);
	add_rules(ctx, v);
	spare_callers_group(ctx);
	if ((rc = seccomp_export_bpf(ctx, fileno(tmp))) != 0)
		gen_fail("exporting", rc);
	seccomp_release(ctx);

	rewind(tmp);
	size_t len = fread(f, sizeof(*f), MAX_INSNS, tmp);
	if (ferror(tmp) || len == 0 || len == MAX_INSNS)
		gen_fail("reading back", EIO);
	fclose(tmp);
	return len;
}

void
gen_print(const struct gen_arch *arch, const char *name, const struct insn *f, size_t len)
{
	printf("static const struct filter_insn filter_%s_%s[] = {\n", arch->name, name);
	for (size_t i = 0; i < len; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08" PRIx32 " },\n", f[i].code, f[i].jt, f[i].jf, f[i].k);
	printf("};\n\n");
}

static void
print_filter(size_t a, const struct variant *v)
{
	struct insn f[MAX_INSNS];
	size_t len = add_young(f, make_filter(f, archs[a].token, v));

	if (v->closed)
		len = add_sockets(f, len, archs[a].token, v);
	gen_print(&archs[a], v->name, f, len);
}

/* What notifies of connect(2) from outside, where the rest is installed by somebody else. */
static void
print_outer(size_t a)
{
	const struct insn f[] = {
		{ LOAD, 0, 0, ARCH },
		{ JUMP_EQUAL, 0, 3, archs[a].token },
		{ LOAD, 0, 0, NUMBER },
		{ JUMP_EQUAL, 0, 1, gen_number_on(archs[a].token, "connect") },
		{ RETURN, 0, 0, NOTIFY },
		{ RETURN, 0, 0, ALLOW },
	};

	gen_print(&archs[a], "outer", f, NELEMS(f));
}

int
main(void)
{
	const struct scmp_version *v = seccomp_version();

	printf("/* made by seccomp_gen */\n");
	printf("static const char filter_version[] = \"libseccomp %u.%u.%u\";\n\n",
	    v->major, v->minor, v->micro);
	for (size_t i = 0; i < NELEMS(variants); i++) {
		if (!variants[i].inner)
			print_words(&variants[i]);
		for (size_t a = 0; a < NELEMS(archs); a++)
			print_filter(a, &variants[i]);
	}
	for (size_t a = 0; a < NELEMS(archs); a++)
		print_outer(a);
	for (size_t a = 0; a < NELEMS(archs); a++)
		gen_print_logs(&archs[a]);
	if (fflush(stdout) != 0 || ferror(stdout))
		gen_fail("standard output", errno);
	return 0;
}

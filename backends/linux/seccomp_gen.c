/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_gen.c - at build time: the filters, made with libseccomp, as a C header */
#include <config.h>

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
#include <seccomp.h>

#include "base.h"

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

/* Refused whatever the arguments are. */
static const struct group groups[] = {
	{ "clone3 and io_uring_*: ENOSYS (the C library falls back)", ENOSYS, absent },
	{ "kexec_*, bpf, perf_event_open, userfaultfd: EPERM", EPERM, kernel_code },
	{ "add_key, request_key, keyctl: EPERM", EPERM, keys },
	{ "mount, umount2, pivot_root, open_tree*, move_mount, fs*, mount_setattr: EPERM", EPERM,
	    mounts },
	{ "setns: EPERM", EPERM, namespaces },
};

/*
 * Mount calls that some libseccomp do not know yet, and so cannot translate
 * between architectures; since Linux 5.1 a new call has one number on all.
 */
static const struct { const char *name; uint32_t number; } young[] = {
	{ "open_tree_attr", 467 },
};

/* struct sock_filter, as it lies in memory on the machine that builds. */
struct insn {
	uint16_t	code;
	uint8_t		jt, jf;
	uint32_t	k;
};

enum {
	LOAD = 0x20, AND = 0x54, JUMP_EQUAL = 0x15, RETURN = 0x06,	/* linux/bpf_common.h */
	MAX_INSNS = 4096,				/* BPF_MAXINSNS */
};

enum mode { OFF, OPEN };
static const char *const mode_name[] = { [OFF] = "off", [OPEN] = "open" };

static const struct { const char *name; uint32_t token; } archs[] = {
	{ "x86_64", SCMP_ARCH_X86_64 },
	{ "aarch64", SCMP_ARCH_AARCH64 },
};

static _Noreturn void
fail(const char *what, int error)
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
		fail(name, ENOSYS);
	return nr;
}

static void
refuse(scmp_filter_ctx ctx, const char *call, int error, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int rc = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ERRNO(error),
	    number_of(call), n, args);
	if (rc != 0)
		fail(call, rc);
}

static void
add_rules(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp newuser = BITS(0, CLONE_NEWUSER, CLONE_NEWUSER);
	const struct scmp_arg_cmp inject[] = { LOW32(1, TIOCSTI), LOW32(1, TIOC_LINUX) };

	for (size_t i = 0; i < NELEMS(groups); i++)
		for (const char *const *call = groups[i].calls; *call != NULL; call++)
			refuse(ctx, *call, groups[i].error, 0, NULL);
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
print_words(enum mode mode)
{
	printf("static const char filter_words_%s[] =\n", mode_name[mode]);
	printf("    \"another architecture, and x32: the process is killed\\n\"\n");
	for (size_t i = 0; i < NELEMS(groups); i++)
		printf("    \"%s\\n\"\n", groups[i].words);
	printf("    \"clone and unshare with CLONE_NEWUSER: EPERM\\n\"\n");
	printf("    \"ioctl TIOCSTI and TIOCLINUX (low 32 bits): EPERM\\n\"\n");
	printf("    \"setpriority and ioprio_set of the process group 0: EPERM\\n\"\n");
	if (mode == OFF) {
		printf("    \"socket: AF_INET, AF_INET6 and NETLINK_ROUTE; AF_UNIX: EPERM; "
		    "others: EAFNOSUPPORT, EPROTONOSUPPORT\\n\"\n");
		printf("    \"socketpair: AF_UNIX stream and seqpacket; other types: EPERM\\n\"\n");
	}
	printf("    \"everything else: allowed\\n\";\n\n");
}

/* A jump at `from' by `by' that ends at or behind `at' has `n' more instructions to cross. */
static uint8_t
stretch(size_t from, uint8_t by, size_t at, size_t n)
{
	if (from + 1 + by < at)
		return by;
	if (by + n > UINT8_MAX)
		fail("a jump is too far", ERANGE);
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
		fail("unexpected form of a filter", EINVAL);
	for (size_t i = 0; i < at; i++) {
		if (f[i].code == JUMP_EQUAL) {
			f[i].jt = stretch(i, f[i].jt, at, n);
			f[i].jf = stretch(i, f[i].jf, at, n);
		} else if (f[i].code != LOAD && f[i].code != RETURN) {
			fail("unexpected beginning of a filter", EINVAL);
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

static uint32_t
number_on(uint32_t token, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(token, name);

	if (nr < 0)
		fail(name, ENOSYS);
	return (uint32_t)nr;
}

/*
 * socket and socketpair with the network off.  A filter sees no address, so
 * no AF_UNIX socket can be told from the host's.  Assembled here, as
 * libseccomp has no "none of these" for half a register: spelt out for it,
 * bit by bit, this would be 370 instructions.
 */
static size_t
add_sockets(struct insn *f, size_t len, uint32_t token)
{
	enum { FAMILY = 16, TYPE = 24, PROTOCOL = 32 };	/* low halves in struct seccomp_data */
	const struct insn socket_block[] = {
		{ JUMP_EQUAL, 0, 11, number_on(token, "socket") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 8, 0, AF_UNIX },
		{ JUMP_EQUAL, 6, 0, AF_INET },
		{ JUMP_EQUAL, 5, 0, AF_INET6 },
		{ JUMP_EQUAL, 1, 0, AF_NETLINK },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EAFNOSUPPORT) },
		{ LOAD, 0, 0, PROTOCOL },
		{ JUMP_EQUAL, 1, 0, NETLINK_ROUTE },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPROTONOSUPPORT) },
		{ RETURN, 0, 0, SCMP_ACT_ALLOW },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPERM) },
	};
	/* The type is in the low four bits, flags such as SOCK_CLOEXEC are above. */
	const struct insn pair_block[] = {
		{ JUMP_EQUAL, 0, 9, number_on(token, "socketpair") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 1, 0, AF_UNIX },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EAFNOSUPPORT) },
		{ LOAD, 0, 0, TYPE },
		{ AND, 0, 0, 0xf },
		{ JUMP_EQUAL, 1, 0, SOCK_STREAM },
		{ JUMP_EQUAL, 0, 1, SOCK_SEQPACKET },
		{ RETURN, 0, 0, SCMP_ACT_ALLOW },
		{ RETURN, 0, 0, SCMP_ACT_ERRNO(EPERM) },
	};

	len = insert(f, len, socket_block, NELEMS(socket_block));
	return insert(f, len, pair_block, NELEMS(pair_block));
}

/* The filter as libseccomp writes it; returns its length. */
static size_t
make_filter(struct insn *f, uint32_t token)
{
	int rc;
	FILE *tmp = tmpfile();
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (tmp == NULL || ctx == NULL)
		fail("no memory", ENOMEM);
	if ((rc = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE)) != 0 && rc != -EEXIST)
		fail("removing the native architecture", rc);
	if ((rc = seccomp_arch_add(ctx, token)) != 0)
		fail("adding the architecture", rc);
	if ((rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) != 0)
		fail("setting the action for other architectures", rc);
	add_rules(ctx);
	spare_callers_group(ctx);
	if ((rc = seccomp_export_bpf(ctx, fileno(tmp))) != 0)
		fail("exporting", rc);
	seccomp_release(ctx);

	rewind(tmp);
	size_t len = fread(f, sizeof(*f), MAX_INSNS, tmp);
	if (ferror(tmp) || len == 0 || len == MAX_INSNS)
		fail("reading back", EIO);
	fclose(tmp);
	return len;
}

static void
print_filter(size_t a, enum mode mode)
{
	struct insn f[MAX_INSNS];
	size_t len = add_young(f, make_filter(f, archs[a].token));

	if (mode == OFF)
		len = add_sockets(f, len, archs[a].token);

	printf("static const struct filter_insn filter_%s_%s[] = {\n", archs[a].name, mode_name[mode]);
	for (size_t i = 0; i < len; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08" PRIx32 " },\n", f[i].code, f[i].jt, f[i].jf, f[i].k);
	printf("};\n\n");
}

int
main(void)
{
	const struct scmp_version *v = seccomp_version();

	printf("/* made by seccomp_gen */\n");
	printf("static const char filter_version[] = \"libseccomp %u.%u.%u\";\n\n",
	    v->major, v->minor, v->micro);
	for (enum mode mode = OFF; mode <= OPEN; mode++) {
		print_words(mode);
		for (size_t a = 0; a < NELEMS(archs); a++)
			print_filter(a, mode);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		fail("standard output", errno);
	return 0;
}

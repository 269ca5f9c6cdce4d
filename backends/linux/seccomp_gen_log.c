/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_gen_log.c - at build time: the filters that go in front of the others with --log-denials */
#include <config.h>

#include "seccomp_gen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include <linux/netlink.h>

/* What denials are seen by (spec 3.1.4).  `young': the number of a call that libseccomp may not know. */
struct logged_call {
	const char	*name;
	uint32_t	 young;
};
static const struct logged_call changing[] = {
	{ "creat", 0 }, { "openat2", 0 },
	{ "mkdir", 0 }, { "mkdirat", 0 }, { "mknod", 0 }, { "mknodat", 0 },
	{ "rmdir", 0 }, { "unlink", 0 }, { "unlinkat", 0 },
	{ "rename", 0 }, { "renameat", 0 }, { "renameat2", 0 },
	{ "link", 0 }, { "linkat", 0 }, { "symlink", 0 }, { "symlinkat", 0 },
	{ "chmod", 0 }, { "fchmod", 0 }, { "fchmodat", 0 }, { "fchmodat2", 452 },
	{ "chown", 0 }, { "fchown", 0 }, { "lchown", 0 }, { "fchownat", 0 },
	{ "truncate", 0 }, { "utime", 0 }, { "utimes", 0 }, { "futimesat", 0 }, { "utimensat", 0 },
	{ "setxattr", 0 }, { "lsetxattr", 0 }, { "fsetxattr", 0 }, { "setxattrat", 463 },
	{ "removexattr", 0 }, { "lremovexattr", 0 }, { "fremovexattr", 0 }, { "removexattrat", 466 },
	{ "bind", 0 },
};
/* With reads, whatever the flags of the first ones are. */
static const struct logged_call reading[] = {
	{ "open", 0 }, { "openat", 0 }, { "access", 0 }, { "faccessat", 0 }, { "faccessat2", 439 },
	{ "execve", 0 }, { "execveat", 0 }, { "chdir", 0 }, { "stat", 0 }, { "lstat", 0 },
};
/*
 * Not readlink: a compiler asks for each part of each path, and nothing of it
 * is a link.  And these from the working directory or "/".  What is looked at from an open
 * directory, as find(1) and its like do once for each name that they were
 * given there, was visible when that was opened.
 */
static const struct logged_call looking[] = { { "newfstatat", 0 }, { "statx", 0 } };
/* Without, these where they would write: the argument that is the flags. */
static const struct { const char *name; uint32_t flags; } opening[] = {
	{ "open", 1 }, { "openat", 2 },
};

struct block {
	struct insn	 v[256];
	size_t		 len;
};

static void
put(struct block *b, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (b->len == NELEMS(b->v))
		gen_fail("too many instructions", ERANGE);
	b->v[b->len++] = (struct insn){ code, jt, jf, k };
}

/* Its number there; false: that architecture has no such call. */
static bool
logged_number(uint32_t token, const struct logged_call *c, uint32_t *number)
{
	int nr = seccomp_syscall_resolve_name_arch(token, c->name);

	*number = nr >= 0 ? (uint32_t)nr : c->young;
	return nr >= 0 || c->young != 0;
}

static void
put_calls(struct block *b, uint32_t token, const struct logged_call *calls, size_t n)
{
	uint32_t number;

	for (size_t i = 0; i < n; i++)
		if (logged_number(token, &calls[i], &number)) {
			put(b, JUMP_EQUAL, 0, 1, number);
			put(b, RETURN, 0, 0, NOTIFY);
		}
}

/* O_ACCMODE, O_CREAT and O_TRUNC, which are the same on both. */
static void
put_opens(struct block *b, uint32_t token)
{
	uint32_t number;

	for (size_t i = 0; i < NELEMS(opening); i++) {
		const struct logged_call c = { opening[i].name, 0 };
		if (!logged_number(token, &c, &number))
			continue;
		put(b, JUMP_EQUAL, 0, 5, number);
		put(b, LOAD, 0, 0, ARGS + 8 * opening[i].flags);
		put(b, AND, 0, 0, 03 | 0100 | 01000);
		put(b, JUMP_EQUAL, 0, 1, 0);
		put(b, RETURN, 0, 0, ALLOW);
		put(b, RETURN, 0, 0, NOTIFY);
	}
}

static void
put_looks(struct block *b, uint32_t token)
{
	const uint32_t from_working_directory = 0xffffff9c;	/* AT_FDCWD */
	uint32_t number;

	for (size_t i = 0; i < NELEMS(looking); i++)
		if (logged_number(token, &looking[i], &number)) {
			put(b, JUMP_EQUAL, 0, 4, number);
			put(b, LOAD, 0, 0, ARGS);
			put(b, JUMP_EQUAL, 0, 1, from_working_directory);
			put(b, RETURN, 0, 0, NOTIFY);
			put(b, RETURN, 0, 0, ALLOW);
		}
}

/*
 * What add_sockets() refuses, told first, so that who hears of it gives the
 * same errors; and datagrams that name where they go.  Of sendmsg(2) it is not
 * seen here whether it does: the name is in memory.
 */
static void
put_sockets(struct block *b, uint32_t token)
{
	enum { FAMILY = ARGS, TYPE = ARGS + 8, PROTOCOL = ARGS + 16, TO = ARGS + 32 };
	const struct insn v[] = {
		{ JUMP_EQUAL, 0, 14, gen_number_on(token, "socket") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 6, 0, AF_UNIX },
		{ JUMP_EQUAL, 10, 0, AF_INET },
		{ JUMP_EQUAL, 9, 0, AF_INET6 },
		{ JUMP_EQUAL, 0, 7, AF_NETLINK },
		{ LOAD, 0, 0, PROTOCOL },
		{ JUMP_EQUAL, 6, 0, NETLINK_ROUTE },
		{ RETURN, 0, 0, NOTIFY },
		{ LOAD, 0, 0, TYPE },
		{ AND, 0, 0, 0xf },
		{ JUMP_EQUAL, 2, 0, SOCK_STREAM },
		{ JUMP_EQUAL, 1, 0, SOCK_SEQPACKET },
		{ RETURN, 0, 0, NOTIFY },
		{ RETURN, 0, 0, ALLOW },
		{ JUMP_EQUAL, 0, 9, gen_number_on(token, "socketpair") },
		{ LOAD, 0, 0, FAMILY },
		{ JUMP_EQUAL, 1, 0, AF_UNIX },
		{ RETURN, 0, 0, NOTIFY },
		{ LOAD, 0, 0, TYPE },
		{ AND, 0, 0, 0xf },
		{ JUMP_EQUAL, 1, 0, SOCK_STREAM },
		{ JUMP_EQUAL, 0, 1, SOCK_SEQPACKET },
		{ RETURN, 0, 0, ALLOW },
		{ RETURN, 0, 0, NOTIFY },
		{ JUMP_EQUAL, 0, 6, gen_number_on(token, "sendto") },
		{ LOAD, 0, 0, TO },
		{ JUMP_EQUAL, 0, 3, 0 },
		{ LOAD, 0, 0, TO + 4 },
		{ JUMP_EQUAL, 0, 1, 0 },
		{ RETURN, 0, 0, ALLOW },
		{ RETURN, 0, 0, NOTIFY },
		{ JUMP_EQUAL, 1, 0, gen_number_on(token, "sendmsg") },
		{ JUMP_EQUAL, 0, 1, gen_number_on(token, "sendmmsg") },
		{ RETURN, 0, 0, NOTIFY },
	};

	for (size_t i = 0; i < NELEMS(v); i++)
		put(b, v[i].code, v[i].jt, v[i].jf, v[i].k);
}

/*
 * Goes in front of a filter of this architecture, and leaves to it what it
 * does not notify of; x32 has numbers of its own, which none here is.
 */
static void
print_log(const struct gen_arch *arch, bool closed, bool reads)
{
	struct block b = { .len = 0 };
	char name[32];

	put(&b, LOAD, 0, 0, ARCH);
	put(&b, JUMP_EQUAL, 1, 0, arch->token);
	put(&b, RETURN, 0, 0, SCMP_ACT_KILL_PROCESS);
	put(&b, LOAD, 0, 0, NUMBER);
	if (closed)
		put_sockets(&b, arch->token);
	if (reads) {
		put_calls(&b, arch->token, reading, NELEMS(reading));
		put_looks(&b, arch->token);
	} else {
		put_opens(&b, arch->token);
	}
	put_calls(&b, arch->token, changing, NELEMS(changing));
	snprintf(name, sizeof(name), "log_%s_%s", closed ? "off" : "open", reads ? "reads" : "writes");
	gen_print(arch, name, b.v, b.len);
}

void
gen_print_logs(const struct gen_arch *arch)
{
	for (int closed = 0; closed < 2; closed++)
		for (int reads = 0; reads < 2; reads++)
			print_log(arch, closed != 0, reads != 0);
}

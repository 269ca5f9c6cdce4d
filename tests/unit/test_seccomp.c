/* SPDX-License-Identifier: Apache-2.0 */
/* test_seccomp.c - runs the filters in a small BPF interpreter against spec 3.1 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "base.h"
#include "seccomp_filter.h"

/* linux/audit.h, linux/seccomp.h; written out so that the test also builds elsewhere. */
#define ARCH_X86_64	0xc000003eu
#define ARCH_I386	0x40000003u
#define ARCH_AARCH64	0xc00000b7u
#define ARCH_ARM	0x40000028u
#define X32_BIT		0x40000000u

#define ALLOW		0x7fff0000u
#define KILL		0x80000000u
#define NOTIFY		0x7fc00000u
#define REFUSE(e)	(0x00050000u | (uint32_t)(e))

struct call {
	uint32_t	nr, arch;
	uint64_t	ip;
	uint64_t	arg[6];
};

/* One of the filters that there are. */
struct subject {
	enum filter_arch arch;
	enum filter_mode mode;
	bool		 no_debug;
	enum filter_form form;
};

static const uint32_t audit_arch[FILTER_ARCHES] = {
	[FILTER_X86_64] = ARCH_X86_64, [FILTER_AARCH64] = ARCH_AARCH64,
};

/* Classic BPF as far as seccomp allows it and the filters use it. */
static uint32_t
interpret(const struct filter_insn *f, size_t len, const struct call *c)
{
	size_t pc = 0;
	uint32_t a = 0, word;
	unsigned char data[64];

	memcpy(data, &c->nr, 4);
	memcpy(data + 4, &c->arch, 4);
	memcpy(data + 8, &c->ip, 8);
	memcpy(data + 16, c->arg, sizeof(c->arg));
	for (;;) {
		assert_true(pc < len);
		const struct filter_insn *i = &f[pc++];
		switch (i->code) {
		case 0x20:		/* ld [k] */
			assert_true(i->k % 4 == 0 && i->k < sizeof(data));
			memcpy(&word, data + i->k, 4);
			a = word;
			break;
		case 0x54:		/* and #k */
			a &= i->k;
			break;
		case 0x05:		/* ja */
			pc += i->k;
			break;
		case 0x15:		/* jeq */
			pc += a == i->k ? i->jt : i->jf;
			break;
		case 0x25:		/* jgt */
			pc += a > i->k ? i->jt : i->jf;
			break;
		case 0x35:		/* jge */
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case 0x45:		/* jset */
			pc += (a & i->k) != 0 ? i->jt : i->jf;
			break;
		case 0x06:
			return i->k;
		default:
			fail_msg("instruction 0x%02x", i->code);
		}
	}
}

/* Call numbers from the kernel's tables: x86_64, aarch64; -1: has none. */
enum { REFUSED, ABSENT, CLONE, UNSHARE, IOCTL, SOCKET, SOCKETPAIR, CONNECT, DEBUG, NICE, IONICE };
static const struct rule {
	const char	*name;
	int		 kind;
	int		 nr[FILTER_ARCHES];
} rules[] = {
	{ "io_uring_setup", ABSENT, { 425, 425 } },
	{ "io_uring_enter", ABSENT, { 426, 426 } },
	{ "io_uring_register", ABSENT, { 427, 427 } },
	{ "clone3", ABSENT, { 435, 435 } },
	{ "kexec_load", REFUSED, { 246, 104 } },
	{ "kexec_file_load", REFUSED, { 320, 294 } },
	{ "bpf", REFUSED, { 321, 280 } },
	{ "perf_event_open", REFUSED, { 298, 241 } },
	{ "userfaultfd", REFUSED, { 323, 282 } },
	{ "add_key", REFUSED, { 248, 217 } },
	{ "request_key", REFUSED, { 249, 218 } },
	{ "keyctl", REFUSED, { 250, 219 } },
	{ "mount", REFUSED, { 165, 40 } },
	{ "umount2", REFUSED, { 166, 39 } },
	{ "pivot_root", REFUSED, { 155, 41 } },
	{ "open_tree", REFUSED, { 428, 428 } },
	{ "move_mount", REFUSED, { 429, 429 } },
	{ "fsopen", REFUSED, { 430, 430 } },
	{ "fsconfig", REFUSED, { 431, 431 } },
	{ "fsmount", REFUSED, { 432, 432 } },
	{ "fspick", REFUSED, { 433, 433 } },
	{ "mount_setattr", REFUSED, { 442, 442 } },
	{ "open_tree_attr", REFUSED, { 467, 467 } },
	{ "setns", REFUSED, { 308, 268 } },
	{ "clone", CLONE, { 56, 220 } },
	{ "unshare", UNSHARE, { 272, 97 } },
	{ "ioctl", IOCTL, { 16, 29 } },
	{ "setpriority", NICE, { 141, 140 } },
	{ "ioprio_set", IONICE, { 251, 30 } },
	{ "socket", SOCKET, { 41, 198 } },
	{ "socketpair", SOCKETPAIR, { 53, 199 } },
	{ "connect", CONNECT, { 42, 203 } },
	{ "ptrace", DEBUG, { 101, 117 } },
	{ "process_vm_readv", DEBUG, { 310, 270 } },
	{ "process_vm_writev", DEBUG, { 311, 271 } },
};

static uint32_t
expect_socket(const uint64_t *arg)
{
	uint32_t family = (uint32_t)arg[0], protocol = (uint32_t)arg[2];
	uint32_t type = (uint32_t)arg[1] & 0xf;

	if (family == 1)
		return type == 1 || type == 5 ? ALLOW : REFUSE(EPERM);
	if (family == 16)
		return protocol == 0 ? ALLOW : REFUSE(EPROTONOSUPPORT);
	return family == 2 || family == 10 ? ALLOW : REFUSE(EAFNOSUPPORT);
}

static uint32_t
expect_socketpair(const uint64_t *arg)
{
	uint32_t type = (uint32_t)arg[1] & 0xf;

	if ((uint32_t)arg[0] != 1)
		return REFUSE(EAFNOSUPPORT);
	return type == 1 || type == 5 ? ALLOW : REFUSE(EPERM);
}

static uint32_t
expect(const struct subject *s, const struct call *c)
{
	const enum filter_arch arch = s->arch;
	const bool open = s->mode == FILTER_OPEN;

	if (c->arch != audit_arch[arch])
		return KILL;
	/* x32, and what is no number at all; -1 is a call that a tracer has skipped. */
	if (arch == FILTER_X86_64 && c->nr >= X32_BIT && c->nr != UINT32_MAX)
		return KILL;
	for (size_t i = 0; i < NELEMS(rules); i++) {
		if (c->nr != (uint32_t)rules[i].nr[arch])
			continue;
		switch (rules[i].kind) {
		case REFUSED:
			return REFUSE(EPERM);
		case ABSENT:
			return REFUSE(ENOSYS);
		case CLONE:
		case UNSHARE:
			return ((uint32_t)c->arg[0] & 0x10000000) != 0 ? REFUSE(EPERM) : ALLOW;
		case IOCTL:
			return (uint32_t)c->arg[1] == 0x5412 || (uint32_t)c->arg[1] == 0x541c ?
			    REFUSE(EPERM) : ALLOW;
		case NICE:	/* PRIO_PGRP of 0 */
			return (uint32_t)c->arg[0] == 1 && (uint32_t)c->arg[1] == 0 ? REFUSE(EPERM) : ALLOW;
		case IONICE:	/* IOPRIO_WHO_PGRP of 0 */
			return (uint32_t)c->arg[0] == 2 && (uint32_t)c->arg[1] == 0 ? REFUSE(EPERM) : ALLOW;
		case SOCKET:
			return open || s->form == FILTER_INNER_LOGGED ? ALLOW : expect_socket(c->arg);
		case SOCKETPAIR:
			return open || s->form == FILTER_INNER_LOGGED ? ALLOW : expect_socketpair(c->arg);
		case CONNECT:
			return open || s->form != FILTER_WHOLE ? ALLOW : NOTIFY;
		case DEBUG:
			return s->no_debug ? REFUSE(EPERM) : ALLOW;
		}
	}
	return ALLOW;
}

static void
check(const struct subject *s, const struct call *c)
{
	size_t len;
	const struct filter_insn *f = seccomp_filter_get(s->arch, s->mode, s->no_debug, s->form, &len);
	uint32_t want = expect(s, c), got = interpret(f, len, c);

	if (got != want)
		fail_msg("%s %s%s form %d: call %u arch 0x%x args 0x%llx 0x%llx 0x%llx: 0x%x, not 0x%x",
		    seccomp_filter_arch_name(s->arch), seccomp_filter_mode_name(s->mode),
		    s->no_debug ? " without debugging" : "", (int)s->form, c->nr, c->arch,
		    (unsigned long long)c->arg[0], (unsigned long long)c->arg[1],
		    (unsigned long long)c->arg[2], got, want);
}

/* Of several filters the kernel takes the action with the highest precedence, which is the least. */
static uint32_t
stronger(uint32_t x, uint32_t y)
{
	return (int32_t)(x & 0xffff0000) <= (int32_t)(y & 0xffff0000) ? x : y;
}

/* The outer filter and the inner one say together what the whole one does. */
static void
check_halves(enum filter_arch arch, bool no_debug, const struct call *c)
{
	size_t whole_len, inner_len, outer_len;
	const struct filter_insn *whole = seccomp_filter_get(arch, FILTER_OFF, no_debug, FILTER_WHOLE,
	    &whole_len);
	const struct filter_insn *inner = seccomp_filter_get(arch, FILTER_OFF, no_debug, FILTER_INNER,
	    &inner_len);
	const struct filter_insn *outer = seccomp_filter_outer(arch, &outer_len);

	assert_int_equal(interpret(whole, whole_len, c),
	    stronger(interpret(inner, inner_len, c), interpret(outer, outer_len, c)));
}

/* ---- the log in front: call numbers again from the kernel's tables ---- */

enum logged { WRITES, OPEN_1, OPEN_2, READS, LOOKS, REFUSED_SOCKET, REFUSED_PAIR, TO, MESSAGE };
static const struct { const char *name; enum logged kind; int nr[FILTER_ARCHES]; } logged[] = {
	{ "open", OPEN_1, { 2, -1 } }, { "openat", OPEN_2, { 257, 56 } },
	{ "execve", READS, { 59, 221 } }, { "execveat", READS, { 322, 281 } },
	{ "access", READS, { 21, -1 } }, { "faccessat", READS, { 269, 48 } },
	{ "faccessat2", READS, { 439, 439 } }, { "chdir", READS, { 80, 49 } },
	{ "stat", READS, { 4, -1 } }, { "lstat", READS, { 6, -1 } },
	{ "newfstatat", LOOKS, { 262, 79 } }, { "statx", LOOKS, { 332, 291 } },
	{ "creat", WRITES, { 85, -1 } }, { "openat2", WRITES, { 437, 437 } },
	{ "mkdir", WRITES, { 83, -1 } }, { "mkdirat", WRITES, { 258, 34 } },
	{ "mknod", WRITES, { 133, -1 } }, { "mknodat", WRITES, { 259, 33 } },
	{ "rmdir", WRITES, { 84, -1 } }, { "unlink", WRITES, { 87, -1 } },
	{ "unlinkat", WRITES, { 263, 35 } }, { "rename", WRITES, { 82, -1 } },
	{ "renameat", WRITES, { 264, 38 } }, { "renameat2", WRITES, { 316, 276 } },
	{ "link", WRITES, { 86, -1 } }, { "linkat", WRITES, { 265, 37 } },
	{ "symlink", WRITES, { 88, -1 } }, { "symlinkat", WRITES, { 266, 36 } },
	{ "chmod", WRITES, { 90, -1 } }, { "fchmod", WRITES, { 91, 52 } },
	{ "fchmodat", WRITES, { 268, 53 } }, { "fchmodat2", WRITES, { 452, 452 } },
	{ "chown", WRITES, { 92, -1 } }, { "fchown", WRITES, { 93, 55 } },
	{ "lchown", WRITES, { 94, -1 } }, { "fchownat", WRITES, { 260, 54 } },
	{ "truncate", WRITES, { 76, 45 } }, { "utime", WRITES, { 132, -1 } },
	{ "utimes", WRITES, { 235, -1 } }, { "futimesat", WRITES, { 261, -1 } },
	{ "utimensat", WRITES, { 280, 88 } }, { "setxattr", WRITES, { 188, 5 } },
	{ "lsetxattr", WRITES, { 189, 6 } }, { "fsetxattr", WRITES, { 190, 7 } },
	{ "setxattrat", WRITES, { 463, 463 } }, { "removexattr", WRITES, { 197, 14 } },
	{ "lremovexattr", WRITES, { 198, 15 } }, { "fremovexattr", WRITES, { 199, 16 } },
	{ "removexattrat", WRITES, { 466, 466 } }, { "bind", WRITES, { 49, 200 } },
	{ "socket", REFUSED_SOCKET, { 41, 198 } }, { "socketpair", REFUSED_PAIR, { 53, 199 } },
	{ "sendto", TO, { 44, 206 } }, { "sendmsg", MESSAGE, { 46, 211 } }, { "sendmmsg", MESSAGE, { 307, 269 } },
};

/* It is told of, beside connect. */
static bool
expect_logged(enum filter_arch arch, bool open, bool reads, const struct call *c)
{
	const uint32_t writing = 3 | 0100 | 01000;

	for (size_t i = 0; c->arch == audit_arch[arch] && i < NELEMS(logged); i++) {
		if (logged[i].nr[arch] < 0 || c->nr != (uint32_t)logged[i].nr[arch])
			continue;
		switch (logged[i].kind) {
		case WRITES:
			return true;
		case READS:
			return reads;
		case OPEN_1:
		case OPEN_2:
			return reads || ((uint32_t)c->arg[logged[i].kind == OPEN_1 ? 1 : 2] & writing) != 0;
		case LOOKS:
			return reads && (int32_t)(uint32_t)c->arg[0] == -100;
		case REFUSED_SOCKET:
			return !open && expect_socket(c->arg) != ALLOW;
		case REFUSED_PAIR:
			return !open && expect_socketpair(c->arg) != ALLOW;
		case TO:
			return !open && c->arg[4] != 0;
		case MESSAGE:
			return !open;
		}
	}
	return false;
}

/* Whatever is not told of is as without a log; and refused sockets get the errors that they get without. */
static void
check_log(const struct filter_insn *joined, size_t len, const struct subject *s, bool reads,
    const struct call *c)
{
	uint32_t plain = expect(s, c), got = interpret(joined, len, c);
	bool told = expect_logged(s->arch, s->mode == FILTER_OPEN, reads, c);

	if (got != (told ? NOTIFY : plain))
		fail_msg("%s %s with a log of %s: call %u arch 0x%x args 0x%llx 0x%llx 0x%llx: 0x%x",
		    seccomp_filter_arch_name(s->arch), seccomp_filter_mode_name(s->mode),
		    reads ? "reads" : "writes", c->nr, c->arch, (unsigned long long)c->arg[0],
		    (unsigned long long)c->arg[1], (unsigned long long)c->arg[2], got);
	if (told && (plain & 0xffff0000) == 0x00050000)
		assert_int_equal(plain, REFUSE(seccomp_filter_socket_error(
		    c->nr == (s->arch == FILTER_X86_64 ? 53u : 199u), c->arg)));
}

static void
check_logs(const struct call *c)
{
	struct subject s = { .form = FILTER_WHOLE };

	for (s.arch = 0; s.arch < FILTER_ARCHES; s.arch++)
		for (s.mode = 0; s.mode < FILTER_MODES; s.mode++)
			for (enum filter_log log = FILTER_LOG_WRITES; log < FILTER_LOGS; log++)
				for (int debug = 0; debug < 2; debug++) {
					struct arena *a = arena_new();
					size_t whole_len, outer_len, inner_len;
					s.no_debug = debug == 0;
					const struct filter_insn *whole = seccomp_filter_join(a, s.arch, s.mode,
					    s.no_debug, log, false, &whole_len);
					const struct filter_insn *outer = seccomp_filter_join(a, s.arch, s.mode,
					    false, log, true, &outer_len);
					const struct filter_insn *inner = seccomp_filter_get(s.arch, s.mode,
					    s.no_debug, FILTER_INNER_LOGGED, &inner_len);
					check_log(whole, whole_len, &s, log == FILTER_LOG_READS, c);
					assert_int_equal(interpret(whole, whole_len, c), stronger(
					    interpret(inner, inner_len, c), interpret(outer, outer_len, c)));
					arena_free(a);
				}
}

static void
test_logs(void **state)
{
	static const uint32_t from[] = { ARCH_X86_64, ARCH_AARCH64, ARCH_I386 };
	static const uint64_t some[] = {
		0, 1, 2, 3, 5, 10, 16, 17, 0100, 01000, 0xffffff9c, UINT64_C(0xffffffffffffff9c), 02000000, 02000001, 020200002,
		UINT64_C(1) << 32, UINT64_C(0xffffffff00000000), UINT64_C(0x7f0000000000),
	};

	(void)state;
	for (size_t f = 0; f < NELEMS(from); f++)
		for (uint32_t nr = 0; nr < 480; nr++)
			for (size_t i = 0; i < NELEMS(some); i += nr % 7 == 0 ? 3 : 9) {
				struct call c = { .nr = nr, .arch = from[f], .arg = { some[i],
				    some[(i + 3) % NELEMS(some)], some[(i + 7) % NELEMS(some)], 0, some[i] } };
				check_logs(&c);
				c.nr |= X32_BIT;
				if (i == 0)
					check_logs(&c);
			}
	for (size_t r = 0; r < NELEMS(logged); r++)
		for (enum filter_arch a = 0; a < FILTER_ARCHES; a++)
			for (size_t i = 0; i < NELEMS(some); i++)
				for (size_t j = i % 2; j < NELEMS(some); j += 2) {
					struct call c = { .nr = (uint32_t)logged[r].nr[a], .arch = audit_arch[a],
					    .arg = { some[i], some[j], some[(i + j) % NELEMS(some)], 0, some[j] } };
					check_logs(&c);
				}
}

/* Every filter against `c', with each of the architectures a call can come from. */
static void
check_all(struct call c)
{
	static const uint32_t from[] = { ARCH_X86_64, ARCH_AARCH64, ARCH_I386, ARCH_ARM, 0 };
	struct subject s;

	for (size_t i = 0; i < NELEMS(from); i++) {
		c.arch = from[i];
		for (s.arch = 0; s.arch < FILTER_ARCHES; s.arch++)
			for (int debug = 0; debug < 2; debug++) {
				s.no_debug = debug == 0;
				for (s.mode = 0; s.mode < FILTER_MODES; s.mode++)
					for (s.form = 0; s.form < FILTER_FORMS; s.form++)
						check(&s, &c);
				check_halves(s.arch, s.no_debug, &c);
			}
	}
}

static void
test_every_number(void **state)
{
	(void)state;
	for (uint32_t nr = 0; nr < 1024; nr++) {
		struct call c = { .nr = nr };
		check_all(c);
		c.nr = nr | X32_BIT;
		check_all(c);
		memset(c.arg, 0xff, sizeof(c.arg));
		c.nr = nr;
		check_all(c);
	}
}

/* Values around everything that is compared, each with the high half clear and set. */
static const uint32_t values[] = {
	0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 15, 16, 17, 31, 32, 33, 38, 40, 44, 63, 64, 0x5411, 0x5412,
	0x5413, 0x541b, 0x541c, 0x541d, 0x10000000, 0x10000011, 0x11, 0x50f00, 0x7fffffff, 0x80000000,
	1 | 02000000, 1 | 04000, 2 | 02000000, 3 | 04000, 5 | 02004000, 0x80000001, 0x80000005,
	0xffffffff, 0x01000001, 0x12, 0x7e020000,
};
static const uint64_t highs[] = { 0, UINT64_C(1) << 32, UINT64_C(0xffffffff) << 32 };

static void
test_arguments(void **state)
{
	(void)state;
	for (size_t r = 0; r < NELEMS(rules); r++)
		for (enum filter_arch a = 0; a < FILTER_ARCHES; a++)
			for (size_t i = 0; i < NELEMS(values); i++)
				for (size_t j = 0; j < NELEMS(values); j++)
					for (size_t h = 0; h < NELEMS(highs); h++) {
						struct call c = { .nr = (uint32_t)rules[r].nr[a] };
						c.arg[0] = values[i] | highs[h];
						c.arg[1] = values[j] | highs[(h + 1) % 3];
						c.arg[2] = values[(i + j) % NELEMS(values)] | highs[h];
						check_all(c);
						c.arg[2] = highs[h];
						check_all(c);
					}
}

static void
test_random(void **state)
{
	const char *env = getenv("SEED");
	uint64_t seed = env != NULL ? strtoull(env, NULL, 0) : 20240607, x = seed;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	x = x * 2 + 1;
	for (int n = 0; n < 50000; n++) {
		struct call c = { 0 };
		for (size_t i = 0; i < NELEMS(c.arg); i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			c.arg[i] = (x & 1) != 0 ? x >> (x >> 1 & 63) :
			    values[(x >> 8) % NELEMS(values)];
		}
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		const struct rule *r = &rules[(x >> 5) % NELEMS(rules)];
		c.nr = (x & 1) != 0 ? (uint32_t)r->nr[x >> 1 & 1] : (uint32_t)(x >> 32);
		check_all(c);
	}
}

static void
check_form(const struct filter_insn *f, size_t len)
{
	assert_in_range(len, 5, 4096);
	assert_int_equal(f[len - 1].code, 0x06);
	/* The architecture first, whatever the call is. */
	assert_int_equal(f[0].code, 0x20);
	assert_int_equal(f[0].k, 4);
	for (size_t i = 0; i < len; i++) {
		if ((f[i].code & 7) != 5)
			continue;
		size_t far = f[i].code == 5 ? f[i].k : f[i].jt > f[i].jf ? f[i].jt : f[i].jf;
		assert_true(i + 1 + far < len);
	}
}

static bool
words_have(enum filter_mode mode, bool no_debug, const char *text)
{
	for (const char *const *w = seccomp_filter_words(mode, no_debug); *w != NULL; w++)
		if (strstr(*w, text) != NULL)
			return true;
	return false;
}

/* What the kernel asks of a filter: jumps stay inside, the end is a return. */
static void
test_form(void **state)
{
	size_t len;
	const struct filter_insn *f;

	(void)state;
	for (enum filter_arch a = 0; a < FILTER_ARCHES; a++) {
		for (enum filter_mode m = 0; m < FILTER_MODES; m++)
			for (enum filter_form form = 0; form < FILTER_FORMS; form++)
				for (int debug = 0; debug < 2; debug++) {
					f = seccomp_filter_get(a, m, debug == 0, form, &len);
					check_form(f, len);
				}
		f = seccomp_filter_outer(a, &len);
		check_form(f, len);
	}
	assert_int_equal(sizeof(struct filter_insn), 8);
}

/* Who reads the words, and not the bytes, is told what is refused. */
static void
test_words(void **state)
{
	(void)state;
	assert_non_null(strstr(seccomp_filter_version(), "libseccomp "));
	for (enum filter_mode m = 0; m < FILTER_MODES; m++) {
		assert_int_equal(words_have(m, false, "AF_UNIX"), m != FILTER_OPEN);
		assert_int_equal(words_have(m, true, "connect"), m != FILTER_OPEN);
		assert_int_equal(seccomp_filter_notifies(m), m != FILTER_OPEN);
		assert_true(words_have(m, false, "TIOCSTI"));
		assert_false(words_have(m, false, "ptrace"));
		assert_true(words_have(m, true, "ptrace"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

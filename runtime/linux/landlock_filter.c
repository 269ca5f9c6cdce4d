/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_filter.c - the instructions of that filter */
#include <config.h>

#include "landlock_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "landlock_calls.h"

#if defined(__x86_64__)
#define NATIVE_ARCH	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH	AUDIT_ARCH_AARCH64
#else
#define NATIVE_ARCH	0
#endif

#define REFUSE(error)	(SECCOMP_RET_ERRNO | (uint32_t)(error))

static const long absent[] = {
	/* Shared with every process of the user, as there is no namespace for them. */
	SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl,
	SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink,
	/* Younger ways to do what others do as well: setxattrat, removexattrat, file_setattr. */
	463, 466, 469,
};
static const long refused[] = {
	SYS_fanotify_init,	/* would tell names below what is denied */
};

/* ioctl(2) on a file that was opened to be read: FS_IOC_SETFLAGS and what is of the kind. */
static const uint32_t attribute_ioctls[] = {
	0x40086602, 0x40046602, 0x401c5820, 0x40087602, 0x40047602, 0x40806685, 0x800c6613,
};

enum action { GIVE, ON_IOCTL, ON_PROCESS, ON_PAIR };

struct decision {
	uint32_t	 nr;
	enum action	 action;
	uint32_t	 value;		/* GIVE: what; ON_PROCESS: the argument */
};

struct decisions {
	struct decision	 v[128];
	size_t		 len;
};

static void
decide(struct decisions *d, long nr, enum action action, uint32_t value)
{
	/* The lists above and in landlock_calls.c are all that is ever entered. */
	if (d->len == NELEMS(d->v))
		abort();
	d->v[d->len++] = (struct decision){ (uint32_t)nr, action, value };
}

static void
add(struct landlock_filter *f, uint16_t code, size_t jt, size_t jf, uint32_t k)
{
	if (f->len == LANDLOCK_FILTER_MAX || jt > UINT8_MAX || jf > UINT8_MAX)
		abort();
	f->insn[f->len++] = (struct sock_filter){ code, (uint8_t)jt, (uint8_t)jf, k };
}

static void
jump_unless(struct landlock_filter *f, uint32_t value, size_t over)
{
	add(f, BPF_JMP | BPF_JEQ | BPF_K, 0, over, value);
}

static void
give(struct landlock_filter *f, uint32_t action)
{
	add(f, BPF_RET | BPF_K, 0, 0, action);
}

static void
load(struct landlock_filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* The low half of an argument, which is what the kernel takes of an int; little-endian. */
static size_t
argument(uint32_t i)
{
	return offsetof(struct seccomp_data, args) + 8 * i;
}

static void
on_ioctl(struct landlock_filter *f)
{
	jump_unless(f, SYS_ioctl, 2 * NELEMS(attribute_ioctls) + 2);
	load(f, argument(1));
	for (size_t i = 0; i < NELEMS(attribute_ioctls); i++) {
		jump_unless(f, attribute_ioctls[i], 1);
		give(f, REFUSE(EOPNOTSUPP));
	}
	give(f, SECCOMP_RET_ALLOW);
}

/*
 * Handed over unless the argument that names a process is 0, the caller
 * itself.
 */
static void
on_process(struct landlock_filter *f, uint32_t nr, uint32_t arg)
{
	jump_unless(f, nr, 4);
	load(f, argument(arg));
	jump_unless(f, 0, 1);
	give(f, SECCOMP_RET_ALLOW);
	give(f, SECCOMP_RET_USER_NOTIF);
}

/* What other sandboxes refuse is handed over: all but streams and their like within this one. */
static void
on_pair(struct landlock_filter *f)
{
	enum { TYPE = 0xf };	/* without SOCK_CLOEXEC and SOCK_NONBLOCK */

	jump_unless(f, SYS_socketpair, 9);
	load(f, argument(0));
	jump_unless(f, AF_UNIX, 6);
	load(f, argument(1));
	add(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, TYPE);
	jump_unless(f, SOCK_STREAM, 1);
	give(f, SECCOMP_RET_ALLOW);
	jump_unless(f, SOCK_SEQPACKET, 1);
	give(f, SECCOMP_RET_ALLOW);
	give(f, SECCOMP_RET_USER_NOTIF);
}

static void
leaf(struct landlock_filter *f, const struct decision *d)
{
	switch (d->action) {
	case GIVE:
		jump_unless(f, d->nr, 1);
		give(f, d->value);
		break;
	case ON_IOCTL:
		on_ioctl(f);
		break;
	case ON_PROCESS:
		on_process(f, d->nr, d->value);
		break;
	case ON_PAIR:
		on_pair(f);
		break;
	}
}

/*
 * A search by halves: the kernel runs the filter once for every number there
 * is when it is loaded, to know which are always allowed.  Depth is the
 * logarithm of the lists.
 */
static void
search(struct landlock_filter *f, const struct decision *d, size_t n)
{
	enum { FEW = 3 };

	if (n <= FEW) {
		for (size_t i = 0; i < n; i++)
			leaf(f, &d[i]);
		give(f, SECCOMP_RET_ALLOW);
		return;
	}
	size_t half = n / 2, at = f->len;
	add(f, BPF_JMP | BPF_JGE | BPF_K, 0, 0, d[half].nr);
	search(f, d, half);
	size_t over = f->len - at - 1;
	if (over > UINT8_MAX)
		abort();
	f->insn[at].jt = (uint8_t)over;
	search(f, d + half, n - half);
}

static int
by_number(const void *x, const void *y)
{
	const struct decision *a = x, *b = y;
	return (a->nr > b->nr) - (a->nr < b->nr);
}

static void
decide_call(struct decisions *d, const struct landlock_call *c, bool pins)
{
	/* Where another argument says what is named, 0 may be all of a user's. */
	if (c->kind == CALL_PROCESS && c->target == 0)
		decide(d, c->nr, ON_PROCESS, 0);
	else if (c->kind != CALL_MOVE || pins)
		decide(d, c->nr, GIVE, SECCOMP_RET_USER_NOTIF);
}

/* The command is executed while whoever would answer waits for that (vfork(2)). */
static void
spare_first(struct landlock_filter *f, const char *const own[2])
{
	load(f, offsetof(struct seccomp_data, nr));
	jump_unless(f, SYS_execve, 10);
	for (size_t i = 0; i < 2; i++) {
		load(f, argument(0));
		jump_unless(f, (uint32_t)(uintptr_t)own[i], 3);
		load(f, argument(0) + 4);
		jump_unless(f, (uint32_t)((uint64_t)(uintptr_t)own[i] >> 32), 1);
		give(f, SECCOMP_RET_ALLOW);
	}
}

/* Leaves what it does not hand over, or let pass as something that only a log asks about, to what follows. */
static void
add_log(struct landlock_filter *f, const struct landlock_filter_request *q)
{
	size_t n;
	/* The form for an open network leaves sockets alone. */
	const struct filter_insn *v = seccomp_filter_log(seccomp_filter_native(), FILTER_OPEN, q->log, &n);

	if (n == 0)
		return;
	spare_first(f, q->own);
	for (size_t i = 0; i < n; i++)
		add(f, v[i].code, v[i].jt, v[i].jf, v[i].k);
}

void
landlock_filter_make(struct landlock_filter *f, const struct landlock_filter_request *q)
{
	bool log = q->log != FILTER_SILENT;
	struct decisions d = { .len = 0 };

	for (size_t i = 0; i < NELEMS(absent); i++)
		decide(&d, absent[i], GIVE, REFUSE(ENOSYS));
	for (size_t i = 0; i < NELEMS(refused); i++)
		decide(&d, refused[i], GIVE, REFUSE(EPERM));
	if (q->network_off) {
		decide(&d, SYS_socket, GIVE, log ? SECCOMP_RET_USER_NOTIF : REFUSE(EPERM));
		if (log)
			decide(&d, SYS_socketpair, ON_PAIR, 0);
		/* A socket that was inherited, or a pair's, stays what it is. */
		decide(&d, SYS_connect, GIVE, REFUSE(EACCES));
	}
	decide(&d, SYS_ioctl, ON_IOCTL, 0);
	for (const struct landlock_call *c = landlock_calls; c->nr >= 0; c++)
		decide_call(&d, c, q->pins);
	qsort(d.v, d.len, sizeof(*d.v), by_number);

	f->len = 0;
	load(f, offsetof(struct seccomp_data, arch));
	add(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, NATIVE_ARCH);
	give(f, SECCOMP_RET_KILL_PROCESS);
	add_log(f, q);
	load(f, offsetof(struct seccomp_data, nr));
	search(f, d.v, d.len);
}

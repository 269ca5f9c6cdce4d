/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_filter.c - hands out the filters that seccomp_gen made at build time */
#include <config.h>

#include "seccomp_filter.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "seccomp_tables.h"

struct filter {
	const struct filter_insn *v;
	size_t	 len;
};

#define FILTER(name)	{ filter_##name, NELEMS(filter_##name) }
#define CLOSED(name)	{ FILTER(name), FILTER(name##_inner), FILTER(name##_inner_logged) }
#define OPEN(name)	{ FILTER(name), FILTER(name), FILTER(name) }

/* By architecture, whether the network is open, no_debug and form. */
static const struct filter filters[FILTER_ARCHES][2][2][FILTER_FORMS] = {
	[FILTER_X86_64] = {
		{ CLOSED(x86_64_off), CLOSED(x86_64_off_no_debug) },
		{ OPEN(x86_64_open), OPEN(x86_64_open_no_debug) },
	},
	[FILTER_AARCH64] = {
		{ CLOSED(aarch64_off), CLOSED(aarch64_off_no_debug) },
		{ OPEN(aarch64_open), OPEN(aarch64_open_no_debug) },
	},
};

static const struct filter outer[FILTER_ARCHES] = {
	[FILTER_X86_64] = FILTER(x86_64_outer),
	[FILTER_AARCH64] = FILTER(aarch64_outer),
};

/* By architecture, whether the network is open, and reads. */
static const struct filter logs[FILTER_ARCHES][2][2] = {
	[FILTER_X86_64] = {
		{ FILTER(x86_64_log_off_writes), FILTER(x86_64_log_off_reads) },
		{ FILTER(x86_64_log_open_writes), FILTER(x86_64_log_open_reads) },
	},
	[FILTER_AARCH64] = {
		{ FILTER(aarch64_log_off_writes), FILTER(aarch64_log_off_reads) },
		{ FILTER(aarch64_log_open_writes), FILTER(aarch64_log_open_reads) },
	},
};

const struct filter_insn *
seccomp_filter_get(enum filter_arch arch, enum filter_mode mode, bool no_debug,
    enum filter_form form, size_t *len)
{
	const struct filter *f = &filters[arch][mode == FILTER_OPEN][no_debug][form];

	*len = f->len;
	return f->v;
}

const struct filter_insn *
seccomp_filter_outer(enum filter_arch arch, size_t *len)
{
	*len = outer[arch].len;
	return outer[arch].v;
}

const struct filter_insn *
seccomp_filter_log(enum filter_arch arch, enum filter_mode mode, enum filter_log log, size_t *len)
{
	*len = 0;
	if (log == FILTER_SILENT)
		return NULL;
	const struct filter *f = &logs[arch][mode == FILTER_OPEN][log == FILTER_LOG_READS];
	*len = f->len;
	return f->v;
}

const struct filter_insn *
seccomp_filter_join(struct arena *a, enum filter_arch arch, enum filter_mode mode, bool no_debug,
    enum filter_log log, bool outer_form, size_t *len)
{
	static const struct filter_insn allow[] = { { 0x06, 0, 0, 0x7fff0000 } };
	bool notifies = seccomp_filter_notifies(mode);
	const struct filter *behind = outer_form ? &outer[arch] :
	    &filters[arch][mode == FILTER_OPEN][no_debug][FILTER_WHOLE];
	const struct filter nothing = { allow, log == FILTER_SILENT ? 0 : NELEMS(allow) };
	size_t n;
	const struct filter_insn *front = seccomp_filter_log(arch, mode, log, &n);

	if (outer_form && !notifies)
		behind = &nothing;
	*len = n + behind->len;
	if (n == 0)
		return behind->v;
	struct filter_insn *v = arena_array(a, *len, sizeof(*v));
	memcpy(v, front, n * sizeof(*v));
	memcpy(v + n, behind->v, behind->len * sizeof(*v));
	return v;
}

bool
seccomp_filter_notifies(enum filter_mode mode)
{
	return mode != FILTER_OPEN;
}

enum filter_arch
seccomp_filter_native(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	return FILTER_X86_64;
#elif defined(__aarch64__) && defined(__AARCH64EL__)
	return FILTER_AARCH64;
#else
	return FILTER_ARCHES;
#endif
}

const char *
seccomp_filter_arch_name(enum filter_arch arch)
{
	static const char *const name[] = {
		[FILTER_X86_64] = "x86_64", [FILTER_AARCH64] = "aarch64",
	};
	return name[arch];
}

const char *
seccomp_filter_mode_name(enum filter_mode mode)
{
	static const char *const name[] = {
		[FILTER_OFF] = "off", [FILTER_PROXIED] = "proxied", [FILTER_OPEN] = "open",
	};
	return name[mode];
}

const char *const *
seccomp_filter_words(enum filter_mode mode, bool no_debug)
{
	if (mode == FILTER_OPEN)
		return no_debug ? filter_words_open_no_debug : filter_words_open;
	return no_debug ? filter_words_off_no_debug : filter_words_off;
}

/* The same as add_sockets() of seccomp_gen.c, which test_seccomp holds it against. */
int
seccomp_filter_socket_error(bool pair, const uint64_t *args)
{
	enum { UNIX = 1, NETLINK = 16 };	/* families, on Linux */

	if ((uint32_t)args[0] == UNIX)
		return EPERM;
	return (uint32_t)args[0] == NETLINK && !pair ? EPROTONOSUPPORT : EAFNOSUPPORT;
}

const char *
seccomp_filter_log_name(enum filter_log log)
{
	static const char *const name[] = {
		[FILTER_SILENT] = "silent", [FILTER_LOG_WRITES] = "writes", [FILTER_LOG_READS] = "reads",
	};
	return name[log];
}

const char *
seccomp_filter_version(void)
{
	return filter_version;
}

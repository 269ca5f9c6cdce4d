/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_filter.c - hands out the filters that seccomp_gen made at build time */
#include <config.h>

#include "seccomp_filter.h"
#include "seccomp_tables.h"

struct filter {
	const struct filter_insn *v;
	size_t	 len;
};

#define FILTER(name)	{ filter_##name, NELEMS(filter_##name) }

/* By architecture, whether the network is open, no_debug and form. */
static const struct filter filters[FILTER_ARCHES][2][2][FILTER_FORMS] = {
	[FILTER_X86_64] = {
		{ { FILTER(x86_64_off), FILTER(x86_64_off_inner) },
		  { FILTER(x86_64_off_no_debug), FILTER(x86_64_off_no_debug_inner) } },
		{ { FILTER(x86_64_open), FILTER(x86_64_open) },
		  { FILTER(x86_64_open_no_debug), FILTER(x86_64_open_no_debug) } },
	},
	[FILTER_AARCH64] = {
		{ { FILTER(aarch64_off), FILTER(aarch64_off_inner) },
		  { FILTER(aarch64_off_no_debug), FILTER(aarch64_off_no_debug_inner) } },
		{ { FILTER(aarch64_open), FILTER(aarch64_open) },
		  { FILTER(aarch64_open_no_debug), FILTER(aarch64_open_no_debug) } },
	},
};

static const struct filter outer[FILTER_ARCHES] = {
	[FILTER_X86_64] = FILTER(x86_64_outer),
	[FILTER_AARCH64] = FILTER(aarch64_outer),
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

const char *
seccomp_filter_version(void)
{
	return filter_version;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_filter.c - hands out the filters that seccomp_gen made at build time */
#include <config.h>

#include "seccomp_filter.h"
#include "seccomp_tables.h"

static const struct {
	const struct filter_insn *v;
	size_t	 len;
} filters[FILTER_ARCHES][FILTER_MODES] = {
	[FILTER_X86_64] = {
		[FILTER_OFF] = { filter_x86_64_off, NELEMS(filter_x86_64_off) },
		[FILTER_OPEN] = { filter_x86_64_open, NELEMS(filter_x86_64_open) },
	},
	[FILTER_AARCH64] = {
		[FILTER_OFF] = { filter_aarch64_off, NELEMS(filter_aarch64_off) },
		[FILTER_OPEN] = { filter_aarch64_open, NELEMS(filter_aarch64_open) },
	},
};

const struct filter_insn *
seccomp_filter_get(enum filter_arch arch, enum filter_mode mode, size_t *len)
{
	*len = filters[arch][mode].len;
	return filters[arch][mode].v;
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
	static const char *const name[] = { [FILTER_OFF] = "off", [FILTER_OPEN] = "open" };
	return name[mode];
}

const char *
seccomp_filter_words(enum filter_mode mode)
{
	return mode == FILTER_OFF ? filter_words_off : filter_words_open;
}

const char *
seccomp_filter_version(void)
{
	return filter_version;
}

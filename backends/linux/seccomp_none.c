/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_none.c - where programs are built that run no Linux commands: there are no filters */
#include <config.h>

#include "seccomp_filter.h"

const struct filter_insn *
seccomp_filter_get(enum filter_arch arch, enum filter_mode mode, bool no_debug,
    enum filter_form form, size_t *len)
{
	(void)arch, (void)mode, (void)no_debug, (void)form;
	*len = 0;
	return NULL;
}

const struct filter_insn *
seccomp_filter_outer(enum filter_arch arch, size_t *len)
{
	(void)arch;
	*len = 0;
	return NULL;
}

const struct filter_insn *
seccomp_filter_log(enum filter_arch arch, enum filter_mode mode, enum filter_log log, size_t *len)
{
	(void)arch, (void)mode, (void)log;
	*len = 0;
	return NULL;
}

const struct filter_insn *
seccomp_filter_join(struct arena *a, enum filter_arch arch, enum filter_mode mode, bool no_debug,
    enum filter_log log, bool outer, size_t *len)
{
	(void)a, (void)arch, (void)mode, (void)no_debug, (void)log, (void)outer;
	*len = 0;
	return NULL;
}

int
seccomp_filter_socket_error(bool pair, const uint64_t *args)
{
	(void)pair, (void)args;
	return 0;
}

const char *
seccomp_filter_log_name(enum filter_log log)
{
	(void)log;
	return "none";
}

bool
seccomp_filter_notifies(enum filter_mode mode)
{
	(void)mode;
	return false;
}

enum filter_arch
seccomp_filter_native(void)
{
	return FILTER_ARCHES;
}

const char *
seccomp_filter_arch_name(enum filter_arch arch)
{
	(void)arch;
	return "none";
}

const char *
seccomp_filter_mode_name(enum filter_mode mode)
{
	(void)mode;
	return "none";
}

const char *const *
seccomp_filter_words(enum filter_mode mode, bool no_debug)
{
	static const char *const none[] = { NULL };

	(void)mode, (void)no_debug;
	return none;
}

const char *
seccomp_filter_version(void)
{
	return "no libseccomp";
}

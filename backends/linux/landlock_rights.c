/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_rights.c - the names and versions of Landlock's rights */
#include <config.h>

#include "landlock_rights.h"

#include <string.h>

struct right {
	const char	*name;
	unsigned	 abi;
};

/* In the order of their bits. */
static const struct right fs[] = {
	{ "execute", 1 }, { "write_file", 1 }, { "read_file", 1 }, { "read_dir", 1 },
	{ "remove_dir", 1 }, { "remove_file", 1 }, { "make_char", 1 }, { "make_dir", 1 },
	{ "make_reg", 1 }, { "make_sock", 1 }, { "make_fifo", 1 }, { "make_block", 1 },
	{ "make_sym", 1 }, { "refer", 2 }, { "truncate", 3 }, { "ioctl_dev", 5 },
};
static const struct right net[] = { { "bind_tcp", 4 }, { "connect_tcp", 4 } };
static const struct right scope[] = { { "abstract_unix_socket", 6 }, { "signal", 6 } };

static const struct {
	const struct right *v;
	size_t	 len;
} sets[LANDLOCK_SETS] = {
	[LANDLOCK_FS] = { fs, NELEMS(fs) },
	[LANDLOCK_NET] = { net, NELEMS(net) },
	[LANDLOCK_SCOPE] = { scope, NELEMS(scope) },
};

uint64_t
landlock_known(enum landlock_set set, unsigned abi)
{
	uint64_t all = 0;

	for (size_t i = 0; i < sets[set].len; i++)
		if (sets[set].v[i].abi <= abi)
			all |= UINT64_C(1) << i;
	return all;
}

const char *
landlock_name(enum landlock_set set, unsigned bit)
{
	return bit < sets[set].len ? sets[set].v[bit].name : NULL;
}

uint64_t
landlock_named(enum landlock_set set, const char *name)
{
	for (size_t i = 0; i < sets[set].len; i++)
		if (strcmp(sets[set].v[i].name, name) == 0)
			return UINT64_C(1) << i;
	return 0;
}

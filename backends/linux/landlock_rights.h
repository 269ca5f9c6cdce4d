/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_rights.h - what a Landlock ruleset can name: rights, scopes, and the ABI that brought each */
#ifndef CDXP_LANDLOCK_RIGHTS_H
#define CDXP_LANDLOCK_RIGHTS_H

#include "base.h"

/*
 * Bits and versions are those of linux/landlock.h, which the headers of a
 * system that is older than its kernel lack; landlock(7) lists them.
 */
enum {
	LANDLOCK_ABI_LEAST	= 3,	/* below, a file that cannot be written can be truncated */
	LANDLOCK_ABI_TCP	= 4,
	LANDLOCK_ABI_IOCTL	= 5,
	LANDLOCK_ABI_SCOPES	= 6,
	LANDLOCK_ABI_LOG	= 7,
	LANDLOCK_ABI_MOST	= 7,	/* that we know */
};

enum landlock_set { LANDLOCK_FS, LANDLOCK_NET, LANDLOCK_SCOPE, LANDLOCK_SETS };

#define LANDLOCK_FS_EXECUTE	(UINT64_C(1) << 0)
#define LANDLOCK_FS_WRITE_FILE	(UINT64_C(1) << 1)
#define LANDLOCK_FS_READ_FILE	(UINT64_C(1) << 2)
#define LANDLOCK_FS_READ_DIR	(UINT64_C(1) << 3)
#define LANDLOCK_FS_TRUNCATE	(UINT64_C(1) << 14)
#define LANDLOCK_FS_IOCTL_DEV	(UINT64_C(1) << 15)
#define LANDLOCK_SCOPE_ABSTRACT	(UINT64_C(1) << 0)
#define LANDLOCK_SCOPE_SIGNALS	(UINT64_C(1) << 1)

/* Those that a rule for something other than a directory may have: the kernel refuses others. */
#define LANDLOCK_FS_FILE	(LANDLOCK_FS_EXECUTE | LANDLOCK_FS_WRITE_FILE | \
	LANDLOCK_FS_READ_FILE | LANDLOCK_FS_TRUNCATE | LANDLOCK_FS_IOCTL_DEV)
/* What reading is; all others, but for IOCTL_DEV, belong to writing. */
#define LANDLOCK_FS_READ	(LANDLOCK_FS_EXECUTE | LANDLOCK_FS_READ_FILE | LANDLOCK_FS_READ_DIR)

/* All of a set that an ABI has. */
uint64_t	landlock_known(enum landlock_set, unsigned abi);
/* "read_file", or NULL where the set has no such bit; bit 0 is the lowest. */
const char	*landlock_name(enum landlock_set, unsigned bit);
/* The right of that name, or 0. */
uint64_t	landlock_named(enum landlock_set, const char *);

#endif

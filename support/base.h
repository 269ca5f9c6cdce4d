/* SPDX-License-Identifier: Apache-2.0 */
/* base.h - the few types that every floor shares */
#ifndef CDXP_BASE_H
#define CDXP_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A piece of source text: byte offsets into the space that one `struct
 * sources' hands out (source.h), so that eight bytes name file and place.
 * start == end == 0 means "no place".  Lines and columns are worked out only
 * when a diagnostic is printed or the IR is written.
 */
struct span {
	uint32_t	start;
	uint32_t	end;		/* one past the last byte */
};

/* Bytes that somebody else owns; not NUL-terminated. */
struct slice {
	const char	*p;
	size_t		 len;
};

#define NELEMS(a)	(sizeof(a) / sizeof((a)[0]))

/* On Windows "printf" means what its own library takes, which config.h replaces. */
#if defined(__MINGW32__)
#define PRINTF_LIKE(f, a)	__attribute__((format(gnu_printf, f, a)))
#elif defined(__GNUC__) || defined(__clang__)
#define PRINTF_LIKE(f, a)	__attribute__((format(printf, f, a)))
#else
#define PRINTF_LIKE(f, a)
#endif

/*
 * What comes from outside is bounded here, in one place; each has an error of
 * its own that names the limit.
 */
enum {
	LIMIT_SOURCE_BYTES	= 16 * 1024 * 1024,	/* one input file */
	LIMIT_TOML_DEPTH	= 128,
	LIMIT_TOML_KEYS		= 1000000,
	LIMIT_DIAGS		= 100,			/* then one line counts the rest */
	LIMIT_SBPL_DEPTH	= 128,
	LIMIT_SBPL_FORMS	= 8000000,
	LIMIT_SBPL_STRING	= 1024,			/* bytes between the quotes; macOS has this limit */
	LIMIT_PATH_BYTES	= 4095,			/* PATH_MAX less its NUL */
	LIMIT_NAME_BYTES	= 255,			/* NAME_MAX */
	LIMIT_PATH_DEPTH	= 2048,			/* components of one path */
	LIMIT_PATTERN_STATES	= 4096,			/* of one compiled pattern */
	LIMIT_EXTENDS_DEPTH	= 64,
	LIMIT_BUNDLE_BYTES	= 64 * 1024 * 1024,
	LIMIT_BUNDLE_DEPTH	= 64,
};

#endif

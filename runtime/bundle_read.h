/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_read.h - a compiled profile from its file, believed in nothing */
#ifndef CDXP_BUNDLE_READ_H
#define CDXP_BUNDLE_READ_H

#include "base.h"

struct arena;
struct ir_policy;

/* The one version that this program writes and reads. */
enum { BUNDLE_VERSION = 1 };

struct bundle {
	const char	*compiler;	/* versions of those that made it */
	const char	*profile;	/* "ci"; equals ir->name */
	const char	*source_name;	/* "profile.toml": a name, never a place on this host */
	const char	*source_sha256;	/* 64 hex digits */
	const char	*digest;	/* 64 hex digits, recomputed */
	struct ir_policy *ir;
};

/*
 * True where the text is meant to be a bundle: its first byte that is no
 * white space is '{', with which no TOML document can begin.
 */
bool	bundle_looks_like(const char *text, size_t len);

/*
 * Read one bundle (spec 4.3).  Everything in it is checked: size, nesting,
 * duplicate keys, UTF-8, version, members and their types, the digest, and
 * the IR as ir_read() does.  The backends' parts are checked for their form
 * only: the runtime plans and proves again from the IR; the system call
 * filters must be our own, byte by byte.  Returns NULL with
 * *why, one line; everything returned lives in the arena, and the text may
 * go.
 */
struct bundle *bundle_read(struct arena *, const char *text, size_t len,
    const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_write.h - a compiled profile as one canonical JSON document (spec 4.3) */
#ifndef CDXP_BUNDLE_WRITE_H
#define CDXP_BUNDLE_WRITE_H

#include "backend.h"
#include "base.h"
#include "sbuf.h"

struct arena;
struct ir_policy;
struct legacy_verdict;

/* What one backend made of the policy under the generic binding. */
struct bundle_part {
	const char	*backend;	/* "bwrap" */
	const struct artifact *artifact;
};

struct bundle_content {
	const char	*compiler;	/* "cdxp 0.1.0, libseccomp 2.5.4": the bytes depend on nothing else */
	const struct ir_policy *ir;
	const char	*source_name;	/* without a directory */
	const char	*source_sha256;	/* 64 hex digits */
	const struct bundle_part *parts;
	size_t		 nparts;
	const struct legacy_verdict *legacy;
};

/*
 * Append the document, digest included, no final newline.  The same content
 * gives the same bytes.
 */
void	bundle_write(struct arena *, struct sbuf *, const struct bundle_content *);

#endif

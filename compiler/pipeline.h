/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.h - from the text of a profile to the IR: the one list of phases */
#ifndef CDXP_PIPELINE_H
#define CDXP_PIPELINE_H

#include "base.h"

struct arena;
struct diags;
struct ir_policy;
struct source;
struct sources;

enum addition_kind {
	ADD_WRITABLE,		/* --add-writable DIR */
	ADD_READABLE,		/* --add-readable DIR */
	ADD_WORKSPACE_ROOT,	/* --add-workspace-root DIR */
	ADD_UNIX_SOCKET,	/* --allow-unix-socket PATH */
	ADD_PROTECT,		/* --protect NAME */
};

/* Like a child of the chosen profile: what it names it replaces.  Literal: no patterns. */
struct addition {
	enum addition_kind kind;
	const char	*value;
};

struct compile_request {
	/* A path ("-": standard input), or where `text' is not NULL only the name of that text. */
	const char	*file;
	const char	*text;
	size_t		 len;

	const char	*profile;	/* -P; NULL: as the file says */
	bool		 legacy;	/* --legacy */
	bool		 full_auto;	/* --full-auto */
	bool		 allow_unknown_places;
	const char	*const *overrides;	/* "KEY=VALUE" */
	size_t		 noverrides;
	const struct addition *additions;
	size_t		 nadditions;
};

struct compiled {
	struct ir_policy *ir;
	const struct source *source;	/* the main text; lives as long as the sources */
	const char	*source_name;	/* without its directory */
	bool		 io;		/* on failure: the file could not be read */
};

/*
 * Run all phases.  0: `out' is complete, what the queue holds are warnings.
 * -1: at least one error is in the queue.  Asks nothing of the host but the
 * file: the same text and request give the same IR everywhere.  The result
 * lives in the arena, but for `source', and refers to neither sources nor queue.
 */
int	compile_policy(struct arena *, struct sources *, struct diags *,
    const struct compile_request *, struct compiled *out);

/* SHA-256 of the main text's bytes, 64 hexadecimal digits.  Not free: few artifacts hold it. */
const char *compiled_sha256(struct arena *, const struct compiled *);

/*
 * The same for every profile of the file, in the order of the text, whatever
 * `profile' says; the text is read and parsed once, and what concerns the whole
 * file is reported once.  A file without profiles is an error.
 */
int	compile_profiles(struct arena *, struct sources *, struct diags *,
    const struct compile_request *, struct compiled **out, size_t *n);

#endif

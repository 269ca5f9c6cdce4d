/* SPDX-License-Identifier: Apache-2.0 */
/* artifacts.h - what cdxpc compile can write, and under which names */
#ifndef CDXP_ARTIFACTS_H
#define CDXP_ARTIFACTS_H

#include "base.h"
#include "sbuf.h"

struct arena;
struct compiled;
struct diags;
struct host_file;

enum artifact_kind {
	ARTIFACT_IR,
	ARTIFACT_BWRAP,
	ARTIFACT_LANDLOCK,
	ARTIFACT_SEATBELT,
	ARTIFACT_SECCOMP,
	ARTIFACT_WINDOWS,	/* the plans of both backends */
	ARTIFACT_WINDOWS_MACHINE,
	ARTIFACT_BUNDLE,	/* without --emit */
	ARTIFACT_KINDS
};

/* The word for --emit: "ir", "bwrap". */
const char *artifact_kind_name(enum artifact_kind);
/* It depends on a host. */
bool	artifact_is_bound(enum artifact_kind);

/* The binding of what depends on a host: generic, or real with directories of the caller's. */
struct artifact_host {
	bool		 bound;
	const char	*cwd, *home, *tmpdir;	/* NULL: the process's own */
	const struct host_file *facts;	/* in the place of the real host, or NULL */
	bool		 advisory_network, no_everyone;	/* of backend_options */
	const char	*arch;		/* of ARTIFACT_SECCOMP: "x86_64", "aarch64" */
	bool		 pins_only;	/* of bind_request */
};

/* "cdxp 0.1.0, libseccomp 2.5.4": what an artifact's bytes depend on beside its input. */
const char *artifact_compiler(struct arena *);

/*
 * Append the bytes of one artifact.  Where the backend refuses the profile, or
 * it cannot be bound, there are none, and an error is in the queue; in a
 * bundle a refusal is content, and draws a warning.
 */
void	artifact_make(struct arena *, struct diags *, const struct compiled *,
	    enum artifact_kind, const struct artifact_host *, struct sbuf *out);

/*
 * `out' itself, unless it is NULL or a directory: then STEM.PROFILE and the
 * kind's ending, beside `input' or in that directory.  Bytes of the profile's
 * name other than letters, digits, '.', '_' and '-', and a leading '.', become
 * '_'.
 */
const char *artifact_path(struct arena *, const char *out, const char *input,
	    const char *profile, enum artifact_kind);

#endif

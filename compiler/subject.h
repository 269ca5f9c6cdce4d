/* SPDX-License-Identifier: Apache-2.0 */
/* subject.h - the policy that a command is asked about, from TOML or a bundle, and its binding */
#ifndef CDXP_SUBJECT_H
#define CDXP_SUBJECT_H

#include "artifacts.h"
#include "base.h"
#include "bound.h"

struct arena;
struct bind_error;
struct bundle;
struct diags;
struct profile_options;
struct source;
struct sources;

struct subject {
	const char	*file;		/* as it was named, less a "#PROFILE"; "<stdin>" for "-" */
	const struct ir_policy *ir;
	const struct bundle *bundle;	/* what it was read from, or NULL: TOML */
	const struct source *source;	/* the TOML text, to quote from, or NULL: a bundle */
	const char	*source_name;	/* of the TOML, without a directory */
	const char	*source_sha256;
};

/*
 * Read FILE, FILE#PROFILE or "-", TOML or bundle, told apart by content.  A
 * file whose whole name holds the '#' is taken as it is.  The profile behind
 * '#' beats the one of the options; of a bundle either must be the one in it,
 * and options that only TOML can obey are errors.  EXIT_OK; else EXIT_INPUT or
 * EXIT_USAGE (it could not be read), with an error in the queue.  The subject
 * lives in the arena; `source' as long as the sources.
 */
int	subject_load(struct arena *, struct sources *, struct diags *,
	    const struct profile_options *, const char *file, struct subject *out);

/*
 * Every profile of FILE, in the order of the text; a bundle has one.  Statuses
 * as above; *v is complete where it is EXIT_OK.
 */
int	subject_load_all(struct arena *, struct sources *, struct diags *,
	    const struct profile_options *, const char *file, struct subject **v, size_t *n);

/* What is known of it, or given, is about such a system; a host that is looked at is of Linux. */
bool	host_is_of(const struct artifact_host *, enum target);
/* The system whose paths they have. */
enum target artifact_host_target(const struct artifact_host *);
/* It is the real one, and can be looked at by itself. */
bool	artifact_host_is_here(const struct artifact_host *);

/*
 * Bound to the host or to the given directories where `h' says so, else the
 * generic binding.  NULL with *err where it cannot be bound.
 */
struct bound_policy *subject_bind(struct arena *, const struct ir_policy *, enum target,
	    const struct artifact_host *h, struct bind_error *err);

/*
 * One backend's artifact of it; what cannot be bound (`bound' is NULL, and
 * *err says why) is refused as what cannot be enforced.
 */
struct artifact;
struct backend;
struct backend_options;
void	subject_compile(struct arena *, const struct backend *, const struct bound_policy *bound,
	    const struct bind_error *err, const struct backend_options *, struct artifact *out);

/* The rule that an error concerns, as a note: by its place, as the IR keeps lines only. */
struct diag;
void	subject_note_rule(struct diags *, struct diag *, const struct ir_policy *,
	    const struct ir_origin *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_toml.h - a legacy policy written as a profile, for people to keep */
#ifndef CDXP_LEGACY_TOML_H
#define CDXP_LEGACY_TOML_H

#include "legacy_policy.h"
#include "sbuf.h"

struct arena;
struct ir_policy;

/*
 * Append a whole file: default_permissions, the profile `name', which means
 * raise(policy), and what else `from', the IR of the legacy file, has that
 * holds for any profile: the environment, protected names, acknowledgements.
 * `file' is mentioned in a comment.  The same input gives the same bytes.
 */
void	legacy_toml_write(struct arena *, struct sbuf *out, const struct legacy_policy *policy,
	    const struct ir_policy *from, const char *name, const char *file);

#endif

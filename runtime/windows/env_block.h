/* SPDX-License-Identifier: Apache-2.0 */
/* env_block.h - the environment as Windows gives it to a program */
#ifndef CDXP_ENV_BLOCK_H
#define CDXP_ENV_BLOCK_H

#include "base.h"

struct arena;

/*
 * "NAME=VALUE" of envp (ends with NULL), sorted by name without regard to
 * case, as CreateProcessW() wants it; of two with one name the later one.
 * Each ends with a NUL, and the whole with one more; an empty one is two.  In
 * the arena; *units counts all.  NULL with *why for what is not UTF-8, or has no
 * name, and for more than Windows takes.
 */
uint16_t *env_block(struct arena *, const char *const *envp, size_t *units, const char **why);

/* envp with NAME=VALUE in the place of what has that name, in any case, or at the end. */
const char **env_with(struct arena *, const char *const *envp, const char *name, const char *value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* junction.h - another way to a directory */
#ifndef CDXP_JUNCTION_H
#define CDXP_JUNCTION_H

struct arena;

/*
 * Make `path', which must not exist, a junction to the directory `target', and
 * look that it leads there.  Both in our form (native_path.h), the target on a
 * drive and canonical.  0, or -1 with *why and nothing made.
 */
int	junction_make(struct arena *, const char *path, const char *target, const char **why);

/* Remove it, never what it leads to; -1 with *why, also where it is none. */
int	junction_remove(struct arena *, const char *path, const char **why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* intern.h - a hash map from byte strings to pointers, and unique strings */
#ifndef CDXP_INTERN_H
#define CDXP_INTERN_H

#include "base.h"

struct arena;

/*
 * Keys are copied into the arena but by strmap_put_kept(); values are the
 * caller's.  Never shrinks.
 */
struct strmap;
struct strmap	*strmap_new(struct arena *);
/* The value, or NULL where the key is absent. */
void	*strmap_get(const struct strmap *, const char *key, size_t len);
/* Sets; returns the value that was there before, or NULL.  value != NULL. */
void	*strmap_put(struct strmap *, const char *key, size_t len, void *value);
/* The same without a copy: the key outlives the map. */
void	*strmap_put_kept(struct strmap *, const char *key, size_t len, void *value);
/* The same for a key that is not there, as strmap_get() has said. */
void	 strmap_add_kept(struct strmap *, const char *key, size_t len, void *value);
size_t	 strmap_count(const struct strmap *);

/* Equal strings give equal pointers. */
struct intern;
struct intern	*intern_new(struct arena *);
const char	*intern_str(struct intern *, const char *, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* path.h - lexical path algebra, POSIX */
#ifndef CDXP_PATH_H
#define CDXP_PATH_H

#include "base.h"

struct arena;

/*
 * Lexically normal: absolute, no empty component, no "." or "..", no trailing
 * slash ("/" itself excepted).  ".." is taken back lexically and stays at "/".
 * Returns NULL where `path' is not absolute, or its normal form is too long or
 * too deep (LIMIT_PATH_*) or has a component over LIMIT_NAME_BYTES, with *why
 * set to a static phrase ("is not absolute").
 */
const char *path_normal(struct arena *, const char *path, const char **why);

/* path_normal() would give back the very same. */
bool	path_is_normal(const char *);

/*
 * base + "/" + rel, both normal, rel relative and possibly empty; so may base
 * be.  The limits are not checked again.
 */
const char *path_join(struct arena *, const char *base, const char *rel);

/* `p' is `dir' itself or below it (both normal, both absolute or both relative). */
bool	path_within(const char *p, const char *dir);
bool	path_below(const char *p, const char *dir);	/* strictly */

/* How many bytes the two have in common from the start, without the end of the shorter. */
size_t	path_common(const char *, const char *);

/* Order of normal paths: by component, a directory just before what is below it. */
int	path_order(const char *, const char *);

/* Components: "/" has none. */
size_t	path_depth(const char *p);

/* Walk: *p points at a normal path; yields one component at a time. */
bool	path_next(const char **p, struct slice *component);

/*
 * A path that is built and taken back while a tree is walked: `at' begins as
 * "/".  path_push() returns what path_pop() takes.
 */
struct sbuf;
size_t	path_push(struct sbuf *at, const char *name, size_t len);
void	path_pop(struct sbuf *at, size_t before);

/*
 * The case that names are compared in where case does not matter: ASCII
 * letters in lower case, every other byte as it is.
 */
static inline char
name_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The parent of a normal path other than "/"; "" for a relative one of one component. */
const char *path_parent(struct arena *, const char *p);
const char *path_base(const char *p);	/* last component; "" for "/" */

#endif

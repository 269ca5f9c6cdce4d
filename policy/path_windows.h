/* SPDX-License-Identifier: Apache-2.0 */
/* path_windows.h - lexical normal form of Windows paths, on any system */
#ifndef CDXP_PATH_WINDOWS_H
#define CDXP_PATH_WINDOWS_H

#include "base.h"

struct arena;

/* The text begins as a Windows path does: a drive letter and ':', or two backslashes. */
bool	path_windows_looks_like(const char *, size_t len);

/*
 * "C:\path" or "\\server\share\path": drive letter in upper case, backslashes
 * only, no empty, "." or ".." component, no trailing backslash but that of
 * "C:\".  The device prefixes \\?\, \\.\ and \\?\UNC\ are stripped first.
 * Case is kept as written: it only compares without regard to it.  Wildcards
 * pass through.  NULL with *why set to a static phrase ("is relative to the
 * current directory of its drive").
 */
const char *path_windows_normal(struct arena *, const char *path, const char **why);

/*
 * The same for what stands below such a path, "a\b" or "a/b"; "." and ".."
 * are an error here, as in every subpath table.
 */
const char *path_windows_relative(struct arena *, const char *path, const char **why);

/* Both normal; rel may be empty. */
const char *path_windows_join(struct arena *, const char *base, const char *rel);

/* Backslashes as slashes, in front of them one more: what pattern.h can parse. */
const char *path_windows_as_posix(struct arena *, const char *path);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* native_path.h - the paths of Windows in the form that paths have here, and back */
#ifndef CDXP_NATIVE_PATH_H
#define CDXP_NATIVE_PATH_H

#include "base.h"

struct arena;

/*
 * "/C:/a/b" is C:\a\b, "/C:" the root of that drive, "/server/share/a" is
 * \\server\share\a, and "/" is above them all and nothing that Windows knows.
 * Drive letters are in upper case.  Nothing here looks at the host.
 */

/*
 * "\\?\C:\a\b", "\\?\C:\" or "\\?\UNC\server\share\a": taken literally by
 * Windows, and of any length.  NULL where no file can be meant: "/", a server
 * alone, and a component that Windows would read in another way: with a
 * backslash, a ':' (streams), one of "<>|?*, a control character, or "." and
 * "..".
 */
char	*native_path(struct arena *, const char *path);
/* The same without "\\?\": as people write it, and as programs are given it. */
char	*native_path_plain(struct arena *, const char *path);

/*
 * The way back, of an absolute path with or without "\\?\" or "\??\".  NULL
 * for anything else: devices, volumes without a letter, relative paths.
 */
char	*native_path_back(struct arena *, const char *native);

#endif

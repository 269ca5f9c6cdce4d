/* SPDX-License-Identifier: Apache-2.0 */
/* win_path.h - which paths of Windows are names of one file, and which may be written */
#ifndef CDXP_WIN_PATH_H
#define CDXP_WIN_PATH_H

#include "base.h"

struct arena;

enum {
	WIN_PATH_UNITS	= 32767,	/* UTF-16 units of a path, with \\?\ in front */
	WIN_NAME_UNITS	= 255,		/* of one component */
};

/*
 * NULL where the path is a drive, ':' and components behind one backslash
 * each, none of which Windows would change or take for something else: it is
 * UTF-8; has no device prefix and no server; no component is empty, "." or
 * "..", ends in a dot or a blank, holds a control character or one of
 * <>:"/|?*, is a device ("con", "lpt1.txt") or too long.  Else what is wrong,
 * a static phrase ("names a stream").  "C:\" alone is fine.
 */
const char *win_path_check(const char *path, size_t len);

/* The same for one component. */
const char *win_name_check(const char *name, size_t len);

/*
 * It could be the short name (8.3) of another file: eight characters and three
 * at most, with '~' and digits at the end of the former.  No reason to refuse
 * what exists, whose final name tells; one for what is to be made.
 */
bool	win_name_is_short(const char *name, size_t len);

/*
 * The path behind \\?\ of a final name (GetFinalPathNameByHandleW()), in the
 * form above, drive in upper case; NULL with *why where it is none: on a
 * server, a volume without a letter.
 */
const char *win_path_final(struct arena *, const char *final, const char **why);

/* The same path, or below it; without regard to ASCII case. */
bool	win_path_equal(const char *, const char *);
bool	win_path_within(const char *p, const char *dir);

/* The directory of a path; NULL for a drive. */
const char *win_path_parent(struct arena *, const char *);
const char *win_path_name(const char *);	/* last component; "" for a drive */
const char *win_path_join(struct arena *, const char *dir, const char *name);

/* By component without regard to case, a directory before what is in it. */
int	win_path_order(const char *, const char *);

/* Where the system and its users are on this computer; NULL where that is not known. */
struct win_dirs {
	const char	*windows;	/* C:\Windows */
	const char	*users;		/* C:\Users */
	const char	*profile;	/* C:\Users\me */
	const char	*public;	/* C:\Users\Public */
	const char	*system_drive;	/* C:\ */
	const char	*const *path;	/* the directories of PATH, NULL behind them */
	const char	*const *temp;	/* of TEMP and TMP */
};

/*
 * Why this is no root for writing, or NULL: a drive; Windows itself, the
 * directories of programs, of users, a whole profile; a directory that holds
 * one of them.  By the names that they have everywhere besides.
 */
const char *win_path_no_root(const char *path, const struct win_dirs *);

#endif

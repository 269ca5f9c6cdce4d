/* SPDX-License-Identifier: Apache-2.0 */
/* system.h - the little that every floor asks of the operating system, where systems differ */
#ifndef CDXP_SYSTEM_H
#define CDXP_SYSTEM_H

#include <stdio.h>

#include "base.h"

struct arena;

/*
 * Two implementations: system_posix.c and system_windows.c.  A file name is
 * what a user gave, in UTF-8 on Windows.  A path that comes out is in the one
 * form that paths have in all of the program: "/a/b"; on Windows it is made of
 * the native one as native_path.h says.
 */

/*
 * Absolute, links and ".." as they are, except on Windows, which takes ".."
 * away; NULL for the working directory.  In the arena; NULL with errno.
 */
const char *system_full_path(struct arena *, const char *file);

/* What it leads to, links resolved, spelt as it is stored; it exists.  NULL with errno. */
const char *system_real_path(struct arena *, const char *file);

/* For reading: bytes as they are, not inherited by programs that we start.  -1 with errno. */
int	system_open(const char *file);

/* It is there, and a regular file, links followed. */
bool	system_is_regular(const char *file);
/* A path in our form names something. */
bool	system_exists(const char *path);

/* The number is that of an open descriptor which a program that we start could inherit. */
bool	system_fd_is_open(int fd);

/* At most 256 bytes that nobody can guess: 0, or -1 where the system has none. */
int	system_random(void *, size_t);

/* Ask for large pages below zeroed memory, which stays as it is.  Advice, nothing more. */
void	system_use_large_pages(void *, size_t);

/*
 * A stream that collects text.  system_text_done() closes it and gives the
 * bytes, which the caller frees; both abort where there is no memory.
 */
struct system_text {
	FILE	*stream;
	char	*text;
	size_t	 len;
};
void	system_text_begin(struct system_text *);
char	*system_text_done(struct system_text *, size_t *len);

#endif

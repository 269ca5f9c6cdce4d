/* SPDX-License-Identifier: Apache-2.0 */
/* canary.h - a program with the command's token tries what must fail, before the command runs */
#ifndef CDXP_CANARY_H
#define CDXP_CANARY_H

#include <windows.h>

#include "base.h"

struct arena;

/* The first argument of cdxp-run that makes it the program that tries. */
#define CANARY_ROLE	":canary"

/*
 * Files that the program must not be able to write, remove, or give another
 * list, and beside which it can make none.  Paths are in our form (native_path.h).
 */
struct canaries {
	const char	**file;
	HANDLE		*handle;
	size_t		 n;
};

/*
 * One in each of these directories, which no root contains.  In the first,
 * which is ours, that must be possible; others that the user cannot write are
 * passed over.  They are gone when they are closed, whatever becomes of us.  0,
 * or -1 with *why.
 */
int	canary_make(struct arena *, const char *const *outside, size_t n, struct canaries *, const char **why);
void	canary_close(struct canaries *);

struct canary_request {
	HANDLE		 token;
	const char	*desktop;
	const char	*const *file;
	size_t		 n;
	bool		 ourselves;	/* nor may it open this process or this thread to change them */
	const char	*const *envp;
};

/*
 * 0: all was as it must be.  -1 with *why: a system that says yes to
 * everything and stores nothing, or entries that do not work here.
 */
int	canary_check(struct arena *, const struct canary_request *, const char **why);

/* What the program does with these files.  Its exit status. */
int	canary_try(int argc, char **argv);

#endif

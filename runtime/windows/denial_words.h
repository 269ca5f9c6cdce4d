/* SPDX-License-Identifier: Apache-2.0 */
/* denial_words.h - what a command's own output says that it was denied (Windows) */
#ifndef CDXP_DENIAL_WORDS_H
#define CDXP_DENIAL_WORDS_H

#include "base.h"
#include "denial.h"

struct arena;
struct decide_fs;

/*
 * Windows tells only an administrator what it refuses, and nobody by which
 * entry.  But the output of a command goes through us, and what fails for want
 * of a right is mostly said there, with its path.  A line that speaks of
 * refused access is looked through for paths; one that the policy does not
 * allow what was tried is a denial, known by the output (DENIAL_OUTPUT).
 * Nothing is decided here, and a command may write what it likes.
 */

/* Of a line; what is further is not looked at. */
enum { DENIAL_WORDS_LINE = 4096 };

struct denial_words_request {
	const struct decide_fs *decide;
	const char	*cwd;		/* of the command, in our form */
	const char	*process;	/* whose output it is taken for */
	const char	*denied[2];	/* what this system says for "Access is denied.", in its encodings; or NULL */
	bool		 reads;		/* what cannot be read, as well */
	/*
	 * What a path in our form names: canonical, links followed, and *exists;
	 * where nothing is there its directory's path with the name.  NULL:
	 * there is no such directory either.
	 */
	const char	*(*find)(void *arg, struct arena *, const char *path, bool *exists);
	void		(*say)(void *arg, const struct denial *);
	void		*arg;
};

struct denial_words;
/* The request is copied; what it points to must outlive it. */
struct denial_words *denial_words_new(const struct denial_words_request *);
/* Bytes of its standard output (0) or error (1), in order.  Not for several threads at once. */
void	denial_words_feed(struct denial_words *, int stream, const void *, size_t);
/* With what the last lines are that do not end.  NULL is allowed. */
void	denial_words_end(struct denial_words *);

/* An exit code that says the same of a whole program (STATUS_ACCESS_DENIED). */
void	denial_words_status(struct denial_words *, uint32_t code);

#endif

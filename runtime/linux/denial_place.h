/* SPDX-License-Identifier: Apache-2.0 */
/* denial_place.h - what a path of the command means to it, and whether its call on it would fail */
#ifndef CDXP_DENIAL_PLACE_H
#define CDXP_DENIAL_PLACE_H

#include <limits.h>
#include <sys/types.h>

#include "base.h"

struct landlock_model;

/* Where the command looks, and what stops it there: its own mounts, or a ruleset of Landlock. */
struct denial_view {
	int		 root;		/* of the sandbox, O_PATH; -1: not known yet */
	const struct landlock_model *rules;	/* NULL: mounts */
};

/*
 * Everything is looked up in the sandbox's root, by descriptors that only name
 * (O_PATH), so nothing is opened, made or changed.  What the command does
 * meanwhile makes the answer wrong, never dangerous: it is for a log.
 */
struct denial_place {
	int		 fd;		/* what is there, or -1 */
	int		 dir;		/* the directory it is in, or would be; -1: there is none, or it is not known */
	int		 error;		/* why there is nothing: ENOENT, EACCES, ... */
	char		 path[PATH_MAX];	/* as the policy knows it */
};

/* `len' bytes of text with its NUL, at most; false: there is none. */
bool	denial_read_text(pid_t tid, uint64_t address, char *to, size_t size);

/* The sandbox's root, as a process in it has it; -1 with errno. */
int	denial_root(pid_t tid);

/*
 * `text' from descriptor `dirfd' of the thread (AT_FDCWD: where it is);
 * `follow' says whether a link at its end is.  With `with_dir' its directory
 * is looked for where it exists as well.  False: that cannot be said, as for
 * what has no name.  To be closed only where it is true.
 */
bool	denial_place_find(const struct denial_view *, pid_t tid, int dirfd, const char *text, bool follow,
	    bool with_dir, struct denial_place *);
/* Whether there is anything, which is quicker. */
bool	denial_place_is_there(const struct denial_view *, pid_t tid, const char *text, bool follow);
/* What a descriptor of the thread is. */
bool	denial_place_of_fd(pid_t tid, int fd, struct denial_place *);
void	denial_place_close(struct denial_place *);

/*
 * ---- would it fail?  0, or the errno, as the calling thread's rights have it ----
 *
 * With a ruleset only what the policy says no to is asked about.
 */

enum denial_access { TO_READ = 4, TO_WRITE = 2, TO_EXECUTE = 1 };
/* What access(2) answers; which says less of what is masked. */
int	denial_asking_error(const struct denial_place *, int mode);
int	denial_access_error(const struct denial_view *, const struct denial_place *, enum denial_access);
/* Made in its directory; a file without a name made in it; removed. */
int	denial_name_error(const struct denial_view *, const struct denial_place *);
int	denial_inside_error(const struct denial_view *, const struct denial_place *);
int	denial_removal_error(const struct denial_view *, const struct denial_place *);
/* Removed or moved where there is nothing. */
int	denial_nothing_error(const struct denial_view *, const struct denial_place *);
int	denial_move_error(const struct denial_view *, const struct denial_place *from, const struct denial_place *to);
/* Onto what is not there. */
int	denial_link_error(const struct denial_view *, const struct denial_place *from, const struct denial_place *to);
/* Mode, owner and their like. */
int	denial_change_error(const struct denial_view *, const struct denial_place *);

bool	denial_is_directory(int fd);
bool	denial_is_file(int fd);

/* What the kernel starts in the place of a script, or with a program: a path as it is written there. */
bool	denial_interpreter(int fd, char path[PATH_MAX]);

#endif

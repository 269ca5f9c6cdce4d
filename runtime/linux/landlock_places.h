/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_places.h - what a process of the sandbox names in a system call, opened and held against the ruleset */
#ifndef CDXP_LANDLOCK_PLACES_H
#define CDXP_LANDLOCK_PLACES_H

#include <limits.h>
#include <sys/types.h>

#include "base.h"

struct landlock_model;

/* A thread that is stopped in a system call, and the notification that it is (seccomp_unotify(2)). */
struct caller {
	pid_t		 tid;
	int		 listener;
	uint64_t	 id;
};

/* It is still stopped there, so that its number means no other thread by now. */
bool	caller_waits(const struct caller *);

/* `len' bytes, or text with its NUL, from its memory.  0, or a negative errno. */
int	caller_bytes(const struct caller *, uint64_t from, void *to, size_t len);
int	caller_text(const struct caller *, uint64_t from, char *to, size_t size);

/*
 * Open what it calls `path', from `dirfd' of its own, as O_PATH; `follow' says
 * whether through a link that the path ends in.  Names below /proc/self and
 * /dev/fd are its own too.  A descriptor, or a negative errno.
 */
int	caller_open(const struct caller *, int dirfd, const char *path, bool follow);
/* One of its descriptors, as O_PATH. */
int	caller_fd(const struct caller *, int fd);

/* A name in a directory: what is moved or removed. */
struct place {
	int		 dir;		/* O_PATH */
	char		 name[NAME_MAX + 2];	/* with the slash that it was given behind it */
};
/* 0, or a negative errno; where it is 0 the caller closes place->dir. */
int	caller_place(const struct caller *, int dirfd, const char *path, struct place *);

enum place_verdict { PLACE_DENIED, PLACE_READ, PLACE_WRITE, PLACE_PINNED };

/*
 * What the ruleset grants where an open file lies, or a name in a directory.
 * Pipes, sockets and what has no name any more are the sandbox's own: written.
 */
enum place_verdict place_of_fd(const struct landlock_model *, int fd);
enum place_verdict place_of_name(const struct landlock_model *, const struct place *);

#endif

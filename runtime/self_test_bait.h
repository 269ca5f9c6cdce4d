/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_bait.h - listeners of the host's that a sandbox must not reach, to be tried at */
#ifndef CDXP_SELF_TEST_BAIT_H
#define CDXP_SELF_TEST_BAIT_H

#include <sys/un.h>

#include "base.h"

struct arena;

struct self_test_bait {
	unsigned	 port;		/* on the loopback; 0: none */
	const char	*abstract;	/* the name of a Unix socket; NULL: none */
	const char	*socket;	/* the path of one; NULL: none */
	int		 gone;		/* a pipe that is closed at its other end when all of it is gone */
};

enum { BAIT_NAME_BYTES = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

/* Listeners that nobody serves, close-on-exec; -1: cannot be had. */
int	bait_listen(int family, const void *address, unsigned len);
int	bait_listen_port(unsigned *port);
/* In a directory of its own; both are to be removed.  "": there is none. */
int	bait_listen_file(char path[BAIT_NAME_BYTES], char dir[BAIT_NAME_BYTES]);

/* Held by this process, while somebody tries. */
struct bait_held {
	int		 port, socket;
	const char	*path;
	char		 dir[BAIT_NAME_BYTES];
};
void	bait_hold(struct arena *, struct bait_held *, struct self_test_bait *);
void	bait_let_go(struct bait_held *);

/* ---- Linux ---- */

/*
 * A process of its own makes all of it, keeps it, and takes it away once a byte
 * comes through the pipe whose end this returns, or when nobody is left to
 * write one: that we are killed, or that the command runs for days, leaves
 * nothing.  -1 with errno.
 */
int	bait_begin(struct arena *, struct self_test_bait *);

/* Have it taken away, by now at the latest, and wait for that; `done' is closed. */
void	bait_end(struct self_test_bait *, int done);

/* The byte.  That nobody reads it any more is no error. */
void	bait_done(int done);

#endif

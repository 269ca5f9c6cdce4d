/* SPDX-License-Identifier: Apache-2.0 */
/* connector.h - one connect(2) of the command: what it means, whether it may be, doing it */
#ifndef CDXP_CONNECTOR_H
#define CDXP_CONNECTOR_H

#include <pthread.h>
#include <sys/stat.h>

#include "base.h"
#include "child_view.h"
#include "connect_address.h"

/* What connections are judged by; used by several threads. */
struct connector {
	bool		 own_network;
	bool		(*allows)(void *arg, const char *path, const struct stat *);	/* or NULL */
	void		*arg;
	pthread_mutex_t	 lock;		/* of what follows, which is made when it is needed first */
	int		 inside, here;	/* see unix_listeners.h; -1: not yet */
	struct stat	 network;	/* of the sandbox; valid with `inside' */
};

void	connector_init(struct connector *);
void	connector_end(struct connector *);

struct connection {
	struct child_view view;
	int		 socket;	/* the command's, as one of our descriptors */
	int		 target;	/* the file that the path means, or -1 */
	int		 path_error;	/* why there is none */
	struct stat	 file;		/* of target */
	struct connect_address address;
};

/*
 * Take what the system call's arguments mean for that thread, once: what the
 * command changes later has no effect.  0, or the errno of the call.  Whether
 * it was that thread's call is to be checked after this and before anything
 * else.  Close it in either case.
 */
int	connection_take(struct connection *, pid_t tid, const uint64_t *args);
void	connection_close(struct connection *);

/* 0: it may be connected; or the errno that refuses. */
int	connector_judge(struct connector *, struct connection *);

/* Connect; blocks as the socket does.  0 or errno; EINTR when the thread was signalled. */
int	connection_make(const struct connection *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* denial_asked.h - one call that is looked at, between the files that look */
#ifndef CDXP_DENIAL_ASKED_H
#define CDXP_DENIAL_ASKED_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "denial_calls.h"
#include "denial_place.h"
#include "denial_watch.h"

struct denial_watch {
	struct denials	*denials;
	const struct decide_fs *decide;
	atomic_bool	 live;
	struct denial_view view;
};

struct asked {
	struct denial_watch *w;
	const struct watched_call *call;
	pid_t		 tid;
	const uint64_t	*args;
	int		 listener;
	uint64_t	 id;
	bool		 itself;	/* struct denial */
	int		 outcome;	/* what it failed with already; 0: it is still to be made */
};

/* With the process, unless the call is over. */
void	denial_say(const struct asked *, struct denial *);

/*
 * Nothing is there: where the command may look, that is how things are.
 * Elsewhere it may be what the sandbox shows instead of something; what is not
 * there outside either, as most of what is looked for along a path, is not
 * denied.  `needed' is what would have to be there.
 */
bool	denial_is_hidden(const struct denial_watch *, const char *path, const char *needed, int error);

/* The address in the command's memory; its length, 0 where there is none. */
size_t	denial_address(const struct asked *, uint64_t at, uint64_t len, struct sockaddr_storage *);

void	denial_on_send(const struct asked *);
void	denial_on_send_message(const struct asked *);
void	denial_on_send_messages(const struct asked *);
/* The errno to answer with; it is logged where `live'. */
int	denial_on_socket(const struct asked *, bool live);

#endif

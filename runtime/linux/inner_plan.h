/* SPDX-License-Identifier: Apache-2.0 */
/* inner_plan.h - what the process inside is told to do, and what it says */
#ifndef CDXP_INNER_PLAN_H
#define CDXP_INNER_PLAN_H

#include "base.h"
#include "exec_bwrap.h"
#include "proxy_config.h"

struct arena;
struct sbuf;

/*
 * Both sides talk over one pair of stream sockets.  The process inside is a
 * fork of ours from before the policy was known, so all it is to do is sent.
 */
struct inner_plan {
	const char	*args;		/* the artifact */
	size_t		 args_len;
	const char	*cwd;
	const char	*const *argv, *const *envp;
	const struct exec_check *checks;
	size_t		 nchecks;
	enum filter_mode mode;
	bool		 no_debug;
	enum filter_log	 log;
	bool		 empty;		/* everything inside is dead before the end is told */
	const struct proxy_listener *listeners;	/* sockets to be made, and sent */
	size_t		 nlisteners;
};

/* Inwards, a head each: a plan with its bytes; or nothing but `value'. */
enum inner_order {
	INNER_MAPPED,		/* the maps of the user namespace are written */
	INNER_PLAN,
	INNER_SIGNAL,		/* we got signal `value': the command's, unless it has it already */
};

enum { INNER_NO_PROC = -1 };	/* parts of the one around are covered */

/* Outwards. */
enum inner_news {
	INNER_READY,		/* the namespaces are there */
	INNER_UNAVAILABLE,	/* this executor cannot work here; errno or INNER_NO_PROC in `value', text */
	INNER_FAILED,		/* the plan could not be carried out; text */
	INNER_LISTENER,		/* of the filter: with a byte that follows, see inner_send_fd() */
	INNER_SOCKET,		/* the next of the plan's listeners, in the same way */
	INNER_STARTED,		/* signals are the command's from now on */
	INNER_STOPPED,		/* it has stopped, of whatever */
	INNER_CONTINUED,
	INNER_NOEXEC,		/* it could not be executed; errno in `value' */
	INNER_ENDED,		/* its exit status in `value' */
};

struct inner_head {
	uint32_t	kind;
	int32_t		value;
	uint64_t	len;		/* of the bytes that follow */
};

/* Append the plan as bytes, and read it back (strings point into them; NULL: they make no sense). */
void	inner_plan_write(const struct inner_plan *, struct sbuf *out);
struct inner_plan *inner_plan_read(struct arena *, const char *bytes, size_t len);

/* All of it or -1 with errno; EPIPE where the other side is gone. */
int	inner_send(int fd, uint32_t kind, int32_t value, const void *bytes, size_t len);
int	inner_receive(int fd, void *bytes, size_t len);

/* One byte and a descriptor with it; received it is close-on-exec.  -1 with errno. */
int	inner_send_fd(int fd, int descriptor);
int	inner_receive_fd(int fd);

#endif

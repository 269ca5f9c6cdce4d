/* SPDX-License-Identifier: Apache-2.0 */
/* net.h - sockets that never wait, and what carries bytes from one to another */
#ifndef CDXP_NET_H
#define CDXP_NET_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

#include <event2/event.h>
#include <event2/util.h>

#include "base.h"

struct arena;
struct proxy;

/*
 * What fails gives -1 with errno as POSIX has it, of Windows too.  The part
 * that is best done in a way of its own is net_linux.c or net_portable.c, what
 * is spelt alike on all of them net_options.c, the rest net_posix.c or net_windows.c.
 */

/*
 * Once, before all else: descriptors enough for every client, and no stream of
 * the caller's that is not needed.  0, or -1.
 */
int	net_begin(void);

/* The connection that waits longest at a listener. */
evutil_socket_t	net_accept(evutil_socket_t listener);

/* Nobody else may listen there too. */
void	net_alone(evutil_socket_t);

/* A socket of SOCK_STREAM or SOCK_DGRAM. */
evutil_socket_t	net_open(int family, int type);

/* -1 with EINPROGRESS: when it can be written to, net_outcome() tells what became of it, an errno or 0. */
int	net_connect(evutil_socket_t, const struct sockaddr *, socklen_t);
int	net_outcome(evutil_socket_t);

ptrdiff_t	net_recv(evutil_socket_t, void *, size_t);
ptrdiff_t	net_send(evutil_socket_t, const void *, size_t);
ptrdiff_t	net_recv_from(evutil_socket_t, void *, size_t, struct sockaddr_storage *, socklen_t *);
ptrdiff_t	net_send_to(evutil_socket_t, const void *, size_t, const struct sockaddr *, socklen_t);

void	net_shut(evutil_socket_t);		/* nothing more is sent */
void	net_reset(evutil_socket_t);		/* closed, it will be reset */
void	net_no_delay(evutil_socket_t);
void	net_keep_alive(evutil_socket_t);
void	net_close(evutil_socket_t);

/* Append to a file, made where it is missing; its path is in our form (native_path.h).  -1 with errno. */
int	net_append(struct arena *, const char *path);

/* Words for an errno, and for what getaddrinfo() gives; static. */
const char *net_error_text(int error);
const char *net_name_error_text(int error);

/* The errno of the call on a socket that has just failed; errno too is that afterwards. */
int	net_errno(void);

/*
 * What one direction of a tunnel holds on its way: in the kernel, or here.
 * All zero it holds nothing.
 */
struct carrier {
	bool	 there;
	int	 pipe[2];	/* Linux */
	char	*bytes;		/* elsewhere, from `at' on */
	size_t	 at, held;
};

/* Into an empty one: how much, 0 at the end.  Out of it: how much.  -1 with errno. */
ptrdiff_t	carrier_fill(struct proxy *, struct carrier *, evutil_socket_t from);
ptrdiff_t	carrier_empty(struct carrier *, evutil_socket_t to);

/* It is not needed now; what it holds is lost. */
void	carrier_rest(struct proxy *, struct carrier *);

/*
 * How a tunnel's events are watched beside EV_READ or EV_WRITE: once for all
 * and edge-triggered, or, where not every loop can, again whenever something
 * is waited for, by net_await().
 */
extern const short net_watch;
void	net_await(struct event *);

#endif

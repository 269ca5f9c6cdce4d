/* SPDX-License-Identifier: Apache-2.0 */
/* connect_address.h - what the address of a connect(2) names, read from copied bytes */
#ifndef CDXP_CONNECT_ADDRESS_H
#define CDXP_CONNECT_ADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base.h"

enum connect_kind {
	CONNECT_KERNEL,		/* names nothing outside the socket's own network: the kernel judges it */
	CONNECT_ABSTRACT,	/* a Unix socket without a path, of the socket's network namespace */
	CONNECT_PATH,		/* a Unix socket in the file system */
	CONNECT_FOREIGN,	/* a socket of a family that no sandbox can make */
};

/* Our own copy; the command cannot change it any more. */
struct connect_address {
	union {
		struct sockaddr		 any;
		struct sockaddr_storage	 bytes;
	} u;
	socklen_t	 len;
	enum connect_kind kind;
	char		 path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];	/* CONNECT_PATH */
};

/*
 * u and len are filled in; what do they mean for a socket of this domain
 * (SO_DOMAIN)?  0, or the errno that connect(2) has for it.
 */
int	connect_address_read(struct connect_address *, int domain);

#endif
